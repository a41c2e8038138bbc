// What holds the contents of a guest's disks on its host: where, how much of it is used, and the images below.
import type { DiskStorage } from '../../app/contract/guests.ts';
import { disksOf, sourceOf } from '../../app/tuning/disks.ts';
import { DomainXml, type XmlElement } from '../../app/xml/domain-xml.ts';
import { blockResizeFlag, statsGroup } from '../libvirt/constants.ts';
import { type Domain, paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import { untold } from './cpu-facts.ts';
import type { HostSession } from './host-session.ts';

/** Deeper chains are not walked: QEMU itself opens no more than a few hundred files. */
const deepest = 200;

const chainOf = (disk: XmlElement): DiskStorage['chain'] => {
  const chain: DiskStorage['chain'] = [];
  let below = disk.element('backingStore');
  while (below !== null && below.children.length > 0 && chain.length < deepest) {
    chain.push({ source: sourceOf(below), format: below.element('format')?.attribute('type') ?? null });
    below = below.element('backingStore');
  }
  return chain;
};

/** In the order of the definition: of the running guest where there is one. */
export const diskStorage = async (session: HostSession, dom: Domain): Promise<DiskStorage[]> => {
  const { connection, facts } = session.reached;
  const [{ live, saved }, told] = await Promise.all([
    facts.definitions(dom),
    // For a guest that is off, the host opens its images to look.
    connection.call(remote.connectGetAllDomainStats, { doms: [dom], stats: statsGroup.block, flags: 0 }, { owner: 'disks', slow: true }).catch(untold),
  ]);
  const stats = paramsToRecord(told?.retStats[0]?.params ?? []);
  const places = new Map(Object.entries(stats).flatMap(([field, target]) => {
    const place = /^block\.(\d+)\.name$/.exec(field)?.[1];
    return place === undefined ? [] : [[String(target), place] as const];
  }));
  return [...disksOf(DomainXml.parse(live ?? saved ?? '<domain/>'))].map(([target, disk]) => {
    const number = (field: string): number | null => {
      const value = stats[`block.${places.get(target) ?? ''}.${field}`];
      return typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
    };
    return {
      target, source: sourceOf(disk), format: disk.element('driver')?.attribute('type') ?? null,
      capacity: number('capacity'), allocation: number('allocation'), physical: number('physical'), chain: chainOf(disk),
    };
  });
};

/** Makes it so many bytes; what that means for the contents is the caller's to have asked. */
export const resizeDisk = async (session: HostSession, dom: Domain, disk: string, capacity: number): Promise<void> => {
  await session.reached.connection.call(remote.domainBlockResize, { dom, disk, size: BigInt(capacity), flags: blockResizeFlag.bytes }, { slow: true });
};
