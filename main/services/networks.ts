// A host's virtual networks as the contract has them: their limits as they run and as they are saved, and saving others.
import type { HostNetwork } from '../../app/contract/networks.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type Bandwidth, bandwidthFindings, readBandwidth, sayBandwidth, writeBandwidth } from '../../app/tuning/bandwidth.ts';
import { same } from '../../app/tuning/same.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import { readXml, type XmlDocument } from '../../app/xml/read-xml.ts';
import { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import type { Network } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Context } from './context.ts';
import { untold } from './cpu-facts.ts';
import { recorded } from './guests.ts';
import type { HostSession } from './host-session.ts';
import { onlyActive } from './network-facts.ts';
import type { Services } from './services.ts';

/** VIR_NETWORK_XML_INACTIVE */
const inactive = 1;
/** The children of `<network>` in the order in which libvirt prints them (virNetworkDefFormatBuf). */
const order = ['name', 'uuid', 'metadata', 'title', 'description', 'forward', 'bridge', 'mtu', 'mac', 'domain', 'dns', 'vlan', 'bandwidth', 'ip', 'route', 'virtualport', 'portgroup'];
/** Kinds of forwarding whose bridge libvirt makes, and so can limit; none = an isolated network. */
const limitable: readonly (string | null)[] = [null, 'nat', 'route', 'open'];

const textOf = async (session: HostSession, net: Network, flags: number): Promise<XmlDocument> =>
  readXml((await session.reached.connection.call(remote.networkGetXmlDesc, { net, flags }, { owner: 'networks' })).xml);

const described = async (session: HostSession, net: Network, isActive: boolean): Promise<HostNetwork> => {
  const { connection } = session.reached;
  const { persistent } = await connection.call(remote.networkIsPersistent, { net }, { owner: 'networks' });
  const [live, saved] = await Promise.all([isActive ? textOf(session, net, 0) : null, persistent === 0 ? null : textOf(session, net, inactive)]);
  const mode = (saved ?? live)?.root.element('forward')?.attribute('mode') ?? ((saved ?? live)?.root.element('forward') == null ? null : 'nat');
  return {
    uuid: net.uuid, name: net.name, live: live === null ? null : readBandwidth(live.root), saved: saved === null ? null : readBandwidth(saved.root),
    fixed: saved === null ? 'The network is transient: it has no saved definition, and is gone when it stops.'
      : limitable.includes(mode) ? null : `libvirt cannot limit a network that forwards by ${mode}: it has no bridge of its own.`,
  };
};

/** A network may go while it is asked about. */
const vanished = (error: unknown): null => {
  if (error instanceof LibvirtError && error.error.code === errorCode.noNetwork) return null;
  throw error;
};

export const networkServices = (context: Context): Services['networks'] => ({
  list: async ({ host }) => {
    const session = await context.session(host);
    const { connection } = session.reached;
    const all = await connection.call(remote.connectListAllNetworks, { need_results: 1, flags: 0 }).catch(untold);
    if (all === null) return null;
    const active = new Set((await connection.call(remote.connectListAllNetworks, { need_results: 1, flags: onlyActive })).nets.map(({ uuid }) => uuid));
    const told = await Promise.all(all.nets.map(async (net) => await described(session, net, active.has(net.uuid)).catch(vanished)));
    return told.filter((network) => network !== null).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  },

  limit: async ({ host, uuid, from, to }) => {
    const session = await context.session(host);
    const { connection } = session.reached;
    const { net } = await connection.call(remote.networkLookupByUuid, { uuid });
    const saved = await textOf(session, net, inactive);
    if (!same(readBandwidth(saved.root), from)) throw new Refused('changed-meanwhile', 'The limits of the network were changed by someone else since they were read.', { remedy: 'Look at the new ones and set them again; nothing was changed.' });
    const [finding] = to['inbound.floor'] === null ? bandwidthFindings(to) : [{ message: 'A network has no floor: that is a NIC’s.', field: 'inbound.floor' }];
    if (finding !== undefined) throw new Refused('bad-input', finding.message, { field: `to.${finding.field ?? ''}` });
    writeBandwidth(saved.root, to, { order });
    const step = { title: `Limit network ${net.name} from its next start on: ${sayBandwidth(to)}`, virsh: commandsOf(net.name, to), scope: 'saved' as const };
    await recorded(context, session, null, step, async () => await connection.call(remote.networkDefineXml, { xml: `${saved.before}${saved.root.toString()}${saved.after}` }));
    const { active } = await connection.call(remote.networkIsActive, { net });
    return await described(session, net, active !== 0);
  },
});

/** virsh edits networks in an editor; the same by hand. */
const commandsOf = (name: string, to: Bandwidth): string => {
  const attributes = (direction: 'inbound' | 'outbound'): string =>
    (['average', 'peak', 'burst'] as const).flatMap((each) => (to[`${direction}.${each}`] === null ? [] : [` ${each}='${to[`${direction}.${each}`]}'`])).join('');
  const elements = (['inbound', 'outbound'] as const).flatMap((direction) => (attributes(direction) === '' ? [] : [`<${direction}${attributes(direction)}/>`])).join('');
  return `virsh net-edit ${shellWord(name)} # ${elements === '' ? 'without <bandwidth>' : `<bandwidth>${elements}</bandwidth>`}`;
};
