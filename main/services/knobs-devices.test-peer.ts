// The knobs of what a guest is and which further devices it has: each with a value, and what shows that the host has it.
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
const fieldOnly = (message: RegExp): NonNullable<Row['refused']> => ({ lab: { by: 'field', message }, demo: { by: 'field', message } });

const twice = { truths: ['live', 'saved'], unit: '' } as const;
const now = { truths: ['live'], unit: '' } as const;
const later = { truths: ['saved'], unit: '' } as const;

const ends = { on_poweroff: 'destroy', on_reboot: 'restart', on_crash: 'destroy' };

const agent = { type: 'unix', name: 'org.qemu.guest_agent.0', address: null };
const rng = { model: 'virtio', backend: 'random', source: '/dev/urandom', bytes: null, period: null, address: null } as const;
const folder = { driver: 'path', source: '/tmp', target: 'share', accessmode: 'passthrough', readonly: false, cache: null, address: null } as const;
const ofHost = { device: '4711:0011', kind: 'usb', managed: true, address: null } as const;
const pci = { ...ofHost, kind: 'pci', device: '0000:00:05.0' } as const;
const mediated = { ...ofHost, kind: 'mdev', device: '9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f', managed: false } as const;
const shared = { memoryBacking: { '': { locked: false, nosharepages: false, source: 'memfd', access: 'shared', allocation: null, threads: null, discard: false } } };
const label = { model: 'dac', type: 'dynamic', relabel: null, label: null, baselabel: null };
const noTpm = { backend: null, model: null, version: null, path: null, persistent_state: null };

export const deviceRows: readonly Row[] = [
  row({ guest: 'bare', ...twice, knob: 'guestWords', value: { title: 'Shop & checkout', description: "First line\n  second, <indented>; it's kept" }, witnesses: both(/<title>Shop &amp; checkout<\/title>\s*<description>First line\n {2}second, &lt;indented&gt;; it(&apos;|')s kept<\/description>/) }),
  row({ guest: 'lab-two', ...later, knob: 'guestWords', value: { title: null, description: 'Other words' }, witnesses: [saved(/<description>Other words<\/description>/)] }),

  row({ guest: 'bare', ...later, knob: 'autostart', value: true, witnesses: [{ virsh: ['dominfo'], shows: /Autostart:\s+enable/ }] }),

  row({ guest: 'bare', ...twice, knob: 'lifecycle', value: { ...ends, on_reboot: 'destroy', on_crash: 'coredump-destroy' }, witnesses: both(/<on_reboot>destroy<\/on_reboot>\s*<on_crash>coredump-destroy<\/on_crash>/) }),
  row({ guest: 'bare', ...now, knob: 'lifecycle', value: { ...ends, on_poweroff: 'restart' }, witnesses: [live(/<on_poweroff>restart<\/on_poweroff>/)] }),
  row({ guest: 'bare', ...later, knob: 'lifecycle', value: { ...ends, on_poweroff: 'restart' }, witnesses: [saved(/<on_poweroff>restart<\/on_poweroff>/)] }),
  row({ guest: 'bare', ...later, knob: 'lifecycle', value: { ...ends, on_poweroff: 'restart', on_reboot: 'destroy' }, witnesses: [saved(/<on_poweroff>restart/)], refused: fieldOnly(/^QEMU cannot start anew at power off/) }),
  row({ guest: 'bare', ...later, knob: 'lifecycle', value: { ...ends, on_poweroff: 'preserve' }, witnesses: [saved(/<on_poweroff>preserve/)], refused: fieldOnly(/^There is no action preserve here/) }),

  row({ guest: 'lab-one', ...twice, knob: 'channels', value: [agent, { type: 'unix', name: 'org.guestdeck.test.0', address: null }], witnesses: both(/<target type='virtio' name='org\.guestdeck\.test\.0'/) }),
  row({ guest: 'lab-one', ...later, only: 'lab', knob: 'channels', value: [], witnesses: [saved(/<rng model='virtio'>(?![^]*guest_agent)(?<!guest_agent[^]*)/)] }),
  row({ guest: 'lab-one', ...later, knob: 'channels', value: [agent, agent], witnesses: [saved(/none of that/)], refused: fieldOnly(/^Another channel is called org\.qemu/) }),
  row({ guest: 'lab-one', ...now, knob: 'channels', value: [agent, { type: 'spicevmc', name: 'com.redhat.spice.0', address: null }], witnesses: [live(/spicevmc/)], refused: fieldOnly(/^The guest has no SPICE display/) }),
  row({ guest: 'bare', ...now, knob: 'channels', value: [agent], witnesses: [live(/guest_agent/)], refused: fieldOnly(/^The running guest has no virtio-serial controller/) }),

  row({ guest: 'lab-one', ...later, knob: 'watchdogs', value: [{ model: 'i6300esb', action: 'poweroff', address: null }], witnesses: [saved(/<watchdog model='i6300esb' action='poweroff'/)] }),
  row({ guest: 'lab-one', ...later, knob: 'watchdogs', value: [{ model: 'ib700', action: 'none', address: null }], witnesses: [saved(/<watchdog model='ib700' action='none'/)] }),
  row({ guest: 'lab-one', ...now, knob: 'watchdogs', value: [{ model: 'i6300esb', action: 'pause', address: null }], witnesses: [live(/<watchdog model='i6300esb' action='pause'/)], late: { lab: true } }),
  row({ guest: 'lab-one', ...now, knob: 'watchdogs', value: [{ model: 'ib700', action: 'pause', address: null }], witnesses: [live(/ib700/)], refused: fieldOnly(/^A watchdog ib700 cannot be plugged while the guest runs/) }),
  row({ guest: 'lab-one', ...later, knob: 'watchdogs', value: [{ model: 'i6300esb', action: 'pause', address: null }, { model: 'i6300esb', action: 'reset', address: null }], witnesses: [saved(/<watchdog/)], refused: fieldOnly(/^(A guest has one watchdog|The guest has a watchdog i6300esb already)/) }),

  row({ guest: 'lab-one', ...later, knob: 'panics', value: [{ model: 'isa', address: null }], witnesses: [saved(/<panic model='isa'/)] }),
  row({ guest: 'lab-one', ...now, knob: 'panics', value: [{ model: 'isa', address: null }], witnesses: [live(/<panic/)], refused: fieldOnly(/^This cannot be changed while the guest runs/) }),
  row({ guest: 'lab-one', ...later, knob: 'panics', value: [{ model: 'pvpanic', address: null }], witnesses: [saved(/<panic model='pvpanic'/)], refused: { lab: { by: 'field', message: /^The model pvpanic needs libvirt 9\.1/ } } }),

  row({ guest: 'lab-one', ...later, knob: 'rngs', value: [rng, { ...rng, backend: 'builtin', source: null, bytes: 1024, period: 500 }], witnesses: [saved(/<rng model='virtio'>\s*<rate bytes='1024' period='500'\/>\s*<backend model='builtin'/)] }),
  row({ guest: 'lab-one', ...now, knob: 'rngs', value: [rng, { ...rng, backend: 'builtin', source: null }], witnesses: [live(/<backend model='builtin'/)], late: { lab: true } }),
  row({ guest: 'lab-one', ...later, knob: 'rngs', value: [{ ...rng, bytes: 4096 }], witnesses: [saved(/<rate bytes='4096'/)] }),
  row({ guest: 'lab-one', ...now, knob: 'rngs', value: [{ ...rng, bytes: 4096 }], witnesses: [live(/<rate bytes='4096'/)], refused: fieldOnly(/^This cannot be changed while the guest runs/) }),
  row({ guest: 'lab-one', ...later, knob: 'rngs', value: [{ ...rng, period: 500 }], witnesses: [saved(/<rate/)], refused: fieldOnly(/^A period is for a number of bytes/) }),

  row({ guest: 'lab-one', ...later, knob: 'balloon', value: { model: 'virtio', autodeflate: 'on', freePageReporting: 'on' }, witnesses: [saved(/<memballoon model='virtio' autodeflate='on' freePageReporting='on'/)] }),
  row({ guest: 'lab-one', ...later, knob: 'balloon', value: { model: 'none', autodeflate: null, freePageReporting: null }, witnesses: [saved(/<memballoon model='none'/)] }),
  row({ guest: 'lab-one', ...later, knob: 'balloon', value: { model: 'none', autodeflate: 'on', freePageReporting: null }, witnesses: [saved(/<memballoon model='none'/)], refused: fieldOnly(/^A device that is not there has no settings/) }),

  // The lab's machine has no swtpm.
  row({ guest: 'lab-one', ...later, knob: 'tpm', value: { ...noTpm, backend: 'emulator', model: 'tpm-crb', version: '2.0' }, witnesses: [saved(/<tpm model='tpm-crb'>\s*<backend type='emulator' version='2\.0'\/>/)], refused: { lab: { by: 'field', message: /^A TPM of kind emulator needs the program swtpm on the host/ } } }),
  row({ guest: 'lab-one', ...later, knob: 'tpm', value: { ...noTpm, backend: 'passthrough', model: 'tpm-tis', path: '/dev/tpm4711' }, witnesses: [saved(/<tpm model='tpm-tis'>\s*<backend type='passthrough'>\s*<device path='\/dev\/tpm4711'\/>/)] }),
  row({ guest: 'lab-one', ...now, knob: 'tpm', value: { ...noTpm, backend: 'passthrough', model: 'tpm-tis' }, witnesses: [live(/<tpm/)], refused: fieldOnly(/^This cannot be changed while the guest runs/) }),
  row({ guest: 'lab-one', ...later, knob: 'tpm', value: { ...noTpm, model: 'tpm-tis' }, witnesses: [saved(/<tpm/)], refused: fieldOnly(/^Choose the kind of the TPM too/) }),

  row({ guest: 'lab-one', ...later, only: 'lab', knob: 'machine', value: 'pc-i440fx-7.0', witnesses: [saved(/machine='pc-i440fx-7\.0'/)] }),
  row({ guest: 'lab-one', ...later, only: 'demo', knob: 'machine', value: 'pc-q35-8.2', witnesses: [saved(/machine='pc-q35-8\.2'/)] }),
  row({ guest: 'lab-one', ...later, knob: 'machine', value: 'pc-q35-4.711', witnesses: [saved(/4\.711/)], refused: fieldOnly(/^The host has no machine type pc-q35-4\.711/) }),
  row({ guest: 'bare', ...later, knob: 'machine', value: 'pc-i440fx-2.12', witnesses: [saved(/i440fx/)], refused: fieldOnly(/^The addresses and controllers of this guest are those of q35: i440fx has other buses/) }),
  row({ guest: 'bare', ...now, knob: 'machine', value: 'pc-q35-8.2', witnesses: [live(/q35-8\.2/)], refused: fieldOnly(/^(This cannot be changed while the guest runs|The host has no machine type)/) }),

  row({
    guest: 'lab-one', ...later, knob: 'sysinfo', value: [{ entry: 'system manufacturer', text: 'ACME & Sons' }, { entry: 'system serial', text: 'S-1' }, { entry: 'chassis serial', text: 'C-1' }], also: { smbiosMode: { '': 'sysinfo' } },
    witnesses: [saved(/<sysinfo type='smbios'>\s*<system>\s*<entry name='manufacturer'>ACME &amp; Sons<\/entry>\s*<entry name='serial'>S-1<\/entry>\s*<\/system>\s*<chassis>\s*<entry name='serial'>C-1</), saved(/<smbios mode='sysinfo'\/>/)],
  }),
  row({ guest: 'lab-one', ...later, knob: 'smbiosMode', value: 'host', witnesses: [saved(/<smbios mode='host'\/>/)] }),
  row({ guest: 'lab-one', ...later, knob: 'smbiosMode', value: 'sysinfo', witnesses: [saved(/<smbios/)], refused: fieldOnly(/^There is no system information to tell/) }),
  row({ guest: 'lab-one', ...later, knob: 'sysinfo', value: [{ entry: 'bios date', text: '2026-01-31' }], witnesses: [saved(/<sysinfo/)], refused: fieldOnly(/^The date of a BIOS is written as/) }),

  row({ guest: 'lab-one', ...later, knob: 'seclabels', value: [{ ...label, type: 'static', relabel: 'no', label: '+4711:+11' }], witnesses: [saved(/<seclabel type='static' model='dac' relabel='no'>\s*<label>\+4711:\+11<\/label>/)] }),
  row({ guest: 'lab-one', ...later, knob: 'seclabels', value: [{ ...label, relabel: 'yes', baselabel: '+4711:+11' }], witnesses: [saved(/<seclabel type='dynamic' model='dac'[^>]*>\s*<baselabel>\+4711:\+11<\/baselabel>/)] }),
  row({ guest: 'lab-one', ...later, knob: 'seclabels', value: [{ ...label, type: 'none' }], witnesses: [saved(/<seclabel type='none' model='dac'/)] }),
  row({ guest: 'lab-one', ...later, knob: 'seclabels', value: [{ ...label, model: 'selinux' }], witnesses: [saved(/<seclabel/)], refused: fieldOnly(/^The host has no security driver selinux/) }),
  row({ guest: 'lab-one', ...later, knob: 'seclabels', value: [{ ...label, type: 'static' }], witnesses: [saved(/<seclabel/)], refused: fieldOnly(/^A static label has to be given/) }),

  row({ guest: 'lab-one', ...later, knob: 'filesystems', value: [{ ...folder, accessmode: 'mapped', readonly: true }], witnesses: [saved(/<filesystem type='mount' accessmode='mapped'>\s*<source dir='\/tmp'\/>\s*<target dir='share'\/>\s*<readonly\/>/)] }),
  row({ guest: 'lab-one', ...later, knob: 'filesystems', value: [{ ...folder, driver: 'virtiofs', cache: 'always' }], also: shared, witnesses: [saved(/<filesystem type='mount'[^>]*>\s*<driver type='virtiofs'\/>\s*<binary>\s*<cache mode='always'\/>\s*<\/binary>\s*<source dir='\/tmp'\/>\s*<target dir='share'\/>/)] }),
  row({ guest: 'lab-one', ...later, knob: 'filesystems', value: [{ ...folder, driver: 'virtiofs' }], witnesses: [saved(/<filesystem/)], refused: fieldOnly(/^virtiofs needs shared memory: under Memory, Backing, choose source memfd and access shared/) }),
  row({ guest: 'lab-one', ...now, knob: 'filesystems', value: [folder], witnesses: [live(/<filesystem/)], refused: fieldOnly(/^A folder by 9p cannot be plugged while the guest runs/) }),
  row({ guest: 'lab-one', ...later, knob: 'filesystems', value: [folder, folder], witnesses: [saved(/<filesystem/)], refused: fieldOnly(/^Another folder has the tag share/) }),

  row({
    guest: 'lab-one', ...later, knob: 'hostDevices', value: [ofHost, pci, mediated],
    witnesses: [
      saved(/<hostdev mode='subsystem' type='usb' managed='yes'>\s*<source>\s*<vendor id='0x4711'\/>\s*<product id='0x0011'\/>/), saved(/type='pci' managed='yes'>\s*(?:<driver name='vfio'\/>\s*)?<source>\s*<address domain='0x0000' bus='0x00' slot='0x05' function='0x0'\/>/),
      saved(/type='mdev' managed='no' model='vfio-pci'[^>]*>\s*<source>\s*<address uuid='9c1f8c3a-/),
    ],
  }),
  // The lab has no such device, and no IOMMU.
  row({ guest: 'lab-one', ...now, knob: 'hostDevices', value: [ofHost], witnesses: [live(/<product id='0x0011'/)], refused: { lab: { by: 'libvirt', message: /Did not find USB device|cannot open directory '\/sys\/bus\/usb\/devices'/ } } }),
  row({ guest: 'lab-one', ...now, knob: 'hostDevices', value: [pci], witnesses: [live(/slot='0x05' function='0x0'\/>\s*<\/source>/)], refused: { lab: { by: 'field', message: /^The host has no IOMMU that is turned on, or no VFIO/ } } }),
  row({ guest: 'lab-one', ...now, knob: 'hostDevices', value: [mediated], witnesses: [live(/9c1f8c3a/)], refused: { lab: { by: 'field', message: /^The host has no IOMMU that is turned on, or no VFIO/ } } }),
  row({ guest: 'lab-one', ...later, knob: 'hostDevices', value: [{ ...pci, device: '41:00.0' }], witnesses: [saved(/<hostdev/)], refused: fieldOnly(/^A PCI device is written as 0000:41:00\.0/) }),
  row({ guest: 'bare', ...later, knob: 'hostDevices', value: [ofHost], witnesses: [saved(/<hostdev/)], refused: fieldOnly(/^The guest has no USB controller/) }),
];
