// The field in the top bar: finds guests, hosts, settings and what can be done by a few words; Ctrl+K goes to it.
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { mdiHistory, mdiMagnify, mdiPlayOutline, mdiTune } from '@mdi/js';
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useAsk, useTell } from '../../api/api.tsx';
import type { Fleet } from '../../api/fleet.ts';
import { Icon } from '../../ui/icon.tsx';
import { GuestDot, PhaseDot } from '../../ui/status-chip.tsx';
import { monospace } from '../../ui/theme.ts';
import { keyOf } from '../fleet/rows.ts';
import { usePlace } from '../place.ts';
import { useDeeds } from './deeds.tsx';
import { type Choice, type Command, find, findablesOf } from './search.ts';

/** Choices that are remembered. */
const mostRecent = 20;

const icons = { Recent: mdiHistory, Guests: null, Hosts: null, Actions: mdiPlayOutline, Settings: mdiTune } as const;

const Mark = ({ choice: { kind, of } }: { readonly choice: Choice }): ReactNode => {
  if (of !== undefined && kind !== 'Settings') return typeof of.state === 'string' ? <GuestDot state={of.state} /> : <PhaseDot phase={of.state.phase} />;
  const icon = icons[kind];
  return icon === null ? null : <Icon path={icon} size={14} />;
};

/** One line: what it is, and beside it where, or why it cannot be done now. */
const Line = ({ choice }: { readonly choice: Choice }): ReactNode => (
  <>
    <Box component="span" sx={{ flex: '0 0 14px', display: 'grid', placeItems: 'center' }}><Mark choice={choice} /></Box>
    <Box component="span" sx={{ flex: 'none', maxWidth: '62%', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{choice.label}</Box>
    <Box component="span" sx={{ ml: 'auto', color: 'text.secondary', fontSize: 12, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{choice.unable === null ? choice.detail : `Not now: ${choice.unable}`}</Box>
  </>
);

const none: readonly string[] = [];

/** Lines of one kind, under its name: a group of the list, for screen readers too. */
const Group = ({ kind, children }: { readonly kind: string; readonly children: ReactNode }): ReactNode => {
  const id = useId();
  return (
    <Box component="li" role="presentation" sx={{ py: '2px' }}>
      <Box id={id} role="presentation" sx={{ px: 2, pt: '6px', pb: '2px', color: 'text.secondary', fontSize: 12, fontWeight: 600 }}>{kind}</Box>
      <Box component="ul" role="group" aria-labelledby={id} sx={{ listStyle: 'none', m: 0, p: 0 }}>{children}</Box>
    </Box>
  );
};

/** What was chosen lately, the last one first, and how to remember another; kept by main, for all windows. */
const useRecent = (): readonly [readonly string[], (key: string) => void] => {
  const { data } = useAsk('program', 'preferences', {});
  const { mutate } = useTell('program', 'setPreferences');
  const recent = data?.recent ?? none;
  return [recent, (key) => mutate({ preferences: { recent: [key, ...recent.filter((other) => other !== key)].slice(0, mostRecent) } })];
};

/** Keys go to the field with Ctrl+K, or with the command key where there is one. */
const useShortcut = (go: () => void): void => {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      go();
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, [go]);
};

const shortcut = navigator.platform.startsWith('Mac') ? '⌘ K' : 'Ctrl K';
const nothing: readonly Choice[] = [];

export const Palette = ({ fleet, commands }: { readonly fleet: Fleet; readonly commands: readonly Command[] }): ReactNode => {
  const field = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [recent, remember] = useRecent();
  const place = usePlace();
  const here = place.at === 'guest' ? keyOf(place) : null;
  const deeds = useDeeds();
  const all = useMemo(() => (open ? findablesOf(fleet, commands) : null), [open, fleet, commands]);
  const found = useMemo(() => (all === null ? nothing : find(all, text, recent, here)), [all, text, recent, here]);
  const [focus] = useState(() => (): void => {
    const input = field.current?.querySelector('input');
    input?.focus();
    input?.select();
  });
  useShortcut(focus);
  return (
    <>
      <Autocomplete<Choice>
        ref={field}
        open={open}
        onOpen={() => setOpen(true)}
        onClose={() => setOpen(false)}
        options={found}
        value={null}
        inputValue={text}
        onInputChange={(_, value, reason) => setText(reason === 'selectOption' ? '' : value)}
        onChange={(_, choice) => {
          if (choice === null) return;
          if (choice.key !== 'link') remember(choice.key);
          deeds.do(choice.label, choice.deed);
        }}
        filterOptions={(ranked) => [...ranked]}
        groupBy={({ kind }) => kind}
        renderGroup={({ key, group, children }) => <Group key={key} kind={group}>{children}</Group>}
        // What is found belongs to the bar.
        disablePortal
        getOptionLabel={({ label }) => label}
        getOptionKey={({ key }) => key}
        // Why something cannot be done is to be read, so that keys go there all the same.
        getOptionDisabled={({ unable }) => unable !== null}
        disabledItemsFocusable
        isOptionEqualToValue={(one, other) => one.key === other.key}
        autoHighlight
        openOnFocus
        blurOnSelect
        forcePopupIcon={false}
        noOptionsText="No guest, host, setting or action has all of this in its name"
        sx={{ flex: '0 1 460px', minWidth: 120 }}
        slotProps={{ paper: { sx: { fontSize: 13 } }, popper: { sx: { minWidth: 'min(620px, 96vw)' } }, listbox: { 'aria-label': 'Found', sx: { maxHeight: '60vh' } } }}
        renderOption={({ key, ...props }, choice) => <Box component="li" key={key} {...props} sx={{ gap: 1, '&[aria-disabled=true]': { opacity: '1 !important', color: 'text.secondary' } }}><Line choice={choice} /></Box>}
        renderInput={(props) => (
          <TextField
            {...props}
            placeholder="Find a guest, host, setting or action…"
            slotProps={{
              ...props.slotProps,
              htmlInput: { ...props.slotProps.htmlInput, 'aria-label': 'Find a guest, host, setting or action', 'aria-keyshortcuts': 'Control+K Meta+K' },
              input: {
                ...props.slotProps.input,
                sx: { bgcolor: 'background.default', height: 32, py: '0 !important' },
                startAdornment: <InputAdornment position="start"><Icon path={mdiMagnify} size={16} /></InputAdornment>,
                endAdornment: <Box component="kbd" sx={{ font: `11px ${monospace}`, border: 1, borderBottomWidth: 2, borderColor: 'divider', borderRadius: '4px', px: '5px', bgcolor: 'background.paper', color: 'text.secondary', whiteSpace: 'nowrap' }}>{shortcut}</Box>,
              },
            }}
          />
        )}
      />
      {deeds.shown}
    </>
  );
};
