// What the balloon leaves the guest: <currentMemory>, https://libvirt.org/formatdomain.html#memory-allocation
import { z } from '../domain/schema.ts';
import { wholeGuest, type Knob } from './knob.ts';
import { guestCells, kibOf, sayKib, setKib, totalMemory } from './memory-size.ts';
import { mostMemory } from './memory.ts';

/** Below this many KiB few systems run; a warning, since tiny ones do. */
const floor = 131_072;

/** KiB. The running guest's value is what it has at this moment: setting it asks the guest, whose driver gives memory back as it can. */
export const currentMemory: Knob<number> = {
  label: 'Balloon',
  panel: 'memory',
  card: 'Memory',
  control: () => ({
    kind: 'number', least: 1, most: mostMemory, measure: 'KiB', absent: null,
    hint: 'What the balloon leaves the guest. A running guest is asked for it and follows as its balloon driver can.',
  }),
  unit: wholeGuest,
  value: z.int().min(1).max(mostMemory),

  read(xml) {
    const total = totalMemory(xml);
    // libvirt prints the total where none is written.
    return total === 0 ? {} : { '': kibOf(xml.element('currentMemory')) ?? total };
  },

  write: (xml, _unit, value) => setKib(xml.ensure('currentMemory'), value),

  check(value, _unit, truth, _facts, after) {
    const total = totalMemory(after);
    if (value > total) return [{ level: 'error', message: `The guest has at most ${sayKib(total)}; the balloon cannot pass that.` }];
    const model = after.element('devices', 'memballoon')?.attribute('model') ?? null;
    if (value < total && (model === null || model === 'none')) {
      return truth === 'live'
        ? [{ level: 'error', message: 'The guest has no balloon device, so it cannot be asked to give memory back.' }]
        : [{ level: 'warning', message: 'The guest has no balloon device: this has no effect.' }];
    }
    return value < floor && value < total ? [{ level: 'warning', message: `With less than ${sayKib(floor)} most systems run out of memory and end programs.` }] : [];
  },

  step(_unit, value, scope, _facts, xml) {
    // With cells, what is saved may grow with them in the same plan, and then only the definition as a whole fits together.
    if (scope !== 'live' && guestCells(xml).length > 0) return null;
    return { kind: 'setMemory', what: 'current', memory: value, scope };
  },

  // What a running guest has given back is no sign of what it was defined with.
  runsAs: () => true,
  drifts: true,
  arrives: 'A guest gives memory back, or takes it, at its own pace, and only with a balloon driver.',
  say: sayKib,
  name: () => 'Balloon',
};
