// What the virtual host consists of: its packages, the files put on its disk and its machine; a change here makes a new cache entry.
import { createHash } from 'node:crypto';
import { firstCallsScript, guestDefinitions, guestInit, guestsFolder } from './guests.ts';

/** A file on the virtual host's disk. */
export interface HostFile {
  readonly path: string;
  /** Octal permissions as `install -m` takes them. */
  readonly mode: string;
  readonly text: string;
}

export const release = 'bookworm';
export const hostName = 'guestdeck-host';
/** A second account, member of libvirt and sudo (no password asked), reached with root's key. */
export const keeperName = 'keeper';
/** The line the host writes to its serial console once libvirt has answered its first calls. */
export const readyMarker = 'guestdeck-host: ready';
/** The beginning of the line it writes instead when one of them failed. */
export const failedMarker = 'guestdeck-host: failed:';

const diskGibibytes = 4;

const packages = [
  'systemd-sysv', 'dbus', 'udev', 'kmod', 'procps', 'iproute2', 'iptables', 'sudo', 'openssh-server', 'netcat-openbsd',
  'libvirt-daemon-system', 'libvirt-daemon-driver-qemu', 'libvirt-daemon-config-network', 'libvirt-clients', 'dnsmasq-base',
  'qemu-system-x86', 'qemu-utils', 'gnutls-bin', 'sasl2-bin', 'libsasl2-modules', 'linux-image-amd64', 'busybox-static', 'cpio', 'zstd',
] as const;

/** Left out of the packages: nobody reads them there, and each costs seconds of unpacking. */
const leftOut = [
  '/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*',
  ...['drivers/gpu', 'drivers/media', 'drivers/infiniband', 'drivers/net/ethernet', 'drivers/net/wireless', 'sound']
    .map((folder) => `/lib/modules/*/kernel/${folder}/*`),
];

/** In place before the kernel package makes its initramfs: one with only what finds the disk boots far faster under emulation. */
const earlyFiles: readonly HostFile[] = [
  { path: '/etc/initramfs-tools/conf.d/lab', mode: '644', text: 'MODULES=list\n' },
  { path: '/usr/share/initramfs-tools/modules.d/lab', mode: '644', text: 'virtio_pci\nvirtio_blk\next4\n' },
];

const files: readonly HostFile[] = [
  { path: '/etc/hostname', mode: '644', text: `${hostName}\n` },
  { path: '/etc/hosts', mode: '644', text: `127.0.0.1 localhost\n127.0.1.1 ${hostName}\n` },
  { path: '/etc/fstab', mode: '644', text: '/dev/vda / ext4 defaults 0 0\n' },
  { path: '/etc/resolv.conf', mode: '644', text: 'nameserver 10.0.2.3\n' },
  {
    // QEMU's user network is always the same, so nothing has to be asked of its DHCP server.
    path: '/etc/systemd/network/10-lab.network', mode: '644',
    text: '[Match]\nName=en*\n\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n',
  },
  { path: `/etc/sudoers.d/${keeperName}`, mode: '440', text: `${keeperName} ALL=(ALL) NOPASSWD: ALL\n` },
  {
    path: '/etc/systemd/system/lab-first-calls.service', mode: '644',
    text: `[Unit]
Description=First libvirt calls of the lab's host
After=libvirtd.service ssh.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/lab-first-calls

[Install]
WantedBy=multi-user.target
`,
  },
  {
    // Held from the beginning, because the kernel writes its own code anew where the first limit of CPU time comes and the last one goes,
    // and the first and last set of CPUs: on an emulator whose threads wait for processors, QEMU before 8.1 may go on with the
    // old code, and then all CPUs take its breakpoint again and again for ever. Early, while hardly anything else runs.
    path: '/etc/systemd/system/lab.slice', mode: '644',
    text: `[Unit]
Description=Holds the kernel to counting CPU time and sets of CPUs
DefaultDependencies=no
Before=systemd-journald.service systemd-udevd.service systemd-udev-trigger.service sysinit.target

[Slice]
CPUQuota=800%
AllowedCPUs=0-7

[Install]
WantedBy=sysinit.target
`,
  },
  { path: '/usr/local/sbin/lab-first-calls', mode: '755', text: firstCallsScript({ readyMarker, failedMarker }) },
  { path: `${guestsFolder}/init`, mode: '755', text: guestInit },
  ...guestDefinitions.map(({ name, xml }) => ({ path: `${guestsFolder}/${name}.xml`, mode: '644', text: xml })),
];

/** Timers that would wake up when the clock of a resumed host jumps, and take the emulated CPUs from the test. */
const maskedTimers = ['apt-daily', 'apt-daily-upgrade', 'dpkg-db-backup', 'e2scrub_all', 'fstrim', 'logrotate', 'systemd-tmpfiles-clean'];

const installFiles = (list: readonly HostFile[]): string =>
  list.map(({ path, mode, text }) => `install -D -m ${mode} /dev/stdin "$1${path}" <<'END_OF_FILE'\n${text}END_OF_FILE\n`).join('');

/** Shell run by mmdebstrap with the new root as $1, after the packages are in. */
function customization(publicKey: string): string {
  const keys: readonly HostFile[] = ['/root', `/home/${keeperName}`]
    .map((home) => ({ path: `${home}/.ssh/authorized_keys`, mode: '600', text: `${publicKey.trim()}\n` }));
  return `set -e
chroot "$1" useradd --create-home --shell /bin/bash --groups libvirt,sudo ${keeperName}
${installFiles([...files, ...keys])}chmod 700 "$1/root/.ssh" "$1/home/${keeperName}/.ssh"
chroot "$1" chown -R ${keeperName}:${keeperName} /home/${keeperName}
chroot "$1" systemctl --quiet enable systemd-networkd.service lab-first-calls.service lab.slice
chroot "$1" systemctl --quiet mask ${maskedTimers.map((timer) => `${timer}.timer`).join(' ')}
mkdir -p "$1${guestsFolder}/tree/bin"
cp "$1/bin/busybox" "$1${guestsFolder}/tree/bin/busybox"
mv "$1${guestsFolder}/init" "$1${guestsFolder}/tree/init"
chroot "$1" sh -c 'cd ${guestsFolder}/tree && find . | cpio --quiet -o -H newc | gzip > ../initrd'
rm -r "$1${guestsFolder}/tree"
cp "$1"/boot/vmlinuz-* "$1${guestsFolder}/vmlinuz"
rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"
`;
}

/**
 * The arguments with which mmdebstrap makes the host's root as `tarball`.
 * `sources` are lines of a sources.list and `aptOptions` lines of an apt.conf, both the machine's own.
 */
export function mmdebstrapArguments(
  { tarball, publicKey, sources, aptOptions }:
  { readonly tarball: string; readonly publicKey: string; readonly sources: readonly string[]; readonly aptOptions: readonly string[] },
): readonly string[] {
  return [
    // Without device nodes, which only the machine's root can unpack; the host's kernel makes them.
    '--variant=minbase', '--format=tar', '--skip=output/dev',
    `--include=${packages.join(',')}`,
    ...aptOptions.map((option) => `--aptopt=${option}`),
    '--dpkgopt=force-unsafe-io',
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--essential-hook=set -e\n${installFiles(earlyFiles)}`,
    `--customize-hook=${customization(publicKey)}`,
    release, tarball, ...sources,
  ];
}

/**
 * Shell that unpacks mmdebstrap's tarball ($1) into an empty folder ($2), makes it the file system image $3, and leaves kernel,
 * initrd and public host keys in $4.
 */
export const packingScript = `set -e
tar --numeric-owner -xf "$1" -C "$2"
rm "$1"
mkdir "$2/dev"
cp "$2"/boot/vmlinuz-* "$4/vmlinuz"
cp "$2"/boot/initrd.img-* "$4/initrd"
cat "$2"/etc/ssh/ssh_host_*_key.pub > "$4/host-keys"
mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=0 -d "$2" "$3" ${diskGibibytes}G
rm -r "$2"
`;

/** The machine without its disk, network and firmware inputs: 2 sockets × 2 cores × 2 threads on two NUMA nodes of 1.5 GiB. */
export const machineArguments: readonly string[] = [
  '-machine', 'pc', '-smp', '8,sockets=2,cores=2,threads=2', '-m', '3072',
  '-object', 'memory-backend-ram,id=memory0,size=1536M', '-object', 'memory-backend-ram,id=memory1,size=1536M',
  '-numa', 'node,nodeid=0,cpus=0-3,memdev=memory0', '-numa', 'node,nodeid=1,cpus=4-7,memdev=memory1',
  '-numa', 'dist,src=0,dst=1,val=21',
  '-nodefaults', '-display', 'none', '-vga', 'none', '-device', 'virtio-rng-pci',
];

export const kernelCommandLine = 'root=/dev/vda rw console=ttyS0 quiet hugepages=64 mitigations=off panic=1';

/** Twelve hexadecimal digits that change whenever the recipe of the disk changes. */
export const diskHash = hash({ disk: mmdebstrapArguments({ tarball: '', publicKey: '', sources: [], aptOptions: [] }), packingScript });

/** The same for a saved running state, which fits only the machine, accelerator and QEMU version that saved it. */
export const stateHash = (accelerator: readonly string[], qemuVersion: string): string =>
  hash({ machineArguments, kernelCommandLine, accelerator, qemuVersion });

function hash(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
