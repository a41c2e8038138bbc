// A guest's consoles: those that are chosen, side by side, with what is wanted at hand beside them. What draws them is loaded with the first one.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { mdiChartLine, mdiConsole, mdiDiscPlayer, mdiOpenInNew } from '@mdi/js';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import type { GuestDescription } from '../../../../app/contract/guests.ts';
import { isActive } from '../../../../app/domain/guest.ts';
import { displaysOf } from '../../../../app/xml/displays.ts';
import { DomainXml } from '../../../../app/xml/domain-xml.ts';
import { hostLinesOf, serialLinesOf } from '../../../../app/xml/serial-lines.ts';
import type { Tuning } from '../../../panels/tuning.ts';
import { EmptyState } from '../../../ui/card.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { addressOf } from '../../place.ts';
import { LivePictures } from '../live-pictures.tsx';
import { drivesOf, MediaDialog } from './media-dialog.tsx';
import { NoDisplay } from './no-display.tsx';

const SerialConsole = lazy(async () => ({ default: (await import('./serial-console.tsx')).SerialConsole }));
const DisplayConsole = lazy(async () => ({ default: (await import('./display-console.tsx')).DisplayConsole }));

interface Pane {
  readonly key: string;
  readonly label: string;
  readonly show: (waiting: string | null) => ReactNode;
}

/** What can be shown of a guest with this live definition, displays first. */
const panesOf = (guest: GuestDescription, xml: DomainXml | null): readonly Pane[] => {
  const displays = displaysOf(xml).filter(({ type }) => type === 'vnc');
  return [
    ...displays.map((display): Pane => {
      const { index } = display;
      const label = displays.length > 1 ? `Display ${index}` : 'Display';
      return { key: `display-${index}`, label, show: (waiting) => <DisplayConsole key={`display-${index}`} guest={guest} display={display} title={label} waiting={waiting} /> };
    }),
    ...serialLinesOf(xml).map((line): Pane => ({ key: line.alias, label: line.label, show: (waiting) => <SerialConsole key={line.alias} guest={guest} line={line} waiting={waiting} /> })),
  ];
};

/** @param alone whether nothing else is in this window. */
export const ConsolesTab = ({ guest, tuning, answering, fixed, alone }: { readonly guest: GuestDescription; readonly tuning: Tuning | null; readonly answering: boolean; readonly fixed: string | null; readonly alone: boolean }): ReactNode => {
  const { host, uuid } = guest;
  // What was there last is kept while the guest is off: its consoles stay on screen until they are back.
  const [shownXml, setShownXml] = useState(guest.liveXml);
  if (guest.liveXml !== null && guest.liveXml !== shownXml) setShownXml(guest.liveXml);
  const xml = useMemo(() => (shownXml === null ? null : DomainXml.parse(shownXml)), [shownXml]);
  const panes = panesOf(guest, xml);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [graphs, setGraphs] = useState(false);
  const [media, setMedia] = useState(false);
  const first = panes[0]?.key;
  useEffect(() => {
    if (first !== undefined) setChosen((before) => (before.length > 0 ? before : [first]));
  }, [first]);
  const running = isActive(guest.state);
  const waiting = !answering ? 'Its host does not answer. The console comes back with it.' : !running ? 'The guest does not run. The console comes back when it starts.' : fixed;
  if (xml === null) return <EmptyState icon={mdiConsole} title="The guest does not run">Its display and its serial lines are there when it has started.</EmptyState>;
  const shown = panes.filter(({ key }) => chosen.includes(key));
  const toOwnWindow = (): void => {
    window.open(addressOf({ at: 'guest', host, uuid, tab: 'console', alone: true }), `console-${uuid}`, 'popup,width=1100,height=800');
    // A serial line is for one at a time.
    setChosen([]);
  };
  return (
    <Box sx={{ flex: 1, minHeight: 400, display: 'flex', flexDirection: 'column', gap: '14px' }}>
      <NoDisplay guest={guest} xml={xml} tuning={tuning} waiting={waiting} />
      {panes.length === 0 && <EmptyState icon={mdiConsole} title="This guest has no console">Its definition has neither a display that is shown here nor a serial line that libvirt opens.</EmptyState>}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center' }}>
        {panes.length > 0 && (
          <ToggleButtonGroup size="small" value={chosen} aria-label="Consoles shown" onChange={(_, now: readonly string[]) => setChosen(now)}>
            {panes.map(({ key, label }) => <ToggleButton key={key} value={key}>{label}</ToggleButton>)}
          </ToggleButtonGroup>
        )}
        <Box sx={{ flex: 1 }} />
        <ToggleButton size="small" value="graphs" selected={graphs} onChange={() => setGraphs(!graphs)} title="What the guest does, beside its consoles" sx={{ gap: '6px', bgcolor: 'background.paper' }}><Icon path={mdiChartLine} />Graphs</ToggleButton>
        {tuning !== null && drivesOf(tuning).length > 0 && <Button startIcon={<Icon path={mdiDiscPlayer} />} disabled={fixed !== null} onClick={() => setMedia(true)}>Media…</Button>}
        {!alone && panes.length > 0 && <Button startIcon={<Icon path={mdiOpenInNew} />} title="Shows the consoles of this guest in a window of their own" onClick={toOwnWindow}>Own window</Button>}
      </Box>
      {hostLinesOf(xml).map(({ label, path }) => <Box key={path} sx={{ color: 'text.secondary' }}>The channel {label} is {path} of its host. libvirt opens no such channel; one of type unix is opened here.</Box>)}
      <Box sx={{ flex: 1, minHeight: 0, display: 'grid', gap: '14px', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: graphs ? 'minmax(0, 1fr) 360px' : 'minmax(0, 1fr)' }, gridTemplateRows: { md: 'minmax(0, 1fr)' } }}>
        <Suspense fallback={<LinearProgress aria-label="Loading the console" />}>
          <Box sx={{ minHeight: 0, display: 'grid', gap: '14px', gridAutoRows: 'minmax(320px, 1fr)', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: shown.length > 1 && !graphs ? 'repeat(2, minmax(0, 1fr))' : 'minmax(0, 1fr)' } }}>
            {shown.map(({ show }) => show(waiting))}
            {panes.length > 0 && shown.length === 0 && <EmptyState icon={mdiConsole} title="No console is shown here">Choose any above. What has a window of its own goes on there.</EmptyState>}
          </Box>
        </Suspense>
        {graphs && <Box component="aside" aria-label="Graphs" sx={{ minHeight: 0, overflow: 'auto' }}><LivePictures guest={guest} answering={answering} /></Box>}
      </Box>
      {media && tuning !== null && <MediaDialog tuning={tuning} onClose={() => setMedia(false)} />}
    </Box>
  );
};
