// The table of knobs, whole, and the guests it is about: held with a real libvirtd, with the demo host, and with the page before both.
import type { Row } from './knob-row.test-peer.ts';
import { cpuRows, pluggingRows } from './knobs-cpu.test-peer.ts';
import { deviceRows } from './knobs-devices.test-peer.ts';
import { diskRows } from './knobs-disks.test-peer.ts';
import { memoryRows } from './knobs-memory.test-peer.ts';
import { networkRows } from './knobs-network.test-peer.ts';

/** @param type of the domain: what accelerates it. */
export const bareXml = (type: 'qemu' | 'kvm'): string => `<domain type='${type}'>
  <name>bare</name>
  <uuid>5f0b8a52-7c1d-4e0e-9d53-0c1f5e5b8a11</uuid>
  <memory unit='MiB'>64</memory>
  <vcpu placement='static' current='2'>4</vcpu>
  <iothreads>2</iothreads>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <controller type='usb' model='none'/>
    <controller type='scsi' index='0' model='virtio-scsi'><driver iothread='2'/></controller>
    <interface type='ethernet'><mac address='52:54:00:ba:2e:01'/><model type='virtio'/></interface>
    <memballoon model='virtio'/>
  </devices>
</domain>
`;

export const rows: readonly Row[] = [...cpuRows, ...memoryRows, ...diskRows, ...networkRows, ...deviceRows, ...pluggingRows];

export const titleOf = ({ knob, unit, truths, guest }: Row): string => `${knob}${unit === '' ? '' : ` ${unit}`} of ${guest}, ${truths.join(' and ')}`;
