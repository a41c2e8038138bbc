// The CPU panel: every knob of the panel, drawn by the kind of its control.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { Control } from '../../app/tuning/knob.ts';
import { knobNames, knobs, type KnobName } from '../../app/tuning/knobs.ts';
import { Card } from '../ui/card.tsx';
import { TruthHeadings } from '../ui/truth.tsx';
import { isNumberKnob, NumberRow } from './number-knob.tsx';
import { PinningCard } from './pinning-card.tsx';
import type { Tuning } from './tuning.ts';

const NumberCard = ({ tuning, names }: { readonly tuning: Tuning; readonly names: readonly KnobName[] }): ReactNode => (
  <Box sx={{ maxWidth: 620 }}>
    <Card title="CPU time">
      <Box sx={{ display: 'grid', gridTemplateColumns: '110px 1fr 1fr 24px', gap: '8px 12px', alignItems: 'start' }}>
        <TruthHeadings />
        <span />
        {names.filter(isNumberKnob(tuning.facts)).flatMap((name) => {
          const control = knobs[name].control(tuning.facts);
          const units = Object.keys({ ...tuning.actual.saved?.[name], ...tuning.actual.live?.[name] });
          return control.kind === 'number' ? units.map((unit) => <NumberRow key={`${name}/${unit}`} tuning={tuning} knob={name} unit={unit} control={control} />) : [];
        })}
      </Box>
    </Card>
  </Box>
);

/** Control kind → the card that holds all knobs of the kind. A kind without its card does not compile. */
const cards: { readonly [K in Control['kind']]: (props: { readonly tuning: Tuning; readonly names: readonly KnobName[] }) => ReactNode } = {
  pinning: ({ tuning }) => <PinningCard tuning={tuning} />,
  number: NumberCard,
};

const kinds = Object.keys(cards) as readonly Control['kind'][];

export const CpuPanel = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const names = knobNames.filter((name) => knobs[name].panel === 'cpu');
  return (
    <Box sx={{ display: 'grid', gap: '14px' }}>
      {kinds.map((kind) => {
        const Kind = cards[kind];
        const own = names.filter((name) => knobs[name].control(tuning.facts).kind === kind);
        return own.length === 0 ? null : <Kind key={kind} tuning={tuning} names={own} />;
      })}
    </Box>
  );
};
