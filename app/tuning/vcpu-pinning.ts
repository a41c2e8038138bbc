// On which host CPUs each vCPU may run: <vcpupin>, https://libvirt.org/formatdomain.html#cpu-tuning
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import type { Knob } from './knob.ts';
import { checkPin, floatingCpus, pin, pinReader, type Pin } from './pinning.ts';

const path = ['cputune', 'vcpupin'] as const;

/** libvirt's own bound of vCPUs is 16384 (VIR_DOMAIN_CPUMASK_LEN); a definition that says more does not stop a panel. */
const mostVcpus = 16_384;

/** The vCPUs a guest can have at most; libvirt means one when it is not told. */
const maximumVcpus = (xml: DomainXml): number => Math.min(Math.max(Number.parseInt(xml.textOf('vcpu') ?? '1', 10) || 1, 1), mostVcpus);

/** The unit is the vCPU's number; vCPUs that are not plugged have one too, since libvirt keeps pins for them. */
export const vcpuPinning: Knob<Pin> = {
  label: 'vCPU pinning',
  panel: 'cpu',
  card: 'Pinning',
  control: () => ({ kind: 'pinning', row: (unit) => `vCPU ${unit}` }),
  unit: z.string().regex(/^(0|[1-9]\d{0,4})$/, 'is the number of a vCPU'),
  value: pin,

  read(xml, facts) {
    const pins = new Map(xml.elements(...path).map((element) => [Number(element.attribute('vcpu')), element.attribute('cpuset')]));
    const normal = pinReader(xml, facts);
    return Object.fromEntries(Array.from({ length: maximumVcpus(xml) }, (_, vcpu) => [`${vcpu}`, normal(pins.get(vcpu) ?? null)]));
  },

  write(xml, unit, value) {
    const mine = xml.elements(...path).find((element) => Number(element.attribute('vcpu')) === Number(unit));
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
