// The CPU knobs of the table: each with a value, and what shows that the host has it.
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
const bare = { guest: 'bare' } as const;
const twice = { truths: ['live', 'saved'] } as const;
/** Once touched, libvirt names threads that were only counted before, in any order. */
const respelled = /\s*<iothreadids>[^]*?<\/iothreadids>/g;
const later = { truths: ['saved'] } as const;

export const cpuRows: readonly Row[] = [
  row({ ...bare, ...twice, knob: 'vcpuPinning', unit: '1', value: '1', witnesses: [...both(/<vcpupin vcpu='1' cpuset='1'\/>/), { virsh: ['vcpupin'], shows: /^ 1\s+1$/m }] }),
  row({ ...bare, ...twice, knob: 'emulatorPinning', unit: '', value: '1', witnesses: [...both(/<emulatorpin cpuset='1'\/>/), { virsh: ['emulatorpin'], shows: /^ *(\*:)?\s*1$/m }] }),
  row({ ...bare, ...twice, knob: 'ioThreadPinning', unit: '1', value: '0', respelled, witnesses: [...both(/<iothreadpin iothread='1' cpuset='0'\/>/), { virsh: ['iothreadinfo'], shows: /^ 1\s+0$/m }] }),
  row({ ...bare, ...twice, knob: 'cpuShares', unit: '', value: 512, witnesses: [...both(/<shares>512<\/shares>/), { virsh: ['schedinfo'], shows: /cpu_shares\s*: 512/ }] }),
  ...[['global', 'global_'], ['vcpu', ''], ['emulator', 'emulator_'], ['iothread', 'iothread_']].map(([unit = '', prefix = '']) => row({
    ...bare, ...twice, knob: 'cpuQuota', unit, value: { period: 50_000, quota: 25_000 },
    witnesses: [...both(new RegExp(`<${prefix}period>50000</${prefix}period>\\s*<${prefix}quota>25000</${prefix}quota>`)), { virsh: ['schedinfo'], shows: new RegExp(`${unit}_period\\s*: 50000\\s*${unit}_quota\\s*: 25000`) }],
  })),
  row({ ...bare, ...twice, knob: 'cpuQuota', unit: 'vcpu', value: { period: null, quota: 40_000 }, witnesses: [live(/<quota>40000</), saved(/<quota>40000</)] }),
  row({ ...bare, ...twice, knob: 'cpuQuota', unit: 'vcpu', value: { period: null, quota: 999 }, witnesses: both(/<quota>999</), refused: fieldOnly(/^Quotas go from 1000 µs/) }),
  row({ ...bare, ...twice, knob: 'cpuShares', unit: '', value: 300_000, witnesses: both(/<shares>300000</), refused: fieldOnly(/^CPU shares go from/) }),
  row({ ...bare, ...twice, knob: 'vcpuPinning', unit: '0', value: '0-4095', witnesses: both(/4095/), refused: fieldOnly(/^The host has no CPUs/) }),
  row({ ...bare, ...twice, knob: 'ioThreads', unit: '', value: [{ id: 1 }, { id: 2 }, { id: 5 }], respelled, witnesses: [...both(/<iothread id='5'\/>/), { virsh: ['iothreadinfo'], shows: /^ 5\s/m }] }),
  row({ ...bare, ...twice, knob: 'ioThreads', unit: '', value: [{ id: 2 }], respelled, witnesses: both(/<iothreads>1<\/iothreads>\s*<iothreadids>\s*<iothread id='2'\/>/) }),
  row({ ...bare, ...twice, knob: 'ioThreads', unit: '', value: [{ id: 1 }], witnesses: both(/<iothreads>1</), refused: fieldOnly(/^I\/O thread 2 is used by controller scsi 0/) }),
  row({
    ...bare, truths: ['live'], knob: 'ioThreadPolling', unit: '1', value: { poll_max_ns: 5000, poll_grow: 2, poll_shrink: 3, thread_pool_min: 4, thread_pool_max: 8 },
    witnesses: [live(/<iothread id='1' thread_pool_min='4' thread_pool_max='8'\/>/), { virsh: ['domstats', '--iothread'], shows: /iothread\.1\.poll-max-ns=5000\s+iothread\.1\.poll-grow=2\s+iothread\.1\.poll-shrink=3/ }],
  }),
  row({
    ...bare, ...later, knob: 'ioThreadPolling', unit: '1', value: { poll_max_ns: 5000, poll_grow: null, poll_shrink: null, thread_pool_min: null, thread_pool_max: null }, witnesses: [saved(/<poll max='5000'\/>/)],
    refused: { lab: { by: 'field', message: /^This host's libvirt cannot save how a thread polls/ } },
  }),
  row({ ...bare, ...later, knob: 'ioThreadPolling', unit: '1', value: { poll_max_ns: null, poll_grow: null, poll_shrink: null, thread_pool_min: 4, thread_pool_max: 8 }, witnesses: [saved(/<iothread id='1' thread_pool_min='4' thread_pool_max='8'\/>/)] }),
  row({ ...bare, ...later, knob: 'defaultIoThread', unit: '', value: { thread_pool_min: 4, thread_pool_max: 8 }, witnesses: [saved(/<defaultiothread thread_pool_min='4' thread_pool_max='8'\/>/)] }),
  row({ ...bare, ...later, knob: 'vcpuScheduler', unit: '2', value: { scheduler: 'fifo', priority: 5 }, witnesses: [saved(/<vcpusched vcpus='2' scheduler='fifo' priority='5'\/>/)] }),
  row({ ...bare, ...later, knob: 'ioThreadScheduler', unit: '2', value: { scheduler: 'batch', priority: null }, witnesses: [saved(/<iothreadsched iothreads='2' scheduler='batch'\/>/)] }),
  row({ ...bare, ...later, knob: 'emulatorScheduler', unit: '', value: { scheduler: 'idle', priority: null }, witnesses: [saved(/<emulatorsched scheduler='idle'\/>/)] }),
  row({ ...bare, ...later, knob: 'emulatorScheduler', unit: '', value: { scheduler: 'idle', priority: 5 }, witnesses: [saved(/<emulatorsched/)], refused: fieldOnly(/^Only fifo and rr have a priority/) }),
];

function fieldOnly(message: RegExp): NonNullable<Row['refused']> {
  return { lab: { by: 'field', message }, demo: { by: 'field', message } };
}
