// Every parameter of a connection URI has an effect: for each there is something that is otherwise with it than without it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { describeUriParameter, uriParameters } from '../../app/domain/uri-parameters.ts';
import { localSockets } from '../transport/daemon-sockets.ts';
import { openExt } from '../transport/ext.ts';
import { openTransport } from '../transport/open-transport.ts';
import { waysToDaemon } from '../transport/ssh-daemon.ts';
import { masterWords, plainWords } from '../transport/ssh-program-words.ts';
import { findRoute, type SshHop, type SshRoute } from '../transport/ssh-route.ts';
import { stagehand } from '../transport/stagehand.test-peer.ts';
import { certificatePlaces } from '../transport/tls-files.ts';
import { SaslLogins } from './sasl-login.ts';

const never = new AbortController().signal;
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'guestdeck-parameters-'));
  mkdirSync(join(home, 'pki'));
  for (const file of ['cacert', 'clientcert', 'clientkey']) writeFileSync(join(home, 'pki', `${file}.pem`), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
});
afterAll(() => rmSync(home, { recursive: true }));

const uriOf = (transport: string, query: string) => parseConnectionUri(`qemu${transport === 'unix' ? '' : `+${transport}`}://${transport === 'unix' || transport === 'ext' ? '' : 'localhost'}/system?${query}`);
const surroundings = () => stagehand({ home }).surroundings;
const sockets = (query: string) => localSockets(uriOf('unix', query), { home, isRoot: true, env: {} });
const ways = (query: string) => waysToDaemon(uriOf('ssh', query));
const routeOf = async (query: string): Promise<{ readonly route: SshRoute; readonly hop: SshHop }> => {
  const route = await findRoute(uriOf('ssh', query), surroundings(), never);
  const hop = route.hops.at(-1);
  if (hop === undefined) throw new Error('no host');
  return { route, hop };
};
/** Where an SSH parameter shows: in what our own SSH is told, and in the words for the ssh program. */
const ssh = (read: (hop: SshHop) => unknown) => async (query: string) => {
  const { route, hop } = await routeOf(query);
  return [read(hop), masterWords(route, hop, '/private'), plainWords(route, hop, true)];
};
/** How opening ends where it cannot end well. */
const refusal = (transport: string) => async (query: string) => {
  try {
    const link = await openTransport(uriOf(transport, query), surroundings(), never);
    link.close();
    return 'opened';
  } catch (error) {
    if (error instanceof Refused) return [error.refusal.code, error.refusal.message];
    throw error;
  }
};
const said = async (query: string) => {
  const link = await openExt(uriOf('ext', `command=/bin/echo&${query}`), surroundings(), never);
  const heard = await text(await link.open(never));
  link.close();
  return heard;
};
/** What a login by SASL comes to at a daemon that never lets anybody in. */
const login = (transport: string) => async (query: string) => {
  const asked: unknown[] = [];
  const ask = async (question: unknown) => (asked.push(question), { kind: 'declined' as const });
  const { login: attempt, insist } = new SaslLogins().options(uriOf(transport, query), { ...surroundings(), ask }, never);
  const outcome = await attempt?.({ offered: async () => ['SCRAM-SHA-256', 'SCRAM-SHA-1'], attempt: async () => false }).catch((error: unknown) => String(error));
  return [insist, outcome, asked];
};

/** Parameter → for each transport it is for: what shows its effect, with the parameter and what must be beside it. */
const effects: Readonly<Record<string, Readonly<Record<string, readonly [(query: string) => unknown, parameter: string, beside?: string]>>>> = {
  name: Object.fromEntries(['unix', 'ssh', 'tls', 'tcp', 'ext'].map((transport) => [transport, [(query: string) => driverUri(uriOf(transport, query)), 'name=test:///default']])),
  mode: { unix: [sockets, 'mode=legacy'], ssh: [ways, 'mode=direct'] },
  socket: { unix: [sockets, 'socket=/s'], ssh: [ways, 'socket=/s'] },
  proxy: { ssh: [ways, 'proxy=native'] },
  netcat: { ssh: [ways, 'netcat=ncat'] },
  command: { ssh: [refusal('ssh'), 'command=/nowhere/ssh', 'keyfile=/nowhere/key'], ext: [refusal('ext'), 'command=/bin/cat'] },
  argv: { ext: [said, 'argv=a&argv=b%20c'] },
  keyfile: { ssh: [ssh(({ keyFiles }) => keyFiles), 'keyfile=/k'] },
  sshauth: { ssh: [ssh(({ methods }) => methods), 'sshauth=Password'] },
  known_hosts: { ssh: [ssh(({ knownHostsFiles }) => knownHostsFiles), 'known_hosts=/h'] },
  known_hosts_verify: { ssh: [ssh(({ policy }) => policy), 'known_hosts_verify=ignore'] },
  no_verify: { ssh: [ssh(({ policy }) => policy), 'no_verify=1'], tls: [refusal('tls'), 'no_verify=1', 'pkipath=/nowhere'] },
  no_tty: { ssh: [async (query) => [await ssh(({ mayAsk }) => mayAsk)(query), await login('ssh')(query)], 'no_tty=1'] },
  no_sanity: { tls: [async (query) => await refusal('tls')(`pkipath=${home}/pki&${query}`), 'no_sanity=1'] },
  pkipath: { tls: [(query) => certificatePlaces(uriOf('tls', query), surroundings()), 'pkipath=/p'] },
  tls_priority: { tls: [refusal('tls'), 'tls_priority=NONE', 'pkipath=/nowhere'] },
  auth: Object.fromEntries(['unix', 'ssh', 'tls', 'tcp', 'ext'].map((transport) => [transport, [login(transport), 'auth=sasl.SCRAM-SHA-1']])),
  authfile: Object.fromEntries(['unix', 'ssh', 'tls', 'tcp', 'ext'].map((transport) => [transport, [login(transport), 'authfile=/nowhere/auth.conf']])),
};

describe('every parameter of a connection URI', () => {
  it('is tried here for each transport it is for', () => {
    const tried = Object.entries(effects).map(([name, transports]) => [name, Object.keys(transports).sort()]);
    expect(Object.fromEntries(tried)).toEqual(Object.fromEntries(uriParameters.map(({ name, transports }) => [name, transports.toSorted()])));
  });

  it.each(Object.entries(effects).flatMap(([name, transports]) => Object.entries(transports).map(([transport, [shows, parameter, beside]]) => ({ name, transport, shows, parameter, beside: beside ?? '' }))))(
    '$name has its effect over $transport', async ({ shows, parameter, beside }) => {
      const [without, again, withIt] = [await shows(beside), await shows(beside), await shows(`${beside}&${parameter}`)];
      expect(again).toEqual(without);
      expect(withIt).not.toEqual(without);
    });

  it('keeps questions away with no_tty, by SSH and by SASL behind it', async () => {
    expect((await login('ssh')(''))[2]).toHaveLength(1);
    expect((await login('ssh')('no_tty=1'))[2]).toEqual([]);
  });

  it('is told to the ssh program too, whether it shares one connection or makes its own', async () => {
    const { route, hop } = await routeOf('sshauth=privkey,agent,password&known_hosts=/my%20hosts&known_hosts_verify=auto&keyfile=/k');
    for (const words of [masterWords(route, hop, '/private'), plainWords(route, hop, true)]) {
      expect(words).toEqual(expect.arrayContaining(['PreferredAuthentications=publickey,password', 'StrictHostKeyChecking=accept-new', '/k', expect.stringMatching(/^UserKnownHostsFile="\/my hosts"/)]));
      expect(words).not.toContain('IdentityAgent=none');
    }
    const passwordOnly = await routeOf('sshauth=password');
    expect(plainWords(passwordOnly.route, passwordOnly.hop, true)).toContain('IdentityAgent=none');
    // One that only resembles ssh is told what libvirt tells it.
    expect(plainWords(passwordOnly.route, passwordOnly.hop, false).filter((word) => word === '-o')).toEqual([]);
  });

  it.each(uriParameters.map((parameter) => [parameter.name, parameter] as const))('%s is described: found in any case, refused where it is wrong, with words for a person', (name, parameter) => {
    expect(describeUriParameter(name.toUpperCase())).toBe(parameter);
    expect(parameter.label).toMatch(/^[A-Z]/);
    expect(parameter.effect).toMatch(/^[A-Z].{10,}[^.]$/);
    const { control } = parameter;
    const examples = control.kind === 'choice' ? control.choices.map(({ value }) => value) : control.kind === 'flag' ? ['0', '1'] : [control.example];
    for (const example of examples) expect(parameter.problem(example)).toBeNull();
    if (control.kind === 'choice' || control.kind === 'flag') expect(parameter.problem('nonsense')).toMatch(/^must be /);
  });

  it('that gives up protection says so for the values that do', () => {
    const dangerous = uriParameters.flatMap(({ name, danger }) => (danger === undefined ? [] : ['0', '1', 'normal', 'auto', 'ignore'].filter((value) => danger.values(value) && /^\d$/.test(value) === (name === 'no_verify')).map((value) => `${name}=${value}`)));
    expect(dangerous).toEqual(['known_hosts_verify=auto', 'known_hosts_verify=ignore', 'no_verify=1']);
  });
});
