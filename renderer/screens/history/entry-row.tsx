// One line of the history: what was done, when, by whom; opened, its steps, its changes, the definitions and the way back.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import LinearProgress from '@mui/material/LinearProgress';
import Link from '@mui/material/Link';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { Gives } from '../../../app/contract/contract.ts';
import type { Listed } from '../../../app/contract/history.ts';
import { changeWords } from '../../../app/tuning/change.ts';
import { difference } from '../../../app/xml/difference.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { ReviewDialog } from '../../panels/review-dialog.tsx';
import { StepList } from '../../panels/step-list.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { useColors } from '../../ui/colors.ts';
import { DifferenceView } from '../../ui/difference-view.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip, Tag } from '../../ui/tag.tsx';
import { dateTime } from '../../ui/time.ts';
import { addressOf } from '../place.ts';
import { outcomeMarks, wayBack } from './history-words.ts';

const truthWords = { live: 'now', saved: 'after restart' } as const;

const views = { difference: 'Difference', before: 'Before', after: 'After' } as const;

/** The saved definition before and after, read when it is looked at. */
const Definitions = ({ id }: { readonly id: string }): ReactNode => {
  const { data, error } = useAsk('history', 'entry', { id });
  const [view, setView] = useState<keyof typeof views>('difference');
  if (error !== null) return <RefusalCard refusal={refusalOf(error)} title="The definitions cannot be read" />;
  if (data === undefined) return <LinearProgress aria-label="Reading the definitions" />;
  const { savedBefore, savedAfter } = data;
  if (savedBefore === null && savedAfter === null) return null;
  const isSame = savedBefore === savedAfter;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '6px 10px', mb: 1 }}>
        <Box component="span" sx={{ fontWeight: 600 }}>Saved definition</Box>
        <ToggleButtonGroup exclusive size="small" value={view} aria-label="What of the saved definition is shown" onChange={(_, chosen: keyof typeof views | null) => chosen !== null && setView(chosen)}>
          {(['difference', 'before', 'after'] as const).map((one) => <ToggleButton key={one} value={one}>{views[one]}</ToggleButton>)}
        </ToggleButtonGroup>
      </Box>
      {view === 'difference' && (isSame
        ? <Box sx={{ color: 'text.secondary' }}>It is the same before and after.</Box>
        : <DifferenceView label="Difference of the saved definition" lines={difference(savedBefore ?? '', savedAfter ?? '', 2)} />)}
      {view === 'before' && <CodeBlock label="Saved definition before">{savedBefore ?? 'There was none.'}</CodeBlock>}
      {view === 'after' && <CodeBlock label="Saved definition after">{savedAfter ?? 'There is none.'}</CodeBlock>}
    </Box>
  );
};

const Opened = ({ entry, changed }: { readonly entry: Listed; readonly changed: boolean }): ReactNode => (
  <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: changed ? 'minmax(0, 1fr) minmax(0, 1fr)' : 'minmax(0, 1fr)' }, gap: 2, pt: 1, pl: '22px' }}>
    <Box sx={{ minWidth: 0 }}>
      {entry.changes.length > 0 && (
        <Box component="ul" aria-label="Changes" sx={{ m: 0, mb: 1, pl: 2, listStyle: 'disc', color: 'text.secondary', overflowWrap: 'anywhere' }}>
          {entry.changes.map((change) => {
            const { name, from, to } = changeWords(change);
            return <li key={`${change.knob}/${change.unit}/${change.truth}`}>{name}, {truthWords[change.truth]}: {from} → {to}</li>;
          })}
        </Box>
      )}
      {entry.steps.length > 0 ? <StepList steps={entry.steps} /> : <Box sx={{ color: 'text.secondary' }}>There were no single steps.</Box>}
    </Box>
    {changed && <Definitions id={entry.id} />}
  </Box>
);

export const EntryRow = ({ entry, fixed, withGuest }: { readonly entry: Listed; readonly fixed: string | null; readonly withGuest: boolean }): ReactNode => {
  const { client } = useApi();
  const { faint } = useColors();
  const { host, guest, kind, outcome, undoneBy } = entry;
  const subject = guest?.name ?? host?.name ?? '';
  const way = wayBack(entry);
  // A definition may be edited as a text without any setting being another.
  const changed = entry.changes.length > 0 || entry.definition === true;
  const [open, setOpen] = useState(false);
  const [back, setBack] = useState<Gives<'history', 'undo'> | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ask = async (): Promise<void> => {
    setAsking(true);
    setError(null);
    try {
      setBack(await client.ask('history', 'undo', { id: entry.id }));
    } catch (caught) {
      setError(caught);
    } finally {
      setAsking(false);
    }
  };
  return (
    <Box component="li" sx={{ borderBottom: `1px solid ${faint}`, p: '8px 16px' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '2px 12px', minHeight: 34, '& > *': { flex: 'none', maxWidth: '100%' } }}>
        <ButtonBase aria-expanded={open} title={entry.title} onClick={() => setOpen(!open)} sx={{ display: 'flex', gap: '6px', justifyContent: 'flex-start', textAlign: 'left', font: 'inherit', borderRadius: 1, minWidth: 'min(100%, 240px)', flex: '0 1 auto !important' }}>
          <Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />
          <Box component="span" sx={{ fontWeight: 600, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{entry.title}</Box>
        </ButtonBase>
        {withGuest && host !== null && guest !== null && <Link href={addressOf({ at: 'guest', host: host.id, uuid: guest.uuid, tab: 'history' })} color="inherit">{guest.name} on {host.name}</Link>}
        {withGuest && host !== null && guest === null && <Link href={addressOf({ at: 'host', host: host.id })} color="inherit">{host.name}</Link>}
        <Chip tone={outcomeMarks[outcome].tone}>{outcomeMarks[outcome].label}</Chip>
        {(kind === 'undo' || kind === 'redo') && <Tag tone="accent">{kind}</Tag>}
        {undoneBy !== null && <Tag>{way.done}</Tag>}
        {entry.judged !== undefined && <Tag title="The end was not seen: the connection or Guestdeck ended first. It is told from what the host showed afterwards.">told afterwards, {dateTime(entry.judged)}</Tag>}
        <Box component="span" sx={{ ml: 'auto', color: 'text.secondary' }}>{entry.user} · <time dateTime={new Date(entry.at).toISOString()}>{dateTime(entry.at)}</time></Box>
        {changed && entry.outcome !== 'put-back' && <span title={fixed ?? undefined}><Button loading={asking} disabled={undoneBy !== null || fixed !== null} aria-label={`${way.name}: ${entry.title}, ${subject}`} onClick={() => void ask()}>{way.name}…</Button></span>}
      </Box>
      {error !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusalOf(error)} title={way.refused} /></Box>}
      {open && <Opened entry={entry} changed={changed} />}
      {back !== null && (
        <ReviewDialog
          title={`${way.name} on ${subject}: ${entry.title}`}
          proposal={{ guest: { host: back.host, uuid: back.uuid, name: subject }, wanted: back.wanted, basis: back.basis, plan: back.plan }}
          onClose={() => setBack(null)}
        />
      )}
    </Box>
  );
};
