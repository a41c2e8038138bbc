// How far a guest's memory can grow by plugging: <maxMemory slots=…>, https://libvirt.org/formatdomain.html#memory-allocation
import { z } from '../domain/schema.ts';
import { numberOf } from './attributes.ts';
import { wholeGuest, type Finding, type Knob } from './knob.ts';
import { guestCells, kibOf, sayKib, setKib, totalMemory } from './memory-size.ts';
import { mostMemory } from './memory.ts';

/** ACPI knows no more slots. */
const mostSlots = 256;

const maxMemoryValue = z.strictObject({ size: z.int().min(1).max(mostMemory).nullable(), slots: z.int().min(0).max(4_294_967_295).nullable() }).readonly();

/** Size in KiB; both null = nothing can be plugged. */
export const maxMemory: Knob<z.infer<typeof maxMemoryValue>> = {
  label: 'Room',
  panel: 'memory',
  card: 'Plugged memory',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start: the guest’s address space is laid out then.',
    hint: 'What memory can grow to by plugging, and how many DIMMs that may take.',
    fields: {
      size: { kind: 'number', least: 1, most: mostMemory, measure: 'KiB', absent: 'no plugging', label: 'Most in all' },
      slots: { kind: 'number', least: 1, most: mostSlots, measure: 'count', absent: 'none', label: 'Slots for DIMMs' },
    },
  }),
  unit: wholeGuest,
  value: maxMemoryValue,

  read(xml) {
    const element = xml.element('maxMemory');
    return { '': { size: kibOf(element), slots: numberOf(element, 'slots') } };
  },

  write(xml, _unit, { size, slots }) {
    if (size === null) {
      xml.remove(['maxMemory']);
      return;
    }
    const element = xml.element('maxMemory') ?? xml.add(['maxMemory'], { ...(slots === null ? {} : { slots: `${slots}` }), unit: 'KiB' });
    if (slots === null) element.removeAttribute('slots');
    else if (numberOf(element, 'slots') !== slots) element.setAttribute('slots', `${slots}`);
    setKib(element, size);
  },

  check({ size, slots }, _unit, _truth, _facts, after) {
    const findings: Finding[] = [];
    const error = (message: string): void => void findings.push({ level: 'error', message });
    if (size === null) {
      if (slots !== null) error('Slots need a size that memory can grow to.');
      if (after.elements('devices', 'memory').length > 0) error('Memory is plugged: take it away first.');
      return findings;
    }
    const [total, dimms] = [totalMemory(after), after.elements('devices', 'memory').filter((device) => device.attribute('model') === 'dimm').length];
    if (size < total) error(`The guest has ${sayKib(total)} already, so it cannot be less.`);
    if (slots === null || slots === 0) error('The size that memory can grow to needs at least one slot.');
    else if (slots > mostSlots) error(`A guest has at most ${mostSlots} slots.`);
    else if (slots < dimms) error(`${dimms} DIMMs are plugged, so there are at least ${dimms} slots.`);
    if (guestCells(after).length === 0) error('Memory is plugged into a guest NUMA node, and this guest has none: give it cells first.');
    return findings;
  },

  step: () => null,
  say: ({ size, slots }) => (size === null ? 'no plugging' : `${sayKib(size)} in ${slots ?? 0} slots`),
  name: () => 'Room for plugged memory',
};
