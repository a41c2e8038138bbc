// The demo host's virtual networks and network filters, and the addresses that its guests are seen with.
import { hasAgent } from './lifecycle.ts';
import { badArgument, Fault, invalidOperation } from './fault.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';
import { type Element, parseXml } from './xml.ts';

const uuidOf = (number: number): string => `9c4e00${number.toString(16).padStart(2, '0')}-1f2a-4b3c-8d4e-5a6b7c8d9e0f`;

/** Name → its XML, and whether it is active. */
const networks: Readonly<Record<string, { readonly active: boolean; readonly xml: (uuid: string) => string }>> = {
  default: {
    active: true,
    xml: (uuid) => `<network>
  <name>default</name>
  <uuid>${uuid}</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='on' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
    </dhcp>
  </ip>
</network>
`,
  },
  shared: {
    active: true,
    xml: (uuid) => `<network>
  <name>shared</name>
  <uuid>${uuid}</uuid>
  <forward mode='nat'/>
  <bridge name='virbr1' stp='on' delay='0'/>
  <bandwidth>
    <inbound average='125000' peak='250000' burst='65536'/>
    <outbound average='125000'/>
  </bandwidth>
  <portgroup name='usual' default='yes'/>
  <portgroup name='quiet'>
    <bandwidth>
      <inbound average='12500'/>
    </bandwidth>
  </portgroup>
  <ip address='192.168.130.1' netmask='255.255.255.0'/>
</network>
`,
  },
  lab: {
    active: false,
    xml: (uuid) => `<network>
  <name>lab</name>
  <uuid>${uuid}</uuid>
  <bridge name='virbr2' stp='on' delay='0'/>
</network>
`,
  },
};
export const networkNames = Object.keys(networks);
const objects = networkNames.map((name, number) => ({ name, uuid: uuidOf(number) }));

const filters = ['allow-arp', 'allow-dhcp', 'allow-incoming-ipv4', 'allow-ipv4', 'clean-traffic', 'clean-traffic-gateway', 'no-arp-spoofing', 'no-ip-spoofing', 'no-mac-spoofing', 'no-other-l2-traffic']
  .map((name, number) => ({ name, uuid: uuidOf(64 + number) }));

/** VIR_CONNECT_LIST_NETWORKS_INACTIVE and _ACTIVE. */
const listed = { inactive: 1, active: 2 } as const;
/** VIR_NETWORK_XML_INACTIVE */
const xmlInactive = 1;
/** virDomainInterfaceAddressesSource. */
const seenBy = { lease: 0, agent: 1, arp: 2 } as const;

const find = ({ uuid, name }: { readonly uuid: string; readonly name: string }): { readonly name: string; readonly uuid: string } => {
  const found = objects.find((network) => network.uuid === uuid);
  if (found === undefined) throw new Fault('noNetwork', 'network', `Network not found: no network with matching uuid '${uuid}' (${name})`);
  return found;
};

/** Kinds of forwarding without a bridge of libvirt's own, which it cannot limit. */
const foreign = ['bridge', 'private', 'vepa', 'passthrough', 'hostdev'];

/** What libvirt says against a network's definition; null = nothing. */
const refusalOf = (root: Element): Fault | null => {
  const mode = root.at('forward')?.get('mode') ?? '';
  const name = root.at('name')?.text ?? '';
  if (root.at('bandwidth') !== undefined && foreign.includes(mode)) return new Fault('configUnsupported', 'network', `unsupported configuration: Unsupported network-wide <bandwidth> element in network ${name} with forward mode='${mode}'`);
  const bare = root.at('bandwidth')?.children.find((direction) => direction.get('average') === undefined);
  return bare === undefined ? null : new Fault('xmlDetail', 'network', `XML error: Missing mandatory average or floor attributes`);
};

export const networkHandlers = (inventory: Inventory): Handlers => {
  /** As they run, from the start; and as they are defined now. */
  const running = new Map(objects.map(({ name, uuid }) => [uuid, parseXml(networks[name]?.xml(uuid) ?? '').print()] as const));
  const defined = new Map(running);
  return {
    connectListAllNetworks: ({ flags }) => {
      const both = flags & (listed.active | listed.inactive);
      const nets = objects.filter(({ name }) => both === 0 || (both & (networks[name]?.active === true ? listed.active : listed.inactive)) !== 0);
      return { nets, ret: nets.length };
    },
    networkLookupByUuid: ({ uuid }) => ({ net: find({ uuid, name: '' }) }),
    networkIsActive: ({ net }) => ({ active: networks[find(net).name]?.active === true ? 1 : 0 }),
    networkIsPersistent: ({ net }) => {
      find(net);
      return { persistent: 1 };
    },
    networkGetXmlDesc: ({ net, flags }) => {
      const { name, uuid } = find(net);
      const isLive = networks[name]?.active === true && (flags & xmlInactive) === 0;
      return { xml: (isLive ? running : defined).get(uuid) ?? '' };
    },
    networkDefineXml: ({ xml }) => {
      const root = parseXml(xml);
      const net = find({ uuid: root.at('uuid')?.text ?? '', name: root.at('name')?.text ?? '' });
      const refusal = refusalOf(root);
      if (refusal !== null) throw refusal;
      defined.set(net.uuid, root.print());
      return { net };
    },
    connectListAllNwfilters: () => ({ filters, ret: filters.length }),
    domainInterfaceAddresses: ({ dom, source }) => {
      const guest = inventory.find(dom);
      if (guest.live === null) throw invalidOperation('domain is not running');
      if (!Object.values(seenBy).some((known) => known === source)) throw badArgument(`invalid argument: Unknown IP address data source ${source}`);
      if (source === seenBy.agent && !hasAgent(guest)) throw new Fault('argumentUnsupported', 'qemu', 'argument unsupported: QEMU guest agent is not configured');
      const nics = guest.live.root.at('devices')?.all('interface') ?? [];
      const ofNetworks = nics.filter((nic) => nic.get('type') === 'network');
      const v4 = (mac: string, prefix: number) => ({ type: 0, addr: `192.168.122.${(Number.parseInt(mac.slice(-2), 16) % 250) + 2}`, prefix });
      const v6 = (mac: string) => ({ type: 1, addr: `fe80::5054:ff:fe${mac.slice(9, 11)}:${mac.slice(12).replace(':', '')}`, prefix: 64 });
      const seen = source === seenBy.lease ? ofNetworks : nics;
      return {
        ifaces: seen.map((nic, place) => {
          const mac = nic.at('mac')?.get('address') ?? '';
          const name = source === seenBy.agent ? `enp${place + 1}s0` : (nic.at('target')?.get('dev') ?? '');
          return { name, hwaddr: mac, addrs: source === seenBy.agent ? [v4(mac, 24), v6(mac)] : [v4(mac, source === seenBy.arp ? 0 : 24)] };
        }),
      };
    },
  };
};
