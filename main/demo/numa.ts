// Which NUMA nodes a guest's memory comes from (virDomainSetNumaParameters).
import { CpuSet, CpuSetError } from '../../app/domain/cpu-set.ts';
import { param, type TypedParam } from '../libvirt/objects.ts';
import { Fault, invalidArgument, refusedByDriver } from './fault.ts';
import type { Guest } from './guest.ts';
import { editBoth, impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import type { Machine } from './host-facts.ts';
import { type Allowed, answerParameters, checkParameters, stringOkay } from './parameters.ts';
import type { Handlers } from './serve.ts';

/** In the order of virDomainNumatuneMemMode. */
const modes = ['strict', 'preferred', 'interleave', 'restrictive'];
const allowed: Allowed = { numa_mode: 'int', numa_nodeset: 'string' };

const nodesOf = (text: string): CpuSet => {
  try {
    return CpuSet.parse(text);
  } catch (error) {
    if (error instanceof CpuSetError) throw new Fault('invalidArg', 'none', `invalid argument: Failed to parse bitmap '${text}'`);
    throw error;
  }
};

const set = (guest: Guest, { sockets }: Machine, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const impact = impactOf(guest, flags);
  const nodeset = values.get('numa_nodeset');
  const nodes = nodeset === undefined ? null : nodesOf(String(nodeset));
  const number = values.get('numa_mode');
  const mode = number === undefined ? null : modes[Number(number)];
  if (mode === undefined) throw invalidArgument(`unsupported numatune mode: '${number}'`);
  if (impact.live !== null) {
    const now = impact.live.root.at('numatune', 'memory')?.get('mode') ?? null;
    if (mode !== null && mode !== (now ?? 'strict')) throw refusedByDriver("can't change numatune mode for running domain");
    if (nodes !== null && now !== null && now !== 'restrictive') throw refusedByDriver('change of nodeset for running domain requires restrictive numa mode');
    if (nodes !== null && nodes.highest >= sockets) throw new Fault('systemError', 'cgroup', "Unable to write to 'cpuset.mems': Numerical result out of range");
  }
  editBoth(impact, (root) => {
    const memory = root.ensure('numatune', 'memory');
    memory.set('mode', mode ?? memory.get('mode') ?? 'strict');
    if (nodes !== null) memory.set('nodeset', nodes.toString());
  });
};

export const numaHandlers = (inventory: Inventory, machine: Machine): Handlers => ({
  domainSetNumaParameters: ({ dom, params, flags }) => set(inventory.find(dom), machine, params, flags),
  domainGetNumaParameters: ({ dom, nparams, flags }) => {
    const { definition } = readImpact(inventory.find(dom), flags, stringOkay);
    const memory = definition.root.at('numatune', 'memory');
    return answerParameters([param.int('numa_mode', Math.max(0, modes.indexOf(memory?.get('mode') ?? 'strict'))), param.string('numa_nodeset', memory?.get('nodeset') ?? '')], nparams, flags);
  },
});
