// A guest as placement needs it, and its placement as what is wanted of its pins.
import { parseBytes, toKib } from '../domain/bytes.ts';
import { kib } from '../domain/brands.ts';
import { CpuSet, CpuSetError } from '../domain/cpu-set.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { truths, type Facts, type Unit } from './knob.ts';
import { type KnobName, knobNames, knobs, type SomeSettings, type Wanted } from './knobs.ts';
import { normalPin } from './pinning.ts';
import type { Placement, PlacementGuest } from './placement.ts';
import type { Definitions } from './plan.ts';

/** What a definition tells placement: the vCPUs it starts with, its NUMA cells and its memory. */
export function guestToPlace(xml: DomainXml): Pick<PlacementGuest, 'vcpus' | 'cells' | 'memory'> {
  const vcpu = xml.element('vcpu');
  const vcpus = Number.parseInt(vcpu?.attribute('current') ?? vcpu?.text ?? '1', 10) || 1;
  const cells = xml.elements('cpu', 'numa', 'cell').map((cell) => {
    const cpus = CpuSet.read(cell.attribute('cpus') ?? '');
    return cpus instanceof CpuSetError ? [] : [...cpus];
  });
  const memory = xml.element('memory');
  const bytes = memory === null ? null : parseBytes(`${memory.text} ${memory.attribute('unit') ?? 'KiB'}`);
  return { vcpus, cells, memory: bytes === null ? null : kib(toKib(bytes)) };
}

/** The pins of a placed guest in every truth it has: its vCPUs on their CPUs, everything else that can be pinned on the spare ones. */
export function wantedOf(placement: Extract<Placement, { outcome: 'placed' }>, of: Definitions, facts: Facts): Wanted {
  const pinsIn = (xml: DomainXml): SomeSettings => {
    const pin = (unit: Unit, knob: KnobName): string | null => {
      const cpus = knob === 'vcpuPinning' ? (placement.vcpus[Number(unit)] ?? CpuSet.none) : placement.spare;
      return normalPin(cpus.size === 0 ? null : cpus.toString(), xml, facts);
    };
    const pinned = knobNames.filter((knob) => knobs[knob].control(facts).kind === 'pinning');
    return Object.fromEntries(pinned.map((knob) => [knob, Object.fromEntries(Object.keys(knobs[knob].read(xml, facts)).map((unit) => [unit, pin(unit, knob)]))]));
  };
  return Object.fromEntries(truths.flatMap((truth) => {
    const xml = of[truth];
    return xml === null ? [] : [[truth, pinsIn(xml)]];
  }));
}
