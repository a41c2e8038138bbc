// Writes the definitions of the demo host's guests the way libvirt prints them, from the little that makes each its own.

export interface GuestSpec {
  readonly name: string;
  readonly uuid: string;
  readonly title?: string;
  /** GiB. */
  readonly memory: number;
  /** GiB, when its balloon holds less. */
  readonly currentMemory?: number;
  readonly vcpus: number;
  /** How many of them are plugged at start; all unless told. */
  readonly plugged?: number;
  /** GiB that memory can grow to by plugging DIMMs, in how many slots; the guest has one NUMA cell then. */
  readonly room?: readonly [memory: number, slots: number];
  readonly hugepages?: '1G' | '2M';
  /** The children of `<cputune>`. */
  readonly cputune?: readonly string[];
  /** Node its memory is bound to. */
  readonly node?: number;
  readonly iothreads?: number;
  readonly blkioWeight?: number;
  readonly memtune?: readonly string[];
  /** Sockets, cores, threads that the guest sees. */
  readonly topology?: readonly [sockets: number, cores: number, threads: number];
  readonly firmware?: 'efi';
  readonly windows?: boolean;
  /** What its display speaks, VNC unless told; and the file in its CD drive, where it has one. */
  readonly display?: 'spice' | 'none';
  readonly medium?: string;
  readonly disks: readonly DiskSpec[];
  readonly nics: readonly NicSpec[];
  readonly metadata?: readonly string[];
  readonly agent?: boolean;
  /** Arguments that libvirt passes on unread. */
  readonly commandline?: readonly string[];
  readonly balloonPeriod?: number;
}
export interface DiskSpec {
  readonly target: string;
  readonly path: string;
  readonly kind?: 'file' | 'block';
  readonly iothread?: number;
  readonly iotune?: readonly string[];
}
export interface NicSpec {
  readonly mac: string;
  readonly bridge?: string;
  readonly network?: string;
  readonly bandwidth?: readonly string[];
}

const kib = (gib: number): number => gib * 1_048_576;
const block = (indent: string, name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${indent}<${name}>`, ...lines.map((line) => `${indent}  ${line}`), `${indent}</${name}>`];
const pci = (bus: number): string => `<address type='pci' domain='0x0000' bus='0x${bus.toString(16).padStart(2, '0')}' slot='0x00' function='0x0'/>`;

const diskLines = (disk: DiskSpec, bus: number): readonly string[] => {
  const kind = disk.kind ?? 'file';
  const iothread = disk.iothread === undefined ? '' : ` iothread='${disk.iothread}'`;
  return [
    `    <disk type='${kind}' device='disk'>`,
    `      <driver name='qemu' type='${kind === 'file' ? 'qcow2' : 'raw'}' cache='none' io='native' discard='unmap'${iothread}/>`,
    `      <source ${kind === 'file' ? 'file' : 'dev'}='${disk.path}'/>`,
    `      <target dev='${disk.target}' bus='virtio'/>`,
    ...block('      ', 'iotune', disk.iotune ?? []),
    `      ${pci(bus)}`,
    `    </disk>`,
  ];
};

const drive = (medium: string): readonly string[] => [
  `    <disk type='file' device='cdrom'>`,
  `      <driver name='qemu' type='raw'/>`,
  `      <source file='${medium}'/>`,
  `      <target dev='sda' bus='sata'/>`,
  `      <readonly/>`,
  `      <address type='drive' controller='0' bus='0' target='0' unit='0'/>`,
  `    </disk>`,
];

const graphics = (type: 'vnc' | 'spice'): readonly string[] => [
  `    <graphics type='${type}' port='-1' autoport='yes' listen='127.0.0.1'>`,
  `      <listen type='address' address='127.0.0.1'/>`,
  `    </graphics>`,
];

const nicLines = (nic: NicSpec, bus: number): readonly string[] => [
  `    <interface type='${nic.network === undefined ? 'bridge' : 'network'}'>`,
  `      <mac address='${nic.mac}'/>`,
  nic.network === undefined ? `      <source bridge='${nic.bridge ?? 'br0'}'/>` : `      <source network='${nic.network}'/>`,
  ...block('      ', 'bandwidth', nic.bandwidth ?? []),
  `      <model type='virtio'/>`,
  `      ${pci(bus)}`,
  `    </interface>`,
];

const channels = (spec: GuestSpec): readonly string[] =>
  spec.agent === false ? [] : [
    `    <channel type='unix'>`,
    `      <target type='virtio' name='org.qemu.guest_agent.0'/>`,
    `      <address type='virtio-serial' controller='0' bus='0' port='1'/>`,
    `    </channel>`,
  ];

const os = (spec: GuestSpec): readonly string[] =>
  spec.firmware === 'efi'
    ? [
        `  <os firmware='efi'>`,
        `    <type arch='x86_64' machine='pc-q35-9.2'>hvm</type>`,
        `    <firmware>`,
        `      <feature enabled='yes' name='enrolled-keys'/>`,
        `      <feature enabled='yes' name='secure-boot'/>`,
        `    </firmware>`,
        `    <loader readonly='yes' secure='yes' type='pflash' format='raw'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>`,
        `    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.ms.fd' templateFormat='raw' format='raw'>/var/lib/libvirt/qemu/nvram/${spec.name}_VARS.fd</nvram>`,
        `    <boot dev='hd'/>`,
        `  </os>`,
      ]
    : [`  <os>`, `    <type arch='x86_64' machine='pc-q35-9.2'>hvm</type>`, `    <boot dev='hd'/>`, `  </os>`];

const features = (spec: GuestSpec): readonly string[] => [
  `  <features>`,
  `    <acpi/>`,
  `    <apic/>`,
  ...(spec.windows === true
    ? [`    <hyperv mode='custom'>`, `      <relaxed state='on'/>`, `      <vapic state='on'/>`, `      <spinlocks state='on' retries='8191'/>`, `      <vpindex state='on'/>`, `      <synic state='on'/>`, `      <stimer state='on'/>`, `    </hyperv>`]
    : []),
  ...(spec.firmware === 'efi' ? [`    <smm state='on'/>`] : []),
  `  </features>`,
];

const cpu = (spec: GuestSpec): readonly string[] => {
  const [socketCount, cores, threads] = spec.topology ?? [1, spec.vcpus, 1];
  return [
    `  <cpu mode='host-passthrough' check='none' migratable='on'>`,
    `    <topology sockets='${socketCount}' dies='1' clusters='1' cores='${cores}' threads='${threads}'/>`,
    ...(spec.room === undefined ? [] : block('    ', 'numa', [`<cell id='0' cpus='0-${spec.vcpus - 1}' memory='${kib(spec.memory)}' unit='KiB'/>`])),
    `  </cpu>`,
    ...(spec.windows === true
      ? [`  <clock offset='localtime'>`, `    <timer name='rtc' tickpolicy='catchup'/>`, `    <timer name='hypervclock' present='yes'/>`, `  </clock>`]
      : [`  <clock offset='utc'>`, `    <timer name='rtc' tickpolicy='catchup'/>`, `    <timer name='pit' tickpolicy='delay'/>`, `    <timer name='hpet' present='no'/>`, `  </clock>`]),
  ];
};

const devices = (spec: GuestSpec): readonly string[] => [
  `  <devices>`,
  `    <emulator>/usr/bin/qemu-system-x86_64</emulator>`,
  ...spec.disks.flatMap((disk, index) => diskLines(disk, 4 + index)),
  ...(spec.medium === undefined ? [] : drive(spec.medium)),
  `    <controller type='pci' index='0' model='pcie-root'/>`,
  `    <controller type='virtio-serial' index='0'>`,
  `      ${pci(3)}`,
  `    </controller>`,
  ...spec.nics.flatMap((nic, index) => nicLines(nic, 16 + index)),
  `    <serial type='pty'>`,
  `      <target type='isa-serial' port='0'>`,
  `        <model name='isa-serial'/>`,
  `      </target>`,
  `    </serial>`,
  `    <console type='pty'>`,
  `      <target type='serial' port='0'/>`,
  `    </console>`,
  ...channels(spec),
  `    <input type='mouse' bus='ps2'/>`,
  `    <input type='keyboard' bus='ps2'/>`,
  ...(spec.windows === true ? [`    <tpm model='tpm-crb'>`, `      <backend type='emulator' version='2.0'/>`, `    </tpm>`] : []),
  ...(spec.display === 'none' ? [] : graphics(spec.display ?? 'vnc')),
  `    <audio id='1' type='none'/>`,
  `    <video>`,
  `      <model type='virtio' heads='1' primary='yes'/>`,
  `      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>`,
  `    </video>`,
  `    <watchdog model='itco' action='reset'/>`,
  ...(spec.balloonPeriod === undefined
    ? [`    <memballoon model='virtio'>`, `      ${pci(1)}`, `    </memballoon>`]
    : [`    <memballoon model='virtio'>`, `      <stats period='${spec.balloonPeriod}'/>`, `      ${pci(1)}`, `    </memballoon>`]),
  `    <rng model='virtio'>`,
  `      <backend model='random'>/dev/urandom</backend>`,
  `      ${pci(2)}`,
  `    </rng>`,
  `  </devices>`,
];

const memoryBacking = (pages: '1G' | '2M'): readonly string[] => block('  ', 'memoryBacking', [
  '<hugepages>', `  <page size='${pages === '1G' ? 1_048_576 : 2048}' unit='KiB'/>`, '</hugepages>',
]);

/** The saved definition of such a guest. */
export const guestXml = (spec: GuestSpec): string =>
  [
    spec.commandline === undefined ? `<domain type='kvm'>` : `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>`,
    `  <name>${spec.name}</name>`,
    `  <uuid>${spec.uuid}</uuid>`,
    ...(spec.title === undefined ? [] : [`  <title>${spec.title}</title>`]),
    ...block('  ', 'metadata', spec.metadata ?? []),
    ...(spec.room === undefined ? [] : [`  <maxMemory slots='${spec.room[1]}' unit='KiB'>${kib(spec.room[0])}</maxMemory>`]),
    `  <memory unit='KiB'>${kib(spec.memory)}</memory>`,
    `  <currentMemory unit='KiB'>${kib(spec.currentMemory ?? spec.memory)}</currentMemory>`,
    ...block('  ', 'blkiotune', spec.blkioWeight === undefined ? [] : [`<weight>${spec.blkioWeight}</weight>`]),
    ...block('  ', 'memtune', spec.memtune ?? []),
    ...(spec.hugepages === undefined ? [] : memoryBacking(spec.hugepages)),
    `  <vcpu placement='static'${spec.plugged === undefined ? '' : ` current='${spec.plugged}'`}>${spec.vcpus}</vcpu>`,
    ...(spec.iothreads === undefined ? [] : [`  <iothreads>${spec.iothreads}</iothreads>`]),
    ...block('  ', 'cputune', spec.cputune ?? []),
    ...(spec.node === undefined ? [] : [`  <numatune>`, `    <memory mode='strict' nodeset='${spec.node}'/>`, `  </numatune>`]),
    ...os(spec),
    ...features(spec),
    ...cpu(spec),
    `  <on_poweroff>destroy</on_poweroff>`,
    `  <on_reboot>restart</on_reboot>`,
    `  <on_crash>destroy</on_crash>`,
    `  <pm>`,
    `    <suspend-to-mem enabled='no'/>`,
    `    <suspend-to-disk enabled='no'/>`,
    `  </pm>`,
    ...devices(spec),
    ...(spec.commandline === undefined ? [] : block('  ', 'qemu:commandline', spec.commandline.map((value) => `<qemu:arg value='${value}'/>`))),
    `</domain>`,
    '',
  ].join('\n');
