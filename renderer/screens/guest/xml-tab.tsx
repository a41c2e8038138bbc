// The guest's definition as libvirt prints it: now, after a restart, or what differs between them.
import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type ReactNode, useMemo, useState } from 'react';
import { difference } from '../../../app/xml/difference.ts';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import { Card } from '../../ui/card.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DifferenceView } from '../../ui/difference-view.tsx';
import { monospace } from '../../ui/theme.ts';

type Text = 'live' | 'saved' | 'difference';

export const XmlTab = ({ guest: { name, liveXml, savedXml } }: { readonly guest: GuestDescription }): ReactNode => {
  const [chosen, choose] = useState<Text>('live');
  const text = chosen !== 'saved' && liveXml === null ? 'saved' : chosen !== 'live' && savedXml === null ? 'live' : chosen;
  const shown = (text === 'live' ? liveXml : savedXml) ?? '';
  const lines = useMemo(() => (text === 'difference' ? difference(liveXml ?? '', savedXml ?? '') : []), [text, liveXml, savedXml]);
  return (
    <Card
      title="Definition"
      fill
      beside={(
        <>
          <Box sx={{ flex: 1 }} />
          <ToggleButtonGroup exclusive value={text} aria-label="Which definition" onChange={(_, value: Text | null) => {
            if (value !== null) choose(value);
          }}>
            <ToggleButton value="live" disabled={liveXml === null}>Now</ToggleButton>
            <ToggleButton value="saved" disabled={savedXml === null}>After restart</ToggleButton>
            <ToggleButton value="difference" disabled={liveXml === null || savedXml === null}>Difference</ToggleButton>
          </ToggleButtonGroup>
          <CopyButton label="Copy" text={() => (text === 'difference' ? lines.map(({ kind, line }) => `${kind === 'added' ? '+' : kind === 'removed' ? '-' : ' '} ${line}`).join('\n') : shown)} />
        </>
      )}
    >
      {text === 'difference'
        ? lines.length === 0 ? <Box sx={{ color: 'text.secondary' }}>Both are the same.</Box> : <DifferenceView lines={lines} label={`What a restart changes on ${name}`} />
        : <Box component="pre" role="figure" aria-label={`Definition of ${name}`} tabIndex={0} sx={{ m: 0, font: `12px/1.5 ${monospace}`, overflow: 'auto', maxHeight: 'calc(100vh - 240px)' }}>{shown}</Box>}
    </Card>
  );
};
