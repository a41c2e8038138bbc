// The places of the program: all guests, history, and each host with its guests.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import { mdiChevronDown, mdiChevronRight, mdiHistory, mdiPlus, mdiViewGridOutline } from '@mdi/js';
import { type ReactNode, useMemo, useState } from 'react';
import type { Connection } from '../../app/contract/connections.ts';
import type { Fleet, FleetGuest } from '../api/fleet.ts';
import { useColors } from '../ui/colors.ts';
import { Icon } from '../ui/icon.tsx';
import { GuestDot, PhaseDot } from '../ui/status-chip.tsx';
import { Tag, type ToneName } from '../ui/tag.tsx';
import { addressOf, type Place } from './place.ts';

export const transportTones: Readonly<Record<Connection['transport'], ToneName>> = { unix: 'quiet', ssh: 'accent', tls: 'good', tcp: 'warn', ext: 'quiet', demo: 'quiet' };

/** More guests than this are found faster in the table. */
const mostGuests = 100;

const Row = ({ place, here, start, children, end, indent = 0 }: {
  readonly place: Place;
  readonly here: boolean;
  readonly start?: ReactNode;
  readonly children: ReactNode;
  readonly end?: ReactNode;
  readonly indent?: number;
}): ReactNode => {
  const { accent } = useColors();
  return (
    <Link
      href={addressOf(place)}
      underline="none"
      color="inherit"
      {...(here && { 'aria-current': 'page' as const })}
      sx={{
        display: 'flex', alignItems: 'center', gap: 1, p: '4px 8px', pl: `${8 + indent}px`, borderRadius: '6px', minHeight: 28, flex: 1, minWidth: 0,
        ...(here ? { bgcolor: accent.soft, color: accent.text, fontWeight: 600 } : { '&:hover': { bgcolor: 'action.hover' } }),
      }}
    >
      {start}
      <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{children}</Box>
      {end}
    </Link>
  );
};

const Count = ({ children }: { readonly children: ReactNode }): ReactNode => <Box component="small" sx={{ ml: 'auto', fontSize: 11, color: 'text.secondary' }}>{children}</Box>;

const HostRows = ({ connection, guests, place }: { readonly connection: Connection; readonly guests: readonly FleetGuest[]; readonly place: Place }): ReactNode => {
  const inside = place.at === 'guest' && place.host === connection.id;
  const [opened, setOpened] = useState<boolean | null>(null);
  const open = (opened ?? inside) && guests.length > 0;
  return (
    <Box component="li">
      <Box sx={{ display: 'flex', alignItems: 'center' }}>
        <IconButton
          aria-label={`${open ? 'Hide' : 'Show'} the guests of ${connection.name}`}
          aria-expanded={open}
          disabled={guests.length === 0}
          onClick={() => setOpened(!open)}
          sx={{ p: '2px', width: 20, opacity: guests.length === 0 ? 0 : 1 }}
        >
          <Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />
        </IconButton>
        <Row
          place={{ at: 'host', host: connection.id }}
          here={place.at === 'host' && place.host === connection.id}
          start={<PhaseDot phase={connection.state.phase} />}
          end={<><Tag tone={transportTones[connection.transport]}>{connection.transport}</Tag>{guests.length > 0 && <Count>{guests.length}</Count>}</>}
        >
          {connection.name}
        </Row>
      </Box>
      {open && (
        <Box component="ul" aria-label={`Guests of ${connection.name}`} sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {guests.slice(0, mostGuests).map((guest) => (
            <Box component="li" key={guest.uuid}>
              <Row
                indent={32}
                place={{ at: 'guest', host: guest.host, uuid: guest.uuid, tab: inside && place.at === 'guest' ? place.tab : 'overview' }}
                here={place.at === 'guest' && place.uuid === guest.uuid && place.host === guest.host}
                start={<GuestDot state={guest.state} />}
              >
                {guest.name}
              </Row>
            </Box>
          ))}
          {guests.length > mostGuests && (
            <Box component="li" sx={{ pl: '40px', py: '4px', color: 'text.secondary', fontSize: 12 }}>{guests.length - mostGuests} more in All guests</Box>
          )}
        </Box>
      )}
    </Box>
  );
};

const byName = new Intl.Collator(undefined, { numeric: true });

const guestsByHost = (guests: readonly FleetGuest[]): ReadonlyMap<string, readonly FleetGuest[]> => {
  const hosts = new Map<string, FleetGuest[]>();
  for (const guest of guests.toSorted((one, other) => byName.compare(one.name, other.name))) {
    const list = hosts.get(guest.host);
    if (list === undefined) hosts.set(guest.host, [guest]);
    else list.push(guest);
  }
  return hosts;
};

export const Sidebar = ({ fleet, place, onAddHost }: { readonly fleet: Fleet; readonly place: Place; readonly onAddHost: () => void }): ReactNode => {
  const byHost = useMemo(() => guestsByHost(fleet.guests), [fleet.guests]);
  return (
    <Box component="nav" aria-label="Places" sx={{ bgcolor: 'background.paper', borderRight: 1, borderColor: 'divider', p: '12px 8px', overflowY: 'auto' }}>
      <Row place={{ at: 'fleet' }} here={place.at === 'fleet'} start={<Icon path={mdiViewGridOutline} size={16} />} end={<Count>{fleet.guests.length}</Count>}>All guests</Row>
      <Row place={{ at: 'history' }} here={place.at === 'history'} start={<Icon path={mdiHistory} size={16} />}>History</Row>
      <Box component="h2" sx={{ m: '14px 8px 4px', fontSize: 11, letterSpacing: '.6px', textTransform: 'uppercase', color: 'text.secondary', fontWeight: 600 }}>Hosts</Box>
      <Box component="ul" aria-label="Hosts" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {fleet.connections.map((connection) => (
          <HostRows key={connection.id} connection={connection} guests={byHost.get(connection.id) ?? []} place={place} />
        ))}
      </Box>
      <Button variant="text" color="primary" onClick={onAddHost} startIcon={<Icon path={mdiPlus} size={16} />} sx={{ mt: '2px', ml: '4px', p: '4px 8px' }}>Add host…</Button>
    </Box>
  );
};
