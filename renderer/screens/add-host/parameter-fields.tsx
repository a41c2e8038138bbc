// The parameters of a URI as fields, drawn from their table; those that have no field are named and kept.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MuiChip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type ReactNode, useId, useState } from 'react';
import { describeUriParameter, type UriParameterControl, type UriParameterDescription } from '../../../app/domain/uri-parameters.ts';
import { Icon } from '../../ui/icon.tsx';
import { monospace } from '../../ui/theme.ts';
import { Tick } from '../../ui/tick.tsx';
import { dangersOf, parametersFor, type UriForm, valuesOf, withoutField, withValues } from './uri-form.ts';

interface FieldProps {
  readonly parameter: UriParameterDescription;
  readonly values: readonly string[];
  readonly busy: boolean;
  readonly onValues: (values: readonly string[]) => void;
}

/** What is wrong with the values or given up by them, or else what the parameter does. */
const wordsOf = ({ label, effect, problem, danger }: UriParameterDescription, values: readonly string[]): { readonly text: string; readonly bad: boolean } => {
  const wrong = values.map(problem).find((found) => found !== null);
  if (wrong !== undefined) return { text: `${label} ${wrong}.`, bad: true };
  return danger !== undefined && values.some(danger.values) ? { text: danger.means, bad: true } : { text: effect, bad: false };
};

const TextLine = ({ parameter, example, values, busy, onValues }: FieldProps & { readonly example: string }): ReactNode => {
  const { text, bad } = wordsOf(parameter, values);
  const lines = parameter.isRepeatable === true;
  return (
    <TextField
      label={parameter.label}
      value={values.join('\n')}
      disabled={busy}
      placeholder={example}
      error={bad}
      multiline={lines}
      helperText={lines ? `${text}; one a line` : text}
      onChange={({ target: { value } }) => onValues(value === '' ? [] : lines ? value.split('\n') : [value])}
      slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: monospace, fontSize: 12 } }, inputLabel: { shrink: true } }}
    />
  );
};

const Choice = ({ parameter, choices, values: [value], busy, onValues }: FieldProps & Pick<Extract<UriParameterControl, { kind: 'choice' }>, 'choices'>): ReactNode => {
  const { text, bad } = wordsOf(parameter, value === undefined ? [] : [value]);
  const usual = choices[0]?.value ?? '';
  return (
    <TextField select label={parameter.label} value={value ?? usual} disabled={busy} error={bad} helperText={text} onChange={(event) => onValues(event.target.value === usual ? [] : [event.target.value])}>
      {choices.map(({ value: one, label }) => <MenuItem key={one} value={one}>{label}</MenuItem>)}
    </TextField>
  );
};

const Flag = ({ parameter, values: [value], busy, onValues }: FieldProps): ReactNode => {
  const { text, bad } = wordsOf(parameter, value === undefined ? [] : [value]);
  return <Tick label={parameter.label} effect={text} bad={bad} disabled={busy} checked={Number(value ?? 0) !== 0} onChange={(on) => onValues(on ? ['1'] : [])} />;
};

const Field = (props: FieldProps): ReactNode => {
  const { control } = props.parameter;
  switch (control.kind) {
    case 'text': case 'file': case 'folder': return <TextLine {...props} example={control.example} />;
    case 'choice': return <Choice {...props} choices={control.choices} />;
    case 'flag': return <Flag {...props} />;
  }
};

const Kept = ({ form, busy, onChange }: ParameterFieldsProps): ReactNode => {
  const kept = withoutField(form);
  if (kept.length === 0) return null;
  return (
    <Box>
      <Box sx={{ color: 'text.secondary', fontSize: 12, mb: 0.5 }}>Kept in the URI, without a field here: what is not known is sent to the daemon, the rest has no effect with this transport.</Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px' }}>
        {kept.map((one, index) => (
          <MuiChip
            key={`${index} ${one.name}`}
            size="small"
            label={`${one.name}=${one.value}`}
            {...(describeUriParameter(one.name) === undefined ? {} : { title: describeUriParameter(one.name)?.effect })}
            {...(!busy && { onDelete: () => onChange({ parameters: form.parameters.filter((other) => other !== one) }) })}
            sx={{ fontFamily: monospace, fontSize: 11 }}
          />
        ))}
      </Box>
    </Box>
  );
};

interface ParameterFieldsProps {
  readonly form: UriForm;
  readonly busy: boolean;
  readonly onChange: (part: Partial<UriForm>) => void;
}

/** Folded away until something in them is set; what gives up protection is said in either case. */
export const ParameterFields = ({ form, busy, onChange }: ParameterFieldsProps): ReactNode => {
  const offered = parametersFor(form.transport);
  const [opened, setOpened] = useState<boolean | null>(null);
  const id = useId();
  const set = offered.filter((parameter) => valuesOf(form, parameter).length > 0).length;
  const open = opened ?? form.transport === 'ext';
  return (
    <Box>
      <Button variant="text" aria-expanded={open} aria-controls={id} onClick={() => setOpened(!open)} startIcon={<Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />} sx={{ ml: '-8px', px: 1 }}>
        More{set > 0 && `: ${set} set`}
      </Button>
      {!open && dangersOf(form).map((means) => <Box key={means} sx={{ color: 'error.main', fontSize: 12, fontWeight: 600 }}>{means}</Box>)}
      <Box id={id}>
        {open && (
          <Box sx={{ display: 'grid', gap: 2, pt: 1.5 }}>
            <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' }, gap: 2, alignItems: 'start' }}>
              {offered.map((parameter) => (
                <Field
                  key={parameter.name}
                  parameter={parameter}
                  values={valuesOf(form, parameter)}
                  busy={busy}
                  onValues={(values) => onChange({ parameters: withValues(form.parameters, parameter.name, values) })}
                />
              ))}
            </Box>
            <Kept form={form} busy={busy} onChange={onChange} />
          </Box>
        )}
      </Box>
    </Box>
  );
};
