// How far back pictures go.
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import type { ReactNode } from 'react';
import { type Range, ranges } from '../../app/contract/live.ts';
import { rangeNames } from '../api/past.ts';

export const RangeChoice = ({ value, onChange }: { readonly value: Range; readonly onChange: (range: Range) => void }): ReactNode => (
  <ToggleButtonGroup exclusive value={value} aria-label="How far back" sx={{ bgcolor: 'background.paper', justifySelf: 'start' }} onChange={(_, next: Range | null) => {
    if (next !== null) onChange(next);
  }}>
    {ranges.map((one) => <ToggleButton key={one} value={one} sx={{ textTransform: 'none' }}>{rangeNames[one]}</ToggleButton>)}
  </ToggleButtonGroup>
);
