// How many vCPUs a guest has and may have (virDomainSetVcpusFlags).
import { affect, vcpuFlag } from '../libvirt/constants.ts';
import { badArgument, checkFlags, Fault, invalidArgument } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { hasAgent } from './lifecycle.ts';
import type { Handlers } from './serve.ts';
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
  saved?.edit((root) => {
    write(root, Math.min(saved.shape.vcpus, maximum), maximum);
    // Pins of vCPUs that are no longer there go with them.
    const tune = root.at('cputune');
    for (const pin of tune?.all('vcpupin') ?? []) if (Number(pin.get('vcpu')) >= maximum) tune?.remove(pin);
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
  if (live !== null && count < guest.bootVcpus) {
    throw new Fault('configUnsupported', 'qemu', 'unsupported configuration: failed to find appropriate hotpluggable vcpus to reach the desired target vcpu count');
  }
  live?.edit((root) => write(root, count, live.shape.maximumVcpus));
  saved?.edit((root) => write(root, count, saved.shape.maximumVcpus));
};

export const vcpuHandlers = (inventory: Inventory): Handlers => ({
  domainSetVcpus: ({ dom, nvcpus }) => {
    const guest = inventory.find(dom);
    guest.mustRun();
    set(guest, nvcpus, affect.live);
  },
  domainSetVcpusFlags: ({ dom, nvcpus, flags }) => set(inventory.find(dom), nvcpus, flags),
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
