// A knob that is a number: one field for each truth, with what speaks against the value under it.
import Box from '@mui/material/Box';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import type { Control, Facts, Truth, Unit } from '../../app/tuning/knob.ts';
import { knobs, type KnobName, type KnobValue } from '../../app/tuning/knobs.ts';
import { useColors } from '../ui/colors.ts';
import { truthNames } from '../ui/truth.tsx';
import { Revert, wayBack } from './revert.tsx';
import type { Tuning } from './tuning.ts';

/** Knobs whose value is a number or absent. */
export type NumberKnob = { readonly [K in KnobName]: KnobValue<K> extends number | null ? K : never }[KnobName];
export const isNumberKnob = (facts: Facts) => (name: KnobName): name is NumberKnob => knobs[name].control(facts).kind === 'number';

const Field = ({ tuning, knob, unit, truth, control }: { readonly tuning: Tuning; readonly knob: NumberKnob; readonly unit: Unit; readonly truth: Truth; readonly control: Extract<Control, { kind: 'number' }> }): ReactNode => {
  const { accent } = useColors();
  const [text, setText] = useState<string | null>(null);
  const settings = tuning.edited[truth];
  if (settings === null) return <Box sx={{ color: 'text.secondary', pt: '6px' }}>{truth === 'live' ? 'not running' : 'not saved'}</Box>;
  const value = settings[knob][unit] ?? null;
  const before = tuning.actual[truth]?.[knob][unit] ?? null;
  const parse = (typed: string): number | null => (typed.trim() === '' ? null : Number(typed));
  const shown = text ?? (value === null ? '' : `${value}`);
  const findings = knobs[knob].check(parse(shown), unit, truth, tuning.facts);
  const problem = findings.find(({ level }) => level === 'error') ?? findings[0];
  const changed = value !== before;
  return (
    <TextField
      value={shown}
      placeholder={control.absent}
      error={problem?.level === 'error'}
      helperText={problem?.message ?? (changed ? `was ${knobs[knob].say(before)}` : undefined)}
      onChange={(event) => {
        const typed = event.target.value;
        setText(typed);
        const number = parse(typed);
        // What cannot be is no edit: nothing else than what is read gets applied.
        const valid = knobs[knob].check(number, unit, truth, tuning.facts).every(({ level }) => level !== 'error');
        tuning.set(knob, [truth], { [unit]: valid ? number : before });
      }}
      onBlur={() => {
        if (problem?.level !== 'error') setText(null);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          setText(null);
          tuning.set(knob, [truth], { [unit]: before });
        }
      }}
      slotProps={{
        htmlInput: { 'aria-label': `${knobs[knob].name(unit)}, ${truthNames[truth].toLowerCase()}`, inputMode: 'numeric', title: `${control.least} to ${control.most}` },
        input: { ...(control.unit !== '' && { endAdornment: <InputAdornment position="end">{control.unit}</InputAdornment> }), sx: { ...(changed && { bgcolor: accent.soft, '& .MuiOutlinedInput-notchedOutline': { borderColor: accent.mark } }), height: 32, '& input::placeholder': { opacity: 1, color: 'text.secondary' } } },
      }}
    />
  );
};

export const NumberRow = ({ tuning, knob, unit, control }: { readonly tuning: Tuning; readonly knob: NumberKnob; readonly unit: Unit; readonly control: Extract<Control, { kind: 'number' }> }): ReactNode => (
  <>
    <Box sx={{ alignSelf: 'start', pt: '6px' }}>{knobs[knob].name(unit)}</Box>
    <Field tuning={tuning} knob={knob} unit={unit} truth="live" control={control} />
    <Field tuning={tuning} knob={knob} unit={unit} truth="saved" control={control} />
    <Box sx={{ pt: '5px' }}><Revert way={wayBack(tuning, knob, unit)} /></Box>
  </>
);
