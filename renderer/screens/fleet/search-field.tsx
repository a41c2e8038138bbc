// The field in which guests are searched for: what can be said is offered at the caret, what is wrong is said with its place in a line below what stands beside it.
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { mdiFilterOutline } from '@mdi/js';
import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { SearchProblem } from '../../../app/domain/guest-search.ts';
import { type SearchValues, type Suggestion, suggestions, withSuggestion } from '../../../app/domain/search-suggestions.ts';
import { useAfterPaint } from '../../ui/after-paint.ts';
import { Icon } from '../../ui/icon.tsx';
import { monospace } from '../../ui/theme.ts';

/** What others may give the keys to. */
export interface Focusable {
  readonly focus: () => void;
}

const asTheyCome = <T,>(options: T[]): T[] => options;

export const SearchField = ({ text, onText, problems, values, onDown, says, handle }: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly problems: readonly SearchProblem[];
  readonly values: SearchValues;
  /** The keys go on in what was found. */
  readonly onDown: () => void;
  /** What is to be said of what was found, where nothing is wrong. */
  readonly says: ReactNode;
  readonly handle: Ref<Focusable>;
}): ReactNode => {
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(text.length);
  /** Where the caret belongs once the text that was put in is shown. */
  const landing = useRef<number | null>(null);
  const [isOpen, setOpen] = useState(false);
  useImperativeHandle(handle, () => ({ focus: () => input.current?.focus() }), []);
  useLayoutEffect(() => {
    if (landing.current === null) return;
    input.current?.setSelectionRange(landing.current, landing.current);
    landing.current = null;
  });
  const said = useMemo(() => ({ isOpen, text, caret }), [isOpen, text, caret]);
  // What was found comes first: to put up the list takes as long as the rows.
  const asked = useAfterPaint(said);
  const offered = useMemo(() => (asked.isOpen ? suggestions(asked.text, asked.caret, values) : []), [asked, values]);
  // While ways to go on are offered, nothing is wrong yet.
  const problem = offered.length > 0 ? undefined : problems[0];
  return (
    <>
      <Autocomplete<Suggestion, false, true, true>
        freeSolo
        sx={{ flex: '1 1 320px', minWidth: 200, maxWidth: 760 }}
        disableClearable
        options={[...offered]}
        filterOptions={asTheyCome}
        getOptionLabel={(option) => (typeof option === 'string' ? option : option.text)}
        getOptionKey={(option) => (typeof option === 'string' ? option : `${option.at} ${option.text}`)}
        inputValue={text}
        open={isOpen}
        onOpen={() => setOpen(true)}
        onClose={(_, reason) => {
          // Whether there is a way to go on from there is known to who puts it in.
          if (reason !== 'selectOption') setOpen(false);
        }}
        onInputChange={(_, value, reason) => {
          if (reason !== 'input') return;
          onText(value);
          setCaret(input.current?.selectionStart ?? value.length);
          setOpen(true);
        }}
        onChange={(_, picked) => {
          // What is offered for another text belongs to another place of it.
          if (typeof picked === 'string' || asked.text !== text) return;
          const after = withSuggestion(text, picked);
          landing.current = after.caret;
          onText(after.text);
          setCaret(after.caret);
          setOpen(/[:<>=]$/.test(picked.text));
        }}
        // What is picked becomes a part of the text, and none of it is the field's value.
        value=""
        clearOnBlur={false}
        onKeyDown={(event) => {
          const hasList = isOpen && offered.length > 0;
          if (event.key === 'Escape' && !hasList) onText('');
          else if (event.key === 'ArrowDown' && !hasList && text !== '') onDown();
          else return;
          event.defaultMuiPrevented = true;
          event.preventDefault();
        }}
        slotProps={{ paper: { sx: { fontSize: 13 } }, listbox: { 'aria-label': 'Ways to go on' }, popper: { placement: 'bottom-start' } }}
        renderOption={({ key, ...props }, option) => (
          <Box component="li" key={key} {...props} sx={{ gap: 2 }}>
            <Box component="span" sx={{ font: `12px ${monospace}` }}>{option.text}</Box>
            <Box component="span" sx={{ ml: 'auto', color: 'text.secondary', fontSize: 12 }}>{option.says}</Box>
          </Box>
        )}
        renderInput={(props) => (
          <TextField
            {...props}
            placeholder="Search: web host:atlas state:running mem>16G -tag:test"
            inputRef={input}
            error={problem !== undefined}
            slotProps={{
              ...props.slotProps,
              htmlInput: {
                ...props.slotProps.htmlInput, 'aria-label': 'Search guests', 'aria-describedby': 'guest-search-says', spellCheck: false,
                onSelect: () => setCaret(input.current?.selectionStart ?? 0),
              },
              input: { ...props.slotProps.input, sx: { height: 30, bgcolor: 'background.paper', py: '0 !important' }, startAdornment: <InputAdornment position="start"><Icon path={mdiFilterOutline} size={16} /></InputAdornment> },
            }}
          />
        )}
      />
      {/* Always there, so that nothing moves when there is something to say. */}
      <Box id="guest-search-says" role="status" sx={{ order: 1, flex: '1 1 100%', minHeight: 20, fontSize: 12, lineHeight: '20px', color: problem === undefined ? 'text.secondary' : 'error.main' }}>
        {problem === undefined
          ? says
          : (
            <ButtonBase
              title="Shows where in the text"
              onClick={() => {
                input.current?.focus();
                input.current?.setSelectionRange(problem.at, problem.end);
              }}
              sx={{ font: 'inherit', textAlign: 'left', display: 'inline' }}
            >
              Left out: <Box component="span" sx={{ fontFamily: monospace, mx: '4px' }}>{text.slice(problem.at, problem.end)}</Box> at character {problem.at + 1}: {problem.message}{problems.length > 1 && ` (and ${problems.length - 1} more)`}
            </ButtonBase>
          )}
      </Box>
    </>
  );
};
