// A Bridge without main: answers from its own data, applies plans to its own XML, tells samples at a pace. For tests only.
import type { Bridge, News, Takes } from '../../app/contract/contract.ts';
import type { Connection } from '../../app/contract/connections.ts';
import type { Entry } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Task } from '../../app/contract/tasks.ts';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import { isActive } from '../../app/domain/guest.ts';
import { badges } from '../../app/tuning/badges.ts';
import { type Facts, unknownFacts } from '../../app/tuning/knob.ts';
import { readSettings, type Wanted } from '../../app/tuning/knobs.ts';
import { pendingUnits } from '../../app/tuning/pending.ts';
import { invert } from '../../app/tuning/change.ts';
import { makePlan, planChanges, withWanted } from '../../app/tuning/plan.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { certificateAnswers } from './certificates.ts';
import { credentialAnswers } from './credentials.ts';
import { connections as saved, definitionOf, guestsOf, topologyWith } from './data.ts';
import { doctorAnswers } from './doctor.ts';
import { healthAnswers } from './health.ts';
import { hostAnswers } from './hosts.ts';
import { noticeAnswers } from './notices.ts';
import { pastOf } from './past.ts';
import { setupAnswers } from './setup.ts';
import { tasksAt } from './tasks.ts';
import { tagAnswers } from './tags.ts';

export interface StandInOptions {
  readonly guests: number;
  readonly hosts: boolean;
  /** CPUs of every host; 32 when not told. */
  readonly cpus?: number;
  /** vCPUs of the first guest; 8 when not told. */
  readonly vcpus?: number;
  /** Milliseconds between samples; 0 = none by itself. */
  readonly pace: number;
}

export interface StandIn extends Bridge {
  /** Every question asked so far. */
  readonly asked: readonly { readonly ask: string; readonly takes: unknown }[];
  tell(news: News): void;
  /** Sends one sample of what is watched. */
  sample(): void;
}

interface Kept {
  live: string | null;
  saved: string | null;
}

type Given = Readonly<Record<string, string | undefined>>;

/** A number in 0..1 that wanders slowly with `time` and differs by `seed`. */
const wave = (seed: number, time: number): number => 0.5 + 0.3 * Math.sin(time / 7 + seed) + 0.2 * Math.sin(time / 2.3 + seed * 3.7);

const seedOf = ({ uuid }: { readonly uuid: string }): number => Number.parseInt(uuid.slice(-6), 16);

export const standIn = ({ guests: count, hosts, pace, cpus = 32, vcpus = 8 }: StandInOptions): StandIn => {
  const hearers = new Set<(news: News) => void>();
  const asked: { ask: string; takes: unknown }[] = [];
  const connections: Connection[] = hosts ? [...saved] : [];
  const topology = topologyWith(cpus);
  const guests = hosts ? guestsOf(count).map((guest, index) => (index === 0 ? { ...guest, vcpus, vcpusMaximum: vcpus } : { ...guest })) : [];
  const entries: Entry[] = [];
  let tasks: readonly Task[] = hosts ? tasksAt(Date.now()) : [];
  const definitions = new Map<string, Kept>(guests.map((guest) => [guest.uuid, { live: isActive(guest.state) ? definitionOf(guest) : null, saved: definitionOf(guest) }]));
  let interests: Takes<'live', 'watch'>['interests'] = [];
  let preferences = {};
  let tick = 0;
  const tell = (news: News): void => {
    for (const hear of hearers) hear(news);
  };
  const guestOf = ({ uuid }: Given) => {
    const guest = guests.find((one) => one.uuid === uuid);
    const kept = definitions.get(uuid ?? '');
    if (guest === undefined || kept === undefined) throw new Refused('unknown-guest', 'The host has no guest with this UUID.');
    return { guest, kept };
  };
  const reading = (given: Given): { readonly reading: Reading; readonly xml: { readonly live: DomainXml | null; readonly saved: DomainXml | null } } => {
    const { guest, kept } = guestOf(given);
    const facts: Facts = { ...unknownFacts(guest.name), guest: { name: guest.name, running: kept.live !== null, persistent: true }, topology, cpuSharesDefault: 100 };
    const parse = (text: string | null): DomainXml | null => (text === null ? null : DomainXml.parse(text));
    const xml = { live: parse(kept.live), saved: parse(kept.saved) };
    const settings = (of: DomainXml | null) => (of === null ? null : readSettings(of, facts));
    return { xml, reading: { live: settings(xml.live), saved: settings(xml.saved), basis: `${kept.live?.length ?? 0}/${kept.saved?.length ?? 0}`, liveXml: kept.live, savedXml: kept.saved, facts } };
  };
  const apply = (given: Given, wanted: Wanted): Applied => {
    const { guest, kept } = guestOf(given);
    const before = reading(given);
    const plan = makePlan(before.xml, wanted, before.reading.facts);
    const after = withWanted(before.xml, wanted, before.reading.facts);
    kept.live = after.live?.text() ?? null;
    kept.saved = after.saved?.text() ?? null;
    const steps = plan.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope, outcome: 'done' as const }));
    const id = `${entries.length + 1}`;
    entries.unshift({
      id, at: Date.now(), user: 'admin', host: { id: guest.host, name: guest.host }, guest: { uuid: guest.uuid, name: guest.name }, kind: 'tuning', title: steps.map(({ title }) => title).join(', '),
      outcome: 'complete', steps, changes: [...planChanges(plan)], savedBefore: plan.savedBefore, savedAfter: plan.savedAfter, undoes: null,
    });
    tell({ section: 'guests', name: 'changed', told: { host: guest.host, uuids: [guest.uuid] } });
    tell({ section: 'history', name: 'changed', told: { id } });
    return { outcome: 'complete', steps, unconfirmed: [], entry: id, reading: reading(given).reading };
  };
  const sample = (): void => {
    tick += 1;
    for (const host of new Set(interests.map((interest) => interest.host))) {
      const mine = interests.filter((interest) => interest.host === host);
      const uuids = new Set(mine.flatMap((interest) => interest.uuids ?? []));
      const shown = guests.filter((guest) => guest.host === host && (uuids.has(guest.uuid) || (isActive(guest.state) && mine.some((interest) => interest.uuids === null))));
      tell({
        section: 'live', name: 'sample',
        told: {
          host, at: Date.now(),
          hostCpus: mine.some(({ groups }) => groups.includes('hostCpu')) ? Array.from({ length: cpus }, (_, cpu) => wave(cpu * 1.7, tick) * (cpu % (cpus / 2) < cpus / 4 ? 1 : 0.45)) : null,
          places: mine.filter(({ groups }) => groups.includes('vcpuPlace')).flatMap((interest) => (interest.uuids ?? []).map((uuid) => ({ uuid, cpus: Array.from({ length: vcpus }, (_, vcpu) => (vcpu + (tick % 2)) % cpus) }))),
          disks: mine.filter(({ groups }) => groups.includes('disks')).flatMap((interest) => (interest.uuids ?? []).map((uuid) => ({ uuid, disks: [{ target: 'vda', readBytes: 4e6 * wave(1, tick), writeBytes: 2e6 * wave(2, tick), readRequests: 90 * wave(1, tick), writeRequests: 40 * wave(2, tick), readLatency: 3e5 * wave(1, tick), writeLatency: 9e5 * wave(2, tick) }] }))),
          guests: shown.map(({ uuid }) => uuid),
          values: shown.flatMap((guest) => {
            const seed = seedOf(guest);
            return [wave(seed, tick) * guest.vcpus * 0.7, Math.round(guest.memoryKiB * (0.35 + 0.5 * wave(seed * 2.1, 0))), wave(seed + 1, tick) * 4e6, wave(seed + 2, tick) * 9e6, wave(seed + 3, tick) * 2e7, wave(seed + 4, tick) * 6e6];
          }),
          balloons: shown.filter(({ uuid }) => mine.some((interest) => interest.groups.includes('balloon') && interest.uuids?.includes(uuid))).map((guest) => {
            const seed = seedOf(guest);
            const available = Math.round(guest.memoryKiB * 0.985);
            const usable = Math.round(available * (0.65 - 0.5 * wave(seed * 2.1, tick / 20)));
            return {
              uuid: guest.uuid,
              memory: { actual: guest.memoryKiB, available, usable, unused: Math.round(usable * 0.6), caches: Math.round(usable * 0.4), rss: Math.round(guest.memoryKiB * 0.97), majorFaults: 0, minorFaults: Math.round(900 * wave(seed, tick)), swapIn: 0, swapOut: 0, lastUpdate: Math.floor(Date.now() / 1000) },
            };
          }),
        },
      });
    }
  };
  const certificates = certificateAnswers(hosts, tell);
  const stateAfter = { start: 'running', resume: 'running', suspend: 'paused', shutdown: 'shutoff', destroy: 'shutoff', managedSave: 'shutoff' } as const;
  const answers: Readonly<Record<string, (takes: Given) => unknown>> = {
    'program.about': () => ({ version: '0.1.0', shell: 'web', dataFolder: '/home/admin/.local/share/guestdeck', platform: 'linux', user: 'admin' }),
    'program.preferences': () => preferences,
    ...Object.fromEntries(Object.entries({ ...hostAnswers(connections, tell), ...doctorAnswers(connections) }).map(([name, answer]) => [`connections.${name}`, answer])),
    'connections.questions': () => [],
    ...Object.fromEntries(Object.entries(credentialAnswers(tell)).map(([name, answer]) => [`credentials.${name}`, answer])),
    ...Object.fromEntries(Object.entries(certificates).map(([name, answer]) => [`certificates.${name}`, answer])),
    ...Object.fromEntries(Object.entries(healthAnswers(connections, () => certificates.list({}))).map(([name, answer]) => [`health.${name}`, answer])),
    ...Object.fromEntries(Object.entries(setupAnswers(connections, tell)).map(([name, answer]) => [`setup.${name}`, answer])),
    ...Object.fromEntries(Object.entries(tagAnswers(guests, tell)).map(([name, answer]) => [`tags.${name}`, answer])),
    'guests.list': ({ host }) => guests.filter((guest) => guest.host === host),
    'guests.disks': () => [{ target: 'vda', source: '/srv/vda.qcow2', format: 'qcow2', capacity: 40 * 2 ** 30, allocation: 12 * 2 ** 30, physical: 12 * 2 ** 30, chain: [{ source: '/srv/base.qcow2', format: 'qcow2' }] }],
    'guests.describe': (takes) => {
      const { guest, kept } = guestOf(takes);
      return { ...guest, title: null, description: null, osType: 'hvm', machine: 'pc-q35-7.2', liveXml: kept.live, savedXml: kept.saved };
    },
    'guests.act': (takes) => {
      const { guest, kept } = guestOf(takes);
      const after = Object.entries(stateAfter).find(([action]) => action === takes.action)?.[1];
      if (after !== undefined) guest.state = after;
      kept.live = isActive(guest.state) ? kept.live ?? kept.saved : null;
      tell({ section: 'guests', name: 'changed', told: { host: guest.host, uuids: [guest.uuid] } });
      return null;
    },
    'hosts.describe': ({ host }) => ({
      hostname: `${host}.example`, libvirtVersion: '9.0.0', hypervisor: 'QEMU 7.2.0', model: 'x86_64', memoryKiB: 256 * 1024 ** 2, topology, cpuKinds: { isolated: '4-7', nohzFull: '4-7', performance: '', efficient: '' }, freeKiB: { 0: 41 * 1024 ** 2, 1: 102 * 1024 ** 2 },
      pins: guests.filter((guest) => guest.host === host && guest.name.startsWith('db-')).map(({ uuid, name }) => ({ uuid, name, cpus: name === 'db-primary' ? `0-${vcpus - 1}` : '10-13,26-29' })),
    }),
    'hosts.devices': () => [],
    'memory.pages': () => [0, 1].map((node) => ({ node, size: 2048, count: 4096, free: 4096 - 1024 * node })),
    'memory.allocatePages': ({ node, size, count }) => ({ node: Number(node), size: Number(size), count: Number(count), free: Number(count) }),
    'memory.dirtyRate': () => ({ mebibytesPerSecond: 37 }),
    'bulk.runs': () => [],
    ...Object.fromEntries(Object.entries(noticeAnswers(hosts, Date.now(), tell)).map(([name, answer]) => [`notices.${name}`, answer])),
    'tasks.list': () => tasks,
    'tasks.cancel': ({ id }) => {
      tasks = tasks.map((task) => (task.id === id ? { ...task, ended: Date.now(), outcome: 'cancelled', cancellable: false } : task));
      tell({ section: 'tasks', name: 'changed', told: { id: id ?? '', isOver: true } });
      return null;
    },
    'profiles.list': () => [],
    'tuning.read': (takes) => reading(takes).reading,
    'history.list': ({ uuid, text = '' }) => entries
      .filter(({ guest, title }) => (uuid === undefined || guest?.uuid === uuid) && title.toLowerCase().includes(text.toLowerCase()))
      .map(({ savedBefore: _before, savedAfter: _after, ...entry }) => ({ ...entry, undoneBy: null })),
    'history.entry': ({ id }) => entries.find((one) => one.id === id),
    'history.export': ({ as }) => ({ name: `guestdeck-history.${as === 'json' ? 'json' : 'sh'}`, content: JSON.stringify(entries), entries: entries.length, left: 0 }),
    'history.undo': ({ id }) => {
      const entry = entries.find((one) => one.id === id);
      if (entry === undefined || entry.host === null || entry.guest === null) throw new Refused('unknown-entry', 'The history has no entry with this id.');
      const now = reading({ uuid: entry.guest.uuid });
      const wanted = invert(entry.changes);
      return { host: entry.host.id, uuid: entry.guest.uuid, wanted, basis: now.reading.basis, plan: makePlan(now.xml, wanted, now.reading.facts) };
    },
  };
  if (pace > 0) setInterval(sample, pace);
  return {
    asked,
    tell,
    sample,
    listen: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    open: (_section, _name, _takes, hear) => {
      queueMicrotask(() => hear.ended({ code: 'not-connected', message: 'The stand-in has no consoles.' }));
      return { send: async () => undefined, took: () => undefined, close: () => undefined };
    },
    ask: async (section, name, takes) => {
      const ask = `${section}.${name}`;
      asked.push({ ask, takes });
      try {
        if (ask === 'live.watch') {
          interests = (takes as Takes<'live', 'watch'>).interests;
          return { ok: true, value: null };
        }
        if (ask === 'live.past') {
          const { uuid, range, after } = takes as Takes<'live', 'past'>;
          return { ok: true, value: pastOf(uuid === null, range, after, Date.now(), wave) };
        }
        if (ask === 'program.setPreferences') {
          preferences = { ...preferences, ...(takes as Takes<'program', 'setPreferences'>).preferences };
          tell({ section: 'program', name: 'preferencesChanged', told: {} });
          return { ok: true, value: null };
        }
        if (ask === 'guests.badges') {
          const value = (takes as Takes<'guests', 'badges'>).uuids.map((uuid) => {
            const { reading: read, xml } = reading({ uuid });
            return { uuid, badges: xml.saved === null ? [] : badges(xml.saved), pending: pendingUnits(read.live, read.saved).length };
          });
          return { ok: true, value };
        }
        if (ask === 'tuning.apply') return { ok: true, value: apply(takes as Given, (takes as Takes<'tuning', 'apply'>).wanted) };
        const answer = answers[ask];
        if (answer === undefined) throw new Refused('bad-input', `The stand-in has no answer to ${ask}.`);
        return { ok: true, value: structuredClone(answer(takes as Given)) };
      } catch (error) {
        if (error instanceof Refused) return { ok: false, refusal: error.refusal };
        throw error;
      }
    },
  };
};
