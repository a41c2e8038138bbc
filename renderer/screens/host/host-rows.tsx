// A host in the sidebar with its marks, its menu and, unfolded, its guests.
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type DragEvent, type ReactNode, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { GuestDot, PhaseDot } from '../../ui/status-chip.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Count, PlaceRow } from '../place-row.tsx';
import type { Place } from '../place.ts';
import { transports } from './connection-card.tsx';
import { HostMarks } from './host-marks.tsx';
import { HostMenu, type Moves } from './host-menu.tsx';

/** More guests than this are found faster in the table. */
const mostGuests = 100;

/** Where a dragged host would come to stand: before or after this one. */
export type Side = 'before' | 'after';

export interface Dragging {
  /** A host is being dragged, and nothing else. */
  readonly isActive: boolean;
  /** The side on which the dragged host would be put down here; null = it is not over this row. */
  readonly side: Side | null;
  readonly onStart: () => void;
  /** @param side null = it went elsewhere. */
  readonly onOver: (side: Side | null) => void;
  readonly onDrop: (side: Side) => void;
  readonly onEnd: () => void;
}

const sideOf = (event: DragEvent<HTMLElement>): Side => {
  const { top, height } = event.currentTarget.getBoundingClientRect();
  return event.clientY < top + height / 2 ? 'before' : 'after';
};

const Guests = ({ host, guests, place }: { readonly host: string; readonly guests: readonly FleetGuest[]; readonly place: Place }): ReactNode => (
  <Box component="ul" aria-label={`Guests of ${host}`} sx={{ listStyle: 'none', m: 0, p: 0 }}>
    {guests.slice(0, mostGuests).map((guest) => (
      <Box component="li" key={guest.uuid}>
        <PlaceRow
          indent={32}
          place={{ at: 'guest', host: guest.host, uuid: guest.uuid, tab: place.at === 'guest' && place.host === guest.host ? place.tab : 'overview' }}
          here={place.at === 'guest' && place.uuid === guest.uuid && place.host === guest.host}
          start={<GuestDot state={guest.state} />}
        >
          {guest.name}
        </PlaceRow>
      </Box>
    ))}
    {guests.length > mostGuests && (
      <Box component="li" sx={{ pl: '40px', py: '4px', color: 'text.secondary', fontSize: 12 }}>{guests.length - mostGuests} more in All guests</Box>
    )}
  </Box>
);

export const HostRows = ({ connection, guests, place, moves, dragging: { isActive, side, onStart, onOver, onDrop, onEnd } }: {
  readonly connection: Connection;
  readonly guests: readonly FleetGuest[];
  readonly place: Place;
  readonly moves: Moves;
  readonly dragging: Dragging;
}): ReactNode => {
  const { hosts, primary } = useColors();
  const { id, name, color, tags, transport, state } = connection;
  const inside = place.at === 'guest' && place.host === id;
  const [opened, setOpened] = useState<boolean | null>(null);
  const open = (opened ?? inside) && guests.length > 0;
  return (
    <Box component="li">
      <Box
        draggable
        onDragStart={(event: DragEvent) => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', name);
          onStart();
        }}
        onDragOver={(event: DragEvent<HTMLElement>) => {
          if (!isActive) return;
          event.preventDefault();
          onOver(sideOf(event));
        }}
        onDragLeave={() => onOver(null)}
        onDrop={(event: DragEvent<HTMLElement>) => {
          event.preventDefault();
          onDrop(sideOf(event));
        }}
        onDragEnd={onEnd}
        sx={{ display: 'flex', alignItems: 'center', borderRadius: '6px', ...(side !== null && { boxShadow: `0 ${side === 'before' ? -2 : 2}px ${primary}` }) }}
      >
        <Box component="span" {...(color !== null && { role: 'img', 'aria-label': `marked ${color}`, title: color })} sx={{ width: 4, alignSelf: 'stretch', my: '4px', borderRadius: '2px', flex: 'none', bgcolor: color === null ? 'transparent' : hosts[color] }} />
        <IconButton
          aria-label={`${open ? 'Hide' : 'Show'} the guests of ${name}`}
          aria-expanded={open}
          disabled={guests.length === 0}
          onClick={() => setOpened(!open)}
          sx={{ p: '2px', width: 20, opacity: guests.length === 0 ? 0 : 1 }}
        >
          <Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />
        </IconButton>
        <PlaceRow
          place={{ at: 'host', host: id }}
          here={place.at === 'host' && place.host === id}
          start={<PhaseDot phase={state.phase} />}
          end={<><HostMarks connection={connection} /><Tag tone={transports[transport].tone}>{transport}</Tag>{guests.length > 0 && <Count>{guests.length}</Count>}</>}
        >
          {name}
        </PlaceRow>
        <HostMenu connection={connection} moves={moves} />
      </Box>
      {tags.length > 0 && <Box sx={{ pl: '48px', pb: '4px', display: 'flex', flexWrap: 'wrap', gap: '3px' }}>{tags.map((tag) => <Tag key={tag}>{tag}</Tag>)}</Box>}
      {open && <Guests host={name} guests={guests} place={place} />}
    </Box>
  );
};
