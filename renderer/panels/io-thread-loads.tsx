// Which thread serves which disks and controllers, and what its disks do at this moment.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { DiskSample } from '../../app/contract/live.ts';
import { printRate } from '../../app/domain/bytes.ts';
import { disksInThreads, ioThreadIds, ioThreadUsers } from '../../app/tuning/io-thread-ids.ts';
import { useDisks, useInterest } from '../api/api.tsx';
import type { Tuning } from './tuning.ts';

const sum = (disks: readonly DiskSample[], ...fields: readonly Exclude<keyof DiskSample, 'target'>[]): number | null => {
  const known = disks.flatMap((disk) => fields.flatMap((field) => disk[field] ?? []));
  return known.length === 0 ? null : known.reduce((all, each) => all + each, 0);
};

/** `12.3 MB/s, 340 requests/s`; null where nothing is known. */
const loadWords = (disks: readonly DiskSample[]): string | null => {
  const [bytes, requests] = [sum(disks, 'readBytes', 'writeBytes'), sum(disks, 'readRequests', 'writeRequests')];
  const words = [...(bytes === null ? [] : [printRate(bytes)]), ...(requests === null ? [] : [`${Math.round(requests)} requests/s`])];
  return words.length === 0 ? null : words.join(', ');
};

export const IoThreadLoads = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { guest, xml } = tuning;
  const definition = xml.live ?? xml.saved;
  const runs = xml.live !== null;
  const ids = definition === null ? [] : ioThreadIds(definition);
  useInterest(runs && ids.length > 0 ? { host: guest.host, groups: ['disks'], uuids: [guest.uuid] } : null);
  const told = useDisks(guest.host, guest.uuid);
  if (definition === null || ids.length === 0) return null;
  const disks = disksInThreads(definition);
  const users = ioThreadUsers(definition);
  const own = disks.filter(({ threads }) => threads.size === 0).map(({ target }) => target);
  const lines = [
    ...ids.map((id) => ({ name: `I/O thread ${id}`, serves: (users.get(id) ?? []).join(', '), targets: disks.filter(({ threads }) => threads.has(id)).map(({ target }) => target) })),
    ...(own.length === 0 ? [] : [{ name: 'The emulator', serves: own.map((target) => `disk ${target}`).join(', '), targets: own }]),
  ];
  return (
    <Box component="ul" aria-label="What each thread serves" sx={{ listStyle: 'none', m: 0, mb: '10px', p: 0, display: 'grid', gap: '2px' }}>
      {lines.map(({ name, serves, targets }) => (
        <Box component="li" key={name} sx={{ display: 'flex', flexWrap: 'wrap', gap: '0 8px' }}>
          <strong>{name}</strong>
          <span>{serves === '' ? 'serves nothing' : `serves ${serves}`}</span>
          {runs && serves !== '' && <Box component="span" sx={{ color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>{loadWords(told.filter(({ target }) => targets.includes(target))) ?? 'load not known yet'}</Box>}
        </Box>
      ))}
    </Box>
  );
};
