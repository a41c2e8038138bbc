// What the ssh program is told, as libvirt's own clients tell it, and what its complaints mean.
import { Refused, type RefusalCode, type Stage } from '../../app/contract/refusal.ts';
import type { SshHop, SshRoute } from './ssh-route.ts';

const option = (name: string, value: string): readonly string[] => ['-o', `${name}=${value}`];

/** A path within a list of paths of ssh_config. */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

const policies: Readonly<Record<SshHop['policy'], readonly string[]>> = {
  normal: option('StrictHostKeyChecking', 'ask'),
  strict: option('StrictHostKeyChecking', 'yes'),
  auto: option('StrictHostKeyChecking', 'accept-new'),
  ignore: [...option('StrictHostKeyChecking', 'no'), ...option('UserKnownHostsFile', '/dev/null'), ...option('GlobalKnownHostsFile', '/dev/null')],
};

const target = ({ port, user, keyFiles }: SshHop): readonly string[] => [
  '-p', String(port), '-l', user, ...(keyFiles.from === 'uri' ? keyFiles.paths.flatMap((path) => ['-i', path]) : []),
];

/** `sshauth=`, as far as ssh can be told: it takes keys of files and of the agent for the same. */
const methodsOf = ({ methods }: SshHop): readonly string[] => methods === undefined ? [] : [
  ...option('PreferredAuthentications', [...new Set(methods.map((method) => (method === 'agent' || method === 'privkey' ? 'publickey' : method)))].join(',')),
  ...(methods.includes('agent') ? [] : option('IdentityAgent', 'none')),
];

/** For a connection that only waits: it writes one word when it is logged in, and lets others share it by a socket in `folder`. */
export function masterWords({ configuration }: SshRoute, hop: SshHop, folder: string): readonly string[] {
  const files = hop.knownHostsFiles.map(quoted);
  return [
    ...configuration, ...target(hop), '-T', '-N', '-e', 'none', ...policies[hop.policy], ...methodsOf(hop),
    ...(hop.mayAsk ? [] : option('BatchMode', 'yes')),
    // A new key goes into a file of this connection; whether it is kept is decided afterwards.
    ...(hop.policy === 'normal' ? [...option('UserKnownHostsFile', [quoted(`${folder}/known_hosts`), ...files].join(' ')), ...option('UpdateHostKeys', 'no')] : []),
    ...(hop.policy === 'auto' || hop.policy === 'strict' ? option('UserKnownHostsFile', files.join(' ')) : []),
    ...option('ControlMaster', 'yes'), ...option('ControlPath', `${folder}/c`.replaceAll('%', '%%')), ...option('ControlPersist', 'no'), ...option('ClearAllForwardings', 'yes'),
    ...option('PermitLocalCommand', 'yes'), ...option('LocalCommand', 'echo ready'), ...option('RemoteCommand', 'none'),
    '--', hop.host,
  ];
}

/** For a command on that connection; should it be gone, no new one is made. */
export const streamWords = ({ configuration }: SshRoute, hop: SshHop, folder: string): readonly string[] => [
  ...configuration, ...target(hop), '-T', '-e', 'none', ...option('ControlMaster', 'no'), ...option('ControlPath', `${folder}/c`.replaceAll('%', '%%')),
  ...option('ProxyCommand', 'false'), ...option('BatchMode', 'yes'), ...option('RemoteCommand', 'none'), '--', hop.host,
];

/** For a connection of its own. Programs that only resemble ssh are told no more than libvirt tells them. */
export const plainWords = ({ configuration }: SshRoute, hop: SshHop, isOpenSsh: boolean): readonly string[] => [
  ...(isOpenSsh ? configuration : []), ...target(hop), '-T', '-e', 'none',
  ...(isOpenSsh || !hop.mayAsk ? option('BatchMode', 'yes') : []),
  ...(isOpenSsh && hop.policy !== 'normal' ? policies[hop.policy] : []),
  ...(isOpenSsh && hop.policy !== 'ignore' ? option('UserKnownHostsFile', hop.knownHostsFiles.map(quoted).join(' ')) : []),
  ...(isOpenSsh ? methodsOf(hop) : []),
  '--', hop.host,
];

const meanings: readonly (readonly [RegExp, RefusalCode, Stage, string])[] = [
  [/REVOKED HOST KEY/i, 'host-key-revoked', 'hostKey', 'Do not connect before the host has a new key.'],
  [/IDENTIFICATION HAS CHANGED/i, 'host-key-changed', 'hostKey', 'If the host was installed anew, remove its old key (ssh-keygen -R HOST) and connect again.'],
  [/host key verification failed|host key is known/i, 'host-key-unknown', 'hostKey', 'Compare the fingerprint with the host’s own, then accept it.'],
  [/could not resolve hostname/i, 'name-unresolved', 'name', 'Check the spelling, or write the address instead of the name.'],
  [/permission denied|too many authentication failures|no more authentication methods/i, 'login-failed', 'login', 'Check the user name, the keys and the agent.'],
  [/no matching .* found|unable to negotiate/i, 'ssh-algorithms', 'hostKey', 'Update the SSH server or client, so that they have an algorithm in common.'],
  [/timed out/i, 'timed-out', 'port', 'Check that the host is on and that no firewall drops the port.'],
];

/** What it means that ssh ended before it was logged in. */
export function failureOfProgram({ host }: SshHop, complaint: string, declined: boolean): Refused {
  if (declined) return new Refused('host-key-unknown', `The key of ${host} was never seen and was not accepted.`, { stage: 'hostKey', remedy: 'Compare the fingerprint with the host’s own, then accept it.', offers: [{ kind: 'acceptHostKey' }] });
  const [, code, stage, remedy] = meanings.find(([pattern]) => pattern.test(complaint)) ?? [null, 'unreachable', 'port', 'Check the host and the SSH configuration.'] as const;
  const words = complaint.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^@+$/.test(line)).slice(-4).join('; ');
  return new Refused(code, `The ssh program did not reach ${host}: ${words || 'it said nothing'}.`, { stage, remedy });
}
