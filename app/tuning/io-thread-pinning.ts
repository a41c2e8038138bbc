// On which host CPUs each I/O thread may run: <iothreadpin>, https://libvirt.org/formatdomain.html#cpu-tuning
import { numberOf } from './attributes.ts';
import { ioThreadIds } from './io-thread-ids.ts';
import { ioThreadUnit } from './io-thread-polling.ts';
import type { Knob } from './knob.ts';
import { checkPin, floatingCpus, pin, pinReader, type Pin } from './pinning.ts';

const path = ['cputune', 'iothreadpin'] as const;

/** The unit is the thread's number. */
export const ioThreadPinning: Knob<Pin> = {
  label: 'I/O thread pinning',
  panel: 'cpu',
  card: 'Pinning',
  only: ['qemu'],
  control: () => ({ kind: 'pinning', row: (unit) => `I/O thread ${unit}` }),
  unit: ioThreadUnit,
  value: pin,

  read(xml, facts) {
    const pins = new Map(xml.elements(...path).map((element) => [numberOf(element, 'iothread'), element.attribute('cpuset')]));
    const normal = pinReader(xml, facts);
    return Object.fromEntries(ioThreadIds(xml).map((id) => [`${id}`, normal(pins.get(id) ?? null)]));
  },

  write(xml, unit, value) {
    const mine = xml.elements(...path).find((element) => numberOf(element, 'iothread') === Number(unit));
    if (value === null) xml.remove(path, (element) => element === mine);
    else if (mine === undefined) xml.add(path, { iothread: unit, cpuset: value }, 'iothread');
    else mine.setAttribute('cpuset', value);
  },

  check: (value, _unit, _truth, facts) => checkPin(value, facts),

  step(unit, value, scope, facts, xml) {
    // As with vCPUs: a saved pin is taken off by defining, a live one by pinning to where the thread would float.
    if (value === null && scope !== 'live') return null;
    const cpus = value ?? floatingCpus(xml, facts).toString();
    return cpus === '' ? null : { kind: 'pinIothread', id: Number(unit), cpus, scope };
  },

  say: (value) => value ?? 'no pin',
  name: (unit) => `I/O thread ${unit}`,
};
