// Every stage of reaching a host, met by every fault of a network: how it ends, that it ends, that nothing stays, and that a host known before comes back.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused, type RefusalCode, type Stage } from '../../app/contract/refusal.ts';
import { faultyHost, held, heldBeyond, type FaultyHost, type FaultyTransport, type Plan } from '../../e2e/lab/faulty-host.ts';
import type { Fault, FaultKind } from '../../e2e/lab/faulty-proxy.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';

const name = 'fault-matrix';
const guests = 3;
let lab: LabDaemon;
let folder: string;

/** Where a fault strikes. */
type Place = Omit<Plan, 'kind'>;
/** How connecting ends; `ready` where slowness is no failure. */
type Outcome = readonly [RefusalCode, Stage] | 'ready' | { readonly oneOf: readonly (readonly [RefusalCode, Stage])[] };
interface Case {
  readonly transport: FaultyTransport;
  readonly where: string;
  readonly place: Place;
  readonly kind: FaultKind;
  readonly outcome: Outcome;
}

const fromClient = (piece: number): NonNullable<Fault['at']> => ({ from: 'client', piece });
const fromServer = (piece: number): NonNullable<Fault['at']> => ({ from: 'server', piece });
const all = (kinds: readonly FaultKind[], outcome: Outcome): Partial<Record<FaultKind, Outcome>> => Object.fromEntries(kinds.map((kind) => [kind, outcome]));
const cuts: readonly FaultKind[] = ['reset', 'end', 'halfClose'];
const corruptions: readonly FaultKind[] = ['corruptHead', 'corruptTail'];

/** Of each transport, each place, what each fault there comes to. */
const table: Readonly<Record<FaultyTransport, Readonly<Record<string, Place & { readonly outcomes: Partial<Readonly<Record<FaultKind, Outcome>>> }>>>> = {
  tcp: {
    'the first message': { stage: 'libvirt', outcomes: { ...all(['stall', ...cuts, 'corruptHead'], ['not-libvirt', 'libvirt']), slow: 'ready' } },
    'the login by SASL': { stage: 'sasl', outcomes: { ...all(['stall', ...cuts], ['connection-lost', 'sasl']), corruptHead: ['protocol', 'libvirt'], slow: 'ready' } },
    'the first list': { stage: 'libvirt', at: fromClient(9), outcomes: { ...all(['stall', ...cuts], ['connection-lost', 'libvirt']), ...all(corruptions, ['protocol', 'sasl']), slow: 'ready' } },
  },
  unix: {
    'the first message': { stage: 'libvirt', outcomes: all(['stall', ...cuts, 'corruptHead'], ['not-libvirt', 'libvirt']) },
    'opening the driver': { stage: 'libvirt', at: fromClient(3), outcomes: { ...all(['stall', ...cuts], ['connection-lost', 'libvirt']), corruptHead: ['protocol', 'libvirt'], slow: 'ready' } },
    'the first list': { stage: 'libvirt', at: fromClient(6), outcomes: { ...all(['stall', ...cuts], ['connection-lost', 'libvirt']), corruptHead: ['protocol', 'libvirt'] } },
  },
  tls: {
    'the hello': { stage: 'tls', outcomes: { ...all(['stall', 'trickle'], ['timed-out', 'tls']), ...all([...cuts, ...corruptions], ['not-tls', 'tls']), slow: 'ready' } },
    // libvirtd turns a client away by hanging up, so a hang-up has to be taken for that.
    'the byte that lets us in': {
      stage: 'certificate', outcomes: { stall: ['timed-out', 'certificate'], ...all(cuts, ['certificate-refused', 'certificate']), ...all(corruptions, ['connection-lost', 'certificate']), slow: 'ready' },
    },
    'the first message': { stage: 'libvirt', outcomes: { ...all(['stall', ...cuts, ...corruptions], ['not-libvirt', 'libvirt']), slow: 'ready' } },
    'the first list': { stage: 'libvirt', at: fromClient(6), outcomes: { ...all(['stall', ...cuts, 'corruptTail'], ['connection-lost', 'libvirt']), slow: 'ready' } },
  },
  ssh: {
    // Before its banner a server may say what it likes; what follows one that was not recognized is random, and not always read as text.
    'the banner': { stage: 'hostKey', outcomes: { ...all(['stall', 'trickle'], ['timed-out', 'hostKey']), corruptHead: { oneOf: [['timed-out', 'hostKey'], ['not-ssh', 'hostKey']] }, ...all(cuts, ['unreachable', 'hostKey']), slow: 'ready' } },
    'the key exchange': { stage: 'hostKey', at: fromClient(2), outcomes: { ...all(['stall', 'trickle'], ['timed-out', 'hostKey']), ...all(cuts, ['unreachable', 'hostKey']), corruptHead: ['not-ssh', 'hostKey'] } },
    'the login': { stage: 'login', outcomes: { ...all(['stall', 'trickle'], ['timed-out', 'login']), ...all([...cuts, ...corruptions], ['connection-lost', 'login']), slow: 'ready' } },
    'the channel': { stage: 'socket', outcomes: { stall: ['timed-out', 'socket'], ...all([...cuts, ...corruptions], ['connection-lost', 'socket']), slow: 'ready' } },
    'the first message': { stage: 'libvirt', outcomes: { stall: ['not-libvirt', 'libvirt'], ...all([...cuts, ...corruptions], ['connection-lost', 'libvirt']), slow: 'ready' } },
    'the first list': { stage: 'libvirt', at: fromClient(6), outcomes: all(['stall', ...cuts, 'corruptTail'], ['connection-lost', 'libvirt']) },
  },
  helper: {
    'the channel': { stage: 'socket', outcomes: { stall: ['timed-out', 'socket'], ...all([...cuts, 'corruptTail'], ['connection-lost', 'socket']), slow: 'ready' } },
    'the first message': { stage: 'libvirt', outcomes: { stall: ['not-libvirt', 'libvirt'], ...all(cuts, ['connection-lost', 'libvirt']) } },
  },
  program: {
    'the banner': { stage: 'login', outcomes: { stall: ['timed-out', 'login'], ...all(cuts, ['unreachable', 'port']) } },
    'the login': { stage: 'login', at: fromServer(4), outcomes: { stall: ['timed-out', 'login'], ...all([...cuts, 'corruptTail'], ['unreachable', 'port']) } },
    'the channel': { stage: 'socket', outcomes: { stall: ['timed-out', 'socket'], ...all([...cuts, 'corruptTail'], ['connection-lost', 'socket']) } },
    'the first message': { stage: 'libvirt', outcomes: { stall: ['not-libvirt', 'libvirt'], ...all([...cuts, 'corruptTail'], ['connection-lost', 'libvirt']) } },
  },
};
const cases: readonly Case[] = (Object.entries(table) as [FaultyTransport, (typeof table)[FaultyTransport]][]).flatMap(([transport, places]) =>
  Object.entries(places).flatMap(([where, { outcomes, ...place }]) =>
    (Object.entries(outcomes) as [FaultKind, Outcome][]).map(([kind, outcome]) => ({ transport, where, place, kind, outcome }))));

const endOf = async (connecting: Promise<void>): Promise<unknown> => {
  try {
    await connecting;
    return 'ready';
  } catch (error) {
    if (error instanceof Refused) return [error.refusal.code, error.refusal.stage];
    throw error;
  }
};

/** What a host lived through, as far as it got. */
interface Lived {
  /** How connecting ended when the fault met a host that was new, with the phase and the refusal it left. */
  readonly first?: unknown;
  readonly phase?: string;
  readonly refusal?: unknown;
  /** Without the fault. */
  readonly healed?: unknown;
  /** How it ended, and left, when the fault met a host that was coming back. */
  readonly again?: unknown;
  readonly awayPhase?: string;
  /** Without it once more, and how many guests there are then. */
  readonly last?: unknown;
  readonly listed?: number;
  readonly complaints?: readonly unknown[];
  readonly hung?: string;
}

/** Longest life, in milliseconds: four times what the stages and silences in it may take together. */
const longestLife = 30_000;

async function live(one: Case): Promise<Lived> {
  const made = await faultyHost(one.transport, lab, folder);
  const lived: { -readonly [K in keyof Lived]: Lived[K] } = {};
  const limit = new AbortController();
  try {
    const over = delay(longestLife, 'hung' as const, { signal: limit.signal }).catch(() => 'done' as const);
    if ((await Promise.race([liveThrough(one, made, lived), over])) === 'hung') lived.hung = JSON.stringify(made.session.state);
  } finally {
    limit.abort();
    await made.close();
  }
  return lived;
}

/** Meets the fault when the host is new, then once more while it comes back; between and after them all is well. */
async function liveThrough({ place, kind }: Case, made: FaultyHost, lived: { -readonly [K in keyof Lived]: Lived[K] }): Promise<'done'> {
  const { session, proxy, complaints } = made;
  made.plan = { ...place, kind };
  lived.first = await endOf(session.connect());
  lived.phase = session.state.phase;
  lived.refusal = session.state.phase === 'failed' ? session.state.refusal : undefined;
  proxy.heal();
  if (lived.phase !== 'ready') await proxy.idle();
  lived.healed = await endOf(session.connect());
  if (lived.healed !== 'ready') return 'done';
  proxy.strike({ kind: 'reset' });
  await made.becomes('lost');
  proxy.heal();
  made.plan = { ...place, kind };
  lived.again = await endOf(session.connect());
  lived.awayPhase = session.state.phase;
  proxy.heal();
  lived.last = await endOf(session.connect());
  if (lived.last === 'ready') lived.listed = session.guests.list().length;
  lived.complaints = complaints;
  await made.leave();
  return 'done';
}

/** Lives one case after the other in `atOnce` rows: each stage has its own time limit, which a crowded machine must not break. */
async function sideBySide(waiting: Case[], atOnce: number, lived: Map<Case, Lived>): Promise<void> {
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) lived.set(one, await live(one));
  }));
}
const isPatient = ({ kind }: Case): boolean => kind === 'stall' || kind === 'trickle';

beforeAll(async () => {
  lab = await extraDaemon(name, { configuration: ['max_anonymous_clients = 100'] });
  await defineLightGuests(lab, guests);
  folder = await mkdtemp(join(tmpdir(), 'gd-matrix-'));
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

describe('a fault', () => {
  const lived = new Map<Case, Lived>();
  let before: Readonly<Record<string, number>>;
  beforeAll(async () => {
    // What is made once for the whole process, such as the look-up of names, is there before it is counted.
    await live({ transport: 'ssh', where: '', place: { stage: 'driver' }, kind: 'stall', outcome: 'ready' });
    before = await held();
    await Promise.all([sideBySide(cases.filter(isPatient), 8, lived), sideBySide(cases.filter((one) => !isPatient(one)), 5, lived)]);
  }, 120_000);

  it.each(cases.map((one) => [one.transport, one.kind, one.where, one] as const))('over %s, %s at %s ends as it should, and the host comes back', (_, _kind, _where, one) => {
    const isReady = one.outcome === 'ready';
    const outcome = typeof one.outcome === 'object' && 'oneOf' in one.outcome ? expect.toBeOneOf([...one.outcome.oneOf]) : one.outcome;
    expect(lived.get(one)).toEqual({
      first: outcome, phase: isReady ? 'ready' : 'failed',
      refusal: isReady ? undefined : expect.objectContaining({ message: expect.stringMatching(/\w+/), remedy: expect.stringMatching(/\w+/) }),
      healed: 'ready',
      again: outcome, awayPhase: isReady ? 'ready' : 'lost',
      last: 'ready', listed: guests, complaints: [],
    } satisfies Lived);
  });

  it('leaves nothing behind', async () => {
    await expect.poll(async () => await heldBeyond(before), { timeout: 10_000 }).toEqual({});
  });
});
