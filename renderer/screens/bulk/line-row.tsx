// One setting for many guests: what, on which unit, to what, and when.
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import { mdiTrashCanOutline } from '@mdi/js';
import type { ReactNode } from 'react';
import { type Occasion, occasions } from '../../../app/tuning/bulk.ts';
import { knobs } from '../../../app/tuning/knobs.ts';
import { unitOf } from '../../../app/tuning/measure.ts';
import { Icon } from '../../ui/icon.tsx';
import { changeOf, isWhole, type Line, type Settable, withSetting } from './draft.ts';

const occasionNames: Readonly<Record<Occasion, string>> = { possible: 'Now where possible', saved: 'After restart only', live: 'Now only' };

/** What stands for every unit among the names of units. */
const every = '*';

interface Props {
  readonly line: Line;
  /** Its place, for screen readers: `Setting 2`. */
  readonly name: string;
  readonly settings: readonly Settable[];
  /** Only values, at no moment in particular. */
  readonly isAbsolute?: boolean;
  readonly onChange: (line: Line) => void;
  readonly onRemove: (() => void) | null;
}

const Value = ({ line, name, onChange, form }: Pick<Props, 'line' | 'name' | 'onChange'> & { readonly form: Settable['form'] }): ReactNode => {
  const put = (text: string): void => onChange({ ...line, text });
  const wrong = line.text !== '' && changeOf(line) === null;
  if (form.kind === 'switch' || form.kind === 'choice') {
    const options = form.kind === 'switch' ? [{ value: 'on', label: 'on' }, { value: 'off', label: 'off' }] : form.options;
    return (
      <TextField select fullWidth label="Value" value={line.text} onChange={(event) => put(event.target.value)} slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true, SelectDisplayProps: { 'aria-label': `${name}: value` } } }}>
        {form.kind === 'choice' && form.absent !== null && <MenuItem value="">{form.absent}</MenuItem>}
        {options.map(({ value, label }) => <MenuItem key={value} value={value}>{label}</MenuItem>)}
      </TextField>
    );
  }
  const bare = form.kind === 'number' ? unitOf(form.measure) : '';
  const example = form.kind === 'text' ? form.example : 'such as = 4, +2, −1, ×2';
  return (
    <TextField
      fullWidth
      label="Value"
      value={line.text}
      error={wrong}
      helperText={wrong ? 'Write a value, +, − or × with an amount.' : form.absent === null ? (bare === '' ? ' ' : `A bare number is ${bare}.`) : `Empty: ${form.absent}.${bare === '' ? '' : ` A bare number is ${bare}.`}`}
      placeholder={form.absent === null ? example : `${form.absent}, or ${example}`}
      onChange={(event) => put(event.target.value)}
      slotProps={{ inputLabel: { shrink: true }, htmlInput: { 'aria-label': `${name}: value`, spellCheck: false } }}
    />
  );
};

export const LineRow = ({ line, name, settings, isAbsolute = false, onChange, onRemove }: Props): ReactNode => {
  const { setting } = line;
  return (
    <Box role="group" aria-label={name} sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr 34px', md: `minmax(0, 2fr) minmax(0, 1fr) minmax(0, 1.4fr)${isAbsolute ? '' : ' 200px'} 34px` }, gap: '10px', alignItems: 'start' }}>
      <Autocomplete<Settable>
        options={settings}
        value={setting}
        onChange={(_, chosen) => onChange(withSetting(line, chosen))}
        groupBy={({ card }) => card}
        getOptionLabel={({ label }) => label}
        getOptionKey={({ key }) => key}
        isOptionEqualToValue={(one, other) => one.key === other.key}
        autoHighlight
        noOptionsText="No setting has this in its name"
        slotProps={{ listbox: { 'aria-label': 'Settings' } }}
        renderInput={(props) => <TextField {...props} label="Setting" helperText={setting?.hint ?? ' '} slotProps={{ ...props.slotProps, inputLabel: { shrink: true }, htmlInput: { ...props.slotProps.htmlInput, 'aria-label': `${name}: what` } }} />}
      />
      {onRemove === null ? <Box sx={{ display: { md: 'none' } }} /> : (
        <Tooltip title={`Remove ${name.toLowerCase()}`}>
          <IconButton aria-label={`Remove ${name.toLowerCase()}`} onClick={onRemove} sx={{ order: { md: 5 }, mt: '4px' }}><Icon path={mdiTrashCanOutline} size={16} /></IconButton>
        </Tooltip>
      )}
      <TextField
        select
        fullWidth
        label="On"
        disabled={setting === null || isWhole(setting)}
        value={setting === null || isWhole(setting) ? '' : (line.unit ?? every)}
        onChange={(event) => onChange({ ...line, unit: event.target.value === every ? null : event.target.value })}
        slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true, SelectDisplayProps: { 'aria-label': `${name}: on` } } }}
      >
        {setting === null || isWhole(setting)
          ? <MenuItem value="">the guest</MenuItem>
          : [<MenuItem key={every} value={every}>every one of them</MenuItem>, ...setting.units.map((unit) => <MenuItem key={unit} value={unit}>{knobs[setting.knob].name(unit)}</MenuItem>)]}
      </TextField>
      {setting === null ? <TextField disabled label="Value" fullWidth slotProps={{ inputLabel: { shrink: true }, htmlInput: { 'aria-label': `${name}: value` } }} /> : <Value line={line} name={name} onChange={onChange} form={setting.form} />}
      {!isAbsolute && <TextField select fullWidth label="When" value={line.occasion} onChange={(event) => {
        const occasion = occasions.find((one) => one === event.target.value);
        if (occasion !== undefined) onChange({ ...line, occasion });
      }} slotProps={{ inputLabel: { shrink: true }, select: { SelectDisplayProps: { 'aria-label': `${name}: when` } } }}>
        {occasions.map((one) => <MenuItem key={one} value={one}>{occasionNames[one]}</MenuItem>)}
      </TextField>}
    </Box>
  );
};
