// Limits of disks.
import { affect, typedParamFlag } from '../../libvirt/constants.ts';
import { param, type TypedParam } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, facts, twin } from './talk.test-peer.ts';

const { live, config } = affect;

export const disks: Chapter = async ({ connection, step, xml }) => {
  const tune = (disk: string, params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetBlockIoTune, { dom: twin, disk, params, flags });
  const tuned = (disk: string | null, nparams: number, flags: number) => connection.call(remote.domainGetBlockIoTune, { dom: twin, disk, nparams, flags: flags | typedParamFlag.stringOkay });
  const set = (field: string, value: bigint): TypedParam => param.ullong(field, value);
  await step('disk: how many', () => tuned(null, 0, config));
  await step('disk: how many live', () => tuned(null, 0, live));
  await step('disk: at first', async () => facts((await tuned('sda', 32, config)).params));
  await step('disk: unknown', () => tuned('vdz', 32, config));
  await step('disk: none', () => tuned(null, 32, config));
  await step('disk: set unknown', () => tune('vdz', [set('total_bytes_sec', 1n)], config));
  await step('disk: empty live', () => tune('sda', [set('total_bytes_sec', 1_000_000n)], live));
  await step('disk: total', () => tune('sda', [set('total_bytes_sec', 1_000_000n), set('total_iops_sec', 500n)], config));
  await step('disk: XML of total', () => xml(2, 'iotune'));
  await step('disk: total and read', () => tune('sda', [set('total_bytes_sec', 1n), set('read_bytes_sec', 1n)], config));
  await step('disk: read after total', () => tune('sda', [set('read_bytes_sec', 2_000_000n)], config));
  await step('disk: XML of read', () => xml(2, 'iotune'));
  await step('disk: total and write operations', () => tune('sda', [set('total_iops_sec', 1n), set('write_iops_sec', 1n)], config));
  await step('disk: burst', () => tune('sda', [set('read_bytes_sec_max', 4_000_000n)], config));
  await step('disk: burst and total burst', () => tune('sda', [set('read_bytes_sec_max', 4_000_000n), set('total_bytes_sec_max', 4_000_000n)], config));
  await step('disk: burst without a limit', () => tune('sda', [set('write_bytes_sec_max', 4_000_000n)], config));
  await step('disk: burst below its limit', () => tune('sda', [set('read_bytes_sec_max', 1_000_000n)], config));
  await step('disk: length without burst', () => tune('sda', [set('total_iops_sec_max_length', 5n)], config));
  await step('disk: length', () => tune('sda', [set('read_bytes_sec_max_length', 5n)], config));
  await step('disk: too much', () => tune('sda', [set('read_bytes_sec', 1_000_000_000_000_001n)], config));
  await step('disk: group', () => tune('sda', [param.string('group_name', 'slow')], config));
  await step('disk: group alone live', () => tune('sda', [param.string('group_name', 'slow')], live));
  await step('disk: operation size', () => tune('sda', [set('size_iops_sec', 4096n)], config));
  await step('disk: wrong type', () => tune('sda', [param.llong('read_bytes_sec', 5n)], config));
  await step('disk: unknown field', () => tune('sda', [set('horse_bytes_sec', 5n)], config));
  await step('disk: unknown flag', () => tune('sda', [set('read_bytes_sec', 5n)], 64));
  await step('disk: XML of all', () => xml(2, 'iotune'));
  await step('disk: afterwards', async () => facts((await tuned('sda', 32, config)).params));
  const burstsOff = ['read_bytes_sec_max_length', 'total_iops_sec_max_length'].map((field) => set(field, 0n));
  await step('disk: lengths off', () => tune('sda', burstsOff, config));
  for (const [title, params] of Object.entries({
    'a limit': [set('total_bytes_sec', 1_000_000n)],
    'a burst without a limit': [set('read_bytes_sec_max', 4_000_000n)],
    'a burst below its limit': [set('total_bytes_sec_max', 500_000n)],
    'a length without a burst': [set('total_bytes_sec_max_length', 5n)],
    'a burst': [set('total_bytes_sec_max', 2_000_000n)],
    'a length': [set('total_bytes_sec_max_length', 5n)],
    'reads in place of all': [set('read_bytes_sec', 1_000_000n)],
    'no limit': [set('total_bytes_sec', 0n), set('total_bytes_sec_max', 0n), set('total_bytes_sec_max_length', 0n)],
  })) {
    await step(`disk live: ${title}`, () => tune('vda', params, live));
    await step(`disk live: ${title}, afterwards`, async () => Object.entries(facts((await tuned('vda', 32, live)).params)).filter(([, value]) => value !== 0n && value !== '').join(' '));
  }
  await step('disk: all off', () => tune('sda', [set('read_bytes_sec', 0n), set('total_iops_sec', 0n), set('read_bytes_sec_max', 0n), set('size_iops_sec', 0n)], config));
  await step('disk: XML of none', () => xml(2, 'iotune'));
};
