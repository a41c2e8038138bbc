// The places of the program: all guests, certificates, history, and the hosts in their groups.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { mdiCertificateOutline, mdiHistory, mdiProgressCheck, mdiTune, mdiPlus, mdiViewGridOutline } from '@mdi/js';
import type { ReactNode } from 'react';
import type { Fleet } from '../api/fleet.ts';
import { Icon } from '../ui/icon.tsx';
import { UnderWay } from './bulk/under-way.tsx';
import { ExpiryBadge } from './certificates/expiry-notice.tsx';
import { HostList } from './host/host-list.tsx';
import { Count, PlaceRow } from './place-row.tsx';
import type { Place } from './place.ts';

export const Sidebar = ({ fleet, place, onAddHost }: { readonly fleet: Fleet; readonly place: Place; readonly onAddHost: () => void }): ReactNode => (
  <Box component="nav" aria-label="Places" sx={{ isolation: 'isolate', bgcolor: 'background.paper', borderRight: 1, borderColor: 'divider', p: '12px 8px', overflowY: 'auto' }}>
    <PlaceRow place={{ at: 'fleet' }} here={place.at === 'fleet'} start={<Icon path={mdiViewGridOutline} size={16} />} end={<Count>{fleet.guests.length}</Count>}>All guests</PlaceRow>
    <PlaceRow place={{ at: 'certificates' }} here={place.at === 'certificates'} start={<Icon path={mdiCertificateOutline} size={16} />} end={<ExpiryBadge />}>Certificates</PlaceRow>
    <PlaceRow place={{ at: 'history' }} here={place.at === 'history'} start={<Icon path={mdiHistory} size={16} />}>History</PlaceRow>
    <PlaceRow place={{ at: 'profiles' }} here={place.at === 'profiles'} start={<Icon path={mdiTune} size={16} />}>Profiles</PlaceRow>
    <PlaceRow place={{ at: 'tasks' }} here={place.at === 'tasks'} start={<Icon path={mdiProgressCheck} size={16} />} end={<UnderWay />}>Tasks</PlaceRow>
    <HostList fleet={fleet} place={place} />
    <Button variant="text" color="primary" onClick={onAddHost} startIcon={<Icon path={mdiPlus} size={16} />} sx={{ mt: '2px', ml: '4px', p: '4px 8px' }}>Add host…</Button>
  </Box>
);
