// Lines of a form: the name on the left, the field on the right, what is wrong or worth knowing below it.
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { type ReactNode, useId } from 'react';

/** A line with any control: one that carries the id `htmlFor`, or is named by the label's own `labelId`. */
export const Row = ({ label, htmlFor, labelId, stacked = false, children }: { readonly label: string; readonly htmlFor?: string; readonly labelId?: string; /** The label stands above. */ readonly stacked?: boolean; readonly children: ReactNode }): ReactNode => (
  <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: stacked ? 'minmax(0, 1fr)' : '150px minmax(0, 1fr)' }, gap: '2px 10px', alignItems: 'start' }}>
    <Box component={htmlFor === undefined ? 'span' : 'label'} {...(htmlFor !== undefined && { htmlFor })} {...(labelId !== undefined && { id: labelId })} sx={{ pt: { sm: stacked ? 0 : '8px' } }}>{label}</Box>
    <Box sx={{ minWidth: 0, display: 'grid', gap: 1 }}>{children}</Box>
  </Box>
);

interface FieldRowProps {
  readonly label: string;
  readonly value: string;
  readonly problem?: string | null;
  readonly hint?: ReactNode;
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

/** A line of text. `end`: said behind what was typed. */
export const TextRow = ({ label, value, problem = null, hint, disabled = false, onChange, secret = false, date = false, end, placeholder, autoComplete = 'off' }: FieldRowProps & {
  readonly secret?: boolean;
  readonly date?: boolean;
  readonly end?: string;
  readonly placeholder?: string;
  readonly autoComplete?: string;
}): ReactNode => {
  const id = useId();
  return (
    <Row label={label} htmlFor={id}>
      <TextField
        id={id}
        fullWidth
        value={value}
        disabled={disabled}
        type={secret ? 'password' : date ? 'date' : 'text'}
        autoComplete={autoComplete}
        placeholder={placeholder ?? ''}
        error={problem !== null}
        helperText={problem ?? hint}
        onChange={(event) => onChange(event.target.value)}
        slotProps={{ htmlInput: { spellCheck: false }, ...(end !== undefined && { input: { endAdornment: <Box component="span" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>{end}</Box> } }) }}
      />
    </Row>
  );
};

/** A line with a list to choose from. */
export const ChoiceRow = ({ label, value, problem = null, hint, disabled = false, stacked = false, onChange, choices }: FieldRowProps & { readonly stacked?: boolean; readonly choices: readonly { readonly value: string; readonly label: string }[] }): ReactNode => {
  const id = useId();
  return (
    <Row label={label} labelId={id} stacked={stacked}>
      <TextField select fullWidth value={value} disabled={disabled} error={problem !== null} helperText={problem ?? hint} slotProps={{ select: { labelId: id } }} onChange={(event) => onChange(event.target.value)}>
        {choices.map(({ value: one, label: text }) => <MenuItem key={one} value={one}>{text}</MenuItem>)}
      </TextField>
    </Row>
  );
};
