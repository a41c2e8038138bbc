// On which host CPUs each vCPU may run: <vcpupin>, https://libvirt.org/formatdomain.html#cpu-tuning
import type { Knob } from './knob.ts';
import { checkPin, floatingCpus, pin, pinReader, type Pin } from './pinning.ts';
import { maximumVcpus, vcpuUnit } from './vcpu-count.ts';

const path = ['cputune', 'vcpupin'] as const;

/** The unit is the vCPU's number; vCPUs that are not plugged have one too, since libvirt keeps pins for them. */
export const vcpuPinning: Knob<Pin> = {
  label: 'vCPU pinning',
  panel: 'cpu',
  card: 'Pinning',
  only: ['qemu', 'xen'],
  control: () => ({ kind: 'pinning', row: (unit) => `vCPU ${unit}` }),
  unit: vcpuUnit,
  value: pin,

  read(xml, facts) {
    const pins = new Map(xml.elements(...path).map((element) => [Number(element.attribute('vcpu')), element.attribute('cpuset')]));
    const normal = pinReader(xml, facts);
    return Object.fromEntries(Array.from({ length: maximumVcpus(xml) }, (_, vcpu) => [`${vcpu}`, normal(pins.get(vcpu) ?? null)]));
  },

  write(xml, unit, value) {
    const vcpu = Number(unit);
    const mine = xml.elements(...path).find((element) => Number(element.attribute('vcpu')) === vcpu);
    if (value === null) xml.remove(path, (element) => element === mine);
    else if (mine === undefined) xml.add(path, { vcpu: unit, cpuset: value }, 'vcpu');
    else mine.setAttribute('cpuset', value);
  },

  check: (value, _unit, _truth, facts) => checkPin(value, facts),

  step(unit, value, scope, facts, xml) {
    // A saved pin can only be taken off by defining; a live one only by pinning to where it would float.
    if (value === null && scope !== 'live') return null;
    const cpus = value ?? floatingCpus(xml, facts).toString();
    return cpus === '' ? null : { kind: 'pinVcpu', vcpu: Number(unit), cpus, scope };
  },

  say: (value) => value ?? 'no pin',
  name: (unit) => `vCPU ${unit}`,
};
