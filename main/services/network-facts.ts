// What NIC knobs may know of a host beside the XML: its virtual networks, its network filters, and who has which MAC address.
import type { Facts } from '../../app/tuning/knob.ts';
import { wholeNumber } from '../../app/tuning/attributes.ts';
import { nicsByMac } from '../../app/tuning/nic-element.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { readXml } from '../../app/xml/read-xml.ts';
import { errorCode } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { remote } from '../libvirt/procedures.ts';
import { untold } from './cpu-facts.ts';

type HostNetwork = NonNullable<Facts['hostNetwork']>;
type Asked = Pick<HostNetwork, 'networks' | 'filters'>;

/** VIR_CONNECT_LIST_NETWORKS_ACTIVE */
export const onlyActive = 2;
/** Milliseconds for which networks and filters are taken for what they were: every look at a guest wants them. */
const fresh = 10_000;

/** Who has which MAC address, of definitions as libvirt prints them; of two guests with the same the first. */
export const macsOf = (texts: readonly string[]): HostNetwork['macs'] => Object.fromEntries(texts.toReversed().flatMap((text) => {
  const xml = DomainXml.parse(text);
  const name = xml.textOf('name') ?? '';
  return [...nicsByMac(xml).keys()].map((mac) => [mac, name] as const);
}));

/** A network may go while it is asked about. */
const vanished = (error: unknown): null => (error instanceof LibvirtError && error.error.code === errorCode.noNetwork ? null : untold(error));

export class NetworkFacts {
  readonly #connection: Connection;
  #asked: { readonly at: number; readonly told: Promise<Asked> } | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param macs those of other guests. */
  async of(macs: HostNetwork['macs']): Promise<HostNetwork> {
    if (this.#asked === null || Date.now() - this.#asked.at > fresh) {
      const asked = { at: Date.now(), told: this.#ask() };
      this.#asked = asked;
      asked.told.catch(() => {
        if (this.#asked === asked) this.#asked = null;
      });
    }
    return { ...(await this.#asked.told), macs };
  }

  async #ask(): Promise<Asked> {
    const options = { owner: 'facts' } as const;
    const list = async (flags: number) => await this.#connection.call(remote.connectListAllNetworks, { need_results: 1, flags }, options).catch(untold);
    const [all, active, filters] = await Promise.all([list(0), list(onlyActive), this.#connection.call(remote.connectListAllNwfilters, { need_results: 1, flags: 0 }, options).catch(untold)]);
    const running = new Set(active?.nets.map(({ name }) => name));
    const networks = all === null ? null : await Promise.all(all.nets.map(async (net) => {
      const told = await this.#connection.call(remote.networkGetXmlDesc, { net, flags: 0 }, options).catch(vanished);
      const root = told === null ? null : readXml(told.xml).root;
      return {
        name: net.name,
        active: running.has(net.name),
        inbound: wholeNumber(root?.element('bandwidth', 'inbound')?.attribute('average')),
        portgroups: (root?.elements('portgroup') ?? []).flatMap((group) => group.attribute('name') ?? []),
      };
    }));
    const byName = (one: string, other: string): number => (one < other ? -1 : 1);
    return { networks: networks === null ? null : networks.toSorted((one, other) => byName(one.name, other.name)), filters: filters === null ? null : filters.filters.map(({ name }) => name).toSorted(byName) };
  }
}
