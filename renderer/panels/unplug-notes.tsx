// What the running guest was asked to give back and still has: said where it was asked for, until it goes.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { type Unplug, unplugKind, unplugWords, vcpuOf } from '../../app/tuning/unplugs.ts';
import { useNow } from '../ui/now.ts';
import type { Tuning } from './tuning.ts';

/** libvirt sends no event when a vCPU goes late, so it is looked for this often, in milliseconds, while somebody sees that it is awaited. */
const pause = 2_000;

const Notes = ({ tuning, unplugs }: { readonly tuning: Tuning; readonly unplugs: readonly Unplug[] }): ReactNode => {
  const { host, uuid } = tuning.guest;
  const queries = useQueryClient();
  const now = useNow();
  const awaited = unplugs.some((one) => vcpuOf(one) !== null && one.refused === null);
  useEffect(() => {
    if (!awaited) return undefined;
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: ['tuning', 'read', { host, uuid }] }), pause);
    return () => clearInterval(timer);
  }, [awaited, queries, host, uuid]);
  const live = tuning.xml.live;
  if (live === null) return null;
  return (
    <Box role="status" sx={{ display: 'grid', gap: '6px', mb: '10px' }}>
      {unplugs.map((one) => {
        const { level, text } = unplugWords(one, live, now);
        return <Alert key={one.alias} severity={level}>{text}</Alert>;
      })}
    </Box>
  );
};

/** @param of which of them are said here. */
export const UnplugNotes = ({ tuning, of }: { readonly tuning: Tuning; readonly of: ReturnType<typeof unplugKind> }): ReactNode => {
  const { live } = tuning.xml;
  const unplugs = live === null ? [] : tuning.facts.unplugs.filter((one) => unplugKind(one, live) === of);
  return unplugs.length === 0 ? null : <Notes tuning={tuning} unplugs={unplugs} />;
};
