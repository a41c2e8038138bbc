// What a guest starts with and its balloon can give back at most: <memory>, https://libvirt.org/formatdomain.html#memory-allocation
import { z } from '../domain/schema.ts';
import { wholeGuest, type Finding, type Knob } from './knob.ts';
import { guestCells, initialMemory, kibOf, memoryStep, sayKib, setInitialMemory, totalMemory } from './memory-size.ts';

/** KiB of 16 TiB, more than any machine type addresses. */
export const mostMemory = 2 ** 34;

/** KiB without memory devices, so that plugging one changes that knob and not this one. */
export const memory: Knob<number> = {
  label: 'Memory',
  panel: 'memory',
  card: 'Memory',
  control: () => ({
    kind: 'number', least: 1, most: mostMemory, measure: 'KiB', absent: null,
    nowFixed: 'Changes at the next start. A running guest gets more by plugging memory, or from its balloon up to this.',
    hint: 'What the guest has when it starts, plugged memory not counted. The cells of a guest with NUMA cells follow in proportion.',
  }),
  unit: wholeGuest,
  value: z.int().min(1).max(mostMemory),

  read(xml) {
    const kib = initialMemory(xml);
    // A definition that says nothing of memory, or none, is not one of QEMU.
    return kib === 0 ? {} : { '': kib };
  },

  write: (xml, _unit, value) => setInitialMemory(xml, value),

  check(value, _unit, truth, _facts, after) {
    if (truth === 'live') return [];
    const balloon = kibOf(after.element('currentMemory'));
    const most = kibOf(after.element('maxMemory'));
    const total = totalMemory(after);
    const findings: Finding[] = [];
    if (balloon !== null && balloon > total) findings.push({ level: 'error', message: `The balloon would be set to ${sayKib(balloon)}, which is more. Lower it too.` });
    else if (balloon !== null && balloon < total) findings.push({ level: 'warning', message: `The guest gives all but ${sayKib(balloon)} back when it starts, as its balloon says.` });
    if (most !== null && total > most) findings.push({ level: 'error', message: `With what is plugged that is ${sayKib(total)}; the most this guest can have is ${sayKib(most)}.` });
    const step = memoryStep(after);
    if (value % step !== 0) findings.push({ level: 'error', message: `The guest’s NUMA cells keep their parts of it in whole MiB when it is a multiple of ${sayKib(step)}.` });
    else if (value % 1024 !== 0) findings.push({ level: 'warning', message: 'libvirt rounds this up to whole MiB when the guest starts.' });
    return findings;
  },

  step(_unit, value, scope, _facts, xml) {
    // Where there are cells libvirt takes their sum, and refuses to be told another by a call.
    return scope === 'saved' && guestCells(xml).length === 0 ? { kind: 'setMemory', what: 'maximum', memory: value, scope } : null;
  },

  // QEMU starts a guest with whole MiB.
  runsAs: (live, saved) => live === Math.ceil(saved / 1024) * 1024,
  say: sayKib,
  name: () => 'Memory',
};
