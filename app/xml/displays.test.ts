// Where a guest's displays listen, as libvirt prints it, and one more in a definition.
import { expect, it } from 'vitest';
import { displaysOf, displayWithPassword, withVnc } from './displays.ts';
import { DomainXml } from './domain-xml.ts';

const guest = (devices: string): DomainXml => DomainXml.parse(`<domain type='qemu'>\n  <devices>\n${devices}\n  </devices>\n</domain>`);

it.each([
  ["<graphics type='vnc' port='5901' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>", { kind: 'port', host: '127.0.0.1', port: 5901 }],
  ["<graphics type='vnc' port='5900' websocket='5700' listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>", { kind: 'port', host: '', port: 5900 }],
  ["<graphics type='vnc' port='5900'><listen type='network' address='192.0.2.1' network='default'/></graphics>", { kind: 'port', host: '192.0.2.1', port: 5900 }],
  ["<graphics type='vnc' port='5900'/>", { kind: 'port', host: '', port: 5900 }],
  ["<graphics type='vnc' socket='/run/a.sock'><listen type='socket' socket='/run/a.sock'/></graphics>", { kind: 'socket', path: '/run/a.sock' }],
  ["<graphics type='vnc'><listen type='none'/></graphics>", null],
  ["<graphics type='vnc' port='-1' autoport='yes'/>", null],
])('reads from %s where it listens', (xml, place) => {
  expect(displaysOf(guest(xml))).toEqual([{ index: 0, type: 'vnc', place, passwordUntil: null }]);
});

it('counts displays in the order of the definition, and has none of nothing', () => {
  expect(displaysOf(guest("<graphics type='spice' port='5900'/>\n<graphics type='vnc' port='5901' passwdValidTo='2030-01-01T00:00:00'/>")).map(({ index, type, passwordUntil }) => [index, type, passwordUntil])).toEqual([[0, 'spice', null], [1, 'vnc', '2030-01-01T00:00:00']]);
  expect(displaysOf(null)).toEqual([]);
});

it('adds a display that listens for the host alone, and changes nothing else', () => {
  const before = guest("    <input type='mouse' bus='ps2'/>\n    <video><model type='vga'/></video>");
  const after = withVnc(before).text();
  expect(after).toBe(before.text().replace("<input type='mouse' bus='ps2'/>", "<input type='mouse' bus='ps2'/>\n    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>"));
});

it('gives a display another password and its end, or none, and keeps the rest of it', () => {
  const xml = guest("<graphics type='spice' passwd='old'/>\n<graphics type='vnc' port='5901' passwd='*****' passwdValidTo='2020-01-01T00:00:00'><listen type='address'/></graphics>");
  expect(displayWithPassword(xml, { type: 'vnc', place: 0, password: "a'b", until: Date.UTC(2031, 4, 6, 7, 8, 9) })).toBe("<graphics type='vnc' port='5901' passwd='a&apos;b' passwdValidTo='2031-05-06T07:08:09'><listen type='address'/></graphics>");
  expect(displayWithPassword(xml, { type: 'vnc', place: 0, password: 'x', until: null })).toBe("<graphics type='vnc' port='5901' passwd='x'><listen type='address'/></graphics>");
  expect(displayWithPassword(xml, { type: 'vnc', place: 1, password: 'x', until: null })).toBeNull();
  expect(displaysOf(xml)[1]?.passwordUntil).toBe('2020-01-01T00:00:00');
});
