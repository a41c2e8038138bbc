// A guest's consoles: those that are chosen, side by side. What draws them is loaded with the first one.
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { mdiConsole } from '@mdi/js';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import type { GuestDescription } from '../../../../app/contract/guests.ts';
import { isActive } from '../../../../app/domain/guest.ts';
import { DomainXml } from '../../../../app/xml/domain-xml.ts';
import { serialLinesOf } from '../../../../app/xml/serial-lines.ts';
import { EmptyState } from '../../../ui/card.tsx';

const SerialConsole = lazy(async () => ({ default: (await import('./serial-console.tsx')).SerialConsole }));

export const ConsolesTab = ({ guest, answering, fixed }: { readonly guest: GuestDescription; readonly answering: boolean; readonly fixed: string | null }): ReactNode => {
  // What was there last is kept while the guest is off: its consoles stay on screen until they are back.
  const [shownXml, setShownXml] = useState(guest.liveXml);
  if (guest.liveXml !== null && guest.liveXml !== shownXml) setShownXml(guest.liveXml);
  const lines = useMemo(() => serialLinesOf(shownXml === null ? null : DomainXml.parse(shownXml)), [shownXml]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const first = lines[0]?.alias;
  useEffect(() => {
    if (first !== undefined) setChosen((before) => (before.length > 0 ? before : [first]));
  }, [first]);
  const waiting = !answering ? 'Its host does not answer. The console comes back with it.' : !isActive(guest.state) ? 'The guest does not run. The console comes back when it starts.' : fixed;
  if (lines.length === 0) {
    return (
      <EmptyState icon={mdiConsole} title={isActive(guest.state) ? 'This guest has no serial line' : 'The guest does not run'}>
        {isActive(guest.state) ? 'Its definition has no console, serial port or channel that libvirt opens.' : 'Consoles are there when it has started.'}
      </EmptyState>
    );
  }
  return (
    <Box sx={{ flex: 1, minHeight: 400, display: 'flex', flexDirection: 'column', gap: '14px' }}>
      <ToggleButtonGroup size="small" value={chosen} aria-label="Consoles shown" onChange={(_, now: readonly string[]) => setChosen(now)}>
        {lines.map(({ alias, label }) => <ToggleButton key={alias} value={alias}>{label}</ToggleButton>)}
      </ToggleButtonGroup>
      <Suspense fallback={<LinearProgress aria-label="Loading the console" />}>
        <Box sx={{ flex: 1, minHeight: 0, display: 'grid', gap: '14px', gridAutoRows: 'minmax(320px, 1fr)', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: chosen.length > 1 ? 'repeat(2, minmax(0, 1fr))' : 'minmax(0, 1fr)' } }}>
          {lines.filter(({ alias }) => chosen.includes(alias)).map((line) => <SerialConsole key={line.alias} guest={guest} line={line} waiting={waiting} />)}
        </Box>
      </Suspense>
    </Box>
  );
};
