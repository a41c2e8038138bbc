// The saved definition was changed while its text was edited: what changed, and the ways on; none of them loses anything unasked.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useMemo } from 'react';
import type { DefinitionWish } from '../../../app/tuning/definition.ts';
import { difference } from '../../../app/xml/difference.ts';
import { merge } from '../../../app/xml/merge.ts';
import { DifferenceView } from '../../ui/difference-view.tsx';

interface Props {
  readonly draft: DefinitionWish;
  /** The saved definition as it is now; null = there is none any more. */
  readonly saved: string | null;
  readonly fixed: string | null;
  readonly onWrite: (wish: DefinitionWish) => void;
  readonly onDrop: () => void;
}

export const XmlMeanwhile = ({ draft, saved, fixed, onWrite, onDrop }: Props): ReactNode => {
  const lines = useMemo(() => (saved === null ? [] : difference(draft.from, saved, 1)), [draft.from, saved]);
  const merged = useMemo(() => (saved === null ? null : merge(draft.from, draft.to, saved)), [draft, saved]);
  if (saved === null) {
    return <Alert severity="warning" sx={{ mb: 1 }} action={<Button onClick={onDrop}>Drop the text</Button>}>The guest has no saved definition any more: it is gone when it stops. The edited text is kept, to be copied.</Alert>;
  }
  return (
    <Alert severity="warning" sx={{ mb: 1, '& .MuiAlert-message': { minWidth: 0, flex: 1 } }}>
      The saved definition was changed since this text was begun. The text is kept as it is, and cannot be applied before it is said what becomes of that change.
      <Box sx={{ my: 1, maxHeight: 120, overflow: 'auto' }}><DifferenceView label="What was changed in the saved definition meanwhile" lines={lines} /></Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1 }}>
        {merged === null
          ? (
            <>
              <span>Lines that it changed are edited in the text too.</span>
              <Button disabled={fixed !== null} onClick={() => onWrite({ ...draft, from: saved })}>Keep the text, without the change</Button>
            </>
          )
          : <Button disabled={fixed !== null} onClick={() => onWrite({ ...draft, from: saved, to: merged })}>Take the change into the text</Button>}
        <Button onClick={onDrop}>Drop the text</Button>
      </Box>
    </Alert>
  );
};
