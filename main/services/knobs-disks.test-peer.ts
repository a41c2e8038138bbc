// The disk knobs of the table: each with a value, and what shows that the host has it.
import { existsSync, readdirSync } from 'node:fs';
import { noLimits } from '../../app/tuning/disk-limits.ts';
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
/** What virsh tells of the disk's limits, in both truths. */
const tuned = (shows: RegExp) => [{ virsh: ['blkdeviotune', 'vda', '--live'], shows }, { virsh: ['blkdeviotune', 'vda', '--config'], shows }];
/** Has a disk, vda. */
const one = { guest: 'lab-one' } as const;
const two = { guest: 'lab-two' } as const;
const later = { truths: ['saved'] } as const;
const twice = { truths: ['live', 'saved'] } as const;

/** A block device of the machine that the lab runs on; the demo host takes any. */
const hostDisk = ['vda', 'sda', 'nvme0n1', ...readdirSync('/sys/block')].find((name) => existsSync(`/sys/block/${name}`));
const device = { path: `/dev/${hostDisk ?? 'sda'}`, weight: null, read_iops_sec: null, write_iops_sec: null, read_bytes_sec: null, write_bytes_sec: null };

const driver = { cache: null, io: null, discard: null, detect_zeroes: null, error_policy: null, rerror_policy: null, copy_on_read: null, iothread: null, queues: null, queue_size: null, serial: null, wwn: null, device: 'disk', rawio: null };

const controller = { index: 0, model: 'virtio-scsi', iothread: null, queues: null, cmd_per_lun: null, max_sectors: null, ioeventfd: null };

const vda = (name: string) => ({ target: 'vda', device: 'disk', source: `/var/lib/libvirt/images/${name}.qcow2`, format: 'qcow2', bus: 'virtio', readonly: false });

export const diskRows: readonly Row[] = [
  row({
    ...one, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, total_bytes_sec: 10_000_000, total_bytes_sec_max: 20_000_000, total_bytes_sec_max_length: 5, read_iops_sec: 300, write_iops_sec: 200, size_iops_sec: 8192, group_name: 'slow' },
    witnesses: [
      ...both(/<iotune>\s*<total_bytes_sec>10000000<\/[^]*<read_iops_sec>300<\/[^]*<write_iops_sec>200<\/[^]*<total_bytes_sec_max>20000000<\/[^]*<size_iops_sec>8192<\/[^]*<group_name>slow<\/[^]*<total_bytes_sec_max_length>5<\//),
      ...tuned(/total_bytes_sec: 10000000\nread_bytes_sec : 0\n[^]*read_iops_sec\s*: 300\nwrite_iops_sec\s*: 200\n[^]*total_bytes_sec_max: 20000000\n[^]*size_iops_sec\s*: 8192\ngroup_name\s*: slow\ntotal_bytes_sec_max_length: 5/),
    ],
  }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, read_bytes_sec: 1_000_000, write_bytes_sec: 2_000_000, write_bytes_sec_max: 3_000_000 }, witnesses: tuned(/read_bytes_sec : 1000000\nwrite_bytes_sec: 2000000\n[^]*write_bytes_sec_max: 3000000/) }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, total_bytes_sec: 1_000_000, read_bytes_sec: 1_000_000 }, witnesses: both(/<iotune>/), refused: field(/^All together is limited, or reads and writes each, not both/) }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, read_iops_sec_max: 100 }, witnesses: both(/<iotune>/), refused: field(/^A burst needs a limit to return to/) }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, write_bytes_sec: 1_000_000, write_bytes_sec_max_length: 3 }, witnesses: both(/<iotune>/), refused: field(/^A length needs a burst/) }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, total_iops_sec: 200, total_iops_sec_max: 100 }, witnesses: both(/<iotune>/), refused: field(/^A burst cannot be less than its limit, 200 \/s/) }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, total_bytes_sec: 1_000_000, size_iops_sec: 4096 }, witnesses: both(/<iotune>/), refused: field(/^A size of operations needs a limit of operations/) }),
  row({ ...two, ...twice, knob: 'diskThrottling', unit: 'vda', value: { ...noLimits, group_name: 'nothing' }, witnesses: both(/<iotune>/), refused: field(/^A group needs a limit/) }),
  row({ ...one, ...twice, knob: 'blockWeight', unit: '', value: 300, witnesses: [...both(/<blkiotune>\s*<weight>300<\//), { virsh: ['blkiotune', '--live'], shows: /weight\s*: 300/ }, { virsh: ['blkiotune', '--config'], shows: /weight\s*: 300/ }] }),
  row({ ...two, ...twice, knob: 'blockWeight', unit: '', value: 5000, witnesses: both(/<weight>5000<\//), refused: { lab: { by: 'field', message: /^This host \(cgroup v1\) has weights up to 1000/ } } }),
  row({
    ...one, ...twice, ...(hostDisk === undefined && { only: 'demo' }), knob: 'blockDevices', unit: '', value: [{ ...device, read_bytes_sec: 5_000_000, write_iops_sec: 100 }],
    witnesses: [...both(/<blkiotune>[^]*<path>\/dev\/\w+<\/path>\s*<write_iops_sec>100<\/write_iops_sec>\s*<read_bytes_sec>5000000</), { virsh: ['blkiotune', '--live'], shows: /device_write_iops_sec: \/dev\/\w+,100\n[^]*device_read_bytes_sec: \/dev\/\w+,5000000/ }],
  }),
  row({ ...two, ...twice, knob: 'blockDevices', unit: '', value: [{ ...device, path: 'sda', weight: 300 }], witnesses: both(/<blkiotune>/), refused: field(/^Write the path of a block device of the host/) }),
  row({ ...two, ...twice, knob: 'blockDevices', unit: '', value: [device], witnesses: both(/<blkiotune>/), refused: field(/^Set a weight or a limit for it, or remove it/) }),
  row({
    ...one, ...later, knob: 'diskDriver', unit: 'vda',
    value: { ...driver, cache: 'none', io: 'native', discard: 'unmap', detect_zeroes: 'unmap', error_policy: 'report', rerror_policy: 'stop', copy_on_read: 'on', iothread: 2, queues: 2, queue_size: 256, serial: 'backup-1' },
    witnesses: [
      ...['cache=.none', 'io=.native', 'discard=.unmap', 'detect_zeroes=.unmap', 'error_policy=.report', 'rerror_policy=.stop', 'copy_on_read=.on', 'iothread=.2', 'queues=.2', 'queue_size=.256'].map((set) => saved(new RegExp(`<disk type='file'[^]*<driver name='qemu' type='qcow2'[^>]* ${set}'[^>]*>\\s*<source`))),
      saved(/<target dev='vda'[^]*<serial>backup-1<\/serial>/),
    ],
  }),
  row({ ...two, ...later, knob: 'diskDriver', unit: 'vda', value: { ...driver, iothread: 1, io: 'native' }, witnesses: [saved(/io='native'/)], refused: field(/^Native I\/O needs cache none or directsync/) }),
  row({ ...two, ...later, knob: 'diskDriver', unit: 'vda', value: { ...driver, iothread: 7 }, witnesses: [saved(/iothread='7'/)], refused: field(/^The guest has no I\/O thread 7/) }),
  row({ ...two, ...later, knob: 'diskDriver', unit: 'vda', value: { ...driver, iothread: 1, wwn: '5000c50015ea71ad' }, witnesses: [saved(/<wwn>/)], refused: field(/^Only disks on the buses ide and scsi have a world wide name/) }),
  row({ ...two, ...later, knob: 'diskDriver', unit: 'vda', value: { ...driver, iothread: 1, device: 'lun' }, witnesses: [saved(/device='lun'/)], refused: field(/^Only a block device of the host can be a lun/) }),
  row({ ...two, truths: ['live'], knob: 'diskDriver', unit: 'vda', value: { ...driver, iothread: 1, cache: 'none' }, witnesses: [live(/cache='none'/)], refused: field(/^This cannot be changed while the guest runs/) }),
  row({
    ...one, ...later, only: 'demo', knob: 'diskIoThreads', unit: 'vda', value: [{ id: 1, queues: '0-1' }, { id: 2, queues: '2-3' }], also: { diskDriver: { vda: { ...driver, queues: 4 } } },
    witnesses: [saved(/<driver name='qemu' type='qcow2' queues='4'>\s*<iothreads>\s*<iothread id='1'>\s*<queue id='0'\/>\s*<queue id='1'\/>\s*<\/iothread>\s*<iothread id='2'>\s*<queue id='2'\/>/)],
  }),
  row({ ...one, ...later, only: 'lab', knob: 'diskIoThreads', unit: 'vda', value: [{ id: 1, queues: null }, { id: 2, queues: null }], witnesses: [saved(/<iothreads>\s*<iothread id/)], refused: { lab: { by: 'field', message: /need libvirt 10\.0 on the host/ } } }),
  row({ ...one, ...later, only: 'demo', knob: 'diskIoThreads', unit: 'vda', value: [{ id: 1, queues: null }, { id: 7, queues: null }], also: { diskDriver: { vda: driver } }, witnesses: [saved(/<iothreads>\s*<iothread id/)], refused: field(/^The guest has no I\/O thread 7/) }),
  row({
    ...one, ...later, only: 'demo', knob: 'throttleFilters', unit: 'vda', value: 'slow', also: { throttleGroups: { '': [{ ...noLimits, group_name: 'slow', total_bytes_sec: 5_000_000 }] } },
    witnesses: [saved(/<throttlegroup>\s*<total_bytes_sec>5000000<\/total_bytes_sec>\s*<group_name>slow<\//), saved(/<throttlefilter group='slow'\/>/)],
  }),
  row({ ...one, ...later, only: 'demo', knob: 'throttleFilters', unit: 'vda', value: 'fast', witnesses: [saved(/<throttlefilter /)], refused: field(/^The guest has no throttle group fast/) }),
  row({ ...one, ...later, knob: 'diskBlockSizes', unit: 'vda', value: { logical_block_size: 512, physical_block_size: 4096 }, witnesses: [saved(/<blockio logical_block_size='512' physical_block_size='4096'\/>/)] }),
  row({ ...one, ...later, knob: 'diskBlockSizes', unit: 'vda', value: { logical_block_size: 4096, physical_block_size: 512 }, witnesses: [saved(/<blockio/)], refused: field(/^A physical block is no smaller than a logical one/) }),
  row({ ...one, ...later, knob: 'diskBlockSizes', unit: 'vda', value: { logical_block_size: 3000, physical_block_size: null }, witnesses: [saved(/<blockio/)], refused: field(/^A block size is a power of two from 512 B to 2 MiB/) }),
  row({
    ...one, ...later, knob: 'scsiControllers', unit: '', value: [{ ...controller, iothread: 1, queues: 2, cmd_per_lun: 64, max_sectors: 512, ioeventfd: 'on' }, { ...controller, index: 1, model: 'lsisas1068' }],
    witnesses: [...['queues=.2', 'cmd_per_lun=.64', 'max_sectors=.512', 'ioeventfd=.on', 'iothread=.1'].map((set) => saved(new RegExp(`<controller type='scsi' index='0' model='virtio-scsi'>\\s*<driver[^>]* ${set}'`))), saved(/<controller type='scsi' index='1' model='lsisas1068'[/>]/)],
  }),
  row({ ...one, ...later, knob: 'scsiControllers', unit: '', value: [{ ...controller, iothread: 7 }], witnesses: [saved(/<driver iothread='7'/)], refused: field(/^The guest has no I\/O thread 7/) }),
  row({ ...one, ...later, knob: 'scsiControllers', unit: '', value: [{ ...controller, model: 'lsilogic', queues: 2 }], witnesses: [saved(/model='lsilogic'/)], refused: field(/^Only virtio-scsi controllers have this setting, and this one is lsilogic/) }),
  row({
    ...two, ...twice, only: 'demo', knob: 'diskList', unit: '', value: [vda('lab-two'), { target: 'vdb', device: 'disk', source: '/srv/more.qcow2', format: 'qcow2', bus: 'virtio', readonly: false }],
    witnesses: both(/<disk type='file' device='disk'>\s*<driver name='qemu' type='qcow2'\/>\s*<source file='\/srv\/more.qcow2'\/>\s*<target dev='vdb' bus='virtio'\/>/),
  }),
  row({ ...two, ...later, only: 'demo', knob: 'diskList', unit: '', value: [vda('lab-two'), { target: 'sda', device: 'cdrom', source: null, format: null, bus: 'sata', readonly: true }], witnesses: [saved(/<disk type='file' device='cdrom'>\s*<target dev='sda' bus='sata'\/>\s*<readonly\/>/)] }),
  row({ ...two, ...twice, only: 'demo', knob: 'diskList', unit: '', value: [vda('lab-two'), { target: 'vdb', device: 'disk', source: null, format: 'qcow2', bus: 'virtio', readonly: false }], witnesses: both(/vdb/), refused: field(/^A disk needs an image or a device of the host/) }),
];

function field(message: RegExp): NonNullable<Row['refused']> {
  return { lab: { by: 'field', message }, demo: { by: 'field', message } };
}
