// What a host did over time: its CPUs together and each, its memory together and of each node.
import Box from '@mui/material/Box';
import { type ReactNode, useMemo } from 'react';
import type { HostDescription } from '../../../app/contract/hosts.ts';
import { printBytes } from '../../../app/domain/bytes.ts';
import { onlineCpus } from '../../../app/domain/topology.ts';
import { useInterest } from '../../api/api.tsx';
import type { Curves } from '../../api/past.ts';
import { Happenings, useMarks } from '../../panels/happenings.tsx';
import { TimeControls, useTimeView } from '../../panels/time-view.tsx';
import { Card } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { HeatMap } from '../../ui/heat-map.tsx';
import type { PlotCurve } from '../../ui/plot.ts';
import { TimeChart } from '../../ui/time-chart.tsx';

const cpus = (value: number): string => `${Number.isInteger(value) ? value : value.toFixed(1)} CPUs`;
const kib = (value: number): string => printBytes(Math.round(value) * 1024);

/** The curves whose names begin so and end in a number, in its order. */
const numbered = (values: Curves['values'], prefix: string): readonly { readonly number: number; readonly line: readonly (number | null)[] }[] =>
  [...values].filter(([name]) => name.startsWith(prefix)).map(([name, line]) => ({ number: Number(name.slice(prefix.length)), line })).sort((one, other) => one.number - other.number);

export const HostPictures = ({ host, description }: { readonly host: string; readonly description: HostDescription }): ReactNode => {
  useInterest({ host, groups: ['hostCpu', 'hostMemory'], uuids: [] });
  const view = useTimeView(host, null);
  const past = view?.past ?? null;
  const marks = useMarks(host, null, past);
  const colors = useColors();
  const { topology, memoryKiB } = description;
  const pictures = useMemo(() => {
    const line = (name: string): readonly (number | null)[] => past?.values.get(name) ?? [];
    const nodes = numbered(past?.values ?? new Map(), 'node.');
    return {
      cpu: [{ name: 'in use', color: colors.cpu, values: line('cpu'), limit: onlineCpus(topology).size }] satisfies readonly PlotCurve[],
      memory: [{ name: 'in use', color: colors.memory, values: line('memoryUsedKiB'), limit: memoryKiB }, ...(past?.values.has('memory.caches') ? [{ name: 'caches', color: colors.hosts.orange, values: line('memory.caches'), drawn: 'dashed' as const }] : [])] satisfies readonly PlotCurve[],
      nodes: nodes.map(({ number, line: values }): PlotCurve => ({ name: `node ${number}`, color: colors.nodes[number % colors.nodes.length] ?? colors.memory, values, drawn: 'line' })),
      heat: numbered(past?.values ?? new Map(), 'cpu.').map(({ number, line: loads }) => ({ name: `CPU ${number}`, loads })),
    };
  }, [past, colors, topology, memoryKiB]);
  if (view === null) return null;
  const common = { ...view.common, marks };
  // The part of time that the pictures beside it show.
  const isInView = view.common.times.map((at) => at >= common.span.from && at <= common.span.to);
  const heat = pictures.heat.map(({ name, loads }) => ({ name, loads: loads.filter((_, place) => isInView[place] ?? true) }));
  const busiest = pictures.heat.map(({ name, loads }) => ({ name, load: loads.at(-1) ?? 0 })).filter(({ load }) => load > 0).sort((one, other) => other.load - one.load).slice(0, 3);
  return (
    <Box component="section" aria-label="What the host does" sx={{ display: 'grid', gap: '14px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center' }}><TimeControls view={view} name={description.hostname} /></Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' }, gap: '14px', alignItems: 'start' }}>
        <Card title="CPUs in use"><TimeChart {...common} label="CPUs in use" say={cpus} least={1} curves={pictures.cpu} /></Card>
        <Card title="Memory in use"><TimeChart {...common} label="Memory in use" say={kib} binary most={memoryKiB * 1.05} curves={pictures.memory} /></Card>
        {pictures.heat.length > 0 && (
          <Card title="Each CPU">
            <HeatMap rows={heat} label={`Loads of ${pictures.heat.length} CPUs over time`} />
            <Box sx={{ mt: '6px', color: 'text.secondary', fontSize: 12 }}>A row for each CPU, from {pictures.heat[0]?.name} at the top; the busier, the redder.{busiest.length > 0 && ` ${view.range === 'days' ? 'Busiest in the last five minutes' : 'Now busiest'}: ${busiest.map(({ name, load }) => `${name} ${Math.round(load * 100)} %`).join(', ')}.`}</Box>
          </Card>
        )}
        {pictures.nodes.length > 1 && <Card title="Memory of each NUMA node, not free"><TimeChart {...common} label="Memory of each NUMA node that is not free" say={kib} binary curves={pictures.nodes} /></Card>}
      </Box>
      <Happenings marks={marks} span={common.span} />
      {view.range === 'days' && <Box sx={{ color: 'text.secondary', fontSize: 12 }}>Means of five minutes: of the memory while this page was open, of the CPUs while this page was or guests were being pinned.</Box>}
    </Box>
  );
};
