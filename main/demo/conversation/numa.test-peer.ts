// NUMA nodes.
import { affect, typedParamFlag } from '../../libvirt/constants.ts';
import { param, type TypedParam } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, facts, twin } from './talk.test-peer.ts';

const { live, config } = affect;

export const numa: Chapter = async ({ connection, step, xml }) => {
  const bind = (params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetNumaParameters, { dom: twin, params, flags });
  const bound = (nparams: number, flags: number) => connection.call(remote.domainGetNumaParameters, { dom: twin, nparams, flags: flags | typedParamFlag.stringOkay });
  await step('NUMA: how many', () => bound(0, config));
  await step('NUMA: at first', async () => facts((await bound(2, config)).params));
  await step('NUMA: without text', async () => facts((await connection.call(remote.domainGetNumaParameters, { dom: twin, nparams: 2, flags: config })).params));
  await step('NUMA: nodes', () => bind([param.string('numa_nodeset', '0')], config));
  await step('NUMA: XML of nodes', () => xml(2, 'numatune'));
  await step('NUMA: mode', () => bind([param.int('numa_mode', 2), param.string('numa_nodeset', '0')], config));
  await step('NUMA: unknown mode', () => bind([param.int('numa_mode', 9)], config));
  await step('NUMA: nodes of nonsense', () => bind([param.string('numa_nodeset', 'horse')], config));
  await step('NUMA: no nodes', () => bind([param.string('numa_nodeset', '')], config));
  await step('NUMA: nodes live', () => bind([param.string('numa_nodeset', '0')], live));
  await step('NUMA: mode live', () => bind([param.int('numa_mode', 1)], live));
  await step('NUMA: wrong type', () => bind([param.uint('numa_mode', 1)], config));
  await step('NUMA: afterwards', async () => facts((await bound(2, config)).params));
  await step('NUMA: XML', () => xml(2, 'numatune'));
};
