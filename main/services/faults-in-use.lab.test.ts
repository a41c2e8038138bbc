// A host in use whose network or far side fails: idle, in the middle of a call, of an event; by a firewall, and by an sshd that is gone.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Refused, type Refusal, type RefusalCode } from '../../app/contract/refusal.ts';
import { restartSshd } from '../../e2e/lab/daemon.ts';
import { faultyHost, held, heldBeyond, type FaultyHost, type FaultyHostOptions, type FaultyTransport } from '../../e2e/lab/faulty-host.ts';
import type { FaultKind } from '../../e2e/lab/faulty-proxy.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import { makeNetwork, type Network } from '../../e2e/lab/network.ts';
import { processesUnder, processFile } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { keepaliveDefaults } from '../libvirt/keepalive.ts';
import { remote } from '../libvirt/procedures.ts';

const name = 'faults-in-use';
const guests = 3;
let lab: LabDaemon;
let folder: string;
let before: Readonly<Record<string, number>>;
let hosts: FaultyHost[] = [];

beforeAll(async () => {
  lab = await extraDaemon(name, { configuration: ['max_anonymous_clients = 100'] });
  await defineLightGuests(lab, guests);
  folder = await mkdtemp(join(tmpdir(), 'gd-in-use-'));
  await writeFile(join(folder, 'more.xml'), "<domain type='qemu'><name>more</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64'>hvm</type></os></domain>");
  const first = await faultyHost('ssh', lab, folder);
  await first.session.connect();
  await first.close();
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  before = await held();
});
afterEach(async () => {
  await Promise.all(hosts.map(async (host) => await host.leave()));
  await Promise.all(hosts.map(async (host) => await host.close()));
  hosts = [];
  await expect.poll(async () => await heldBeyond(before), { timeout: 10_000 }).toEqual({});
}, 30_000);

const connected = async (transport: FaultyTransport, options: FaultyHostOptions = {}): Promise<FaultyHost> => {
  const host = await faultyHost(transport, lab, folder, options);
  hosts.push(host);
  await host.session.connect();
  return host;
};
const refusalOf = async (work: Promise<unknown>): Promise<Refusal | 'answered'> => await work.then(() => 'answered' as const, (error: unknown) => {
  if (error instanceof Refused) return error.refusal;
  throw error;
});
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const end = await refusalOf(work);
  return end === 'answered' ? end : end.code;
};
const hostname = async ({ session }: FaultyHost): Promise<unknown> => await session.reached.connection.call(remote.connectGetHostname, {});
/** How the host was lost, and whether it has come back by itself and knows its guests. */
const returned = async (host: FaultyHost): Promise<unknown> => {
  const lost = await host.becomes('lost');
  host.proxy.heal();
  await host.becomes('ready');
  return [lost.phase === 'lost' ? lost.refusal.code : lost.phase, host.session.guests.list().filter((guest) => guest.name.startsWith('light-')).length];
};

const transports = ['tcp', 'unix', 'tls', 'ssh', 'helper', 'program'] as const;
const kinds: readonly FaultKind[] = ['reset', 'end', 'halfClose', 'stall', 'corruptHead', 'corruptTail'];
/** Bytes that are wrong show as such in the open and under SASL's layer; TLS and SSH end at them. The tail of a message in the open is only a wrong word. */
const codeFor = (transport: FaultyTransport, kind: FaultKind): RefusalCode => (kind.startsWith('corrupt') && (transport === 'tcp' || transport === 'unix') ? 'protocol' : 'connection-lost');
/** What runs programs is slow to come back, and has no more ways to end than these. */
const kindsFor = (transport: FaultyTransport): readonly FaultKind[] =>
  transport === 'helper' || transport === 'program' ? ['reset', 'halfClose', 'stall'] : transport === 'unix' ? kinds.filter((kind) => kind !== 'corruptTail') : kinds;
const inUse = transports.flatMap((transport) =>
  kindsFor(transport).map((kind) => ({ transport, kind, code: codeFor(transport, kind) })));

describe('every transport, whatever the fault', () => {
  it('is lost with what was asked, and comes back by itself with its guests: idle, in mid-call and in mid-event', async () => {
    const lives = await Promise.all(inUse.map(async (one) => ({ ...one, host: await connected(one.transport, { stageLimit: 30_000 }) })));
    const expected = (each: (code: RefusalCode) => unknown): Readonly<Record<string, unknown>> => Object.fromEntries(inUse.map(({ transport, kind, code }) => [`${transport} ${kind}`, each(code)]));
    const each = async (live: (one: (typeof lives)[number]) => Promise<unknown>): Promise<Readonly<Record<string, unknown>>> =>
      Object.fromEntries(await Promise.all(lives.map(async (one) => [`${one.transport} ${one.kind}`, await live(one)] as const)));

    const idle = await each(async ({ host, kind }) => {
      host.proxy.strike({ kind });
      return await returned(host);
    });
    expect(idle).toEqual(expected((code) => [code, guests]));

    const midCall = await each(async ({ host, kind }) => {
      // The answer to a ping in the same piece as the answer to the call would take the wrong byte in its stead.
      if (kind.startsWith('corrupt')) {
        host.session.reached.connection.holdPings(true);
        await hostname(host);
      }
      host.proxy.strike({ kind, at: { from: 'server', piece: 1 } });
      return [await codeOf(hostname(host)), await returned(host)];
    });
    expect(midCall).toEqual(expected((code) => [code, [code, guests]]));

    for (const { host, kind } of lives) host.proxy.strike({ kind, at: { from: 'server', piece: 1 } });
    await virsh(lab, 'define', join(folder, 'more.xml'));
    expect(await each(async ({ host }) => await returned(host))).toEqual(expected((code) => [code, guests]));
    await virsh(lab, 'undefine', 'more');
    expect(lives.flatMap(({ host }) => host.complaints)).toEqual([]);
  }, 120_000);

  it('takes a pause that ends in time, and a slow line, for what they are', async () => {
    // What TLS and SSH carry is heard of when a whole record or packet is there: on this line a second and more.
    const waited = await Promise.all(transports.map(async (transport) => {
      const host = await connected(transport, { keepalive: keepaliveDefaults });
      host.proxy.strike({ kind: 'stall' });
      const passed = host.proxy.heard('client');
      const answer = hostname(host);
      await passed;
      host.proxy.heal();
      const afterPause = await codeOf(answer);
      host.proxy.strike({ kind: 'slow' });
      return [transport, afterPause, await codeOf(host.session.reached.connection.call(remote.connectGetCapabilities, {})), host.session.state.phase];
    }));
    expect(waited).toEqual(transports.map((transport) => [transport, 'answered', 'answered', 'ready']));
  });
});

describe('a host over SSH', () => {
  it.each(['ssh', 'program'] as const)('(%s) whose sshd is gone with its sessions is away as long as it is, and comes back', async (transport) => {
    const host = await connected(transport);
    const inside = await Promise.all((await processesUnder(lab.dir)).map(async (pid) => ({ pid, comm: (await processFile(pid, 'comm'))?.trim() })));
    for (const { pid } of inside.filter(({ pid, comm }) => comm === 'sshd' && pid !== lab.pids.sshdNoForward)) process.kill(pid, 'SIGKILL');
    try {
      const pending = codeOf(hostname(host));
      expect([await pending, (await host.becomes('lost')).phase]).toEqual([expect.stringMatching(/^(connection-lost|not-connected)$/), 'lost']);
      expect([await codeOf(host.session.connect()), host.session.state.phase]).toEqual(['unreachable', 'lost']);
    } finally {
      lab = await restartSshd(lab);
    }
    await host.becomes('ready');
    expect(host.session.guests.list().length).toBe(guests);
  });
});

const made = await makeNetwork();
if (typeof made === 'string') process.stderr.write(`SKIPPED, not passed: ${made}\n`);
describe.skipIf(typeof made === 'string')('a firewall', () => {
  let network: Network;
  beforeAll(() => {
    if (typeof made === 'string') throw new TypeError(made);
    network = made;
  });
  afterAll(async () => await network.close());
  afterEach(async () => await network.pass());

  it('that drops the port of a host leaves it found dead, away at the stage of the port, and back when it lets it through', async () => {
    const behind = await Promise.all((['tcp', 'tls', 'ssh'] as const).map(async (transport) => await connected(transport, { elsewhere: { address: network.address, listener: await network.listen() } })));
    const ports = behind.map(({ proxy }) => proxy.place);
    const onEach = async (look: (host: FaultyHost) => Promise<unknown>): Promise<unknown> => await Promise.all(behind.map(look));
    const attempt = async ({ session }: FaultyHost): Promise<unknown> => [await refusalOf(session.connect()), session.state.phase];

    await network.drop(ports);
    const pending = onEach(async (host) => await codeOf(hostname(host)));
    expect(await onEach(async (host) => await host.becomes('lost'))).toMatchObject(ports.map(() => ({ refusal: { code: 'connection-lost', message: 'The host stopped answering.' } })));
    expect(await pending).toEqual(ports.map(() => 'connection-lost'));
    expect(await onEach(attempt)).toMatchObject(ports.map(() => [{ code: 'timed-out', stage: 'port' }, 'lost']));
    await network.reject(ports);
    expect(await onEach(attempt)).toMatchObject(ports.map(() => [{ code: 'unreachable', stage: 'port' }, 'lost']));
    await network.pass();
    await onEach(async (host) => await host.becomes('ready'));
    expect(behind.map(({ session }) => session.guests.list().length)).toEqual(ports.map(() => guests));
  });
});
