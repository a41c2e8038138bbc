// The guests defined inside the virtual host, the tiny system they boot, and the script that defines them at the first boot.

interface GuestDefinition {
  readonly name: string;
  readonly xml: string;
}

/** Where the virtual host keeps its guests' kernel, initrd and definitions. */
export const guestsFolder = '/var/lib/libvirt/images/lab';

/** The first program of a guest: says that it runs, then leaves a shell on the serial console. */
export const guestInit = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /usr/bin /usr/sbin /sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox --install -s
echo 'guest: ready'
exec setsid sh -c 'exec sh </dev/ttyS0 >/dev/ttyS0 2>&1'
`;

const systemAndDevices = `  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${guestsFolder}/vmlinuz</kernel>
    <initrd>${guestsFolder}/initrd</initrd>
    <cmdline>console=ttyS0 quiet mitigations=off</cmdline>
  </os>
  <features>
    <acpi/>
  </features>
  <devices>
    <interface type='network'>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'/>
    <console type='pty'/>
    <memballoon model='virtio'/>
  </devices>`;

/**
 * Both are defined and off, and emulated wherever they run. Inside an emulated host they start in some 15 s and boot in minutes:
 * they are there to be pinned and measured from outside. The host's 64 pages of 2 MiB are spread over its nodes, so each node
 * can give a cell its 24.
 */
export const guestDefinitions: readonly GuestDefinition[] = [
  {
    name: 'numa-guest',
    xml: `<domain type='qemu'>
  <name>numa-guest</name>
  <uuid>6c1f3a52-0d57-4b0e-9a3c-5c0f5e5b8a01</uuid>
  <memory unit='MiB'>96</memory>
  <memoryBacking>
    <hugepages>
      <page size='2048' unit='KiB'/>
    </hugepages>
  </memoryBacking>
  <vcpu placement='static'>4</vcpu>
  <numatune>
    <memory mode='strict' nodeset='0-1'/>
    <memnode cellid='0' mode='strict' nodeset='0'/>
    <memnode cellid='1' mode='strict' nodeset='1'/>
  </numatune>
  <cpu>
    <topology sockets='2' dies='1' cores='2' threads='1'/>
    <numa>
      <cell id='0' cpus='0-1' memory='48' unit='MiB'/>
      <cell id='1' cpus='2-3' memory='48' unit='MiB'/>
    </numa>
  </cpu>
${systemAndDevices}
</domain>
`,
  },
  {
    name: 'plain',
    xml: `<domain type='qemu'>
  <name>plain</name>
  <uuid>6c1f3a52-0d57-4b0e-9a3c-5c0f5e5b8a02</uuid>
  <memory unit='MiB'>128</memory>
  <vcpu placement='static'>2</vcpu>
${systemAndDevices}
</domain>
`,
  },
];

/**
 * Shell for the virtual host's first boot: makes the calls that are slow the first time (libvirt probes QEMU), starts the
 * default network, defines the guests, and says on the serial console how that ended.
 */
export function firstCallsScript({ readyMarker, failedMarker }: { readonly readyMarker: string; readonly failedMarker: string }): string {
  return `#!/bin/sh
call() {
  answer=$(virsh --connect qemu:///system "$@" 2>&1) && return
  echo "${failedMarker} virsh $* answered: $answer" > /dev/ttyS0
  exit 1
}
call capabilities
call domcapabilities --virttype qemu
${guestDefinitions.map(({ name }) => `call define ${guestsFolder}/${name}.xml`).join('\n')}
call net-autostart default
virsh --connect qemu:///system net-list --name | grep -qx default || call net-start default
echo '${readyMarker}' > /dev/ttyS0
`;
}
