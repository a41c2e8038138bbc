// The two truths of a setting: colours, and the switch between them.
import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import type { ReactNode } from 'react';
import type { Truth } from '../../app/tuning/knob.ts';
import { useColors } from './colors.ts';
import { type ShownTruth, truthNames } from './truth-names.ts';

/** Which truth is shown and edited; a guest that has only one offers no other. */
export const TruthSwitch = ({ value, has, onChange }: { readonly value: ShownTruth; readonly has: { readonly live: boolean; readonly saved: boolean }; readonly onChange: (truth: ShownTruth) => void }): ReactNode => (
  <ToggleButtonGroup exclusive value={value} aria-label="Show and edit" onChange={(_, truth: ShownTruth | null) => {
    if (truth !== null) onChange(truth);
  }}>
    <ToggleButton value="live" disabled={!has.live}>{truthNames.live}</ToggleButton>
    <ToggleButton value="saved" disabled={!has.saved}>{truthNames.saved}</ToggleButton>
    <ToggleButton value="both" disabled={!has.live || !has.saved}>{truthNames.both}</ToggleButton>
  </ToggleButtonGroup>
);

/** The headings over the columns of fields, one for each truth that is shown. */
export const TruthHeadings = ({ of }: { readonly of: readonly Truth[] }): ReactNode => {
  const { good, mute } = useColors();
  return (
    <>
      <span />
      {of.map((truth) => <Box key={truth} component="strong" sx={{ color: truth === 'live' ? good.text : mute }}>{truthNames[truth]}</Box>)}
    </>
  );
};
