// What CPU knobs may know of a guest and its host beside the XML, asked of libvirt.
import type { Facts } from '../../app/tuning/knob.ts';
import { ioThreadIds } from '../../app/tuning/io-thread-ids.ts';
import { pollText } from '../../app/tuning/io-thread-polling.ts';
import { type DomainCapabilities, readDomainCapabilities } from '../../app/xml/domain-capabilities.ts';
import type { DomainXml } from '../../app/xml/domain-xml.ts';
import { errorCode, statsGroup } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isUnsupported, LibvirtError } from '../libvirt/errors.ts';
import { type Domain, paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';

/** What a host does not tell, or not to us: a guest that stopped meanwhile, a read-only connection, a permission that is missing. */
const silent: readonly number[] = [errorCode.operationInvalid, errorCode.noDomain, errorCode.operationDenied, errorCode.accessDenied];

/** No answer where there is none: another driver, an older server, or it is not told to us. */
export const untold = (error: unknown): null => {
  if (isUnsupported(error) || (error instanceof LibvirtError && silent.includes(error.error.code))) return null;
  throw error;
};

/** How each I/O thread of a running guest polls; null for one that has none, or where the host does not tell. */
export async function ioThreadPolling(connection: Connection, dom: Domain, xml: DomainXml | null): Promise<Facts['ioThreadPolling']> {
  const ids = xml === null ? [] : ioThreadIds(xml);
  if (xml === null || ids.length === 0) return null;
  const told = await connection.call(remote.connectGetAllDomainStats, { doms: [dom], stats: statsGroup.iothread, flags: 0 }, { owner: 'facts' }).catch(untold);
  const stats = paramsToRecord(told?.retStats[0]?.params ?? []);
  const number = (id: number, field: string): number => Number(stats[`iothread.${id}.${field}`] ?? 0);
  const known = ids.filter((id) => stats[`iothread.${id}.poll-max-ns`] !== undefined);
  return known.length === 0 ? null : Object.fromEntries(known.map((id) => [`${id}`, { poll_max_ns: number(id, 'poll-max-ns'), poll_grow: number(id, 'poll-grow'), poll_shrink: number(id, 'poll-shrink'), xml: pollText(xml, id) }]));
}

/** What the hypervisor can give guests, by their kind of machine; libvirt is asked once for each. */
export class CapabilitiesFacts {
  readonly #connection: Connection;
  readonly #known = new Map<string, Promise<DomainCapabilities | null>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param xml any definition of the guest; null for none. */
  async of(xml: DomainXml | null): Promise<DomainCapabilities | null> {
    if (xml === null) return null;
    const type = xml.element('os', 'type');
    const kind = { emulatorbin: xml.textOf('devices', 'emulator'), arch: type?.attribute('arch') ?? null, machine: type?.attribute('machine') ?? null, virttype: xml.root.attribute('type') };
    const key = JSON.stringify(kind);
    const known = this.#known.get(key) ?? this.#ask(kind);
    this.#known.set(key, known);
    return await known.catch((error: unknown) => {
      this.#known.delete(key);
      throw error;
    });
  }

  async #ask(kind: { readonly emulatorbin: string | null; readonly arch: string | null; readonly machine: string | null; readonly virttype: string | null }): Promise<DomainCapabilities | null> {
    // The first time, libvirt starts the hypervisor to see what it can do.
    const told = await this.#connection.call(remote.connectGetDomainCapabilities, { ...kind, flags: 0 }, { owner: 'facts', slow: true }).catch((error: unknown) => {
      // A machine type or emulator that this host does not have is an invalid argument.
      if (error instanceof LibvirtError && error.error.code === errorCode.invalidArg) return null;
      return untold(error);
    });
    return told === null ? null : readDomainCapabilities(told.capabilities);
  }
}
