// Memory, its statistics and limits.
import { affect, typedParamFlag } from '../../libvirt/constants.ts';
import { param, type TypedParam } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, facts, twin } from './talk.test-peer.ts';

const { live, config } = affect;

export const memory: Chapter = async ({ connection, step, xml, truths }) => {
  const setMemory = (memory: bigint, flags: number) => connection.call(remote.domainSetMemoryFlags, { dom: twin, memory, flags });
  await step('memory: none', () => setMemory(0n, config));
  await step('memory: too much', () => setMemory(65_537n, live));
  await step('memory: too much config', () => setMemory(65_537n, config));
  await step('memory: config', () => setMemory(32_768n, config));
  await step('memory: maximum live', () => setMemory(70_000n, live | 4));
  await step('memory: maximum config', () => setMemory(131_072n, config | 4));
  await step('memory: maximum below current', () => setMemory(16_384n, config | 4));
  await step('memory: unknown flag', () => setMemory(16_384n, 64));
  await step('memory: XML', () => xml(2, 'memory', 'currentMemory'));
  const period = (seconds: number, flags: number) => connection.call(remote.domainSetMemoryStatsPeriod, { dom: twin, period: seconds, flags });
  await step('statistics period: both', () => period(5, both));
  await step('statistics period: negative', () => period(-1, config));
  await step('statistics period: unknown flag', () => period(5, 64));
  await step('statistics period: XML', async () => [await xml(0, 'stats'), await xml(2, 'stats')].join('\n'));
  await step('statistics period: none', () => period(0, config));
  await step('statistics period: XML without', () => xml(2, 'stats'));
  const limit = (params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetMemoryParameters, { dom: twin, params, flags });
  const limits = (nparams: number, flags: number) => connection.call(remote.domainGetMemoryParameters, { dom: twin, nparams, flags: flags | typedParamFlag.stringOkay });
  await step('limits: how many', () => limits(0, config));
  await step('limits: at first', async () => facts((await limits(3, config)).params));
  await step('limits: at first live', async () => facts((await limits(3, live)).params));
  await step('limits: both', () => limits(3, both));
  await step('limits: soft both', () => limit([param.ullong('soft_limit', 1_048_576n)], both));
  await step('limits: hard above swap', () => limit([param.ullong('hard_limit', 4_194_304n), param.ullong('swap_hard_limit', 2_097_152n)], config));
  await step('limits: hard alone', () => limit([param.ullong('hard_limit', 4_194_304n)], config));
  await step('limits: swap below hard', () => limit([param.ullong('swap_hard_limit', 2_097_152n)], config));
  await step('limits: swap', () => limit([param.ullong('swap_hard_limit', 8_388_608n)], config));
  await step('limits: unlimited', () => limit([param.ullong('hard_limit', 9_007_199_254_740_991n)], config));
  await step('limits: wrong type', () => limit([param.uint('hard_limit', 5)], config));
  await step('limits: unknown', () => limit([param.ullong('min_guarantee', 5n)], config));
  await step('limits: afterwards', async () => facts((await limits(3, config)).params));
  await step('limits: afterwards live', async () => facts((await limits(3, live)).params));
  await step('limits: XML', () => truths('memtune'));
};
