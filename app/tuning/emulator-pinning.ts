// On which host CPUs QEMU's own threads may run: <emulatorpin>, https://libvirt.org/formatdomain.html#cpu-tuning
import { wholeGuest, type Knob } from './knob.ts';
import { checkPin, floatingCpus, normalPin, pin, type Pin } from './pinning.ts';

const path = ['cputune', 'emulatorpin'] as const;

export const emulatorPinning: Knob<Pin> = {
  label: 'Emulator pinning',
  panel: 'cpu',
  card: 'Pinning',
  only: ['qemu'],
  control: () => ({ kind: 'pinning', row: () => 'emulator' }),
  unit: wholeGuest,
  value: pin,

  read: (xml, facts) => ({ '': normalPin(xml.element(...path)?.attribute('cpuset') ?? null, xml, facts) }),

  write(xml, _unit, value) {
    if (value === null) xml.remove(path);
    else xml.ensure(...path).setAttribute('cpuset', value);
  },

  check: (value, _unit, _truth, facts) => checkPin(value, facts),

  step(_unit, value, scope, facts, xml) {
    // As with vCPUs: a saved pin is taken off by defining, a live one by pinning to where the threads would float.
    if (value === null && scope !== 'live') return null;
    const cpus = value ?? floatingCpus(xml, facts).toString();
    return cpus === '' ? null : { kind: 'pinEmulator', cpus, scope };
  },

  say: (value) => value ?? 'no pin',
  name: () => 'Emulator threads',
};
