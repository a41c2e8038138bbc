// A box to tick with what it does under its name; red where it gives up protection.
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import { type ReactNode, useId } from 'react';

export const Tick = ({ label, effect, checked, disabled = false, bad = false, onChange }: {
  readonly label: string;
  readonly effect: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly bad?: boolean;
  readonly onChange: (checked: boolean) => void;
}): ReactNode => {
  const says = useId();
  return (
    <Box component="label" sx={{ display: 'flex', alignItems: 'flex-start', gap: '6px' }}>
      <Checkbox checked={checked} disabled={disabled} onChange={(_, on) => onChange(on)} sx={{ p: 0, mt: '-1px' }} slotProps={{ input: { 'aria-label': label, 'aria-describedby': says } }} />
      <span>
        <Box component="span" sx={{ display: 'block', ...(bad && { color: 'error.main', fontWeight: 600 }) }}>{label}</Box>
        <Box component="span" id={says} sx={{ display: 'block', fontSize: 12, color: bad ? 'error.main' : 'text.secondary' }}>{effect}</Box>
      </span>
    </Box>
  );
};
