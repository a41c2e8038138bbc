// What stands over the matrix: NUMA nodes, cores and CPUs, each a button that pins all vCPUs there, and the load of each CPU now.
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import type { SxProps, Theme } from '@mui/material/styles';
import { type CSSProperties, memo, type ReactNode, useCallback } from 'react';
import type { HostDescription } from '../../app/contract/hosts.ts';
import { printBytes } from '../../app/domain/bytes.ts';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import type { Topology } from '../../app/domain/topology.ts';
import { useHostCpus, useInterest } from '../api/api.tsx';
import { Canvas, type Draw } from '../ui/canvas.tsx';
import { useColors } from '../ui/colors.ts';
import { OneStop } from '../ui/one-stop.tsx';
import { monospace } from '../ui/theme.ts';
import { dieHeight, type Layout } from './layout.ts';
import { drawHeat, rowHeight } from './matrix-drawing.ts';

/** `NUMA node 0 · 128 GiB · 41 GiB free` */
export const nodeTitle = (id: string, topology: Topology, freeKiB: HostDescription['freeKiB']): string => {
  const memory = topology.cells.find((cell) => `${cell.id}` === id)?.memory ?? null;
  const free = freeKiB[id];
  const amount = (kib: number): string => printBytes(kib < 10 * 1024 ** 2 ? kib * 1024 : Math.round(kib / 1024 ** 2) * 1024 ** 3);
  return [`NUMA node ${id}`, ...(memory === null ? [] : [amount(memory)]), ...(free === undefined ? [] : [`${amount(free)} free`])].join(' · ');
};

/** As much of a node's title as `width` CSS pixels show. */
const nodeWords = (id: string, title: string, width: number): string => [title, `node ${id}`].find((words) => words.length * 6.1 + 8 <= width) ?? id;

/** `P` or `E` where the CPUs of a core are of one kind on a host that has both. */
const kindMark = (kinds: HostDescription['cpuKinds'], cpus: CpuSet): string => {
  const all = (of: string): boolean => of !== '' && cpus.without(CpuSet.parse(of)).size === 0;
  if (kinds === null || kinds.performance === '' || kinds.efficient === '') return '';
  return all(kinds.performance) ? 'P' : all(kinds.efficient) ? 'E' : '';
};

/** A core's number and kind, as much of it as there is room for. */
const coreWords = (label: string, kind: string, width: number): string => (kind === '' ? label : [`${label} ${kind}`, `${label}${kind}`].find((words) => words.length * 6.1 <= width) ?? kind);

/** A heading over some CPUs: a button where pins can be edited, plain text elsewhere. */
const Heading = ({ cpus, name, onSpan, children, sx, style }: { readonly cpus: CpuSet; readonly name: string; readonly onSpan: ((cpus: CpuSet) => void) | null; readonly children: ReactNode; readonly sx: SxProps<Theme>; readonly style: CSSProperties }): ReactNode =>
  onSpan === null
    ? <Box title={name} sx={sx} style={style}>{children}</Box>
    : <ButtonBase aria-label={`${name}: pin or unpin all vCPUs`} title={`${name}: pin all vCPUs here, or unpin them from here`} onClick={() => onSpan(cpus)} sx={sx} style={style}>{children}</ButtonBase>;

/** What is special about a CPU, in words. */
export const cpuWords = (kinds: HostDescription['cpuKinds'], cpu: number): readonly string[] => {
  if (kinds === null) return [];
  const isIn = (cpus: string): boolean => cpus !== '' && CpuSet.parse(cpus).has(cpu);
  return [
    ...(isIn(kinds.performance) ? ['performance core'] : []),
    ...(isIn(kinds.efficient) ? ['efficiency core'] : []),
    ...(isIn(kinds.isolated) ? ['isolated: only what is pinned there runs there'] : []),
    ...(isIn(kinds.nohzFull) ? ['without ticks (nohz_full)'] : []),
  ];
};

export const Headings = memo(function Headings({ layout, topology, freeKiB, kinds, onSpan }: { readonly layout: Layout; readonly topology: Topology; readonly kinds: HostDescription['cpuKinds']; readonly freeKiB: HostDescription['freeKiB']; readonly onSpan: ((cpus: CpuSet) => void) | null }): ReactNode {
  const colors = useColors();
  const below = dieHeight(layout);
  const small = { position: 'absolute', display: 'flex', alignItems: 'center', font: `10px ${monospace}`, color: 'text.secondary', justifyContent: 'center', whiteSpace: 'nowrap', '&:hover': { color: 'text.primary' } } as const;
  return (
    <OneStop label="NUMA nodes, cores and CPUs" sx={{ position: 'relative', isolation: 'isolate' }} style={{ width: layout.width, height: 20 + below + 16 + 22 }}>
      {layout.nodes.map((span) => (
        <Heading key={span.key} cpus={span.cpus} onSpan={onSpan} name={nodeTitle(span.label, topology, freeKiB)} sx={{ position: 'absolute', display: 'flex', alignItems: 'center', top: 0, height: 18, borderRadius: '3px', color: '#fff', font: `10px ${monospace}`, px: '4px', overflow: 'hidden', whiteSpace: 'nowrap', justifyContent: 'center' }} style={{ left: span.x, width: span.width, backgroundColor: colors.nodes[span.node % colors.nodes.length] }}>
          {nodeWords(span.label, nodeTitle(span.label, topology, freeKiB), span.width)}
        </Heading>
      ))}
      {layout.dies.map((span) => (
        <Heading key={span.key} cpus={span.cpus} onSpan={onSpan} name={`${span.label} of NUMA node ${layout.nodes[span.node]?.label ?? ''}, CPUs ${span.cpus.toString()}`} sx={{ ...small, top: 20, height: 14, borderRadius: '3px', bgcolor: 'action.hover' }} style={{ left: span.x, width: span.width }}>
          {span.label.length * 6.1 <= span.width ? span.label : span.label.replaceAll(/[a-z ]+(?=\d)/g, '·').slice(1)}
        </Heading>
      ))}
      {layout.cores.map((span) => {
        const kind = kindMark(kinds, span.cpus);
        return (
          <Heading key={span.key} cpus={span.cpus} onSpan={onSpan} name={[`Core ${span.label}`, ...(kind === '' ? [] : [kind === 'P' ? 'performance core' : 'efficiency core']), `CPUs ${span.cpus.toString()}`].join(', ')} sx={{ ...small, top: 20 + below, height: 15, borderBottom: `2px solid ${colors.line}` }} style={{ left: span.x, width: span.width }}>
            {coreWords(span.label, kind, span.width)}
          </Heading>
        );
      })}
      {layout.columns.map(({ cpu, x }) => {
        const words = cpuWords(kinds, cpu);
        const isThrifty = words[0] === 'efficiency core';
        return (
          <Heading
            key={cpu} cpus={CpuSet.of([cpu])} onSpan={onSpan} name={[`CPU ${cpu}`, ...words].join(', ')}
            sx={{ ...small, top: 37 + below, height: 20, ...(layout.cell < 18 && { fontSize: 8 }), ...(words.some((word) => word.startsWith('isolated')) && { borderBottom: `2px dashed ${colors.ink}` }), ...(isThrifty && { fontStyle: 'italic' }) }}
            style={{ left: x, width: layout.cell }}
          >
            {cpu}
          </Heading>
        );
      })}
    </OneStop>
  );
});

/** The load of each CPU now, redrawn with each sample; nothing else of the matrix is. */
export const Heat = ({ host, layout }: { readonly host: string; readonly layout: Layout }): ReactNode => {
  useInterest({ host, groups: ['hostCpu'], uuids: [] });
  const colors = useColors();
  const loads = useHostCpus(host);
  const draw = useCallback<Draw>((context) => drawHeat(context, layout, loads, colors), [layout, loads, colors]);
  const known = loads?.filter((load) => load !== null) ?? [];
  const mean = known.length === 0 ? null : known.reduce((sum, load) => sum + load, 0) / known.length;
  return <Canvas draw={draw} width={layout.width} height={rowHeight} label={mean === null ? 'Load of the host CPUs: not known yet' : `Load of the host CPUs: ${Math.round(mean * 100)} % on average`} />;
};
