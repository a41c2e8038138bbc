// What CPU knobs may know of a guest and its host beside the XML, asked of libvirt.
import type { Facts } from '../../app/tuning/knob.ts';
import { ioThreadIds } from '../../app/tuning/io-thread-ids.ts';
import { pollText } from '../../app/tuning/io-thread-polling.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { errorCode, statsGroup } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isUnsupported, LibvirtError } from '../libvirt/errors.ts';
import { type Domain, paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';

/** No answer where there is none: another driver, an older server, or the guest stopped meanwhile. */
export const untold = (error: unknown): null => {
  if (isUnsupported(error) || (error instanceof LibvirtError && [errorCode.operationInvalid, errorCode.noDomain].some((code) => code === error.error.code))) return null;
  throw error;
};

/** How each I/O thread of a running guest polls; null for one that has none, or where the host does not tell. */
export async function ioThreadPolling(connection: Connection, dom: Domain, live: string | null): Promise<Facts['ioThreadPolling']> {
  const xml = live === null ? null : DomainXml.parse(live);
  const ids = xml === null ? [] : ioThreadIds(xml);
  if (xml === null || ids.length === 0) return null;
  const told = await connection.call(remote.connectGetAllDomainStats, { doms: [dom], stats: statsGroup.iothread, flags: 0 }, { owner: 'facts' }).catch(untold);
  const stats = paramsToRecord(told?.retStats[0]?.params ?? []);
  const number = (id: number, field: string): number => Number(stats[`iothread.${id}.${field}`] ?? 0);
  const known = ids.filter((id) => stats[`iothread.${id}.poll-max-ns`] !== undefined);
  return known.length === 0 ? null : Object.fromEntries(known.map((id) => [`${id}`, { poll_max_ns: number(id, 'poll-max-ns'), poll_grow: number(id, 'poll-grow'), poll_shrink: number(id, 'poll-shrink'), xml: pollText(xml, id) }]));
}
