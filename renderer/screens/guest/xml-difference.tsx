// What differs between two states of a definition: now, saved, edited, and before or after anything in the history.
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import TextField from '@mui/material/TextField';
import { type ReactNode, useMemo, useState } from 'react';
import { difference } from '../../../app/xml/difference.ts';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DifferenceView } from '../../ui/difference-view.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { dateTime } from '../../ui/time.ts';
import { truthNames } from '../../ui/truth-names.ts';

/** How many of the latest entries can be compared with. */
const mostEntries = 100;

/** A state as it is chosen: `saved`, or `before ID` of an entry. */
type Choice = string;

interface State {
  readonly choice: Choice;
  readonly name: string;
  /** Null where it is known to be none. */
  readonly text: string | null;
}

/** The text of a choice; undefined = being read. */
const useText = (choice: Choice, states: readonly State[]): { readonly text: string | null | undefined; readonly error: Error | null } => {
  const [side, id] = choice.split(' ');
  const { data, error } = useAsk('history', 'entry', { id: id ?? '' }, id !== undefined);
  if (id === undefined) return { text: states.find((state) => state.choice === choice)?.text ?? null, error: null };
  return { text: data === undefined ? undefined : side === 'before' ? data.savedBefore : data.savedAfter, error };
};

interface Props {
  readonly guest: Pick<GuestDescription, 'host' | 'uuid' | 'name'>;
  readonly live: string | null;
  readonly saved: string | null;
  readonly edited: string | null;
}

export const XmlDifference = ({ guest, live, saved, edited }: Props): ReactNode => {
  const { host, uuid, name } = guest;
  const entries = useAsk('history', 'list', { host, uuid, limit: mostEntries });
  const states: readonly State[] = [
    { choice: 'live', name: truthNames.live, text: live },
    { choice: 'saved', name: truthNames.saved, text: saved },
    { choice: 'edited', name: 'Edited text', text: edited },
  ].filter(({ text }) => text !== null);
  const [chosen, choose] = useState<{ readonly from: Choice | null; readonly to: Choice | null }>({ from: null, to: null });
  const isThere = (choice: Choice | null): choice is Choice => choice !== null && (choice.includes(' ') || states.some((state) => state.choice === choice));
  const [first, last] = [states.at(edited === null ? 0 : -2), states.at(-1)];
  const from = isThere(chosen.from) ? chosen.from : (first?.choice ?? '');
  const to = isThere(chosen.to) ? chosen.to : (last?.choice ?? '');
  const before = useText(from, states);
  const after = useText(to, states);
  const lines = useMemo(() => (before.text === undefined || after.text === undefined ? null : difference(before.text ?? '', after.text ?? '')), [before.text, after.text]);
  const isSame = lines?.every(({ kind }) => kind === 'skipped') === true;
  const error = before.error ?? after.error ?? entries.error;
  const options = (
    <>
      {states.map((state) => <option key={state.choice} value={state.choice}>{state.name}</option>)}
      {(entries.data ?? []).flatMap(({ id, at, title, kind }) => (kind === 'action' || kind === 'certificate' ? [] : [
        <optgroup key={id} label={`${dateTime(at)}: ${title}`}>
          <option value={`before ${id}`}>Saved before: {title}</option>
          <option value={`after ${id}`}>Saved after: {title}</option>
        </optgroup>,
      ]))}
    </>
  );
  const select = (label: string, value: Choice, onChoose: (choice: Choice) => void): ReactNode => (
    <TextField select label={label} value={value} onChange={(event) => onChoose(event.target.value)} slotProps={{ select: { native: true }, inputLabel: { shrink: true } }} sx={{ width: 340, maxWidth: '100%' }}>{options}</TextField>
  );
  return (
    <>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '10px', mb: '10px', pt: '6px' }}>
        {select('From', from, (choice) => choose((both) => ({ ...both, from: choice })))}
        {select('To', to, (choice) => choose((both) => ({ ...both, to: choice })))}
        <Box sx={{ flex: 1 }} />
        {lines !== null && !isSame && <CopyButton label="Copy" text={() => lines.map(({ kind, line }) => `${kind === 'added' ? '+' : kind === 'removed' ? '-' : ' '} ${line}`).join('\n')} />}
      </Box>
      {error !== null && <RefusalCard refusal={refusalOf(error)} title="This cannot be compared" />}
      {lines === null && error === null && <LinearProgress aria-label="Reading the definition" />}
      {lines !== null && (isSame ? <Box sx={{ color: 'text.secondary' }}>Both are the same.</Box> : <DifferenceView lines={lines} label={`Difference of two definitions of ${name}`} />)}
    </>
  );
};
