// Finding guests and reading what they are: lists, look-ups, states and XML.
import { listDomains, xmlFlag } from '../libvirt/constants.ts';
import type { Clock } from './clock.ts';
import { bits, checkFlags, Fault } from './fault.ts';
import { isListed } from './filters.ts';
import type { Guest } from './guest.ts';
import type { Inventory } from './inventory.ts';
import { inactiveXml, withoutSecrets } from './live.ts';
import type { Handlers } from './serve.ts';
import { cpuTime } from './statistics.ts';

const xmlOf = (guest: Guest, flags: number): string => {
  checkFlags(flags, bits(xmlFlag));
  const { live, saved } = guest;
  const inactive = (flags & xmlFlag.inactive) !== 0;
  const root = inactive && saved !== null ? saved.root : inactive && live !== null ? inactiveXml(live.root) : guest.current.root;
  return ((flags & xmlFlag.secure) === 0 ? withoutSecrets(root) : root).print();
};

export const listingHandlers = (inventory: Inventory, clock: Clock): Handlers => ({
  connectListAllDomains: ({ need_results: wanted, flags }) => {
    checkFlags(flags, bits(listDomains));
    const listed = inventory.all.filter((guest) => isListed(guest, flags));
    return { domains: wanted === 0 ? [] : listed.map((guest) => guest.object), ret: listed.length };
  },
  connectNumOfDomains: () => ({ num: inventory.all.filter((guest) => guest.isActive).length }),
  connectNumOfDefinedDomains: () => ({ num: inventory.all.filter((guest) => !guest.isActive).length }),
  connectListDomains: ({ maxids }) => ({ ids: inventory.all.filter((guest) => guest.isActive).map(({ id }) => id).slice(0, maxids) }),
  connectListDefinedDomains: ({ maxnames }) => ({ names: inventory.all.filter((guest) => !guest.isActive).map(({ name }) => name).slice(0, maxnames) }),
  domainLookupByName: ({ name }) => ({ dom: inventory.byName(name).object }),
  domainLookupByUuid: ({ uuid }) => ({ dom: inventory.byUuid(uuid).object }),
  domainLookupById: ({ id }) => ({ dom: inventory.byId(id).object }),
  domainGetState: ({ dom, flags }) => {
    checkFlags(flags, 0);
    const { state, reason } = inventory.find(dom);
    return { state, reason };
  },
  domainGetInfo: ({ dom }) => {
    const guest = inventory.find(dom);
    const { memory, currentMemory, vcpus } = guest.current.shape;
    return { state: guest.state, maxMem: BigInt(memory), memory: BigInt(currentMemory), nrVirtCpu: vcpus, cpuTime: guest.isActive ? cpuTime(guest, clock.now()) : 0n };
  },
  domainIsActive: ({ dom }) => ({ active: inventory.find(dom).isActive ? 1 : 0 }),
  domainIsPersistent: ({ dom }) => ({ persistent: inventory.find(dom).saved === null ? 0 : 1 }),
  domainIsUpdated: ({ dom }) => ({ updated: inventory.find(dom).updated ? 1 : 0 }),
  domainGetOsType: ({ dom }) => ({ type: inventory.find(dom).current.root.at('os', 'type')?.text ?? 'hvm' }),
  domainGetMaxMemory: ({ dom }) => ({ memory: BigInt(inventory.find(dom).current.shape.memory) }),
  domainGetXmlDesc: ({ dom, flags }, client) => {
    if ((flags & xmlFlag.secure) !== 0 && client.opened?.readOnly === true) {
      throw new Fault('operationDenied', 'domain', 'operation virDomainGetXMLDesc forbidden: read only access prevents this operation with secure flag');
    }
    return { xml: xmlOf(inventory.find(dom), flags) };
  },
  domainDefineXml: ({ xml }) => ({ dom: inventory.define(xml).object }),
  domainDefineXmlFlags: ({ xml, flags }) => {
    checkFlags(flags, 1);
    return { dom: inventory.define(xml).object };
  },
});
