// The guest's definition: as it runs, as it is saved and can be edited, and what differs between any two states of it.
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import type { Tuning } from '../../panels/tuning.ts';
import { Card } from '../../ui/card.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { truthNames } from '../../ui/truth-names.ts';
import { XmlDifference } from './xml-difference.tsx';

const CodeEditor = lazy(async () => ({ default: (await import('../../ui/code-editor.tsx')).CodeEditor }));
const XmlEditor = lazy(async () => ({ default: (await import('./xml-editor.tsx')).XmlEditor }));

type Shown = 'live' | 'saved' | 'difference';

export const XmlTab = ({ guest, tuning, answering }: { readonly guest: GuestDescription; readonly tuning: Tuning | null; readonly answering: boolean }): ReactNode => {
  const [chosen, choose] = useState<Shown>('saved');
  const liveXml = tuning === null ? guest.liveXml : tuning.reading.liveXml;
  const savedXml = tuning === null ? guest.savedXml : tuning.reading.savedXml;
  const edited = tuning?.wanted.definition?.to ?? null;
  const hasSaved = savedXml !== null || edited !== null;
  const shown = chosen === 'live' && liveXml === null ? 'saved' : chosen === 'saved' && !hasSaved ? 'live' : chosen;
  const text = (shown === 'live' ? liveXml : (edited ?? savedXml)) ?? '';
  const label = shown === 'live' ? `Definition of ${guest.name} as it runs` : `Saved definition of ${guest.name}`;
  return (
    <Card
      title="Definition"
      beside={(
        <>
          <Box sx={{ flex: 1 }} />
          <ToggleButtonGroup exclusive value={shown} aria-label="Which definition" onChange={(_, value: Shown | null) => {
            if (value !== null) choose(value);
          }}>
            <ToggleButton value="live" disabled={liveXml === null}>{truthNames.live}</ToggleButton>
            <ToggleButton value="saved" disabled={!hasSaved}>{edited === null ? truthNames.saved : `${truthNames.saved}, edited`}</ToggleButton>
            <ToggleButton value="difference">Difference</ToggleButton>
          </ToggleButtonGroup>
          {shown !== 'difference' && <CopyButton label="Copy" text={() => text} />}
        </>
      )}
    >
      <Suspense fallback={<LinearProgress aria-label="Loading the editor" />}>
        {shown === 'difference'
          ? <XmlDifference guest={guest} live={liveXml} saved={savedXml} edited={edited} />
          : shown === 'saved' && tuning !== null
            ? <XmlEditor key={`${guest.host}/${guest.uuid}`} tuning={tuning} label={label} />
            // What can be edited in a moment is not shown before as if it could not.
            : shown === 'saved' && answering ? <LinearProgress aria-label="Reading the definition" /> : <CodeEditor key={shown} label={label} value={text} height="max(240px, calc(100vh - 280px))" />}
      </Suspense>
    </Card>
  );
};
