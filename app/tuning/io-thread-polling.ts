// How each I/O thread polls and how many workers it has: <iothread> with <poll>, https://libvirt.org/formatdomain.html#iothreads-allocation
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { dropEmpty, numberOf, putAttribute } from './attributes.ts';
import { ioThreadElement, ioThreadIds, ioThreadUsers, namedIoThread, nameIoThreads } from './io-thread-ids.ts';
import type { Facts, Finding, Knob } from './knob.ts';
import type { Step } from './steps.ts';

/** An I/O thread's number. */
export const ioThreadUnit = z.string().regex(/^[1-9]\d{0,9}$/, 'is the number of an I/O thread');

const whole = z.int().min(0).nullable();
const polling = z.strictObject({ poll_max_ns: whole, poll_grow: whole, poll_shrink: whole, thread_pool_min: whole, thread_pool_max: whole }).readonly();
type Polling = z.infer<typeof polling>;
type Name = keyof Polling;

/** Field → where it stands in `<iothread>`, and what QEMU takes without it (util/async.c and iothread.c of QEMU). */
const places: { readonly [N in Name]: { readonly in: 'poll' | 'iothread'; readonly attribute: string; readonly default: number } } = {
  poll_max_ns: { in: 'poll', attribute: 'max', default: 32_768 },
  poll_grow: { in: 'poll', attribute: 'grow', default: 0 },
  poll_shrink: { in: 'poll', attribute: 'shrink', default: 0 },
  thread_pool_min: { in: 'iothread', attribute: 'thread_pool_min', default: 0 },
  thread_pool_max: { in: 'iothread', attribute: 'thread_pool_max', default: 64 },
};
const names = Object.keys(places) as Name[];
const pollNames = names.filter((name) => places[name].in === 'poll');

/** libvirt 9.4.0 is the first to save how a thread polls. */
const savesPolling = 9_004_000;
const uint = 4_294_967_295;
const int = 2_147_483_647;

/** The unit is the thread's number; null = as QEMU does by itself. */
export const ioThreadPolling: Knob<Polling> = {
  label: 'I/O thread polling',
  panel: 'cpu',
  card: 'I/O threads',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    hint: 'A thread that polls answers sooner and keeps a host CPU busy; 0 turns polling off.',
    fields: {
      poll_max_ns: { kind: 'number', label: 'Polls at most for', least: 0, most: uint, measure: 'nanoseconds', absent: 'QEMU: 32768 ns' },
      poll_grow: { kind: 'number', label: 'Polling grows by', hint: 'The factor by which the time spent polling grows; 0 leaves it to QEMU.', least: 0, most: uint, measure: 'count', absent: "QEMU's choice" },
      poll_shrink: { kind: 'number', label: 'Polling shrinks by', hint: 'The divisor by which the time spent polling shrinks; 0 leaves it to QEMU.', least: 0, most: uint, measure: 'count', absent: "QEMU's choice" },
      thread_pool_min: { kind: 'number', label: 'Workers kept', least: 0, most: int, measure: 'count', absent: 'QEMU: 0' },
      thread_pool_max: { kind: 'number', label: 'Workers at most', least: 1, most: int, measure: 'count', absent: 'QEMU: 64' },
    },
  }),
  unit: ioThreadUnit,
  value: polling,

  read: (xml, facts) => Object.fromEntries(ioThreadIds(xml).map((id) => [`${id}`, readPolling(xml, id, facts)])),

  write(xml, unit, value) {
    const id = Number(unit);
    const has = written(xml, id);
    // Live XML says nothing of polling until a plan writes it here, so what is to be must be told from what is.
    const isLive = xml.root.attribute('id') !== null;
    const changed = names.filter((name) => has[name] !== value[name] || (isLive && pollNames.includes(name)));
    if (changed.length === 0) return;
    const thread = namedIoThread(xml, id);
    for (const name of changed) {
      const place = places[name];
      const element = place.in === 'iothread' ? thread : (thread.element('poll') ?? thread.add('poll'));
      putAttribute(element, place.attribute, value[name] ?? (isLive && place.in === 'poll' ? place.default : null));
    }
    const poll = thread.element('poll');
    if (poll !== null) dropEmpty(poll);
    nameIoThreads(xml);
  },

  check(value, _unit, truth, facts) {
    const { least, most } = { least: value.thread_pool_min ?? places.thread_pool_min.default, most: value.thread_pool_max ?? places.thread_pool_max.default };
    const cannotSave = truth === 'saved' && facts.libvirtVersion !== null && facts.libvirtVersion < savesPolling && pollNames.some((name) => value[name] !== null);
    return [
      ...(pollNames.some((name) => (value[name] ?? 0) > uint) ? [error(`Polling values end at ${uint}.`)] : []),
      ...([least, most].some((workers) => workers > int) ? [error(`Workers end at ${int}.`)] : []),
      ...(most === 0 ? [error('There has to be one worker at least.')] : []),
      ...(least > most ? [error(`Workers kept (${least}) cannot be more than workers at most (${most}).`)] : []),
      ...(cannotSave ? [error(`This host's libvirt cannot save how a thread polls: from 9.4.0 on it can. It can be changed while the guest runs.`)] : []),
    ];
  },

  step(unit, value, scope, facts, xml) {
    if (scope === 'both') return null;
    const has = readPolling(xml, Number(unit), facts);
    const changed = names.filter((name) => has[name] !== value[name]);
    // Saved polling only ever comes by a definition; -1 takes a saved bound away, a running thread is set to what it would have.
    if (scope === 'saved' && changed.some((name) => pollNames.includes(name))) return null;
    const set = (some: readonly Name[]): readonly Step[] => {
      const params = Object.fromEntries(some.map((name) => [name, value[name] ?? (scope === 'saved' ? -1 : places[name].default)]));
      return some.length === 0 ? [] : [{ kind: 'setIothread', id: Number(unit), params, scope }];
    };
    // Two calls: libvirt 9.0 forgets to write down the workers of a call that sets polling as well.
    return [...set(changed.filter((name) => pollNames.includes(name))), ...set(changed.filter((name) => !pollNames.includes(name)))];
  },

  about: (unit, xml) => {
    const users = ioThreadUsers(xml).get(Number(unit)) ?? [];
    return users.length === 0 ? 'used by no disk or controller' : `used by ${users.join(', ')}`;
  },
  say: (value) => names.flatMap((name) => (value[name] === null ? [] : [`${name} ${value[name]}`])).join(', ') || "QEMU's defaults",
  name: (unit) => `I/O thread ${unit}`,
};

/** As the XML says it, what QEMU would take without it being the same as nothing. */
function written(xml: DomainXml, id: number): Polling {
  const thread = ioThreadElement(xml, id);
  const value = (name: Name): number | null => {
    const place = places[name];
    const number = numberOf(place.in === 'iothread' ? thread : thread?.element('poll'), place.attribute);
    return number === place.default || (number !== null && number < 0) ? null : number;
  };
  return { poll_max_ns: value('poll_max_ns'), poll_grow: value('poll_grow'), poll_shrink: value('poll_shrink'), thread_pool_min: value('thread_pool_min'), thread_pool_max: value('thread_pool_max') };
}

/** Live, what QEMU says of its polling counts, as long as the XML is as it was when QEMU was asked. */
function readPolling(xml: DomainXml, id: number, facts: Facts): Polling {
  const has = written(xml, id);
  const told = xml.root.attribute('id') === null ? undefined : facts.ioThreadPolling?.[`${id}`];
  if (told === undefined || told.xml !== pollText(xml, id)) return has;
  const normal = (name: 'poll_max_ns' | 'poll_grow' | 'poll_shrink'): number | null => (told[name] === places[name].default ? null : told[name]);
  return { ...has, poll_max_ns: normal('poll_max_ns'), poll_grow: normal('poll_grow'), poll_shrink: normal('poll_shrink') };
}

/** What the XML says of a thread's polling, to be compared. */
export const pollText = (xml: DomainXml, id: number): string => ioThreadElement(xml, id)?.element('poll')?.toString() ?? '';

const error = (message: string): Finding => ({ level: 'error', message });
