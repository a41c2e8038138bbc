// One field of a setting, drawn by the kind of what is to fill in. What can never be is shown as typed, with the reason, and is no edit; what does not go with other fields holds the plan up until one of them is mended.
import Box from '@mui/material/Box';
import FormHelperText from '@mui/material/FormHelperText';
import InputAdornment from '@mui/material/InputAdornment';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { type ReactNode, useId, useState } from 'react';
import type { RateUnit } from '../../app/domain/bytes.ts';
import type { Field, Finding } from '../../app/tuning/knob.ts';
import { printMeasure, readMeasure, unitOf } from '../../app/tuning/measure.ts';
import { useColors } from '../ui/colors.ts';
import { useRateUnit } from '../ui/rate-unit.ts';

/** What fields hold. */
export type FieldValue = number | string | boolean | null;

export interface FieldProps<F extends Field = Field> {
  readonly field: F;
  /** For a screen reader: what is set and in which truth. */
  readonly label: string;
  readonly value: FieldValue;
  /** What the host has. */
  readonly before: FieldValue;
  /** Why it cannot be edited; null = it can. */
  readonly fixed: string | null;
  /** What speaks against a value. */
  readonly check: (value: FieldValue) => readonly Finding[];
  /** Why the host refused the value that is wished; null when it did not. */
  readonly refused: string | null;
  /** Hears every value that can be read; answers whether it is one that can be wished. */
  readonly onValue: (value: FieldValue) => boolean;
  /** What is typed cannot be wished, or Escape: the edit is taken back. */
  readonly onDrop: () => void;
  /** What a choice means is told by the pointer alone: it stands beside others, each with little room. */
  readonly terse?: boolean;
}

/** What of it stands at a field: there is room for one. */
export const worst = (findings: readonly Finding[]): Finding | undefined => findings.find(({ level }) => level === 'error') ?? findings[0];

const sayField = (field: Field, value: FieldValue, rates: RateUnit): string => {
  if (value === null) return (field.kind === 'switch' ? null : field.absent) ?? 'nothing';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (field.kind === 'number' && typeof value === 'number') return printMeasure(value, field.measure, rates);
  return field.kind === 'choice' ? (field.options.find((option) => option.value === value)?.label ?? `${value}`) : `${value}`;
};

const refusedWords = (refused: string | null): string | null => (refused === null ? null : `The host refused this: ${refused}`);

/** How an edited or wrong field looks. */
const useLook = (changed: boolean) => {
  const { accent } = useColors();
  return { height: 32, ...(changed && { bgcolor: accent.soft, '& .MuiOutlinedInput-notchedOutline': { borderColor: accent.mark } }), '& input::placeholder': { opacity: 1, color: 'text.secondary' } };
};

/** A number or a text: typed, read into the value when it can be. */
const Typed = ({ field, label, value, before, refused, check, onValue, onDrop }: FieldProps<Extract<Field, { kind: 'number' | 'text' }>>): ReactNode => {
  const [typing, setTyping] = useState<{ readonly text: string; readonly isWished: boolean } | null>(null);
  const text = typing?.text ?? null;
  const changed = value !== before;
  const look = useLook(changed);
  const rates = useRateUnit();
  const show = (of: FieldValue): string => (of === null ? '' : field.kind === 'number' && typeof of === 'number' ? printMeasure(of, field.measure, rates) : `${of}`);
  /** `value` undefined = nothing that can be read. */
  const read = (typed: string): { readonly value?: FieldValue; readonly findings: readonly Finding[] } => {
    const trimmed = typed.trim();
    if (trimmed === '') return field.absent === null ? { findings: [{ level: 'error', message: 'This must not be empty.' }] } : { value: null, findings: check(null) };
    const number = field.kind === 'number' ? readMeasure(trimmed, field.measure) : null;
    if (field.kind === 'number' && number === null) return { findings: [{ level: 'error', message: `Write a whole number${unitOf(field.measure) === '' ? '' : ` or an amount such as ${printMeasure(Math.max(field.least, Math.min(field.most, 1024)), field.measure, rates)}`}.` }] };
    const meant = number ?? trimmed;
    return { value: meant, findings: check(meant) };
  };
  const problem = worst(text === null ? check(value) : read(text).findings);
  const exact = field.kind === 'number' && typeof value === 'number' && unitOf(field.measure) !== '' ? `${value} ${unitOf(field.measure)}` : undefined;
  return (
    <TextField
      fullWidth
      multiline={field.kind === 'text' && field.lines === true}
      value={text ?? show(value)}
      placeholder={field.absent ?? ''}
      error={problem?.level === 'error' || refused !== null}
      helperText={problem?.message ?? refusedWords(refused) ?? (changed ? `was ${sayField(field, before, rates)}` : undefined)}
      onChange={(event) => {
        const { value: meant } = read(event.target.value);
        const isWished = meant !== undefined && onValue(meant);
        if (!isWished) onDrop();
        setTyping({ text: event.target.value, isWished });
      }}
      onBlur={() => {
        if (typing?.isWished === true) setTyping(null);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || (text === null && !changed)) return;
        event.stopPropagation();
        setTyping(null);
        onDrop();
      }}
      slotProps={{
        htmlInput: { 'aria-label': label, inputMode: field.kind === 'number' && unitOf(field.measure) === '' ? 'numeric' : 'text', spellCheck: false, title: exact ?? (field.kind === 'number' ? `${show(field.least)} to ${show(field.most)}` : field.example) },
        input: { sx: field.kind === 'text' && field.lines === true ? { ...look, height: 'auto', minHeight: 32 } : look, ...(field.kind === 'number' && /^[\s\d.,]*$/.test(text ?? 'as shown') && unitOf(field.measure) !== '' && { endAdornment: <InputAdornment position="end">{unitOf(field.measure)}</InputAdornment> }) },
      }}
    />
  );
};

const Choice = ({ field, label, value, before, refused, check, onValue, terse = false }: FieldProps<Extract<Field, { kind: 'choice' }>>): ReactNode => {
  const changed = value !== before;
  const look = useLook(changed);
  const problem = worst(check(value));
  const hint = field.options.find((option) => option.value === value)?.hint;
  const foreign = typeof value === 'string' && !field.options.some((option) => option.value === value);
  return (
    <TextField
      select
      fullWidth
      value={value ?? ''}
      error={problem?.level === 'error' || refused !== null}
      helperText={problem?.message ?? refusedWords(refused) ?? (changed ? `was ${sayField(field, before, 'bytes')}` : terse ? undefined : hint)}
      title={terse ? hint : undefined}
      onChange={(event) => onValue(event.target.value === '' ? null : event.target.value)}
      slotProps={{ select: { displayEmpty: true, SelectDisplayProps: { 'aria-label': label, ...(terse && hint !== undefined && { 'aria-description': hint }) } }, input: { sx: look } }}
    >
      {field.absent !== null && <MenuItem value="">{field.absent}</MenuItem>}
      {foreign && <MenuItem value={value}>{value}</MenuItem>}
      {field.options.map((option) => (
        <MenuItem key={option.value} value={option.value} disabled={option.unusable !== undefined} title={option.unusable ?? option.hint}>
          {option.label}{option.unusable === undefined ? '' : ` (${option.unusable})`}
        </MenuItem>
      ))}
    </TextField>
  );
};

const OnOff = ({ label, value, refused, check, onValue }: FieldProps<Extract<Field, { kind: 'switch' }>>): ReactNode => {
  const id = useId();
  const problem = worst(check(value));
  const words = problem?.message ?? refusedWords(refused);
  return (
    <Box>
      <Switch size="small" checked={value === true} onChange={(_, on) => onValue(on)} slotProps={{ input: { 'aria-label': label, ...(words !== null && { 'aria-describedby': id }) } }} />
      {words !== null && <FormHelperText id={id} error={problem?.level === 'error' || refused !== null}>{words}</FormHelperText>}
    </Box>
  );
};

/** What cannot be edited is text, with the reason as its title. */
const Fixed = ({ field, label, value, fixed }: FieldProps): ReactNode => (
  <Box role="group" aria-label={label} title={fixed ?? undefined} sx={{ py: '6px', color: value === null ? 'text.secondary' : 'text.primary', overflowWrap: 'anywhere' }}>{sayField(field, value, useRateUnit())}</Box>
);

/** Draws one field. */
export const FieldInput = (props: FieldProps): ReactNode => {
  const { field, ...rest } = props;
  if (props.fixed !== null) return <Fixed {...props} />;
  switch (field.kind) {
    case 'number':
    case 'text': return <Typed field={field} {...rest} />;
    case 'choice': return <Choice field={field} {...rest} />;
    case 'switch': return <OnOff field={field} {...rest} />;
  }
};
