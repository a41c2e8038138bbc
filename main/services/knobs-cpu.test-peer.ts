// The CPU knobs of the table: each with a value, and what shows that the host has it.
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
const bare = { guest: 'bare' } as const;
const twice = { truths: ['live', 'saved'] } as const;
/** Once touched, libvirt names threads that were only counted before, in any order. */
const respelled = /\s*<iothreadids>[^]*?<\/iothreadids>/g;
/** Once one was set by itself, libvirt lists all vCPUs. */
const listed = /\s*<vcpus>[^]*?<\/vcpus>/g;
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
  row({ ...bare, ...later, knob: 'partition', unit: '', value: '/machine/production', witnesses: [saved(/<partition>\/machine\/production<\/partition>/)] }),
  row({ ...bare, ...later, knob: 'partition', unit: '', value: 'production/', witnesses: [saved(/production\//)], refused: fieldOnly(/^This is a path/) }),
  row({
    ...bare, ...later, knob: 'cacheTune', unit: '', value: [{ vcpus: '0-1', level: 3, id: 0, type: 'both', size: 3072 }],
    witnesses: [saved(/<cachetune vcpus='0-1'>\s*<cache id='0' level='3' type='both' size='3072' unit='KiB'\/>/)], refused: { lab: { by: 'field', message: /^This host does not tell of caches that it can divide/ } },
  }),
  row({ ...bare, ...later, only: 'demo', knob: 'cacheTune', unit: '', value: [{ vcpus: '0-1', level: 3, id: 0, type: 'both', size: 2000 }], witnesses: [saved(/<cachetune/)], refused: fieldOnly(/^Parts of cache 0 are multiples of 1.5 MiB/) }),
  row({ ...bare, ...later, only: 'demo', knob: 'memoryTune', unit: '', value: [{ vcpus: '0-2', id: 0, bandwidth: 60 }, { vcpus: '2-3', id: 0, bandwidth: 20 }], witnesses: [saved(/<memorytune/)], refused: fieldOnly(/^vCPU 2 is in the parts of 0-2 and of 2-3/) }),
  row({
    ...bare, ...later, knob: 'memoryTune', unit: '', value: [{ vcpus: '0-3', id: 1, bandwidth: 60 }],
    witnesses: [saved(/<memorytune vcpus='0-3'>\s*<node id='1' bandwidth='60'\/>/)], refused: { lab: { by: 'field', message: /^This host does not tell of memory bandwidth/ } },
  }),
  row({ ...bare, ...later, knob: 'vcpus', unit: '', value: { current: 3, maximum: 4 }, witnesses: [saved(/<vcpu placement='static' current='3'>4<\/vcpu>/), { virsh: ['vcpucount', '--config', '--current'], shows: /^3$/m }] }),
  row({ ...bare, ...later, knob: 'vcpus', unit: '', value: { current: 4, maximum: 6 }, witnesses: [saved(/<vcpu placement='static' current='4'>6<\/vcpu>/), { virsh: ['vcpucount', '--config', '--maximum'], shows: /^6$/m }] }),
  row({ ...bare, ...later, knob: 'vcpus', unit: '', value: { current: 1, maximum: 1 }, witnesses: [saved(/<vcpu placement='static'>1<\/vcpu>/)] }),
  row({ ...bare, ...later, knob: 'vcpus', unit: '', value: { current: 5, maximum: 4 }, witnesses: [saved(/<vcpu placement='static'>5</)], refused: fieldOnly(/^A guest with at most 4 vCPUs cannot have 5/) }),
  row({ ...bare, ...later, knob: 'vcpus', unit: '', value: { current: 2, maximum: 9999 }, witnesses: [saved(/9999/)], refused: fieldOnly(/^This kind of machine has at most \d+ vCPUs on this host/) }),
  row({ ...bare, truths: ['live'], knob: 'vcpus', unit: '', value: { current: 2, maximum: 6 }, witnesses: [live(/<vcpu placement='static' current='2'>6</)], refused: fieldOnly(/^This cannot be changed while the guest runs/) }),
  row({ ...bare, truths: ['live'], knob: 'vcpus', unit: '', value: { current: 1, maximum: 4 }, witnesses: [live(/<vcpu placement='static' current='1'>4</)], refused: fieldOnly(/^vCPU 1 cannot be unplugged while the guest runs/) }),
  row({
    ...bare, ...later, knob: 'vcpus', unit: '', value: { current: 8, maximum: 8 }, also: { cpuTopology: { '': { sockets: 2, dies: null, clusters: null, cores: 2, threads: 2 } } },
    witnesses: [saved(/<vcpu placement='static'>8<\/vcpu>/), saved(/<topology sockets='2' dies='1' (clusters='1' )?cores='2' threads='2'\/>/)],
  }),
  row({ ...bare, ...later, knob: 'vcpuState', unit: '3', value: { enabled: true, hotpluggable: true, order: null }, witnesses: [saved(/<vcpu id='2' enabled='no' hotpluggable='yes'\/>\s*<vcpu id='3' enabled='yes' hotpluggable='yes'/)], respelled: listed }),
  row({ ...bare, ...later, knob: 'vcpuState', unit: '1', value: { enabled: true, hotpluggable: true, order: null }, witnesses: [saved(/<vcpu id='1' enabled='yes' hotpluggable='yes'/)], respelled: listed }),
  row({ ...bare, ...later, knob: 'vcpuState', unit: '0', value: { enabled: false, hotpluggable: true, order: null }, witnesses: [saved(/<vcpu id='0' enabled='no'/)], refused: fieldOnly(/^vCPU 0 is always plugged/) }),
  row({ ...bare, ...later, knob: 'cpuTopology', unit: '', value: { sockets: 1, dies: null, clusters: null, cores: 2, threads: 2 }, witnesses: [saved(/<topology sockets='1' dies='1' (clusters='1' )?cores='2' threads='2'\/>/)] }),
  row({ ...bare, ...later, knob: 'cpuTopology', unit: '', value: { sockets: 1, dies: 1, clusters: 1, cores: 1, threads: 2 }, witnesses: [saved(/<topology/)], refused: fieldOnly(/^1 socket × 1 core × 2 threads is 2 vCPUs, and the guest has at most 4/) }),
  row({ ...bare, ...later, knob: 'cpuModel', unit: '', value: { mode: 'maximum', model: null, fallback: null, match: null, check: null, migratable: null }, witnesses: [saved(/<cpu mode='maximum'/)] }),
  row({ ...bare, ...later, knob: 'cpuModel', unit: '', value: { mode: 'custom', model: 'Westmere', fallback: 'allow', match: 'exact', check: 'none', migratable: null }, witnesses: [saved(/<model fallback='allow'>Westmere<\/model>/)] }),
  row({ ...bare, ...later, knob: 'cpuModel', unit: '', value: { mode: 'custom', model: 'Pentium-9', fallback: null, match: null, check: null, migratable: null }, witnesses: [saved(/Pentium-9/)], refused: fieldOnly(/^This host knows no CPU model Pentium-9/) }),
  row({ ...bare, ...later, knob: 'cpuFeatures', unit: '', value: [{ name: 'pcid', policy: 'disable' }, { name: 'aes', policy: 'require' }], witnesses: [saved(/<feature policy='disable' name='pcid'\/>\s*<feature policy='require' name='aes'\/>/)] }),
  row({ ...bare, ...later, knob: 'cpuFeatures', unit: '', value: [{ name: 'aes', policy: 'require' }, { name: 'aes', policy: 'disable' }], witnesses: [saved(/name='aes'/)], refused: fieldOnly(/^aes stands there twice/) }),
  ...([['svm', 'lab'], ['vmx', 'demo']] as const).map(([unit, only]) => row({ ...bare, ...later, only, knob: 'nestedVirtualization', unit, value: 'disable', witnesses: [saved(new RegExp(`<feature policy='disable' name='${unit}'/>`))] })),
  row({ ...bare, ...later, knob: 'cpuCache', unit: '', value: { mode: 'emulate', level: 3 }, witnesses: [saved(/<cache level='3' mode='emulate'\/>/)] }),
  row({ ...bare, ...later, knob: 'cpuCache', unit: '', value: { mode: 'passthrough', level: null }, witnesses: [saved(/<cache mode='passthrough'\/>/)], refused: fieldOnly(/^passthrough goes with CPU mode host-passthrough or maximum only/) }),
  row({
    ...bare, ...later, knob: 'guestNuma', unit: '', value: [{ cpus: '0-1', memory: 32_768, memAccess: 'shared', discard: null }, { cpus: '2-3', memory: 32_768, memAccess: null, discard: 'yes' }],
    witnesses: [saved(/<cell id='0' cpus='0-1' memory='32768' unit='KiB' memAccess='shared'\/>\s*<cell id='1' cpus='2-3' memory='32768' unit='KiB' discard='yes'\/>/)],
  }),
  row({ ...bare, ...later, knob: 'guestNuma', unit: '', value: [{ cpus: '0-3', memory: 1024, memAccess: null, discard: null }], witnesses: [saved(/<numa>/)], refused: fieldOnly(/^The cells hold 1 MiB together, and the guest starts with 64 MiB/) }),
  row({ ...bare, ...later, knob: 'guestNuma', unit: '', value: [{ cpus: '0-4', memory: 65_536, memAccess: null, discard: null }], witnesses: [saved(/<numa>/)], refused: fieldOnly(/^Cell 0 holds vCPU 4, and the last there can be is 3/) }),
  row({ ...bare, ...later, knob: 'guestNuma', unit: '', value: [{ cpus: '0-2', memory: 32_768, memAccess: null, discard: null }, { cpus: '2-3', memory: 32_768, memAccess: null, discard: null }], witnesses: [saved(/<numa>/)], refused: fieldOnly(/^vCPU 2 is in two cells/) }),
];

/** To be held after all others: what is plugged here stays, for a guest without a system lets none go, and one with a system may do so late. */
export const pluggingRows: readonly Row[] = [
  row({
    guest: 'lab-one', truths: ['live'], knob: 'vcpus', unit: '', value: { current: 3, maximum: 4 }, witnesses: [live(/<vcpu placement='static' current='3'>4<\/vcpu>/), { virsh: ['vcpucount', '--live', '--current'], shows: /^3$/m }],
    late: { lab: true },
  }),
  row({
    ...bare, truths: ['live'], knob: 'vcpus', unit: '', value: { current: 3, maximum: 4 }, witnesses: [live(/<vcpu placement='static' current='3'>4<\/vcpu>/), { virsh: ['vcpucount', '--live', '--current'], shows: /^3$/m }],
    stays: { lab: /device_del/ },
  }),
  row({ ...bare, truths: ['live'], knob: 'vcpuState', unit: '3', value: { enabled: true, hotpluggable: true, order: null }, witnesses: [live(/<vcpu id='3' enabled='yes' hotpluggable='yes'/)], stays: { lab: /device_del/ } }),
];

function fieldOnly(message: RegExp): NonNullable<Row['refused']> {
  return { lab: { by: 'field', message }, demo: { by: 'field', message } };
}
