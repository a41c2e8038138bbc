// For tests with faults: a host behind a proxy that fails when told to, over every transport; and what this process holds.
import { mkdtemp, readdir } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { ConnectionState } from '../../app/contract/connections.ts';
import type { Stage } from '../../app/contract/refusal.ts';
import { faultyProxy, type Fault, type FaultyProxy } from './faulty-proxy.ts';
import type { LabDaemon } from './state.ts';
import type { KeepaliveOptions } from '../../main/libvirt/keepalive.ts';
import { openTransport } from '../../main/transport/open-transport.ts';
import { HostSession } from '../../main/services/host-session.ts';

/** `helper` runs virt-ssh-helper on the far side, `program` leaves SSH to the system's own client. */
export type FaultyTransport = 'tcp' | 'unix' | 'tls' | 'ssh' | 'helper' | 'program';

/** A fault that strikes when an attempt to connect comes to a stage, or with a piece that passes from then on. */
export interface Plan extends Fault {
  readonly stage: Stage;
}

export interface FaultyHost {
  readonly session: HostSession;
  readonly proxy: FaultyProxy;
  /** Set, it strikes once. */
  plan: Plan | null;
  readonly complaints: unknown[];
  /** Resolves when the session is, or comes, in this phase. */
  readonly becomes: (phase: ConnectionState['phase']) => Promise<ConnectionState>;
  /** Ends the session. Resolves when nothing of it is connected any more, which nobody but the session has seen to. */
  readonly leave: () => Promise<void>;
  /** Ends both sides, whatever is left. */
  readonly close: () => Promise<void>;
}

const overSsh = (more: string) => ({ ssh }: LabDaemon, place: string): string => `qemu+ssh://root@${place}/system?keyfile=${ssh.keyFile}&known_hosts_verify=ignore${more}`;
const uris: Readonly<Record<FaultyTransport, (lab: LabDaemon, place: string) => string>> = {
  tcp: ({ tcp }, place) => `qemu+tcp://${place}/system?authfile=${tcp.authFile}`,
  unix: (_, place) => `qemu:///system?socket=${place}`,
  tls: ({ tls }, place) => `qemu+tls://${place}/system?pkipath=${tls.pkiDir}${place.startsWith(tls.host) ? '' : '&no_verify=1'}`,
  ssh: overSsh(''),
  helper: overSsh('&proxy=native'),
  program: overSsh('&command=ssh&proxy=native'),
};

const proxyFor = async (transport: FaultyTransport, lab: LabDaemon, folder: string, listener?: Server): Promise<FaultyProxy> => {
  if (transport === 'unix') return await faultyProxy({ path: lab.unix.socket }, { path: join(await mkdtemp(join(folder, 'unix-')), 'sock') });
  const { host, port } = transport === 'tls' || transport === 'tcp' ? lab[transport] : lab.ssh;
  return await faultyProxy({ host, port }, listener);
};

const impatient: KeepaliveOptions = { interval: 300, count: 2 };

export interface FaultyHostOptions {
  /** A listener for the proxy elsewhere than on 127.0.0.1. */
  readonly elsewhere?: { readonly address: string; readonly listener: Server };
  /** Less than a second of silence counts as death when left out. */
  readonly keepalive?: KeepaliveOptions;
  /** Milliseconds; four seconds when left out. */
  readonly stageLimit?: number;
}

/** A host behind a proxy. `folder` is its user's home. */
export async function faultyHost(transport: FaultyTransport, lab: LabDaemon, folder: string, { elsewhere, keepalive = impatient, stageLimit = 4_000 }: FaultyHostOptions = {}): Promise<FaultyHost> {
  const proxy = await proxyFor(transport, lab, folder, elsewhere?.listener);
  const place = transport === 'unix' ? proxy.place : `${elsewhere?.address ?? '127.0.0.1'}:${proxy.place}`;
  const complaints: unknown[] = [];
  const hearers = new Set<() => void>();
  const session = new HostSession('host', uris[transport](lab, place), {
    openTransport,
    surroundings: { ask: async () => ({ kind: 'declined' }), report: () => undefined, home: folder, env: { PATH: process.env['PATH'] }, isRoot: true, stageLimit },
    keepalive,
    stateChanged: () => {
      if (host.plan !== null && isAt(session.state, host.plan.stage)) {
        const { stage: _, ...fault } = host.plan;
        host.plan = null;
        proxy.strike(fault);
      }
      for (const hear of hearers) hear();
    },
    guestsChanged: () => undefined,
    complain: (error) => complaints.push(error),
  });
  const host: FaultyHost = {
    session, proxy, plan: null, complaints,
    becomes: async (phase) => await new Promise((resolve) => {
      const look = (): void => {
        if (session.state.phase !== phase) return;
        hearers.delete(look);
        resolve(session.state);
      };
      hearers.add(look);
      look();
    }),
    leave: async () => {
      await session.end();
      proxy.heal();
      await proxy.idle();
    },
    close: async () => {
      await session.end();
      await proxy.close();
    },
  };
  return host;
}

/** Whether an attempt has come to a stage. The certificate is looked at twice: before TLS its files are read. */
function isAt(state: ConnectionState, stage: Stage): boolean {
  if (state.phase !== 'connecting') return false;
  const { stages } = state;
  return stages.some((one) => one.stage === stage && one.outcome === 'started') && (stage !== 'certificate' || stages.some((one) => one.stage === 'tls' && one.outcome === 'done'));
}

/** What holds this process: sockets, pipes, programs and timers by kind; and its open files. */
export const held = async (): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = { files: (await readdir('/proc/self/fd')).length };
  for (const resource of process.getActiveResourcesInfo()) if (/Socket|Pipe|Process|Timeout|Server/.test(resource)) counts[resource] = (counts[resource] ?? 0) + 1;
  return counts;
};

/** What is held now beyond what was before. */
export const heldBeyond = async (before: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(Object.entries(await held()).filter(([resource, count]) => count > (before[resource] ?? 0)));
