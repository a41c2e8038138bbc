import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from '../domain/schema.ts';
import { definitionFile, step, stepCommand, stepTitle, takeStep, type Step, type StepHandlers, type StepKind } from './steps.ts';

const each: { readonly [K in StepKind]: Step<K> } = {
  pinVcpu: { kind: 'pinVcpu', vcpu: 7, cpus: '7,23', scope: 'both' },
  pinEmulator: { kind: 'pinEmulator', cpus: '3', scope: 'live' },
  setVcpus: { kind: 'setVcpus', what: 'maximum', count: 8, scope: 'saved' },
  setVcpu: { kind: 'setVcpu', vcpus: '3', enabled: false, scope: 'live' },
  pinIothread: { kind: 'pinIothread', id: 2, cpus: '3', scope: 'live' },
  addIothread: { kind: 'addIothread', id: 3, scope: 'saved' },
  delIothread: { kind: 'delIothread', id: 3, scope: 'both' },
  setIothread: { kind: 'setIothread', id: 2, params: { poll_max_ns: 5000, thread_pool_min: 4 }, scope: 'live' },
  setScheduler: { kind: 'setScheduler', fields: { cpu_shares: 200 }, scope: 'saved' },
  setMemory: { kind: 'setMemory', what: 'current', memory: 4_194_304, scope: 'both' },
  setMemoryStatsPeriod: { kind: 'setMemoryStatsPeriod', period: 0, scope: 'live' },
  setMemoryLimits: { kind: 'setMemoryLimits', limits: { hard_limit: 8_388_608, soft_limit: null }, scope: 'live' },
  setNuma: { kind: 'setNuma', mode: null, nodeset: '0-1', scope: 'live' },
  setBlkio: { kind: 'setBlkio', params: { weight: 300, device_weight: '/dev/sda,200', device_read_bytes_sec: '/dev/sda,0' }, scope: 'both' },
  setBlockIoTune: { kind: 'setBlockIoTune', disk: 'vda', limits: { total_bytes_sec: 1_000_000, read_bytes_sec: 0, total_bytes_sec_max_length: 5 }, group: 'at night', scope: 'live' },
  setInterface: { kind: 'setInterface', device: '52:54:00:00:00:01', params: { 'inbound.average': 12_500, 'inbound.peak': 0, 'inbound.burst': 2048 }, scope: 'live' },
  attachDevice: { kind: 'attachDevice', device: 'DIMM of 1 GiB', xml: '<memory model="dimm">\n  <target/>\n</memory>', scope: 'live' },
  detachDevice: { kind: 'detachDevice', device: 'DIMM of 1 GiB', xml: "<memory model='dimm'/>", scope: 'live' },
  updateDevice: { kind: 'updateDevice', device: 'virtio-mem of 1 GiB', xml: '<memory/>', scope: 'live' },
  setWords: { kind: 'setWords', what: 'title', text: "Shop's front", scope: 'both' },
  setLifecycle: { kind: 'setLifecycle', event: 'crash', action: 'coredump-restart', scope: 'live' },
  setAutostart: { kind: 'setAutostart', autostart: false },
  define: { kind: 'define', xml: '<domain/>' },
};

describe('a step', () => {
  it('has a title and the command that does the same', () => {
    expect(Object.values(each).map((of) => [stepTitle(of), stepCommand(of, 'db primary')])).toEqual([
      ['Pin vCPU 7 to CPUs 7,23', "virsh vcpupin 'db primary' 7 7,23 --live --config"],
      ['Pin emulator threads to CPU 3', "virsh emulatorpin 'db primary' 3 --live"],
      ['Let the guest have at most 8 vCPUs', "virsh setvcpus 'db primary' 8 --maximum --config"],
      ['Unplug vCPU 3', "virsh setvcpu 'db primary' 3 --disable --live"],
      ['Pin I/O thread 2 to CPU 3', "virsh iothreadpin 'db primary' 2 3 --live"],
      ['Add I/O thread 3', "virsh iothreadadd 'db primary' 3 --config"],
      ['Remove I/O thread 3', "virsh iothreaddel 'db primary' 3 --live --config"],
      ['Set poll_max_ns to 5000, thread_pool_min to 4 of I/O thread 2', "virsh iothreadset 'db primary' 2 --poll-max-ns 5000 --thread-pool-min 4 --live"],
      ['Set CPU shares to 200', "virsh schedinfo 'db primary' --set cpu_shares=200 --config"],
      ['Set the balloon to 4 GiB', "virsh setmem 'db primary' 4194304 --live --config"],
      ['Stop asking for memory statistics', "virsh dommemstat 'db primary' --period 0 --live"],
      ['Set hard_limit to 8 GiB, soft_limit to unlimited', "virsh memtune 'db primary' --hard-limit 8388608 --soft-limit -1 --live"],
      ['Take memory from host node 0-1', "virsh numatune 'db primary' --nodeset 0-1 --live"],
      ['Set block I/O: weight 300, device_weight /dev/sda,200, device_read_bytes_sec /dev/sda,0', "virsh blkiotune 'db primary' --weight 300 --device-weights /dev/sda,200 --device-read-bytes-sec /dev/sda,0 --live --config"],
      ['Limit disk vda: total_bytes_sec to 1000000, total_bytes_sec_max_length to 5, group at night', "virsh blkdeviotune 'db primary' vda --total-bytes-sec 1000000 --read-bytes-sec 0 --total-bytes-sec-max-length 5 --group-name 'at night' --live"],
      ['Limit NIC 52:54:00:00:00:01: inbound average 12500 kB/s, inbound burst 2048 KiB', "virsh domiftune 'db primary' 52:54:00:00:00:01 --inbound 12500,0,2048,0 --live"],
      ['Plug DIMM of 1 GiB', `echo '<memory model="dimm"><target/></memory>' | virsh attach-device 'db primary' /dev/stdin --live`],
      ['Take away DIMM of 1 GiB', String.raw`echo '<memory model='\''dimm'\''/>' | virsh detach-device 'db primary' /dev/stdin --live`],
      ['Change virtio-mem of 1 GiB', "echo '<memory/>' | virsh update-device 'db primary' /dev/stdin --live"],
      ["Set the title to Shop's front", String.raw`virsh desc 'db primary' --title --new-desc 'Shop'\''s front' --live --config`],
      ['When the guest crashes: coredump-restart', "virsh set-lifecycle-action 'db primary' crash coredump-restart --live"],
      ['No start with the host', "virsh autostart --disable 'db primary'"],
      ['Write the saved definition', "virsh define './db primary.xml'"],
    ]);
  });

  it('writes a definition only beside where the command runs', () => expect(definitionFile('../../etc/x')).toBe('./.._.._etc_x.xml'));

  it.each(Object.entries(each))('crosses as %s', (_, of) => expect(step.parse(of)).toEqual(of));

  it.each([
    ['an unknown kind', { kind: 'destroy' }],
    ['a field too many', { ...each.pinEmulator, vcpu: 1 }],
    ['a field too few', { kind: 'pinVcpu', cpus: '1', scope: 'live' }],
    ['no CPU', { ...each.pinEmulator, cpus: '' }],
    ['a cpuset that is not canonical', { ...each.pinEmulator, cpus: '3,2' }],
    ['a backward range', { ...each.pinEmulator, cpus: '5-2' }],
    ['a CPU beyond all hosts', { ...each.pinEmulator, cpus: '99999' }],
    ['something for the shell', { ...each.pinEmulator, cpus: '1;reboot' }],
    ['another field of the scheduler', { ...each.setScheduler, fields: { cap: 5 } }],
    ['no field of the scheduler', { ...each.setScheduler, fields: {} }],
    ['a number below the one that takes a value away', { ...each.setIothread, params: { thread_pool_min: -2 } }],
    ['an unknown scope', { ...each.setScheduler, scope: 'now' }],
  ])('is refused with %s', (_, of) => expect(step.safeParse(of).success).toBe(false));

  it('goes to the handler of its kind, with the context', async () => {
    const tell = async (of: Step, context: string): Promise<string> => `${of.kind} ${context}`;
    // `each` has every kind, so these are all handlers there can be.
    const handlers = { ...Object.fromEntries(Object.keys(each).map((kind) => [kind, tell])), define: async () => 'defined' } as unknown as StepHandlers<string, string>;
    expect(await Promise.all(Object.values(each).map((of: Step) => takeStep(of, handlers, 'here')))).toEqual(Object.keys(each).map((kind) => (kind === 'define' ? 'defined' : `${kind} here`)));
  });

  it('whose handler was forgotten does not compile', () => {
    const { setScheduler: _, ...rest } = each;
    const handlers = Object.fromEntries(Object.keys(rest).map((kind) => [kind, async () => {}])) as { readonly [K in keyof typeof rest]: () => Promise<void> };
    // @ts-expect-error setScheduler has no handler: were this line to compile, the test's own type check would fail.
    const forgotten: StepHandlers<null> = handlers;
    expect(forgotten).toBe(handlers);
    expectTypeOf<z.infer<typeof step>['kind']>().toEqualTypeOf<StepKind>();
  });
});
