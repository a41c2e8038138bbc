// The CPU of a definition, checked and completed as libvirt's parser does it, so far as guests here need it.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { Fault } from './fault.ts';
import { Element } from './xml.ts';

const unsupported = (message: string): Fault => new Fault('configUnsupported', 'domain', `unsupported configuration: ${message}`);

/** Refuses a maximum of vCPUs that the definition's topology or cells do not fit. */
export const mustFitCpu = (root: Element, maximum: number): void => {
  const topology = root.at('cpu', 'topology');
  const product = topology === undefined ? maximum : ['sockets', 'dies', 'clusters', 'cores', 'threads'].reduce((all, name) => all * Number(topology.get(name) ?? 1), 1);
  if (product !== maximum) throw unsupported("CPU topology doesn't match maximum vcpu count");
  const highest = Math.max(-1, ...cellsOf(root).map((cell) => CpuSet.parse(cell.get('cpus') ?? '0').highest));
  if (highest >= maximum) throw new Fault('internalError', 'domain', 'internal error: Number of CPUs in <numa> exceeds the <vcpu> count');
};

const cellsOf = (root: Element): readonly Element[] => root.at('cpu', 'numa')?.all('cell') ?? [];

/** Writes out what libvirt chooses where a definition leaves it open. */
export const completeCpu = (root: Element): void => {
  mustFitCpu(root, Number(root.at('vcpu')?.text ?? 1));
  const maximum = Number(root.at('vcpu')?.text ?? 1);
  for (const group of root.at('cputune')?.all('vcpusched') ?? []) {
    const { highest } = CpuSet.parse(group.get('vcpus') ?? '0');
    if (highest >= maximum) throw unsupported(`vCPU '${highest}' is not present in domain definition`);
  }
  const cpu = root.at('cpu') ?? root.add(new Element('cpu'));
  const mode = cpu.get('mode') ?? 'custom';
  if (cpu.at('cache')?.get('mode') === 'passthrough' && mode === 'custom') throw unsupported("CPU cache mode 'passthrough' can only be used with 'host-passthrough' / 'maximum' CPUs");
  if (mode === 'custom' && cpu.at('model') === undefined) {
    cpu.ensure('model').set('fallback', 'forbid').text = 'qemu64';
    cpu.set('check', 'none');
  }
  if (mode === 'custom') cpu.at('model')?.arrange({ fallback: 'allow' }, ['fallback']);
  cpu.arrange(
    { mode, ...(mode === 'custom' ? { match: 'exact' } : {}), check: mode === 'custom' || mode === 'host-model' ? 'partial' : 'none', ...(mode === 'host-passthrough' ? { migratable: 'on' } : {}) },
    ['mode', 'match', 'check', 'migratable'],
  );
  cpu.at('topology')?.arrange({ dies: '1', clusters: '1' }, ['sockets', 'dies', 'clusters', 'cores', 'threads']);
  for (const feature of cpu.all('feature')) feature.arrange({ policy: 'require' }, ['policy', 'name']);
  cpu.at('cache')?.arrange({}, ['level', 'mode']);
  cpu.sort();
};
