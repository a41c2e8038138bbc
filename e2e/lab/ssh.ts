// The lab's SSH side: keys, known hosts in their several forms, and the configuration of both daemons.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './processes.ts';
import type { LabDaemon } from './state.ts';

export const passwordUser = 'labuser';
export const password = 'lab-password';
const passphrase = 'lab-passphrase';
const hostKeyTypes = ['ed25519', 'ecdsa', 'rsa'] as const;

/** Makes everything SSH needs in DIR/ssh. Both daemons show the same host keys. */
export async function makeSsh(dir: string, ports: { readonly forward: number; readonly noForward: number }): Promise<LabDaemon['ssh']> {
  const folder = join(dir, 'ssh');
  const file = (name: string): string => join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await Promise.all([
    ...hostKeyTypes.map((type) => makeKey(file(`host_${type}`), type, '')),
    makeKey(file('changed_host'), 'ed25519', ''),
    makeKey(file('id_lab'), 'ed25519', ''),
    makeKey(file('id_encrypted'), 'ed25519', passphrase),
  ]);
  const hostKeyFiles = hostKeyTypes.map((type) => file(`host_${type}`));
  const hostKeys = await Promise.all(hostKeyFiles.map(publicKey));
  const places = [ports.forward, ports.noForward].map((port) => `[127.0.0.1]:${port}`);
  const known = places.flatMap((place) => hostKeys.map((key) => `${place} ${key}\n`)).join('');
  const changedKey = await publicKey(file('changed_host'));
  await Promise.all([
    writeFile(file('authorized_keys'), `${await publicKey(file('id_lab'))}\n${await publicKey(file('id_encrypted'))}\n`),
    writeFile(file('known_hosts'), known),
    writeFile(file('known_hosts_hashed'), known),
    writeFile(file('known_hosts_changed'), places.map((place) => `${place} ${changedKey}\n`).join('')),
    writeFile(file('sshd_config'), daemonConfiguration(folder, hostKeyFiles, ports.forward, true)),
    writeFile(file('sshd_no_forward_config'), daemonConfiguration(folder, hostKeyFiles, ports.noForward, false)),
    writeFile(file('config'), clientConfiguration(folder, ports)),
    writeFile(file('client'), `#!/bin/sh\nexec ssh -F '${file('config')}' "$@"\n`),
  ]);
  await mustRun('ssh-keygen', ['-q', '-H', '-f', file('known_hosts_hashed')]);
  await chmod(file('client'), 0o755);
  const uri = (port: number): string => `qemu+ssh://root@127.0.0.1:${port}/system?command=${file('client')}&no_tty=1`;
  return {
    host: '127.0.0.1',
    port: ports.forward,
    noForwardPort: ports.noForward,
    user: 'root',
    keyFile: file('id_lab'),
    encryptedKeyFile: file('id_encrypted'),
    encryptedKeyPassphrase: passphrase,
    passwordUser,
    password,
    hostKeyFiles,
    knownHosts: file('known_hosts'),
    knownHostsHashed: file('known_hosts_hashed'),
    knownHostsChanged: file('known_hosts_changed'),
    configFile: file('config'),
    uri: uri(ports.forward),
    noForwardUri: uri(ports.noForward),
    socket: '/var/run/libvirt/libvirt-sock',
  };
}

/** The arguments that start one of the two daemons in the foreground, logging to a file. */
export function sshdArguments(dir: string, kind: 'sshd' | 'sshd_no_forward'): readonly string[] {
  return ['-D', '-f', join(dir, 'ssh', `${kind}_config`), '-E', join(dir, 'log', `${kind}.log`)];
}

async function makeKey(path: string, type: string, secret: string): Promise<void> {
  await mustRun('ssh-keygen', ['-q', '-t', type, '-N', secret, '-C', 'guestdeck lab', '-f', path]);
}

async function publicKey(path: string): Promise<string> {
  const [type = '', key = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
  return `${type} ${key}`;
}

function daemonConfiguration(folder: string, hostKeyFiles: readonly string[], port: number, forwards: boolean): string {
  return `${[
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    ...hostKeyFiles.map((file) => `HostKey ${file}`),
    `PidFile ${join(folder, `${port}.pid`)}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PubkeyAuthentication yes',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    `AllowStreamLocalForwarding ${forwards ? 'yes' : 'no'}`,
    `AllowTcpForwarding ${forwards ? 'yes' : 'no'}`,
    'UseDNS no',
    'MaxStartups 100',
    'MaxSessions 100',
    'Subsystem sftp internal-sftp',
    'LogLevel VERBOSE',
  ].join('\n')}\n`;
}

function clientConfiguration(folder: string, ports: { readonly forward: number; readonly noForward: number }): string {
  const host = (name: string, port: number): string => `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  User root\n`;
  const shared = [
    'Host *',
    `  IdentityFile ${join(folder, 'id_lab')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
  ];
  return `${host('lab', ports.forward)}${host('lab-no-forward', ports.noForward)}${shared.join('\n')}\n`;
}
