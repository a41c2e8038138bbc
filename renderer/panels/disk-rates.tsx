// What each disk of a running guest does at this moment, drawn under its limits: bytes, operations, and how long one takes.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { printRate } from '../../app/domain/bytes.ts';
import { type DiskLimits, readLimits } from '../../app/tuning/disk-limits.ts';
import { disksOf } from '../../app/tuning/disks.ts';
import { useDisks, useInterest } from '../api/api.tsx';
import type { DiskTrack } from '../api/samples.ts';
import { AreaChart, type Curve } from '../ui/area-chart.tsx';
import { useColors } from '../ui/colors.ts';
import type { Tuning } from './tuning.ts';

/** Samples that a picture is wide, one a second. */
const points = 60;
const operations = (value: number): string => `${Math.round(value)} /s`;
/** Nanoseconds in words. */
const time = (nanoseconds: number): string => (nanoseconds < 1e6 ? `${Number((nanoseconds / 1e3).toPrecision(2))} µs` : `${Number((nanoseconds / 1e6).toPrecision(2))} ms`);

const latencyWords = ({ readLatency, writeLatency }: DiskTrack['last']): string => {
  const words = [...(readLatency === null ? [] : [`a read took ${time(readLatency)}`]), ...(writeLatency === null ? [] : [`a write took ${time(writeLatency)}`])];
  return words.length === 0 ? 'nothing was asked of it in the last second' : `in the mean ${words.join(' and ')}`;
};

type Values = readonly (number | null)[];
const sums = (one: Values, other: Values): Values => one.map((value, index) => {
  const second = other[index] ?? null;
  return value === null || second === null ? null : value + second;
});

/** Reads and writes under their own limits, or their sum under that of both. */
const curvesOf = (read: Values, write: Values, limits: DiskLimits, kind: 'bytes_sec' | 'iops_sec', colors: { readonly cpu: string; readonly disk: string }): readonly Curve[] => {
  const total = limits[`total_${kind}`];
  return total === null
    ? [{ name: 'read', color: colors.cpu, values: read, limit: limits[`read_${kind}`] }, { name: 'written', color: colors.disk, values: write, limit: limits[`write_${kind}`] }]
    : [{ name: 'in all', color: colors.disk, values: sums(read, write), limit: total }];
};

const none: DiskTrack['values'] = { readBytes: [], writeBytes: [], readRequests: [], writeRequests: [] };

export const DiskRates = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { guest, xml: { live } } = tuning;
  const colors = useColors();
  useInterest(live === null ? null : { host: guest.host, groups: ['disks'], uuids: [guest.uuid] });
  const tracks = useDisks(guest.host, guest.uuid);
  if (live === null) return null;
  const common = { height: 64, points, seconds: points };
  return (
    <Box sx={{ display: 'grid', gap: '12px', mb: '10px' }}>
      {[...disksOf(live)].map(([target, disk]) => {
        const track = tracks.get(target);
        const { readBytes, writeBytes, readRequests, writeRequests } = track?.values ?? none;
        const limits = readLimits(disk);
        return (
          <Box key={target} component="section" aria-label={`What disk ${target} does`}>
            <Box sx={{ mb: '2px' }}><strong>{target}</strong> <Box component="span" sx={{ color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>{track === undefined ? 'not known yet' : latencyWords(track.last)}</Box></Box>
            <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 300px), 1fr))', gap: '8px 24px' }}>
              <AreaChart {...common} least={100_000} say={(bytes) => printRate(bytes)} curves={curvesOf(readBytes, writeBytes, limits, 'bytes_sec', colors)} />
              <AreaChart {...common} least={10} say={operations} curves={curvesOf(readRequests, writeRequests, limits, 'iops_sec', colors)} />
            </Box>
          </Box>
        );
      })}
    </Box>
  );
};
