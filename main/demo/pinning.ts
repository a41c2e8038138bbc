// Pinning of vCPUs, emulator and IOThreads to host CPUs: setting it, and reading it as CPU maps.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { param } from '../libvirt/objects.ts';
import type { Clock } from './clock.ts';
import type { Definition } from './definition.ts';
import type { Events } from './events.ts';
import { badArgument, Fault, invalidArgument, refusedByDriver } from './fault.ts';
import type { Guest } from './guest.ts';
import { cpuCountOf, type Machine } from './host-facts.ts';
import { editBoth, impactOf, type Impact, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';
import { vcpuTime } from './statistics.ts';
import { Element } from './xml.ts';

/** The set of a map that a client sends. An empty one is refused with 8. */
const cpusOf = (cpumap: Uint8Array, what: string): CpuSet => {
  if (cpumap.length === 0) throw badArgument('cpumap must not be NULL');
  const cpus = CpuSet.fromMap(cpumap);
  if (cpus.size === 0) throw invalidArgument(`Empty ${what}`);
  return cpus;
};

/** The kernel moves no thread to CPUs that are not there; a definition may name them. */
const mustExist = (cpus: CpuSet, hostCpus: CpuSet, impact: Impact): void => {
  if (impact.live !== null && cpus.intersection(hostCpus).size === 0) throw new Fault('systemError', 'cgroup', "Unable to write to 'cpuset.cpus': Numerical result out of range");
};

/** Sets one pin, keeping libvirt's order: by number. */
const pin = (root: Element, name: 'vcpupin' | 'iothreadpin', key: 'vcpu' | 'iothread', number: number, cpus: CpuSet): void => {
  const tune = root.ensure('cputune');
  const known = tune.all(name).find((element) => element.get(key) === String(number));
  if (known !== undefined) known.set('cpuset', cpus.toString());
  else {
    tune.add(new Element(name, { [key]: String(number), cpuset: cpus.toString() }));
    tune.sort((one, other) => Number(one.get(key) ?? 0) - Number(other.get(key) ?? 0));
  }
};

/** Where something without a pin of its own runs: `<vcpu cpuset=…>`, else everywhere. */
const floating = (root: Element, hostCpus: CpuSet): CpuSet => {
  const cpuset = root.at('vcpu')?.get('cpuset');
  return cpuset === undefined ? hostCpus : CpuSet.parse(cpuset);
};
const pinOf = (root: Element, hostCpus: CpuSet, name: string, key?: string, number?: number): CpuSet => {
  const found = root.at('cputune')?.all(name).find((element) => key === undefined || element.get(key) === String(number));
  const cpuset = found?.get('cpuset');
  return cpuset === undefined ? floating(root, hostCpus) : CpuSet.parse(cpuset);
};

const outOfRange = (vcpu: number, definition: Definition, which: 'live' | 'persistent'): void => {
  const { maximumVcpus } = definition.shape;
  if (vcpu >= maximumVcpus) throw invalidArgument(`vcpu ${vcpu} is out of range of ${which} cpu count ${maximumVcpus}`);
};
const noThread = (id: number, definition: Definition): void => {
  if (!definition.shape.iothreads.includes(id)) throw invalidArgument(`iothread ${id} not found`);
};

/** Rows of `length` bytes one after the other. */
const rows = (sets: readonly CpuSet[], length: number): Uint8Array => Uint8Array.from(sets.flatMap((set) => [...set.toMap(length)]));

const pinVcpu = (events: Events, hostCpus: CpuSet, guest: Guest, vcpu: number, cpumap: Uint8Array, flags: number): void => {
  const impact = impactOf(guest, flags);
  if (impact.live !== null) outOfRange(vcpu, impact.live, 'live');
  if (impact.saved !== null) outOfRange(vcpu, impact.saved, 'persistent');
  const cpus = cpusOf(cpumap, 'cpu list for pinning');
  mustExist(cpus, hostCpus, impact);
  editBoth(impact, (root) => pin(root, 'vcpupin', 'vcpu', vcpu, cpus));
  if (impact.live !== null) events.tunable(guest.object, [param.string(`cputune.vcpupin${vcpu}`, cpus.toString())]);
};

const checkSize = (count: number, length: number): void => {
  if (count <= 0 || length <= 0 || count * length > 8_388_608) throw badArgument('ncpumaps and maplen must be greater than zero and their product within the limit');
};

export const pinningHandlers = (inventory: Inventory, events: Events, clock: Clock, machine: Machine): Handlers => {
  const hostCpus = CpuSet.range(0, cpuCountOf(machine) - 1);
  return {
    domainPinVcpu: ({ dom, vcpu, cpumap }) => {
      const guest = inventory.find(dom);
      guest.mustRun();
      pinVcpu(events, hostCpus, guest, vcpu, cpumap, 0);
    },
    domainPinVcpuFlags: ({ dom, vcpu, cpumap, flags }) => pinVcpu(events, hostCpus, inventory.find(dom), vcpu, cpumap, flags),
    domainGetVcpuPinInfo: ({ dom, ncpumaps, maplen, flags }) => {
      checkSize(ncpumaps, maplen);
      const { definition } = readImpact(inventory.find(dom), flags);
      const count = Math.min(ncpumaps, definition.shape.maximumVcpus);
      return { cpumaps: rows(Array.from({ length: count }, (_, vcpu) => pinOf(definition.root, hostCpus, 'vcpupin', 'vcpu', vcpu)), maplen), num: count };
    },
    domainGetVcpus: ({ dom, maxinfo, maplen }) => {
      const guest = inventory.find(dom);
      if (guest.live === null) throw refusedByDriver('cannot retrieve vcpu information for inactive domain');
      const { live } = guest;
      const now = clock.now();
      const pins = Array.from({ length: Math.min(maxinfo, live.shape.vcpus) }, (_, vcpu) => pinOf(live.root, hostCpus, 'vcpupin', 'vcpu', vcpu));
      return {
        info: pins.map((cpus, number) => ({ number, state: 1, cpu_time: vcpuTime(guest, number, now), cpu: placeOf(cpus, hostCpus, guest.seed + number, now) })),
        // A row for each that was asked for; those of vCPUs that are not there stay empty.
        cpumaps: maplen === 0 ? new Uint8Array() : rows([...pins, ...Array.from({ length: maxinfo - pins.length }, () => CpuSet.none)], maplen),
      };
    },
    domainPinEmulator: ({ dom, cpumap, flags }) => {
      const guest = inventory.find(dom);
      const impact = impactOf(guest, flags);
      const cpus = cpusOf(cpumap, 'cpu list for pinning');
      mustExist(cpus, hostCpus, impact);
      editBoth(impact, (root) => root.ensure('cputune', 'emulatorpin').set('cpuset', cpus.toString()));
      if (impact.live !== null) events.tunable(guest.object, [param.string('cputune.emulatorpin', cpus.toString())]);
    },
    domainGetEmulatorPinInfo: ({ dom, maplen, flags }) => {
      checkSize(1, maplen);
      const { definition } = readImpact(inventory.find(dom), flags);
      return { cpumaps: rows([pinOf(definition.root, hostCpus, 'emulatorpin')], maplen), ret: 1 };
    },
    domainPinIothread: ({ dom, iothreads_id: id, cpumap, flags }) => {
      const guest = inventory.find(dom);
      const impact = impactOf(guest, flags);
      const cpus = cpusOf(cpumap, 'iothread cpumap list for pinning');
      if (impact.live !== null) noThread(id, impact.live);
      if (impact.saved !== null) noThread(id, impact.saved);
      mustExist(cpus, hostCpus, impact);
      editBoth(impact, (root) => pin(root, 'iothreadpin', 'iothread', id, cpus));
      if (impact.live !== null) events.tunable(guest.object, [param.string(`cputune.iothreadpin${id}`, cpus.toString())]);
    },
    domainGetIothreadInfo: ({ dom, flags }) => {
      const { definition } = readImpact(inventory.find(dom), flags);
      const length = Math.ceil(cpuCountOf(machine) / 8);
      const info = definition.shape.iothreads.map((id) => ({ iothread_id: id, cpumap: pinOf(definition.root, hostCpus, 'iothreadpin', 'iothread', id).toMap(length) }));
      return { info, ret: info.length };
    },
  };
};

/** The host CPU a vCPU runs on: one of those it may use, another every few seconds. */
const placeOf = (cpus: CpuSet, hostCpus: CpuSet, seed: number, now: number): number => {
  const list = [...cpus.intersection(hostCpus)];
  return list[(seed * 7 + Math.floor(now / 4000)) % Math.max(list.length, 1)] ?? 0;
};
