// What was done: time, who, what, with its steps and their outcome, and the way back.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import LinearProgress from '@mui/material/LinearProgress';
import Link from '@mui/material/Link';
import { mdiChevronDown, mdiChevronRight, mdiHistory } from '@mdi/js';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Gives } from '../../../app/contract/contract.ts';
import type { Entry } from '../../../app/contract/history.ts';
import { changeWords } from '../../../app/tuning/plan.ts';
import { difference } from '../../../app/xml/difference.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { fixedBy } from '../../api/fleet.ts';
import { ReviewDialog } from '../../panels/review-dialog.tsx';
import { StepList } from '../../panels/step-list.tsx';
import { EmptyState } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { DifferenceView } from '../../ui/difference-view.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip, Tag, type ToneName } from '../../ui/tag.tsx';
import { dateTime } from '../../ui/time.ts';
import { addressOf } from '../place.ts';

const pageSize = 50;

const outcomeMarks: Readonly<Record<Entry['outcome'], { readonly label: string; readonly tone: ToneName }>> = {
  complete: { label: 'done', tone: 'good' },
  'put-back': { label: 'put back', tone: 'warn' },
  partial: { label: 'partly done', tone: 'bad' },
  unconfirmed: { label: 'not confirmed', tone: 'warn' },
  interrupted: { label: 'end not seen', tone: 'warn' },
};

const truthWords = { live: 'now', saved: 'after restart' } as const;

const EntryRow = ({ entry, undone, fixed, withGuest }: { readonly entry: Entry; readonly undone: boolean; readonly fixed: string | null; readonly withGuest: boolean }): ReactNode => {
  const { client } = useApi();
  const { faint } = useColors();
  const { host, guest } = entry;
  const subject = guest?.name ?? host?.name ?? '';
  const [open, setOpen] = useState(false);
  const [undo, setUndo] = useState<Gives<'history', 'undo'> | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ask = async (): Promise<void> => {
    setAsking(true);
    setError(null);
    try {
      setUndo(await client.ask('history', 'undo', { id: entry.id }));
    } catch (caught) {
      setError(caught);
    } finally {
      setAsking(false);
    }
  };
  const changed = entry.savedBefore !== null && entry.savedAfter !== null && entry.savedBefore !== entry.savedAfter;
  return (
    <Box component="li" sx={{ borderBottom: `1px solid ${faint}`, p: '8px 16px' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: '12px', minHeight: 34, '& > *': { flex: 'none' } }}>
        <ButtonBase aria-expanded={open} title={entry.title} onClick={() => setOpen(!open)} sx={{ display: 'flex', gap: '6px', justifyContent: 'flex-start', textAlign: 'left', font: 'inherit', borderRadius: 1, minWidth: 0, flex: '0 1 auto !important' }}>
          <Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />
          <Box component="span" sx={{ fontWeight: 600, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{entry.title}</Box>
        </ButtonBase>
        {withGuest && host !== null && guest !== null && <Link href={addressOf({ at: 'guest', host: host.id, uuid: guest.uuid, tab: 'history' })} color="inherit">{guest.name} on {host.name}</Link>}
        {withGuest && host !== null && guest === null && <Link href={addressOf({ at: 'host', host: host.id })} color="inherit">{host.name}</Link>}
        <Chip tone={outcomeMarks[entry.outcome].tone}>{outcomeMarks[entry.outcome].label}</Chip>
        {entry.kind === 'undo' && <Tag tone="accent">undo</Tag>}
        {undone && <Tag>undone</Tag>}
        {entry.judged !== undefined && <Tag title="The end was not seen: the connection or Guestdeck ended first. It is told from what the host showed afterwards.">told afterwards, {dateTime(entry.judged)}</Tag>}
        <Box component="span" sx={{ ml: 'auto', color: 'text.secondary' }}>{entry.user} · <time dateTime={new Date(entry.at).toISOString()}>{dateTime(entry.at)}</time></Box>
        {entry.changes.length > 0 && <span title={fixed ?? undefined}><Button loading={asking} disabled={undone || fixed !== null} aria-label={`Undo: ${entry.title}, ${subject}`} onClick={() => void ask()}>Undo…</Button></span>}
      </Box>
      {error !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusalOf(error)} title="This cannot be undone" /></Box>}
      {open && (
        <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', md: changed ? '1fr 1fr' : '1fr' }, gap: 2, pt: 1, pl: '22px' }}>
          <Box sx={{ minWidth: 0 }}>
            {entry.changes.length > 0 && (
              <Box component="ul" sx={{ m: 0, mb: 1, pl: 2, listStyle: 'disc', color: 'text.secondary' }}>
                {entry.changes.map((change) => {
                  const { name, from, to } = changeWords(change);
                  return <li key={`${change.knob}/${change.unit}/${change.truth}`}>{name}, {truthWords[change.truth]}: {from} → {to}</li>;
                })}
              </Box>
            )}
            <StepList steps={entry.steps} />
          </Box>
          {changed && <DifferenceView label="Difference of the saved definition" lines={difference(entry.savedBefore ?? '', entry.savedAfter ?? '', 2)} />}
        </Box>
      )}
      {undo !== null && (
        <ReviewDialog
          title={`Undo on ${subject}: ${entry.title}`}
          proposal={{ guest: { host: undo.host, uuid: undo.uuid, name: subject }, wanted: undo.wanted, basis: undo.basis, plan: undo.plan }}
          onClose={() => setUndo(null)}
        />
      )}
    </Box>
  );
};

export const HistoryList = ({ of, withGuest }: { readonly of: { readonly host?: string; readonly uuid?: string }; readonly withGuest: boolean }): ReactNode => {
  const { client } = useApi();
  const connections = useAsk('connections', 'list', {}).data ?? [];
  const pages = useInfiniteQuery({
    queryKey: ['history', 'list', of],
    initialPageParam: '',
    queryFn: ({ pageParam }) => client.ask('history', 'list', { ...of, limit: pageSize, ...(pageParam !== '' && { before: pageParam }) }),
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.id),
  });
  if (pages.error !== null) return <RefusalCard refusal={refusalOf(pages.error)} title="The history cannot be read" />;
  if (pages.data === undefined) return <LinearProgress aria-label="Reading the history" />;
  const entries = pages.data.pages.flat();
  const undone = new Set(entries.flatMap(({ undoes, outcome }) => (undoes === null || outcome !== 'complete' ? [] : [undoes])));
  if (entries.length === 0) return <EmptyState icon={mdiHistory} title="Nothing was done yet">Every change and action is listed here with the way back.</EmptyState>;
  return (
    <>
      <Box component="ul" aria-label="History" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {entries.map((entry) => <EntryRow key={entry.id} entry={entry} undone={undone.has(entry.id)} fixed={fixedBy(connections.find(({ id }) => id === entry.host?.id))} withGuest={withGuest} />)}
      </Box>
      {pages.hasNextPage && <Box sx={{ p: 2, textAlign: 'center' }}><Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Show older</Button></Box>}
      {pages.isRefetchError && <Alert severity="warning">The list may be out of date.</Alert>}
    </>
  );
};
