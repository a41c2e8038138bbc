// What happened while pictures were drawn: marks over them, and the last of those in words below.
import Box from '@mui/material/Box';
import { type ReactNode, useMemo } from 'react';
import type { Happening } from '../../app/contract/live.ts';
import { useAsk } from '../api/api.tsx';
import type { Curves } from '../api/past.ts';
import { Card } from '../ui/card.tsx';
import type { PlotMark, Span } from '../ui/plot.ts';
import { dateTime } from '../ui/time.ts';

const happened: Readonly<Record<Happening, string>> = {
  started: 'started', stopped: 'stopped', crashed: 'crashed', paused: 'paused', resumed: 'resumed', 'migrated-here': 'moved here', 'migrated-away': 'moved away',
};
/** Of them in words, the last. */
const most = 8;

/** What a host told of a guest, or with null of all its guests, and the changes that were applied, oldest first. */
export const useMarks = (host: string, uuid: string | null, past: Curves | null): readonly PlotMark[] => {
  const { data } = useAsk('history', 'list', { host, ...(uuid !== null && { uuid }), kinds: ['tuning', 'undo', 'redo'], limit: 50 });
  const told = past?.marks;
  return useMemo(() => {
    const changes = (data ?? []).map(({ at, title, guest }) => ({ at, what: uuid === null && guest !== null ? `${guest.name}: ${title}` : title }));
    const marks = (told ?? []).map(({ at, what, guest }) => ({ at, what: guest === null ? happened[what] : `${guest} ${happened[what]}` }));
    return [...marks, ...changes].sort((one, other) => one.at - other.at);
  }, [told, data, uuid]);
};

/** Those of the part of time on screen; nothing where nothing happened. */
export const Happenings = ({ marks, span: { from, to } }: { readonly marks: readonly PlotMark[]; readonly span: Span }): ReactNode => {
  const inView = marks.filter(({ at }) => at / 1000 >= from && at / 1000 <= to);
  return inView.length === 0 ? null : (
    <Card title="What happened meanwhile">
      <Box component="ul" sx={{ m: 0, pl: '18px' }}>
        {inView.slice(-most).map(({ at, what }, place) => <li key={`${at}/${place}`}><Box component="span" sx={{ color: 'text.secondary' }}>{dateTime(at)}</Box> {what}</li>)}
      </Box>
    </Card>
  );
};
