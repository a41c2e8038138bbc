// What of the history is shown: words, kinds, outcomes; and the same as a file.
import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import type { ReactNode } from 'react';
import { entryKinds, entryOutcomes, type Listed } from '../../../app/contract/history.ts';
import { ChoiceMenu } from '../../ui/choice-menu.tsx';
import { kindNames, outcomeMarks } from './history-words.ts';

export interface HistoryChoice {
  readonly text: string;
  readonly kinds: readonly Listed['kind'][];
  readonly outcomes: readonly Listed['outcome'][];
}

export const everything: HistoryChoice = { text: '', kinds: [], outcomes: [] };

/** The choice as main is asked for it. */
export const soughtBy = ({ text, kinds, outcomes }: HistoryChoice): { text?: string; kinds?: Listed['kind'][]; outcomes?: Listed['outcome'][] } => ({
  ...(text.trim() !== '' && { text: text.trim() }),
  ...(kinds.length > 0 && { kinds: [...kinds] }),
  ...(outcomes.length > 0 && { outcomes: [...outcomes] }),
});

export const HistoryFilter = ({ choice, onChange, children }: { readonly choice: HistoryChoice; readonly onChange: (choice: HistoryChoice) => void; readonly children: ReactNode }): ReactNode => (
  <Box role="search" aria-label="History" sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px', p: '10px 16px', borderBottom: 1, borderColor: 'divider' }}>
    <TextField
      placeholder="Search"
      value={choice.text}
      onChange={(event) => onChange({ ...choice, text: event.target.value })}
      slotProps={{ htmlInput: { 'aria-label': 'Search the history by title, guest, host, user or setting', maxLength: 200 }, input: { sx: { height: 30 } } }}
      sx={{ width: 240, maxWidth: '100%' }}
    />
    <ChoiceMenu label="Kind" options={entryKinds.map((value) => ({ value, label: kindNames[value] }))} chosen={choice.kinds} onChange={(kinds) => onChange({ ...choice, kinds })} />
    <ChoiceMenu label="Outcome" options={entryOutcomes.map((value) => ({ value, label: outcomeMarks[value].label }))} chosen={choice.outcomes} onChange={(outcomes) => onChange({ ...choice, outcomes })} />
    <Box sx={{ ml: 'auto' }}>{children}</Box>
  </Box>
);
