// What somebody else changed on a guest while it was edited here: setting by setting, and as lines of the saved definition.
import Box from '@mui/material/Box';
import { type ReactNode, useMemo } from 'react';
import type { Reading } from '../../app/contract/tuning.ts';
import { changedBetween } from '../../app/tuning/meanwhile.ts';
import { changeWords } from '../../app/tuning/change.ts';
import { difference } from '../../app/xml/difference.ts';
import { DifferenceView } from '../ui/difference-view.tsx';
import { truthNames } from '../ui/truth-names.ts';

export const MeanwhileList = ({ before, now }: { readonly before: Reading; readonly now: Reading }): ReactNode => {
  const changes = useMemo(() => changedBetween(before, now), [before, now]);
  const lines = useMemo(() => (before.savedXml === now.savedXml ? [] : difference(before.savedXml ?? '', now.savedXml ?? '', 1)), [before, now]);
  return (
    <Box sx={{ mt: 1, display: 'grid', gap: '6px' }}>
      {changes.length > 0 && (
        <Box component="ul" aria-label="Changed meanwhile" sx={{ m: 0, pl: '20px' }}>
          {changes.map((change) => {
            const { name, from, to } = changeWords(change);
            return <li key={`${change.truth} ${change.knob} ${change.unit}`}>{truthNames[change.truth]}: {name}: {from} → {to}</li>;
          })}
        </Box>
      )}
      {before.live !== null && now.live === null && <Box>The guest has stopped.</Box>}
      {before.live === null && now.live !== null && <Box>The guest was started.</Box>}
      {before.saved !== null && now.saved === null && <Box>Its saved definition was removed: it is gone when it stops.</Box>}
      {lines.length > 0 && <Box sx={{ maxHeight: 160, overflow: 'auto' }}><DifferenceView label="What was changed in the saved definition meanwhile" lines={lines} /></Box>}
    </Box>
  );
};
