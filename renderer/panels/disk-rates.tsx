// What each disk of a running guest does at this moment, drawn under its limits: bytes, operations, and how long one takes.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { printRate } from '../../app/domain/bytes.ts';
import { type DiskLimits, readLimits } from '../../app/tuning/disk-limits.ts';
import { disksOf } from '../../app/tuning/disks.ts';
import { useInterest } from '../api/api.tsx';
import { useColors } from '../ui/colors.ts';
import type { PlotCurve } from '../ui/plot.ts';
import { TimeChart } from '../ui/time-chart.tsx';
import { useTimeView } from './time-view.tsx';
import type { Tuning } from './tuning.ts';

/** Seconds that a picture is wide. */
const latest = 60;
const operations = (value: number): string => `${Math.round(value)} /s`;
/** Nanoseconds in words. */
const time = (nanoseconds: number): string => (nanoseconds < 1e6 ? `${Number((nanoseconds / 1e3).toPrecision(2))} µs` : `${Number((nanoseconds / 1e6).toPrecision(2))} ms`);

const latencyWords = (readLatency: number | null, writeLatency: number | null): string => {
  const words = [...(readLatency === null ? [] : [`a read took ${time(readLatency)}`]), ...(writeLatency === null ? [] : [`a write took ${time(writeLatency)}`])];
  return words.length === 0 ? 'nothing was asked of it in the last second' : `in the mean ${words.join(' and ')}`;
};

type Values = readonly (number | null)[];
const sums = (one: Values, other: Values): Values => one.map((value, index) => {
  const second = other[index] ?? null;
  return value === null || second === null ? null : value + second;
});

/** Reads and writes under their own limits, or their sum under that of both. */
const curvesOf = (read: Values, write: Values, limits: DiskLimits, kind: 'bytes_sec' | 'iops_sec', colors: { readonly cpu: string; readonly disk: string }): readonly PlotCurve[] => {
  const total = limits[`total_${kind}`];
  return total === null
    ? [{ name: 'read', color: colors.cpu, values: read, limit: limits[`read_${kind}`] }, { name: 'written', color: colors.disk, values: write, limit: limits[`write_${kind}`] }]
    : [{ name: 'in all', color: colors.disk, values: sums(read, write), limit: total }];
};

export const DiskRates = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { guest, xml: { live } } = tuning;
  const colors = useColors();
  useInterest(live === null ? null : { host: guest.host, groups: ['disks'], uuids: [guest.uuid] });
  const view = useTimeView(guest.host, guest.uuid, latest);
  if (live === null || view === null) return null;
  const common = { ...view.common, marks: [], height: 110 };
  return (
    <Box sx={{ display: 'grid', gap: '12px', mb: '10px' }}>
      {[...disksOf(live)].map(([target, disk]) => {
        const line = (name: string): Values => view.past.values.get(`disk.${target}.${name}`) ?? [];
        const isKnown = view.past.values.has(`disk.${target}.readBytes`);
        const limits = readLimits(disk);
        return (
          <Box key={target} component="section" aria-label={`What disk ${target} does`}>
            <Box sx={{ mb: '2px' }}><strong>{target}</strong> <Box component="span" sx={{ color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>{isKnown ? latencyWords(line('readLatency').at(-1) ?? null, line('writeLatency').at(-1) ?? null) : 'not known yet'}</Box></Box>
            <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 300px), 1fr))', gap: '8px 24px' }}>
              <TimeChart {...common} label={`Disk ${target}, throughput`} least={100_000} say={(bytes) => printRate(bytes)} curves={curvesOf(line('readBytes'), line('writeBytes'), limits, 'bytes_sec', colors)} />
              <TimeChart {...common} label={`Disk ${target}, operations`} least={10} say={operations} curves={curvesOf(line('readRequests'), line('writeRequests'), limits, 'iops_sec', colors)} />
            </Box>
          </Box>
        );
      })}
    </Box>
  );
};
