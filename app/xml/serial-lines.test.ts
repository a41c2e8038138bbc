// Which serial lines a live definition has to offer.
import { expect, it } from 'vitest';
import { DomainXml } from './domain-xml.ts';
import { hostLinesOf, serialLinesOf } from './serial-lines.ts';

const guest = (devices: string): DomainXml => DomainXml.parse(`<domain type='qemu'><devices>${devices}</devices></domain>`);

it('names serial ports, consoles and sockets for programs inside, each once and by its alias', () => {
  expect(serialLinesOf(guest(`
    <serial type='pty'><log file='/var/log/one.log' append='off'/><target type='isa-serial' port='0'/><alias name='serial0'/></serial>
    <serial type='tcp'><target type='isa-serial' port='1'/><alias name='serial1'/></serial>
    <console type='pty'><target type='serial' port='0'/><alias name='serial0'/></console>
    <console type='pty'><target type='virtio' port='1'/><alias name='console1'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/><alias name='channel0'/></channel>
    <channel type='unix'><target type='virtio' name='org.example.shell'/><alias name='channel1'/></channel>
    <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/><alias name='channel2'/></channel>`))).toEqual([
    { alias: 'serial0', kind: 'console', label: 'Serial 0', log: '/var/log/one.log' },
    { alias: 'console1', kind: 'console', label: 'Console 1 (virtio)', log: null },
    { alias: 'channel1', kind: 'channel', label: 'org.example.shell', log: null },
  ]);
});

it('has none for a guest that does not run, or whose devices have no alias yet', () => {
  expect([serialLinesOf(null), serialLinesOf(guest("<serial type='pty'/>"))]).toEqual([[], []]);
});

it('tells apart the channels that are terminals of the host, which libvirt does not open', () => {
  const xml = guest("<channel type='pty'><source path='/dev/pts/7'/><target type='virtio' name='org.example.log'/><alias name='channel0'/></channel><channel type='unix'><source path='/run/a'/><target type='virtio' name='b'/><alias name='channel1'/></channel>");
  expect([hostLinesOf(xml), hostLinesOf(null), serialLinesOf(xml).map(({ alias }) => alias)]).toEqual([[{ label: 'org.example.log', path: '/dev/pts/7' }], [], ['channel1']]);
});
