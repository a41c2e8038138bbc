// What the system inside the guest has of its vCPUs, asked of its agent when somebody wants to know.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { refusalOf, useTell } from '../api/api.tsx';
import type { Tuning } from './tuning.ts';

const read = (text: string): CpuSet => (text === '' ? CpuSet.none : CpuSet.parse(text));
const name = (set: CpuSet): string => `vCPU ${set.toString()}`;

/** In words: what is online, what is not, and what of it the guest could take offline. */
const words = ({ known, online, offlinable }: { readonly known: string; readonly online: string; readonly offlinable: string }): string => {
  const off = read(known).without(read(online));
  const can = read(offlinable).intersection(read(online));
  return `Inside the guest ${name(read(online))} ${read(online).size === 1 ? 'is' : 'are'} online${off.size === 0 ? '' : `, ${name(off)} offline`}. ${can.size === 0 ? 'It can take none of them offline.' : `It can take ${name(can)} offline.`}`;
};

export const InsideVcpus = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const ask = useTell('guests', 'insideVcpus');
  if (tuning.actual.live === null) return null;
  const { host, uuid } = tuning.guest;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '10px', mb: '10px' }}>
      <Button loading={ask.isPending} disabled={tuning.fixed !== null} onClick={() => ask.mutate({ host, uuid })} title="The guest's agent is asked which vCPUs its system uses">Ask the guest for its vCPUs</Button>
      <Box role="status" sx={{ color: ask.error === null ? 'text.secondary' : 'error.main' }}>
        {ask.data === undefined ? (ask.error === null ? '' : refusalOf(ask.error).message) : words(ask.data)}
      </Box>
    </Box>
  );
};
