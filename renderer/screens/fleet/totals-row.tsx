// What the shown guests come to, below the table: what they have, what is measured of them, and in which states they are.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useMemo, useState } from 'react';
import { printBytes } from '../../../app/domain/bytes.ts';
import { guestStates } from '../../../app/domain/guest.ts';
import { useApi } from '../../api/api.tsx';
import type { FleetGuest } from '../../api/fleet.ts';
import { useAnySample } from '../../api/measured.ts';
import { useAfterPaint } from '../../ui/after-paint.ts';
import { totalsOf } from './rows.ts';

/** @param isMeasuring all guests are measured, not those in view alone. @param onMeasure null = it is needed for something else, and cannot be ended here. */
export const TotalsRow = ({ guests: shown, isMeasuring, onMeasure }: { readonly guests: readonly FleetGuest[]; readonly isMeasuring: boolean; readonly onMeasure: ((all: boolean) => void) | null }): ReactNode => {
  const { samples } = useApi();
  // After the rows: nobody waits for a sum.
  const guests = useAfterPaint(shown);
  const [now, setNow] = useState(() => Date.now());
  useAnySample(() => setNow(Date.now()));
  const totals = useMemo(() => totalsOf(guests, ({ host, uuid }) => samples.usage(host, uuid, now)), [guests, samples, now]);
  const { vcpus, memoryKiB, cpu, usedKiB, measured, running, states } = totals;
  return (
    <Box role="group" aria-label="Totals" sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', columnGap: '18px', minHeight: 36, px: '14px', py: '2px', borderTop: 1, borderColor: 'divider', fontSize: 12, color: 'text.secondary', fontVariantNumeric: 'tabular-nums', flex: 'none' }}>
      <span><Box component="strong" sx={{ color: 'text.primary' }}>{totals.guests.toLocaleString()}</Box> shown</span>
      {states.map(([state, count]) => <span key={state}>{count.toLocaleString()} {guestStates[state].label.toLowerCase()}</span>)}
      <span>{vcpus.toLocaleString()} vCPUs</span>
      <span>{printBytes(memoryKiB * 1024)} memory</span>
      {running > 0 && (
        <span>
          {measured === 0 ? 'use not measured' : `${cpu.toLocaleString(undefined, { maximumFractionDigits: 1 })} CPUs${usedKiB === null ? '' : ` and ${printBytes(usedKiB * 1024)}`} in use`}
          {measured > 0 && measured < running && ` by ${measured.toLocaleString()} of ${running.toLocaleString()} active`}
        </span>
      )}
      {running > 0 && onMeasure !== null && (isMeasuring || measured < running) && (
        <Button variant="text" size="small" aria-pressed={isMeasuring} title="Asks every host for the CPU time and memory of all its guests, for as long as this is pressed; otherwise only of those in view" onClick={() => onMeasure(!isMeasuring)} sx={{ fontSize: 12, p: '2px 6px', ...(isMeasuring && { color: 'primary.main' }) }}>
          {isMeasuring ? 'Measuring all' : 'Measure all'}
        </Button>
      )}
    </Box>
  );
};
