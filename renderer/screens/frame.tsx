// The frame of the window: bar, sidebar, the place, and the questions that connecting asks.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Drawer from '@mui/material/Drawer';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Tooltip from '@mui/material/Tooltip';
import useMediaQuery from '@mui/material/useMediaQuery';
import { mdiCogOutline, mdiMenu } from '@mdi/js';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useApi, useLinkUp } from '../api/api.tsx';
import { type Fleet, useFleet } from '../api/fleet.ts';
import { Guarded } from '../ui/guarded.tsx';
import { Icon } from '../ui/icon.tsx';
import { HostDialog } from './add-host/add-host.tsx';
import { Questions } from './add-host/questions.tsx';
import { AppearanceSwitch, appearances, useAppearance } from './appearance.tsx';
import { TasksScreen } from './bulk/tasks-screen.tsx';
import { CertificatesScreen } from './certificates/certificates-screen.tsx';
import { FleetScreen } from './fleet/fleet-screen.tsx';
import { GuestScreen } from './guest/guest-screen.tsx';
import { HistoryScreen } from './history/history-screen.tsx';
import { HostScreen } from './host/host-screen.tsx';
import { NoticeMenu } from './notices/notice-menu.tsx';
import { Palette } from './palette/palette.tsx';
import type { Command } from './palette/search.ts';
import { LinkScreen } from './link-screen.tsx';
import { addressOf, go, type Place, usePlace } from './place.ts';
import { ProfilesScreen } from './profiles/profiles-screen.tsx';
import { SettingsScreen } from './settings.tsx';
import { Sidebar } from './sidebar.tsx';
import { TaskMenu } from './tasks/task-menu.tsx';

/** Below this the sidebar is a drawer. */
const narrow = '(max-width: 1000px)';

const PlaceScreen = ({ place, fleet, onAddHost }: { readonly place: Place; readonly fleet: Fleet; readonly onAddHost: () => void }): ReactNode => {
  switch (place.at) {
    case 'fleet': return <FleetScreen fleet={fleet} onAddHost={onAddHost} />;
    case 'history': return <HistoryScreen host={place.host} fleet={fleet} />;
    case 'certificates': return <CertificatesScreen place={place} fleet={fleet} />;
    case 'profiles': return <ProfilesScreen fleet={fleet} />;
    case 'tasks': return <TasksScreen />;
    case 'settings': return <SettingsScreen />;
    case 'host': return <HostScreen key={place.host} host={place.host} part={place.part} fleet={fleet} />;
    case 'link': return <LinkScreen to={place.to} fleet={fleet} />;
    case 'guest': return <GuestScreen key={`${place.host}/${place.uuid}`} place={place} fleet={fleet} />;
  }
};

export const Frame = (): ReactNode => {
  const place = usePlace();
  const fleet = useFleet();
  const { client } = useApi();
  const alone = place.at === 'guest' && place.alone === true;
  useEffect(() => client.listen((news) => {
    // What has a window to itself stays in it.
    if (!alone && news.section === 'program' && news.name === 'linked') go({ at: 'link', to: news.told });
  }), [client, alone]);
  const up = useLinkUp();
  const isNarrow = useMediaQuery(narrow);
  const [drawer, setDrawer] = useState(false);
  const [adding, setAdding] = useState(false);
  const [, choose] = useAppearance();
  const address = addressOf(place);
  const main = useRef<HTMLElement>(null);
  const shown = useRef({ address, adding });
  useEffect(() => setDrawer(false), [address]);
  useEffect(() => {
    // What had the focus went with the place or the dialog before: keys go on in what is shown now rather than at the top of the window.
    const left = shown.current.address !== address || (shown.current.adding && !adding);
    if (left && document.activeElement === document.body) main.current?.focus({ preventScroll: true });
    shown.current = { address, adding };
  }, [address, adding]);
  const commands = useMemo((): readonly Command[] => [
    { key: 'fleet', label: 'All guests', detail: 'go to', act: () => go({ at: 'fleet' }) },
    { key: 'history', label: 'History', detail: 'go to', act: () => go({ at: 'history' }) },
    { key: 'profiles', label: 'Profiles', detail: 'go to', act: () => go({ at: 'profiles' }) },
    { key: 'tasks', label: 'Tasks', detail: 'go to', act: () => go({ at: 'tasks' }) },
    { key: 'certificates', label: 'Certificates', detail: 'go to', act: () => go({ at: 'certificates' }) },
    { key: 'set-up-tls', label: 'Set up TLS for a host', detail: 'certificates, installed and verified', act: () => go({ at: 'certificates', setUp: '' }) },
    { key: 'settings', label: 'Settings', detail: 'go to', act: () => go({ at: 'settings' }) },
    { key: 'add', label: 'Add host…', detail: 'connect to another host', act: () => setAdding(true) },
    ...(['light', 'dark', 'system'] as const).map((one): Command => ({ key: one, label: `Appearance: ${appearances[one].label}`, detail: 'switch theme', act: () => choose(one) })),
  ], [choose]);
  const sidebar = <Sidebar fleet={fleet} place={place} onAddHost={() => setAdding(true)} />;
  const beside = alone ? null : isNarrow ? <Drawer open={drawer} onClose={() => setDrawer(false)} slotProps={{ paper: { sx: { width: 264 } } }}>{sidebar}</Drawer> : sidebar;
  return (
    <Box sx={{ height: '100%', display: 'grid', gridTemplate: `${alone ? '' : '48px '}auto minmax(0, 1fr) / ${isNarrow || alone ? '' : '248px '}minmax(0, 1fr)`, bgcolor: 'background.default', color: 'text.primary' }}>
      {!alone && <Box component="header" sx={{ gridColumn: '1 / -1', bgcolor: 'background.paper', borderBottom: 1, borderColor: 'divider', display: 'flex', alignItems: 'center', gap: 2, px: 2 }}>
        {isNarrow && <IconButton aria-label="Places" onClick={() => setDrawer(true)}><Icon path={mdiMenu} /></IconButton>}
        <Link href="#/" underline="none" color="inherit" aria-label="Guestdeck, all guests" sx={{ fontWeight: 700, fontSize: 15, letterSpacing: '.2px' }}>
          Guest<Box component="span" sx={{ color: 'primary.main' }}>deck</Box>
        </Link>
        <Box sx={{ flex: 1, display: 'flex', justifyContent: 'center', minWidth: 0 }}><Palette fleet={fleet} commands={commands} /></Box>
        <Box sx={{ display: 'flex', gap: 0.5 }}>
          <TaskMenu />
          <NoticeMenu />
          <AppearanceSwitch />
          <Tooltip title="Settings"><IconButton aria-label="Settings" href="#/settings"><Icon path={mdiCogOutline} /></IconButton></Tooltip>
        </Box>
      </Box>}
      <Box sx={{ gridColumn: '1 / -1' }} role="status">
        {!up && <Alert severity="error" variant="filled" square>Guestdeck has stopped. What is shown may be out of date. This window goes on by itself when Guestdeck runs again.</Alert>}
      </Box>
      {beside}
      <Box component="main" ref={main} tabIndex={-1} sx={{ outline: 'none !important', minWidth: 0, minHeight: 0, display: 'flex', flexDirection: 'column' }}>
        <Guarded at={address}><PlaceScreen place={place} fleet={fleet} onAddHost={() => setAdding(true)} /></Guarded>
      </Box>
      {adding && <HostDialog connection={null} onClose={() => setAdding(false)} />}
      <Questions connections={fleet.connections} />
    </Box>
  );
};
