// One setting of a daemon: its name, what it does, and a control of its kind, with what is in the file and what would be.
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MuiChip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { type ReactNode, useId, useState } from 'react';
import type { SettingValue } from '../../../app/daemon/settings-file.ts';
import { useColors } from '../../ui/colors.ts';
import { Tag } from '../../ui/tag.tsx';
import { monospace } from '../../ui/theme.ts';
import { countOf, type ShownSetting, valueWords } from './daemon-edits.ts';

interface ControlProps {
  readonly setting: ShownSetting;
  readonly value: SettingValue | null;
  readonly problem: string | null;
  readonly disabled: boolean;
  readonly says: string;
  readonly onChange: (value: SettingValue | null) => void;
}

const usualWords = ({ form, usual }: ShownSetting): string => (form.kind === 'flag' ? `${valueWords(usual)}, ${usual === 1 ? 'yes' : 'no'}` : valueWords(usual));

/** What stands for the setting not being in the file, among values that are texts. */
const notSet = '';

const OneOf = ({ setting, value, problem, disabled, says, onChange }: ControlProps): ReactNode => {
  const { form, name } = setting;
  const words = form.kind === 'flag' ? [['0', '0, no'], ['1', '1, yes']] as const : form.kind === 'choice' ? form.among.map((one) => [one, one] as const) : [];
  const chosen = value === null ? notSet : valueWords(value);
  const isForeign = value !== null && !words.some(([one]) => one === chosen);
  return (
    <TextField
      select
      fullWidth
      value={chosen}
      disabled={disabled}
      error={problem !== null}
      helperText={problem}
      slotProps={{ select: { displayEmpty: true, SelectDisplayProps: { 'aria-label': name, 'aria-describedby': says } } }}
      onChange={({ target }) => onChange(target.value === notSet ? null : form.kind === 'flag' ? Number(target.value) : target.value)}
    >
      <MenuItem value={notSet}>Default ({usualWords(setting)})</MenuItem>
      {words.map(([one, label]) => <MenuItem key={one} value={one}>{label}</MenuItem>)}
      {isForeign && <MenuItem value={chosen}>{chosen}, which it cannot be</MenuItem>}
    </TextField>
  );
};

const Count = ({ setting, value, problem, disabled, says, onChange }: ControlProps): ReactNode => (
  <TextField
    fullWidth
    value={value === null ? '' : valueWords(value)}
    disabled={disabled}
    error={problem !== null}
    helperText={problem}
    placeholder={`Default (${usualWords(setting)})`}
    slotProps={{ htmlInput: { 'aria-label': setting.name, 'aria-describedby': says, inputMode: 'numeric', spellCheck: false } }}
    onChange={({ target }) => onChange(countOf(target.value))}
  />
);

/** @param known texts that may be meant, to choose from. */
const List = ({ setting, value, problem, disabled, says, known, onChange }: ControlProps & { readonly known: readonly string[] }): ReactNode => {
  const { name } = setting;
  const [text, setText] = useState('');
  const listed = typeof value === 'object' && value !== null ? value : null;
  const add = (typed: string): void => {
    setText('');
    if (typed.trim() !== '' && listed?.includes(typed.trim()) !== true) onChange([...(listed ?? []), typed.trim()]);
  };
  return (
    <>
      <TextField select fullWidth value={listed === null ? 'all' : 'listed'} disabled={disabled} slotProps={{ select: { SelectDisplayProps: { 'aria-label': name, 'aria-describedby': says } } }} onChange={({ target }) => onChange(target.value === 'all' ? null : [])}>
        <MenuItem value="all">Default (everybody)</MenuItem>
        <MenuItem value="listed">Only those listed</MenuItem>
      </TextField>
      {listed !== null && (
        <Autocomplete
          multiple
          freeSolo
          disableClearable
          disabled={disabled}
          options={known.filter((one) => !listed.includes(one))}
          value={[...listed]}
          inputValue={text}
          onInputChange={(_, typed, reason) => {
            if (reason === 'input') setText(typed);
          }}
          onChange={(_, next) => {
            setText('');
            onChange(next.map((one) => one.trim()).filter((one) => one !== ''));
          }}
          onBlur={() => add(text)}
          renderValue={(values, itemProps) => values.map((one, index) => {
            const { key, ...props } = itemProps({ index });
            return <MuiChip key={key} {...props} size="small" label={one} sx={{ fontFamily: monospace, fontSize: 11, maxWidth: '100%' }} />;
          })}
          renderInput={(props) => <TextField {...props} placeholder={listed.length === 0 ? 'Enter adds a name; * stands for any text' : 'add…'} error={problem !== null} helperText={problem} slotProps={{ ...props.slotProps, htmlInput: { ...props.slotProps.htmlInput, 'aria-label': `Names of ${name}`, spellCheck: false } }} />}
        />
      )}
    </>
  );
};

export const DaemonField = ({ setting, value, edited, problem, warning, disabled, known, onChange, onRevert }: Omit<ControlProps, 'says'> & {
  readonly edited: boolean;
  readonly warning: string | null;
  readonly known: readonly string[];
  readonly onRevert: () => void;
}): ReactNode => {
  const { name, explains, form } = setting;
  const says = useId();
  const { accent, warn } = useColors();
  const parts = { setting, value, problem, disabled, says, onChange };
  return (
    <Box role="group" aria-label={name} sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 1.2fr) minmax(0, 1fr)' }, gap: '4px 20px', py: '10px', pl: '10px', ml: '-10px', borderTop: 1, borderColor: 'divider', boxShadow: edited ? `inset 3px 0 ${accent.mark}` : 'none' }}>
      <Box sx={{ minWidth: 0 }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 8px', alignItems: 'center' }}>
          <Box component="code" sx={{ fontFamily: monospace, fontSize: 12, fontWeight: 600 }}>{name}</Box>
          {edited && <Tag tone="accent">changed</Tag>}
        </Box>
        <Box id={says} sx={{ color: 'text.secondary', fontSize: 12 }}>{explains}</Box>
      </Box>
      <Box sx={{ minWidth: 0, display: 'grid', gap: '6px', alignContent: 'start' }}>
        {form.kind === 'list' ? <List {...parts} known={known} /> : form.kind === 'count' ? <Count {...parts} /> : <OneOf {...parts} />}
        {warning !== null && <Box sx={{ color: warn.text, fontSize: 12 }}>{warning}</Box>}
        {edited && (
          <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 8px', alignItems: 'center', fontSize: 12, color: 'text.secondary' }}>
            <span>In the file now: {setting.value === null ? 'not set' : valueWords(setting.value)}.</span>
            <Button variant="text" disabled={disabled} aria-label={`Revert ${name}`} onClick={onRevert} sx={{ p: '0 6px', fontSize: 12 }}>Revert</Button>
          </Box>
        )}
      </Box>
    </Box>
  );
};
