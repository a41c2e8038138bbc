// Folders and devices of the host that guests are given: how they are read, written and plugged, and what is said against them.
import { describe, expect, it } from 'vitest';
import folders from '../xml/fixtures/filesystems.xml?raw';
import fixture from '../xml/fixtures/host-devices.xml?raw';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { checkSetting, type KnobName, knobs, readSettings } from './knobs.ts';
import { makePlan } from './plan.ts';

const noVfio = { maximumVcpus: null, modes: [], models: [], hostModel: null, devices: { hostdev: { supported: true, enums: { pciBackend: [] } }, filesystem: { supported: true, enums: { driverType: ['path'] } } } };
const facts: Facts = unknownFacts('gpu-node');
const saved = DomainXml.parse(fixture);
const live = DomainXml.parse(fixture.replace("type='kvm'", "type='kvm' id='3'").replaceAll('</source>', '</source>\n      <alias name="hostdev"/>'));
const found = (knob: KnobName, value: unknown, truth: 'live' | 'saved' = 'saved', xml = saved, known: Facts = facts): string => checkSetting(knob, '', truth, value, known, xml).map(({ level, message, field }) => `${level} ${field ?? ''}: ${message}`).join('\n');
const had = readSettings(saved, facts).hostDevices[''] ?? [];
const usb = { kind: 'usb', device: '1.4', managed: true, address: null } as const;

describe('devices of the host', () => {
  it('are read by kind, USB ones that were found by what they are', () => {
    expect(had.map(({ kind, device, managed }) => [kind, device, managed])).toEqual([['pci', '0000:41:00.0', true], ['mdev', '9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f', false], ['usb', '1050:0407', true]]);
    const running = DomainXml.parse("<domain type='kvm' id='1'><devices><hostdev mode='subsystem' type='usb' managed='no'><source><vendor id='0x1050'/><product id='0x0407'/><address bus='1' device='9'/></source></hostdev></devices></domain>");
    expect(knobs.hostDevices.read(running, facts)['']?.map(({ device }) => device)).toEqual(['1050:0407']);
  });

  it('change at their place, and what else is said of them stays', () => {
    const wish = had.map((one) => (one.kind === 'pci' ? { ...one, device: '0000:81:00.1', managed: false } : one));
    expect(makePlan({ live: null, saved }, { saved: { hostDevices: { '': wish } } }, facts).savedAfter).toBe(fixture.replace("type='pci' managed='yes'", "type='pci' managed='no'").replace("bus='0x41' slot='0x00' function='0x0'", "bus='0x81' slot='0x00' function='0x1'"));
  });

  it('are plugged and taken away while the guest runs', () => {
    const { steps, findings } = makePlan({ live, saved }, { live: { hostDevices: { '': [...had.slice(0, 2), usb] } } }, facts);
    expect([steps.map(({ title }) => title), findings]).toEqual([['Take away USB device 1050:0407', 'Plug USB device 1.4'], []]);
    expect(steps[1]?.virsh).toContain(`<address bus='\\''1'\\'' device='\\''4'\\''/>`);
  });

  it.each([
    [[usb, usb], /^error 1\.device: The guest has this device already/], [[{ ...usb, device: 'x' }], /^error 0\.device: A USB device is written/], [[{ ...usb, kind: 'pci', device: '41:00.0' }], /^error 0\.device: A PCI device is written/],
    [[{ ...usb, kind: 'mdev', device: '9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f' }], /^error 0\.managed: A mediated device is never managed/], [had, /^$/],
  ])('%j are told so', (value, message) => expect(found('hostDevices', value)).toMatch(message));

  it('of PCI need VFIO: now, or at the next start', () => {
    const known: Facts = { ...facts, domainCapabilities: noVfio };
    const pci = { ...usb, kind: 'pci', device: '0000:00:05.0' };
    expect([found('hostDevices', [pci], 'live', live, known), found('hostDevices', [pci], 'saved', saved, known)]).toEqual([expect.stringMatching(/^error 0\.kind: The host has no IOMMU/), expect.stringMatching(/^warning 0\.kind: The host has no IOMMU/)]);
  });
});

describe('shared folders', () => {
  const xml = DomainXml.parse(folders);
  const now = readSettings(xml, facts).filesystems[''] ?? [];
  const folder = { driver: 'virtiofs', source: '/srv', target: 's', accessmode: null, readonly: false, cache: null, address: null } as const;
  const plain = DomainXml.parse("<domain type='kvm' id='2'><devices/></domain>");

  it('are read and changed where they stand, with what their driver is told', () => {
    expect(now).toEqual([{ driver: 'virtiofs', source: '/srv/share with spaces', target: 'share', accessmode: 'passthrough', readonly: false, cache: null, address: null }]);
    const { savedAfter } = makePlan({ live: null, saved: xml }, { saved: { filesystems: { '': now.map((one) => ({ ...one, cache: 'none' })) } } }, facts);
    expect(savedAfter).toMatch(/<driver type='virtiofs' queue='1024'\/>\s*<binary path='\/usr\/libexec\/virtiofsd' xattr='on'>\s*<cache mode='none'\/>/);
  });

  it('lose what virtiofs was told when they go by 9p', () => {
    const { savedAfter } = makePlan({ live: null, saved: xml }, { saved: { filesystems: { '': now.map((one) => ({ ...one, driver: 'path' as const })) } } }, facts);
    expect(savedAfter).toBe(folders.replace(/ {6}<driver type='virtiofs'[^]*?<\/?binary[^>]*>\n/, ''));
  });

  it.each([
    [folder, 'saved', /^error 0\.driver: virtiofs needs shared memory: under Memory, Backing, choose source memfd and access shared\.$/], [folder, 'live', /access shared for the next start\.$/], [{ ...folder, driver: 'path' }, 'live', /^error 0\.driver: A folder by 9p cannot be plugged/],
    [{ ...folder, driver: 'path', source: 'srv' }, 'saved', /^error 0\.source: Write the whole path/], [{ ...folder, driver: 'path', cache: 'none' }, 'saved', /^error 0\.cache: Only virtiofs has a cache/], [{ ...folder, driver: 'path', target: 'x'.repeat(32) }, 'saved', /^error 0\.target: A tag has at most 31/],
  ] as const)('%j, %s, are told so', (one, truth, message) => expect(found('filesystems', [one], truth, plain)).toMatch(message));

  it('by virtiofs are had where memory is shared and the host has it', () => {
    expect(found('filesystems', [folder, { ...folder, accessmode: 'mapped' }], 'saved', xml)).toMatch(/^error 1\.target: Another folder has the tag s\.\nerror 1\.accessmode: virtiofs keeps owners/);
    expect(found('filesystems', [folder], 'saved', xml, { ...facts, domainCapabilities: noVfio })).toMatch(/^error 0\.driver: The host has no virtiofs/);
    expect(found('filesystems', [{ ...folder, readonly: true }], 'saved', xml, { ...facts, libvirtVersion: 9_000_000 })).toMatch(/^error 0\.readonly: virtiofs can be only read from libvirt 11\.0/);
  });
});
