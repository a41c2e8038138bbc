// Which I/O threads a guest has: <iothreads> and <iothreadids>, https://libvirt.org/formatdomain.html#iothreads-allocation
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { ioThreadIds, ioThreadUsers, namedIoThread, nameIoThreads } from './io-thread-ids.ts';
import { type Finding, itemField, type Knob, wholeGuest } from './knob.ts';
import { withoutMember } from './schedulers.ts';
import type { Step } from './steps.ts';

/** libvirt keeps the number in 32 bits. */
const highest = 4_294_967_295;
/** No guest has a use for more; each costs a thread of the host. */
const most = 256;

/** null = the lowest number that is free. */
const ioThread = z.strictObject({ id: z.int().min(1).max(highest).nullable() }).readonly();
type IoThread = z.infer<typeof ioThread>;

export const ioThreads: Knob<readonly IoThread[]> = {
  label: 'I/O threads',
  panel: 'cpu',
  card: 'I/O threads',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'I/O thread',
    most,
    fresh: { id: null },
    fields: { id: { kind: 'number', label: 'Number', least: 1, most: highest, measure: 'count', absent: 'next free' } },
    hint: 'Disks and controllers do their I/O in the thread they name, beside the emulator. A new thread is used by none until a disk names it.',
  }),
  takesAway: true,
  unit: wholeGuest,
  value: z.array(ioThread).max(16_384).readonly(),

  read: (xml) => ({ '': ioThreadIds(xml).map((id) => ({ id })) }),

  write(xml, _unit, value) {
    const wanted = numbered(value);
    const had = ioThreadIds(xml);
    if (had.length === wanted.size && had.every((id) => wanted.has(id))) return;
    // Those that are only counted would get other numbers as some come and go.
    for (const id of had) namedIoThread(xml, id);
    for (const id of had) if (!wanted.has(id)) forget(xml, id);
    if (wanted.size === 0) return xml.remove(['iothreads']);
    xml.ensure('iothreads').setText(`${wanted.size}`);
    for (const id of wanted) namedIoThread(xml, id);
    nameIoThreads(xml);
  },

  check(value, _unit, _truth, _facts, after) {
    const twice = value.findIndex(({ id }, index) => id !== null && value.findIndex((other) => other.id === id) !== index);
    const kept = numbered(value);
    const used = [...ioThreadUsers(after)].filter(([id]) => !kept.has(id));
    return [
      ...(twice < 0 ? [] : [{ ...error(`Two I/O threads have the number ${value[twice]?.id}.`), field: itemField(twice, 'id') }]),
      ...(value.length > most ? [error(`More than ${most} I/O threads are of no use.`)] : []),
      ...used.map(([id, users]) => error(`I/O thread ${id} is used by ${users.join(', ')}: give ${users.length === 1 ? 'it' : 'them'} another thread, or none, first.`)),
    ];
  },

  step(_unit, value, scope, _facts, xml) {
    // Both definitions may have other threads now, so each is brought there by calls of its own.
    if (scope === 'both') return null;
    const wanted = numbered(value);
    const had = ioThreadIds(xml);
    return [
      ...had.filter((id) => !wanted.has(id)).map((id): Step => ({ kind: 'delIothread', id, scope })),
      ...[...wanted].filter((id) => !had.includes(id)).toSorted((one, other) => one - other).map((id): Step => ({ kind: 'addIothread', id, scope })),
    ];
  },

  say: (value) => (value.length === 0 ? 'none' : [...numbered(value)].toSorted((one, other) => one - other).join(', ')),
  name: () => 'I/O threads',
};

/** The numbers meant, with the lowest free ones for those left open. */
function numbered(value: readonly IoThread[]): ReadonlySet<number> {
  const ids = new Set(value.flatMap(({ id }) => id ?? []));
  let next = 1;
  for (const { id } of value) {
    if (id !== null) continue;
    while (ids.has(next)) next += 1;
    ids.add(next);
  }
  return ids;
}

/** Takes a named thread away with its pin and scheduler, as libvirt does. */
function forget(xml: DomainXml, id: number): void {
  xml.remove(['iothreadids', 'iothread'], (thread) => thread.attribute('id') === `${id}`);
  xml.remove(['cputune', 'iothreadpin'], (pin) => pin.attribute('iothread') === `${id}`);
  withoutMember(xml, 'iothreadsched', id);
}

const error = (message: string): Finding => ({ level: 'error', message });
