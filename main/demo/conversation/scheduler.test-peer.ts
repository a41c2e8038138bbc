// CPU shares and bandwidth.
import { affect } from '../../libvirt/constants.ts';
import { param } from '../../libvirt/objects.ts';
import { type Chapter, both } from './talk.test-peer.ts';

const { live, config, current } = affect;

export const scheduler: Chapter = async ({ step, truths, schedule, scheduled }) => {
  await step('shares live', () => schedule([param.ullong('cpu_shares', 500n)], live));
  await step('shares both', () => schedule([param.ullong('cpu_shares', 700n)], both));
  await step('shares live, the same again', () => schedule([param.ullong('cpu_shares', 700n)], live));
  await step('shares current', () => schedule([param.ullong('cpu_shares', 600n)], current));
  await step('shares 0 live', () => schedule([param.ullong('cpu_shares', 0n)], live));
  await step('shares beyond the range live', () => schedule([param.ullong('cpu_shares', 300_000n)], live));
  await step('shares as int', () => schedule([param.int('cpu_shares', 5)], live));
  await step('shares as uint', () => schedule([param.uint('cpu_shares', 5)], live));
  await step('shares twice', () => schedule([param.ullong('cpu_shares', 5n), param.ullong('cpu_shares', 5n)], live));
  await step('shares and an unknown field', () => schedule([param.ullong('cpu_shares', 5n), param.ullong('cpu_horse', 5n)], live));
  await step('no fields', () => schedule([], live));
  await step('shares, unknown flag', () => schedule([param.ullong('cpu_shares', 5n)], 16));
  for (const set of ['vcpu', 'emulator', 'global', 'iothread']) {
    await step(`${set} period and quota`, () => schedule([param.ullong(`${set}_period`, 50_000n), param.llong(`${set}_quota`, 40_000n)], both));
    await step(`${set} period too short`, () => schedule([param.ullong(`${set}_period`, 999n)], live));
    await step(`${set} period too long`, () => schedule([param.ullong(`${set}_period`, 1_000_001n)], config));
    await step(`${set} quota too small`, () => schedule([param.llong(`${set}_quota`, 999n)], config));
    await step(`${set} quota too large`, () => schedule([param.llong(`${set}_quota`, 18_446_744_073_709_552n)], config));
    await step(`${set} quota of the wrong type`, () => schedule([param.ullong(`${set}_quota`, 5000n)], config));
  }
  await step('period 0', () => schedule([param.ullong('vcpu_period', 0n)], both));
  await step('quota 0', () => schedule([param.llong('vcpu_quota', 0n)], both));
  await step('XML with quotas', () => truths('cputune'));
  await step('no quota', () => schedule([param.llong('vcpu_quota', -1n)], both));
  await step('an odd negative quota', () => schedule([param.llong('global_quota', -7n)], both));
  await step('scheduler afterwards', () => scheduled(live));
  await step('scheduler afterwards, config', () => scheduled(config));
  await step('XML of the scheduler', () => truths('cputune'));
};
