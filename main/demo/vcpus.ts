// How many vCPUs a guest has and may have, and which (virDomainSetVcpusFlags, virDomainSetVcpu).
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { affect, vcpuFlag } from '../libvirt/constants.ts';
import { param } from '../libvirt/objects.ts';
import { mustFitCpu } from './cpu-definition.ts';
import { badArgument, checkFlags, Fault, invalidArgument } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { hasAgent } from './lifecycle.ts';
import type { Handlers } from './serve.ts';
import { listVcpus, vcpuStates } from './vcpu-list.ts';
import type { Element } from './xml.ts';

const noAgent = (): Fault => new Fault('argumentUnsupported', 'qemu', 'argument unsupported: QEMU guest agent is not configured');

const write = (root: Element, current: number, maximum: number): void => {
  const vcpu = root.ensure('vcpu');
  if (current === maximum) vcpu.attributes.delete('current');
  else vcpu.set('current', String(current));
  vcpu.arrange({}, ['placement', 'cpuset', 'current']);
  vcpu.text = String(maximum);
};

const setMaximum = (guest: Guest, maximum: number, flags: number): void => {
  if ((flags & affect.config) === 0) throw badArgument("Flag 'VIR_DOMAIN_AFFECT_CONFIG' is required by flag 'VIR_DOMAIN_VCPU_MAXIMUM'");
  const { live, saved } = impactOf(guest, flags, vcpuFlag.maximum);
  if (live !== null) throw invalidArgument('maximum vcpu count of a live domain can not be modified');
  if (saved !== null) mustFitCpu(saved.root, maximum);
  saved?.edit((root) => {
    write(root, Math.min(saved.shape.vcpus, maximum), maximum);
    // Pins and schedulers of vCPUs that are no longer there go with them.
    const tune = root.at('cputune');
    for (const pin of tune?.all('vcpupin') ?? []) if (Number(pin.get('vcpu')) >= maximum) tune?.remove(pin);
    for (const group of tune?.all('vcpusched') ?? []) {
      const rest = CpuSet.parse(group.get('vcpus') ?? '').intersection(CpuSet.range(0, maximum - 1));
      if (rest.size === 0) tune?.remove(group);
      else group.set('vcpus', rest.toString());
    }
    root.remove(root.at('vcpus'));
    root.prune('cputune');
  });
};

const set = (guest: Guest, count: number, flags: number): void => {
  checkFlags(flags, affect.live | affect.config | vcpuFlag.maximum | vcpuFlag.guest | vcpuFlag.hotpluggable);
  if (count === 0) throw badArgument('nvcpus in virDomainSetVcpusFlags must not be zero');
  if ((flags & vcpuFlag.guest) !== 0 && (flags & affect.config) !== 0) throw badArgument("Flags 'VIR_DOMAIN_VCPU_GUEST' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive");
  if ((flags & vcpuFlag.maximum) !== 0) return setMaximum(guest, count, flags);
  if ((flags & vcpuFlag.guest) !== 0) {
    guest.mustRun();
    if (!hasAgent(guest)) throw noAgent();
    return;
  }
  const { live, saved } = impactOf(guest, flags, vcpuFlag.hotpluggable);
  for (const [definition, which] of [[live, 'live'], [saved, 'persistent']] as const) {
    const most = definition?.shape.maximumVcpus ?? count;
    if (count > most) throw invalidArgument(`requested vcpus is greater than max allowable vcpus for the ${which} domain: ${count} > ${most}`);
  }
  live?.edit((root) => recount(root, count, true));
  saved?.edit((root) => recount(root, count, false));
};

/** Plugs the lowest or unplugs the highest; a running guest keeps those it began with. Saved, a count says it all until vCPUs are listed. */
const recount = (root: Element, count: number, isLive: boolean): void => {
  const states = [...vcpuStates(root)];
  const flip = (from: boolean, id: number): void => {
    const state = states[id];
    if (state !== undefined) states[id] = { enabled: !from, hotpluggable: from || isLive || state.hotpluggable };
  };
  while (states.filter(({ enabled }) => enabled).length < count) flip(false, states.findIndex(({ enabled }) => !enabled));
  while (states.filter(({ enabled }) => enabled).length > count) {
    const last = states.findLastIndex(({ enabled, hotpluggable }) => enabled && (!isLive || hotpluggable));
    if (last < 0) throw new Fault('configUnsupported', 'qemu', 'unsupported configuration: failed to find appropriate hotpluggable vcpus to reach the desired target vcpu count');
    flip(true, last);
  }
  if (isLive || root.at('vcpus') !== undefined) listVcpus(root, states, isLive);
  else write(root, count, states.length);
};

/** One or several vCPUs by their numbers (virDomainSetVcpu). */
const setSingle = (guest: Guest, cpumap: string, state: number, flags: number): void => {
  const impact = impactOf(guest, flags);
  if (state !== 0 && state !== 1) throw badArgument(`invalid state '${state}'`);
  const ids = [...CpuSet.parse(cpumap)];
  for (const [definition, which] of [[impact.live, 'live'], [impact.saved, 'persistent']] as const) {
    if (definition === null) continue;
    const states = vcpuStates(definition.root);
    for (const id of ids) {
      const known = states[id];
      if (known === undefined) throw invalidArgument(`vcpu ${id} is not present in ${which} config`);
      if (which === 'persistent' && id === 0) throw invalidArgument("vCPU '0' can't be modified");
      if (known.enabled === (state === 1)) throw invalidArgument(`vcpu '${id}' is already in requested state`);
      if (which === 'live' && state === 0 && !known.hotpluggable) throw new Fault('operationUnsupported', 'qemu', `Operation not supported: vcpu '${id}' can't be unplugged`);
    }
  }
  for (const [definition, isLive] of [[impact.live, true], [impact.saved, false]] as const) {
    definition?.edit((root) => listVcpus(root, vcpuStates(root).map((each, id) => (ids.some((one) => one === id) ? { enabled: state === 1, hotpluggable: true } : each)), isLive));
  }
};

/** Those that the system inside has found. */
const knownInside = (guest: Guest): CpuSet => CpuSet.of(vcpuStates(guest.current.root).flatMap(({ enabled }, id) => (enabled ? [id] : [])));

export const vcpuHandlers = (inventory: Inventory): Handlers => ({
  domainSetVcpus: ({ dom, nvcpus }) => {
    const guest = inventory.find(dom);
    guest.mustRun();
    set(guest, nvcpus, affect.live);
  },
  domainSetVcpusFlags: ({ dom, nvcpus, flags }) => set(inventory.find(dom), nvcpus, flags),
  domainSetVcpu: ({ dom, cpumap, state, flags }) => setSingle(inventory.find(dom), cpumap, state, flags),
  domainGetGuestVcpus: ({ dom }) => {
    const guest = inventory.find(dom);
    guest.mustRun();
    if (!hasAgent(guest)) throw noAgent();
    const known = knownInside(guest);
    const online = known.without(CpuSet.of(guest.offline));
    return { params: [param.string('vcpus', known.toString()), param.string('online', online.toString()), param.string('offlinable', known.without(CpuSet.of([0])).toString())] };
  },
  domainSetGuestVcpus: ({ dom, cpumap, state, flags }) => {
    const guest = inventory.find(dom);
    checkFlags(flags, 0);
    guest.mustRun();
    if (!hasAgent(guest)) throw noAgent();
    const wanted = CpuSet.parse(cpumap);
    const missing = wanted.without(knownInside(guest));
    if (missing.size > 0) throw invalidArgument(`guest is missing vCPUs '${missing.toString()}'`);
    if (state === 0 && wanted.has(0)) throw new Fault('operationFailed', 'qemu', "vCPU '0' is not offlinable");
    for (const vcpu of wanted) {
      if (state === 0) guest.offline.add(vcpu);
      else guest.offline.delete(vcpu);
    }
  },
  domainGetVcpusFlags: ({ dom, flags }) => {
    const guest = inventory.find(dom);
    const { definition } = readImpact(guest, flags, vcpuFlag.maximum | vcpuFlag.guest);
    if ((flags & vcpuFlag.guest) !== 0) {
      guest.mustRun();
      if (!hasAgent(guest)) throw noAgent();
    }
    return { num: (flags & vcpuFlag.maximum) === 0 ? definition.shape.vcpus : definition.shape.maximumVcpus };
  },
  domainGetMaxVcpus: ({ dom }) => ({ num: inventory.find(dom).current.shape.maximumVcpus }),
});
