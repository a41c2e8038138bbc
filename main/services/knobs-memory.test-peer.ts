// The memory knobs of the table: each with a value, and what shows that the host has it.
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
/** Has an agent and a balloon driver inside. */
const one = { guest: 'lab-one' } as const;
/** Has a NUMA cell and room for memory to be plugged. */
const two = { guest: 'lab-two' } as const;
const twice = { truths: ['live', 'saved'] } as const;
const later = { truths: ['saved'] } as const;
const now = { truths: ['live'] } as const;

const none = { hard_limit: null, soft_limit: null, swap_hard_limit: null, min_guarantee: null };
const usual = { locked: false, nosharepages: false, source: null, access: null, allocation: null, threads: null, discard: false };
const dimm = { model: 'dimm', size: 131_072, node: 0, requested: null, block: null, pagesize: null, nodemask: null, access: null, discard: null } as const;
const virtio = { ...dimm, model: 'virtio-mem', block: 2048, requested: 65_536 } as const;

export const memoryRows: readonly Row[] = [
  row({ ...one, ...later, knob: 'memory', unit: '', value: 204_800, witnesses: [saved(/<memory unit='KiB'>204800</)] }),
  row({ ...one, ...now, knob: 'memory', unit: '', value: 204_800, witnesses: [live(/<memory unit='KiB'>204800</)], refused: field(/^This cannot be changed while the guest runs/) }),
  row({ ...two, ...later, knob: 'memory', unit: '', value: 204_800, also: { currentMemory: { '': 204_800 } }, witnesses: [saved(/<memory unit='KiB'>204800<[^]*<cell id='0' cpus='0-3' memory='204800'/)] }),
  row({ ...one, ...twice, knob: 'currentMemory', unit: '', value: 143_360, witnesses: [...both(/<currentMemory unit='KiB'>143360</), { virsh: ['dommemstat'], shows: /^actual 143360$/m }] }),
  row({ ...one, ...twice, knob: 'currentMemory', unit: '', value: 300_000, witnesses: both(/300000/), refused: field(/^The guest has at most 160 MiB; the balloon cannot pass that/) }),
  row({ ...one, ...twice, knob: 'memoryStatsPeriod', unit: '', value: 5, witnesses: both(/<stats period='5'\/>/) }),
  row({ ...one, ...twice, knob: 'memoryStatsPeriod', unit: '', value: null, witnesses: both(/<memballoon model='virtio'(\/>|>\s*<(alias|address))/) }),
  row({
    ...one, ...twice, knob: 'memoryLimits', unit: '', value: { hard_limit: 2_097_152, soft_limit: 1_048_576, swap_hard_limit: 3_145_728, min_guarantee: null },
    witnesses: [...both(/<hard_limit unit='KiB'>2097152<[^]*<soft_limit unit='KiB'>1048576<[^]*<swap_hard_limit unit='KiB'>3145728</), { virsh: ['memtune'], shows: /hard_limit\s*: 2097152\s+soft_limit\s*: 1048576\s+swap_hard_limit\s*: 3145728/ }],
  }),
  row({ ...one, ...twice, knob: 'memoryLimits', unit: '', value: { ...none, hard_limit: 1_048_576, soft_limit: 2_097_152 }, witnesses: both(/<memtune>/), refused: field(/^The soft limit is above the hard limit/) }),
  row({ ...one, ...twice, knob: 'memoryLimits', unit: '', value: { ...none, hard_limit: 2_097_152, swap_hard_limit: 1_048_576 }, witnesses: both(/<memtune>/), refused: field(/^The limit with swap includes the hard limit/) }),
  row({ ...one, ...twice, knob: 'memoryLimits', unit: '', value: { ...none, min_guarantee: 1_048_576 }, witnesses: both(/<memtune>/), refused: field(/^QEMU has no guaranteed memory/) }),
  row({ ...two, ...later, knob: 'maxMemory', unit: '', value: { size: 2_097_152, slots: 8 }, witnesses: [saved(/<maxMemory slots='8' unit='KiB'>2097152</)] }),
  row({ ...two, ...later, knob: 'maxMemory', unit: '', value: { size: 2_097_152, slots: 300 }, witnesses: [saved(/slots='300'/)], refused: field(/^A guest has at most 256 slots/) }),
  row({ ...one, ...later, knob: 'maxMemory', unit: '', value: { size: 2_097_152, slots: 8 }, witnesses: [saved(/<maxMemory/)], refused: field(/this guest has none: give it cells first/) }),
  row({
    ...two, ...twice, knob: 'memoryDevices', unit: '', value: [dimm],
    witnesses: [...both(/<memory model='dimm'>\s*<target>\s*<size unit='KiB'>131072<\/size>\s*<node>0</), { virsh: ['qemu-monitor-command', '--hmp', 'info memory-devices'], shows: /\[dimm\][^]*size: 134217728/ }],
  }),
  row({ ...two, ...twice, knob: 'memoryDevices', unit: '', value: [{ ...dimm, size: 100_000 }], witnesses: both(/<memory model/), refused: field(/^A DIMM is a multiple of 128 MiB/) }),
  row({ ...two, ...twice, knob: 'memoryDevices', unit: '', value: [{ ...dimm, node: 3 }], witnesses: both(/<memory model/), refused: field(/^The guest has no node 3; its nodes are 0/) }),
  row({ ...two, ...twice, knob: 'memoryDevices', unit: '', value: Array.from({ length: 5 }, () => dimm), witnesses: both(/<memory model/), refused: field(/^The guest has 4 slots for DIMMs, and this takes 5/) }),
  row({ ...two, ...twice, knob: 'memoryDevices', unit: '', value: [{ ...dimm, size: 1_048_576 }], witnesses: both(/<memory model/), refused: field(/the most this guest can have is 1 GiB/) }),
  row({ ...one, ...later, knob: 'hugepages', unit: '', value: [{ size: 2048, nodeset: null }], witnesses: [saved(/<hugepages>\s*<page size='2048' unit='KiB'\/>/)], refused: { lab: { by: 'field', message: /^This takes 80 pages of 2 MiB. The host has 0 set aside/ } } }),
  row({ ...one, ...later, knob: 'hugepages', unit: '', value: [{ size: 3000, nodeset: null }], witnesses: [saved(/<hugepages>/)], refused: field(/^The host has no pages of 2.93 MiB; it has 4 KiB, 2 MiB, 1 GiB/) }),
  row({
    ...one, ...later, knob: 'memoryBacking', unit: '', value: { ...usual, locked: true, nosharepages: true, source: 'memfd', access: 'shared', allocation: 'immediate', threads: 2 },
    witnesses: [saved(/<memoryBacking>[^]*<nosharepages\/>\s*<locked\/>\s*<source type='memfd'\/>\s*<access mode='shared'\/>\s*<allocation mode='immediate' threads='2'\/>\s*<\/memoryBacking>/)],
  }),
  row({ ...one, ...later, knob: 'numaMemory', unit: '', value: { mode: 'restrictive', nodeset: '0', placement: null }, witnesses: [saved(/<numatune>\s*<memory mode='restrictive' nodeset='0'\/>/), { virsh: ['numatune', '--config'], shows: /numa_mode\s*: restrictive\s+numa_nodeset\s*: 0/ }] }),
  row({ ...one, ...now, knob: 'numaMemory', unit: '', value: { mode: 'strict', nodeset: '0', placement: null }, witnesses: [live(/<numatune>/)], refused: field(/^The memory of a running guest changes its nodes only in mode restrictive/) }),
  row({ ...one, ...later, knob: 'numaMemory', unit: '', value: { mode: 'strict', nodeset: '7', placement: null }, witnesses: [saved(/<numatune>/)], refused: field(/^The host has no node 7/) }),
  row({ ...two, ...later, knob: 'memnode', unit: '0', value: { mode: 'preferred', nodeset: '0' }, also: { numaMemory: { '': { mode: 'strict', nodeset: '0', placement: null } } }, witnesses: [saved(/<memnode cellid='0' mode='preferred' nodeset='0'\/>/)] }),
  // The last: QEMU before 8.2 never takes such a device away again.
  row({
    ...two, ...twice, knob: 'memoryDevices', unit: '', value: [virtio],
    witnesses: [...both(/<memory model='virtio-mem'>[^]*<requested unit='KiB'>65536</), { virsh: ['qemu-monitor-command', '--hmp', 'info memory-devices'], shows: /requested-size: 67108864/ }],
    stays: { lab: /unable to execute QEMU command 'device_del'/ },
  }),
];

function field(message: RegExp): NonNullable<Row['refused']> {
  return { lab: { by: 'field', message }, demo: { by: 'field', message } };
}
