// The guests that a fresh demo host has: a small company's machines, each tuned or mistuned in its own way.
import type { GuestSpec } from './guest-xml.ts';
import type { MachineName } from './host-facts.ts';

export interface FleetGuest extends GuestSpec {
  /** What it is doing when the host comes up. */
  readonly standing: 'running' | 'paused' | 'off' | 'saved';
  readonly transient?: true;
  readonly autostart?: true;
  /** How busy its vCPUs are on average, 0 to 1. */
  readonly load: number;
  /** Edits to the saved definition alone, so that it differs from the live one: path from the root, then the new text or attribute. */
  readonly pending?: readonly { readonly path: readonly string[]; readonly text: string }[];
}

const pins = (cpus: readonly (number | string)[]): readonly string[] => cpus.map((cpu, vcpu) => `<vcpupin vcpu='${vcpu}' cpuset='${cpu}'/>`);
const uuid = (n: number): string => `7d1e0${n.toString(16).padStart(3, '0')}-4b5c-4d6e-8f70-5a1c0de${n.toString(16).padStart(5, '0')}`;
const mac = (n: number): string => `52:54:00:6e:10:${n.toString(16).padStart(2, '0')}`;
const image = (name: string): string => `/var/lib/libvirt/images/${name}.qcow2`;
const web = (n: number, more: Partial<FleetGuest> = {}): FleetGuest => ({
  name: `web-0${n}`, uuid: uuid(2 + n), title: `Shop front ${n}`, standing: 'running', autostart: true, load: 0.22 + n * 0.06, memory: 8, vcpus: 4,
  disks: [{ target: 'vda', path: image(`web-0${n}`) }], nics: [{ mac: mac(2 + n), network: 'default' }], balloonPeriod: 5, ...more,
});
const ceph = (n: number): FleetGuest => ({
  name: `ceph-osd-${n}`, uuid: uuid(10 + n), standing: 'running', autostart: true, load: 0.3, memory: 12, vcpus: 4, node: n - 1, iothreads: 4, blkioWeight: 800,
  cputune: [`<shares>200</shares>`, ...pins(Array.from({ length: 4 }, () => (n === 1 ? '4-7,20-23' : '14-15,30-31')))],
  disks: [
    { target: 'vda', path: image(`ceph-osd-${n}`) },
    ...['b', 'c', 'd'].map((letter, index) => ({ target: `vd${letter}`, path: `/dev/vg_osd/osd-${n}-${index}`, kind: 'block' as const, iothread: index + 1 })),
  ],
  nics: [{ mac: mac(10 + n) }, { mac: mac(20 + n), bridge: 'br-storage' }],
});

export const fleet: readonly FleetGuest[] = [
  {
    name: 'db-primary', uuid: uuid(1), title: 'PostgreSQL, primary', standing: 'running', autostart: true, load: 0.58, memory: 32, vcpus: 8, hugepages: '1G', node: 0, iothreads: 2,
    topology: [1, 4, 2],
    cputune: [`<shares>2048</shares>`, ...pins([0, 16, 1, 17, 2, 18, 3, 19]), `<emulatorpin cpuset='4,20'/>`, `<iothreadpin iothread='1' cpuset='4'/>`, `<iothreadpin iothread='2' cpuset='20'/>`],
    disks: [{ target: 'vda', path: image('db-primary') }, { target: 'vdb', path: '/dev/vg_fast/db-primary', kind: 'block', iothread: 1 }, { target: 'vdc', path: '/dev/vg_fast/db-primary-wal', kind: 'block', iothread: 2 }],
    nics: [{ mac: mac(1) }],
  },
  {
    name: 'db-replica', uuid: uuid(2), title: 'PostgreSQL, replica', standing: 'running', autostart: true, load: 0.31, memory: 32, vcpus: 8, hugepages: '1G', node: 1, iothreads: 1,
    topology: [1, 4, 2],
    cputune: [...pins([10, 26, 11, 27, 12, 28, 13, 29]), `<emulatorpin cpuset='8-9,24-25'/>`],
    disks: [{ target: 'vda', path: image('db-replica') }, { target: 'vdb', path: '/dev/vg_fast/db-replica', kind: 'block', iothread: 1 }],
    nics: [{ mac: mac(2) }],
  },
  web(1),
  web(2, { nics: [{ mac: mac(4), network: 'default', bandwidth: [`<inbound average='12500' peak='25000' burst='12500'/>`, `<outbound average='12500'/>`] }] }),
  web(3, {
    plugged: 4, vcpus: 8, cputune: [`<shares>100</shares>`, `<vcpupin vcpu='0' cpuset='4-7'/>`],
    // Changed in the definition and not restarted since.
    pending: [{ path: ['cputune', 'shares'], text: '400' }, { path: ['memory'], text: String(12 * 1_048_576) }],
  }),
  {
    name: 'mail', uuid: uuid(6), standing: 'running', autostart: true, load: 0.12, memory: 6, currentMemory: 4, vcpus: 2, balloonPeriod: 10,
    disks: [{ target: 'vda', path: image('mail') }, { target: 'vdb', path: image('mail-spool'), iotune: [`<total_bytes_sec>104857600</total_bytes_sec>`, `<total_iops_sec>2000</total_iops_sec>`] }], nics: [{ mac: mac(6), network: 'default' }],
  },
  {
    name: 'win-erp', uuid: uuid(7), title: 'ERP &amp; payroll', standing: 'running', load: 0.41, memory: 16, vcpus: 8, topology: [1, 8, 1], firmware: 'efi', windows: true, hugepages: '2M', display: 'spice', medium: '/var/lib/libvirt/images/virtio-win.iso',
    cputune: [`<period>100000</period>`, `<quota>80000</quota>`], disks: [{ target: 'vda', path: image('win-erp') }], nics: [{ mac: mac(7) }],
  },
  ceph(1),
  ceph(2),
  {
    name: 'k8s-worker-1', uuid: uuid(13), standing: 'running', load: 0.47, display: 'none', memory: 24, room: [96, 8], balloonPeriod: 5, vcpus: 12, plugged: 8, topology: [1, 12, 1],
    memtune: [`<hard_limit unit='KiB'>29360128</hard_limit>`, `<soft_limit unit='KiB'>25165824</soft_limit>`],
    metadata: [`<kube:node xmlns:kube="https://metadata.example/kube/1.0" pool="general">`, `  <!-- written by the provisioner; do not edit -->`, `  <kube:label key="tier">batch</kube:label>`, `</kube:node>`],
    disks: [{ target: 'vda', path: image('k8s-worker-1') }], nics: [{ mac: mac(13) }],
  },
  {
    name: 'build-runner', uuid: uuid(14), standing: 'paused', load: 0.8, memory: 8, vcpus: 6,
    cputune: [`<global_period>100000</global_period>`, `<global_quota>400000</global_quota>`, `<emulatorpin cpuset='8-15'/>`],
    disks: [{ target: 'vda', path: image('build-runner') }], nics: [{ mac: mac(14), network: 'default' }],
  },
  {
    name: 'lab-nested', uuid: uuid(15), standing: 'running', load: 0.07, memory: 4, vcpus: 2, agent: false, commandline: ['-fw_cfg', 'name=opt/example.demo/role,string=lab'],
    metadata: [`<inventory:asset xmlns:inventory="https://metadata.example/inventory/2.1" owner="platform">`, `  <inventory:ticket>OPS-1184</inventory:ticket>`, `</inventory:asset>`],
    disks: [{ target: 'vda', path: image('lab-nested') }], nics: [{ mac: mac(15), network: 'default' }],
  },
  { name: 'ci-4711', uuid: uuid(16), standing: 'running', transient: true, load: 0.66, memory: 4, vcpus: 4, disks: [{ target: 'vda', path: image('ci-4711') }], nics: [{ mac: mac(16), network: 'default' }] },
  {
    name: 'etl-night', uuid: uuid(17), title: 'Nightly load', standing: 'off', load: 0.9, memory: 48, vcpus: 16, cputune: [`<shares>50</shares>`],
    disks: [{ target: 'vda', path: image('etl-night') }, { target: 'vdb', path: '/dev/vg_slow/etl-night', kind: 'block' }], nics: [{ mac: mac(17) }],
  },
  { name: 'old-wiki', uuid: uuid(18), standing: 'saved', load: 0.02, memory: 2, vcpus: 1, disks: [{ target: 'vda', path: image('old-wiki') }], nics: [{ mac: mac(18), network: 'default' }] },
];

/** Five guests of 64 vCPUs for the large machine, each pinned in its own way: one floats, one by core, one by node, one by ranges, one with its threads apart. */
const wide: readonly FleetGuest[] = [[], pins(Array.from({ length: 64 }, (_, vcpu) => vcpu * 2)), pins(Array.from({ length: 64 }, () => '0-31,64-95')), pins(Array.from({ length: 64 }, (_, vcpu) => `${vcpu}-${vcpu + 7}`)), pins([5, '7-9'])].map((cputune, index) => ({
  name: `wide-${index + 1}`, uuid: uuid(32 + index), standing: 'running', load: 0.2 + index * 0.1, memory: 16, vcpus: 64, iothreads: 2, cputune: [...cputune, ...(index === 4 ? [`<emulatorpin cpuset='0-3'/>`] : [])],
  disks: [{ target: 'vda', path: image(`wide-${index + 1}`) }], nics: [{ mac: mac(32 + index), network: 'default' }],
}));

/** The guests of each machine. */
export const fleets: Readonly<Record<MachineName, readonly FleetGuest[]>> = { usual: fleet, large: wide };
