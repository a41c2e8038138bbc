// How a NIC is run by the hypervisor: its driver, queues, MTU and place in the boot order, https://libvirt.org/formatdomain.html#setting-nic-driver-specific-options
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { dropEmpty, numberOf, putAttribute, wholeNumber } from './attributes.ts';
import type { Finding, Knob, Option } from './knob.ts';
import { childOf, eachNic, error, kindOf, macAddress, nicName, nicsByMac } from './nic-element.ts';

const number = z.int().min(0).max(4_294_967_295).nullable();
const word = z.string().max(32).nullable();
const driver = z.strictObject({
  mtu: number, boot: number, name: word, queues: number, rx_queue_size: number, tx_queue_size: number, txmode: word, ioeventfd: word, event_idx: word,
}).readonly();
type Driver = z.infer<typeof driver>;
type Name = keyof Driver;

/** Field → the child of `<interface>` and the attribute it stands in. */
const places: { readonly [N in Name]: readonly [element: string, attribute: string] } = {
  mtu: ['mtu', 'size'], boot: ['boot', 'order'], name: ['driver', 'name'], queues: ['driver', 'queues'], rx_queue_size: ['driver', 'rx_queue_size'],
  tx_queue_size: ['driver', 'tx_queue_size'], txmode: ['driver', 'txmode'], ioeventfd: ['driver', 'ioeventfd'], event_idx: ['driver', 'event_idx'],
};
const names = Object.keys(places) as Name[];
const driverNames = names.filter((name) => places[name][0] === 'driver');

/** The kernel's MAX_TAP_QUEUES, and Ethernet's least MTU for IPv4. */
const [mostQueues, leastMtu, mostMtu] = [256, 68, 65_535];
const ringSizes = { least: 256, most: 1024 };

const numberIn = (nic: XmlElement, name: Name): number | null => numberOf(nic.element(places[name][0]), places[name][1]);
const wordIn = (nic: XmlElement, name: Name): string | null => nic.element(places[name][0])?.attribute(places[name][1]) ?? null;
const readDriver = (nic: XmlElement): Driver => ({
  mtu: numberIn(nic, 'mtu'), boot: numberIn(nic, 'boot'), name: wordIn(nic, 'name'), queues: numberIn(nic, 'queues'), rx_queue_size: numberIn(nic, 'rx_queue_size'),
  tx_queue_size: numberIn(nic, 'tx_queue_size'), txmode: wordIn(nic, 'txmode'), ioeventfd: wordIn(nic, 'ioeventfd'), event_idx: wordIn(nic, 'event_idx'),
});

const choice = (options: readonly Option[]) => ({ kind: 'choice' as const, absent: 'QEMU’s choice', options });
const onOff = choice([{ value: 'on', label: 'on' }, { value: 'off', label: 'off' }]);

/** The most vCPUs that the guest can have. */
const vcpusOf = (xml: DomainXml): number => wholeNumber(xml.textOf('vcpu')) ?? 1;
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

/** The unit is the NIC's MAC address; null = as the hypervisor does by itself. */
export const nicDriver: Knob<Driver> = {
  label: 'Driver',
  panel: 'network',
  card: 'Driver',
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    hint: 'All of these take effect at the next start.',
    fields: {
      mtu: { kind: 'number', least: leastMtu, most: mostMtu, measure: 'count', absent: 'as its network', label: 'MTU', hint: 'The largest packet in bytes. The guest’s driver is told of it where the NIC is virtio.' },
      boot: { kind: 'number', least: 1, most: 1024, measure: 'count', absent: 'not booted from', label: 'Boot order', hint: 'Its place among the devices to boot from; 1 is first.' },
      name: { ...choice([
        { value: 'vhost', label: 'vhost', hint: 'The host’s kernel moves the packets.' },
        { value: 'qemu', label: 'qemu', hint: 'QEMU moves the packets: slower, and without the kernel’s module.' },
      ]), label: 'Packets moved by' },
      queues: { kind: 'number', least: 1, most: mostQueues, measure: 'count', absent: 'one', label: 'Queues', hint: 'One for each vCPU at most. Guests of Linux use further ones after: ethtool -L NAME combined N.' },
      rx_queue_size: { kind: 'number', least: ringSizes.least, most: ringSizes.most, measure: 'count', absent: 'QEMU: 256', label: 'Receive ring', hint: 'A power of two.' },
      tx_queue_size: { kind: 'number', least: ringSizes.least, most: ringSizes.most, measure: 'count', absent: 'QEMU: 256', label: 'Send ring', hint: 'A power of two; more than 256 with vhost-user and vDPA only.' },
      txmode: { ...choice([
        { value: 'iothread', label: 'iothread', hint: 'Sends in a thread of its own: throughput before latency.' },
        { value: 'timer', label: 'timer', hint: 'Sends in batches; latency suffers.' },
      ]), label: 'Sending' },
      ioeventfd: { ...onOff, label: 'I/O events', hint: 'Whether the guest’s notifications bypass the vCPU’s loop.' },
      event_idx: { ...onOff, label: 'Event index', hint: 'Fewer interrupts and exits.' },
    },
  }),
  unit: macAddress,
  value: driver,

  read: (xml) => eachNic(xml, readDriver),

  write(xml, unit, value) {
    const nic = nicsByMac(xml).get(unit);
    if (nic === undefined) return;
    const has = readDriver(nic);
    for (const name of names.filter((each) => has[each] !== value[each])) {
      const [element, attribute] = places[name];
      const child = childOf(nic, element);
      putAttribute(child, attribute, value[name]);
      dropEmpty(child);
    }
  },

  check(value, unit, _truth, _facts, after) {
    const findings: Finding[] = [];
    const nic = nicsByMac(after).get(unit);
    const model = nic?.element('model')?.attribute('type') ?? null;
    const virtioOnly = driverNames.find((name) => value[name] !== null);
    if (virtioOnly !== undefined && model !== null && !model.startsWith('virtio')) findings.push(error(`Only virtio NICs have this setting, and this one is ${model}.`, virtioOnly));
    const { mtu, boot, queues } = value;
    if (mtu !== null && (mtu < leastMtu || mtu > mostMtu)) findings.push(error(`MTUs go from ${leastMtu} to ${mostMtu}.`, 'mtu'));
    if (mtu !== null && nic !== undefined && ['user', 'direct'].includes(kindOf(nic))) findings.push(error(`libvirt sets no MTU on a NIC of kind ${kindOf(nic)}.`, 'mtu'));
    if (queues !== null && (queues < 1 || queues > mostQueues)) findings.push(error(`There can be 1 to ${mostQueues} queues.`, 'queues'));
    else if (queues !== null && queues > vcpusOf(after)) findings.push({ level: 'warning', message: `The guest has at most ${vcpusOf(after)} vCPUs: queues beyond that stay unused.`, field: 'queues' });
    for (const name of ['rx_queue_size', 'tx_queue_size'] as const) {
      const size = value[name];
      if (size !== null && (!isPowerOfTwo(size) || size < ringSizes.least || size > ringSizes.most)) findings.push(error(`Rings have 256, 512 or 1024 places.`, name));
    }
    if (boot !== null) findings.push(...bootFindings(boot, nic, after));
    return findings;
  },

  step: () => null,
  // Unless one is written, the MTU of what it is connected to is what the running guest shows.
  runsAs: (live, saved) => names.every((name) => live[name] === saved[name] || (name === 'mtu' && saved.mtu === null)),

  say: (value) => names.flatMap((name) => (value[name] === null ? [] : [`${name} ${value[name]}`])).join(', ') || 'QEMU’s defaults',
  name: nicName,
};

/** libvirt wants one order for all, and each place once. */
function bootFindings(boot: number, nic: XmlElement | undefined, after: DomainXml): readonly Finding[] {
  if (boot < 1) return [error('The boot order begins with 1.', 'boot')];
  if (after.elements('os', 'boot').length > 0) return [error('The guest boots by kinds of devices (<os><boot>), which libvirt does not mix with an order of single ones.', 'boot')];
  const other = after.element('devices')?.children.find((device) => device !== nic && numberOf(device.element('boot'), 'order') === boot);
  return other === undefined ? [] : [error(`Another device (${other.name}) has place ${boot}.`, 'boot')];
}
