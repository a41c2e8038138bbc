// A guest's consoles: those that are chosen, side by side. What draws them is loaded with the first one.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { mdiConsole } from '@mdi/js';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import type { GuestDescription } from '../../../../app/contract/guests.ts';
import { isActive } from '../../../../app/domain/guest.ts';
import { displaysOf, withVnc } from '../../../../app/xml/displays.ts';
import { DomainXml } from '../../../../app/xml/domain-xml.ts';
import { serialLinesOf } from '../../../../app/xml/serial-lines.ts';
import { refusalOf, useTell } from '../../../api/api.tsx';
import type { Tuning } from '../../../panels/tuning.ts';
import { EmptyState } from '../../../ui/card.tsx';
import { KeyMenu } from './key-menu.tsx';
import { SpiceDisplay } from './spice-display.tsx';

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

/** Why a guest shows no picture here; null = it does. */
const whyNoDisplay = (xml: DomainXml | null): string | null => {
  const types = displaysOf(xml).map(({ type }) => type);
  if (types.includes('vnc')) return null;
  return types.length === 0 ? 'This guest has no display: its definition has no graphics.' : `The display of this guest speaks ${types.map((type) => type.toUpperCase()).join(' and ')} only, which is not shown here.`;
};

/** Adds a VNC display to the saved definition, as a plan that is looked at first; nothing where the guest has or gets one. */
const AddDisplay = ({ tuning }: { readonly tuning: Tuning | null }): ReactNode => {
  const savedXml = tuning?.reading.savedXml ?? null;
  const saved = useMemo(() => (savedXml === null ? null : DomainXml.parse(savedXml)), [savedXml]);
  if (tuning === null || tuning.fixed !== null || savedXml === null || saved === null) return null;
  if (displaysOf(saved).some(({ type }) => type === 'vnc')) return <Box>Its saved definition has a VNC display, which is there after a restart.</Box>;
  if (tuning.wanted.definition !== undefined) return <Box>The saved definition is being edited: the plan below has it.</Box>;
  return (
    <Button title="The display listens for the host itself alone. It is there after a restart." onClick={() => tuning.write({ from: savedXml, to: withVnc(saved).text(), validate: true })}>Add a VNC display…</Button>
  );
};

export const ConsolesTab = ({ guest, tuning, answering, fixed }: { readonly guest: GuestDescription; readonly tuning: Tuning | null; readonly answering: boolean; readonly fixed: string | null }): ReactNode => {
  const { host, uuid } = guest;
  const pressKeys = useTell('consoles', 'pressKeys');
  // What was there last is kept while the guest is off: its consoles stay on screen until they are back.
  const [shownXml, setShownXml] = useState(guest.liveXml);
  if (guest.liveXml !== null && guest.liveXml !== shownXml) setShownXml(guest.liveXml);
  const xml = useMemo(() => (shownXml === null ? null : DomainXml.parse(shownXml)), [shownXml]);
  const panes = panesOf(guest, xml);
  const noDisplay = xml === null ? null : whyNoDisplay(xml);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const first = panes[0]?.key;
  useEffect(() => {
    if (first !== undefined) setChosen((before) => (before.length > 0 ? before : [first]));
  }, [first]);
  const running = isActive(guest.state);
  const waiting = !answering ? 'Its host does not answer. The console comes back with it.' : !running ? 'The guest does not run. The console comes back when it starts.' : fixed;
  if (xml === null) return <EmptyState icon={mdiConsole} title="The guest does not run">Its display and its serial lines are there when it has started.</EmptyState>;
  const shown = panes.filter(({ key }) => chosen.includes(key));
  return (
    <Box sx={{ flex: 1, minHeight: 400, display: 'flex', flexDirection: 'column', gap: '14px' }}>
      {noDisplay !== null && (
        <Alert severity="info" action={<KeyMenu disabled={waiting !== null} press={(keys) => pressKeys.mutate({ host, uuid, keys: keys.map(({ linux }) => linux) })} />}>
          <Box sx={{ mb: '6px' }}>{noDisplay}</Box>
          {displaysOf(xml).filter(({ type }) => type === 'spice').map(({ index }) => <SpiceDisplay key={index} guest={guest} display={index} disabled={waiting !== null} />)}
          <AddDisplay tuning={tuning} />
          {pressKeys.error !== null && <Box sx={{ mt: '6px' }}>{refusalOf(pressKeys.error).message}</Box>}
        </Alert>
      )}
      {panes.length === 0 && <EmptyState icon={mdiConsole} title="This guest has no console">Its definition has neither a display that is shown here nor a serial line that libvirt opens.</EmptyState>}
      {panes.length > 0 && (
        <ToggleButtonGroup size="small" value={chosen} aria-label="Consoles shown" onChange={(_, now: readonly string[]) => setChosen(now)}>
          {panes.map(({ key, label }) => <ToggleButton key={key} value={key}>{label}</ToggleButton>)}
        </ToggleButtonGroup>
      )}
      <Suspense fallback={<LinearProgress aria-label="Loading the console" />}>
        <Box sx={{ flex: 1, minHeight: 0, display: 'grid', gap: '14px', gridAutoRows: 'minmax(320px, 1fr)', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: shown.length > 1 ? 'repeat(2, minmax(0, 1fr))' : 'minmax(0, 1fr)' } }}>
          {shown.map(({ show }) => show(waiting))}
        </Box>
      </Suspense>
    </Box>
  );
};
