// Channels between host and guest, the guest agent's among them: <devices><channel>, https://libvirt.org/formatdomain.html#channel
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { always, deviceAddress, type DeviceKind, isNew, letsGo, listOf, putChild } from './device-list.ts';
import { type Finding, itemField, type Knob, type Truth, wholeGuest } from './knob.ts';

/** The QEMU guest agent listens to this one. */
const agent = 'org.qemu.guest_agent.0';

const channel = z.strictObject({ type: z.string().min(1).max(32), name: z.string().min(1).max(256).nullable(), address: deviceAddress }).readonly();
type Channel = z.infer<typeof channel>;

const kind: DeviceKind<Channel> = {
  element: 'channel',
  order: ['source', 'protocol', 'log', 'target', 'alias', 'address'],
  known: ['name'],
  open: ['name'],
  read(element) {
    const target = element.element('target');
    // Others forward ports, or are Xen's.
    return target?.attribute('type') === 'virtio' ? { type: element.attribute('type') ?? 'unix', name: target.attribute('name'), address: null } : null;
  },
  write(element, { type, name }) {
    if (element.attribute('type') !== type) {
      element.setAttribute('type', type);
      // Where it led means nothing to another type.
      for (const source of element.elements('source')) element.remove(source);
    }
    putChild(element, 'target', { type: 'virtio', name }, kind);
  },
  say: ({ type, name }) => (name === agent ? 'channel of the guest agent' : `channel ${name ?? 'without a name'} (${type})`),
};

const stateOf = (xml: DomainXml): string | null =>
  xml.elements('devices', 'channel', 'target').find((target) => target.attribute('name') === agent)?.attribute('state') ?? null;

export const channels: Knob<readonly Channel[]> = {
  label: 'Channels',
  panel: 'devices',
  card: 'Guest agent and channels',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'channel',
    most: 30,
    fresh: { type: 'unix', name: agent, address: null },
    hint: `The agent inside is reached by the channel ${agent}: addresses, vCPUs, time and quiet snapshots need it. Plugged and taken away while the guest runs.`,
    fields: {
      name: { kind: 'text', label: 'Name', absent: 'none', example: agent, hint: 'What the system inside finds it by, below /dev/virtio-ports.' },
      type: { kind: 'choice', label: 'On the host', absent: null, options: [
        { value: 'unix', label: 'unix', hint: 'A socket of the host; libvirt finds a path for it.' },
        { value: 'spicevmc', label: 'spicevmc', hint: 'The SPICE display: shared clipboard and screen sizes, by com.redhat.spice.0.' },
        { value: 'qemu-vdagent', label: 'qemu-vdagent', hint: 'The same for VNC: QEMU speaks to the agent itself. libvirt 8.4 and newer.' },
        { value: 'pty', label: 'pty', hint: 'A terminal of the host.' },
      ] },
    },
  }),
  unit: wholeGuest,
  value: z.array(channel).max(30).readonly(),
  ...listOf(kind, always),

  check: (value, _unit, truth, _facts, after) => value.flatMap((one, item) => findings(one, item, value, truth, after)),
  arrives: letsGo,
  about(_unit, xml) {
    const state = stateOf(xml);
    return state === null ? null : state === 'connected' ? 'The agent inside has its channel open.' : 'Nothing inside has the agent’s channel open: is the agent installed and running?';
  },
  name: () => 'Channels',
};

function findings(one: Channel, item: number, all: readonly Channel[], truth: Truth, after: DomainXml): readonly Finding[] {
  const { type, name } = one;
  const has = (device: string, type_: string): boolean => after.elements('devices', device).some((element) => element.attribute('type') === type_);
  return [
    ...(name !== null && all.findIndex((other) => other.name === name) < item ? [{ level: 'error' as const, message: `Another channel is called ${name}.`, field: itemField(item, 'name') }] : []),
    ...(name === null && type !== 'spicevmc' ? [{ level: 'warning' as const, message: 'Without a name the system inside finds it by its port alone.', field: itemField(item, 'name') }] : []),
    ...(type === 'spicevmc' && !has('graphics', 'spice') ? [{ level: 'error' as const, message: 'The guest has no SPICE display that this could belong to.', field: itemField(item, 'type') }] : []),
    ...(isNew(kind, one, truth, after) && !has('controller', 'virtio-serial') ? [{ level: 'error' as const, message: 'The running guest has no virtio-serial controller to plug a channel into: add it for the next start, which brings one.', field: itemField(item, 'name') }] : []),
  ];
}
