// The addresses that a running guest's NICs are seen with: by leases of the host's networks, by the agent inside, and by the host's ARP table.
import type { NicAddresses } from '../../app/contract/guests.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import type { Domain } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import type { HostSession } from './host-session.ts';

/** virDomainInterfaceAddressesSource. */
const sources = { lease: 0, agent: 1, arp: 2 } as const;
type Source = keyof typeof sources;

/** A netmask of 0 is how a source says that it knows none. */
const withPrefix = ({ addr, prefix }: { readonly addr: string; readonly prefix: number }): string => (prefix === 0 ? addr : `${addr}/${prefix}`);

/** What each source tells, and why one does not; NICs without a MAC address, as the guest's own loopback, are left out. */
export const addressesOf = async (session: HostSession, dom: Domain): Promise<NicAddresses> => {
  const silent: NicAddresses['silent'] = [];
  const found = await Promise.all((Object.keys(sources) as Source[]).map(async (by) => {
    try {
      // An agent that does not answer makes its call wait.
      const { ifaces } = await session.reached.connection.call(remote.domainInterfaceAddresses, { dom, source: sources[by], flags: 0 }, { owner: 'addresses', slow: by === 'agent' });
      return ifaces.flatMap(({ hwaddr, name, addrs }) => addrs.map((address) => ({ mac: hwaddr?.toLowerCase() ?? '', inside: by === 'agent' ? name : null, by, address: withPrefix(address) })));
    } catch (error) {
      if (!(error instanceof LibvirtError)) throw error;
      silent.push({ by, why: error.error.message ?? '' });
      return [];
    }
  }));
  const all = found.flat().filter(({ mac }) => mac !== '' && mac !== '00:00:00:00:00:00');
  const macs = [...new Set(all.map(({ mac }) => mac))];
  return {
    silent,
    nics: macs.map((mac) => {
      const own = all.filter((one) => one.mac === mac);
      return { mac, inside: own.find(({ inside }) => inside !== null)?.inside ?? null, seen: own.map(({ by, address }) => ({ by, address })) };
    }),
  };
};
