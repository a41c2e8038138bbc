// The hosts in their groups: folded and unfolded, and put in order by mouse or menu.
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import IconButton from '@mui/material/IconButton';
import { mdiArrowDown, mdiArrowUp, mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type DragEvent, type ReactNode, useMemo, useState } from 'react';
import type { ConnectionState } from '../../../app/contract/connections.ts';
import { refusalOf, useApi, useAsk, useTell } from '../../api/api.tsx';
import type { Fleet, FleetGuest } from '../../api/fleet.ts';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { PhaseDot } from '../../ui/status-chip.tsx';
import { Count } from '../place-row.tsx';
import type { Place } from '../place.ts';
import { type Drop, type HostGroup, groupsOf, groupStepped, hostDropped, hostStepped } from './host-groups.ts';
import { type Dragging, HostRows, type Side } from './host-rows.tsx';

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

/** What a folded group has to tell, worst first. */
const worst: readonly ConnectionState['phase'][] = ['failed', 'lost', 'connecting'];

const GroupHeading = ({ group: { name, hosts }, folded, onFold, onStep, onOver, onDrop, isActive, isTarget }: {
  readonly group: HostGroup;
  readonly folded: boolean;
  readonly onFold: () => void;
  /** null = there is no further place that way. */
  readonly onStep: Readonly<Record<'up' | 'down', (() => void) | null>>;
  readonly onOver: (over: boolean) => void;
  readonly onDrop: () => void;
  /** A host is being dragged. */
  readonly isActive: boolean;
  readonly isTarget: boolean;
}): ReactNode => {
  const { accent } = useColors();
  const trouble = worst.find((phase) => hosts.some(({ state }) => state.phase === phase));
  return (
    <Box
      onDragOver={(event: DragEvent) => {
        if (!isActive) return;
        event.preventDefault();
        onOver(true);
      }}
      onDragLeave={() => onOver(false)}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        onDrop();
      }}
      sx={{ display: 'flex', alignItems: 'center', borderRadius: '6px', mt: '6px', ...(isTarget && { bgcolor: accent.soft }), '& .step': { opacity: 0 }, '&:hover .step, & .step:focus-visible': { opacity: 1 } }}
    >
      <ButtonBase aria-expanded={!folded} onClick={onFold} sx={{ flex: 1, minWidth: 0, justifyContent: 'flex-start', gap: '6px', p: '3px 8px 3px 4px', borderRadius: '6px', font: 'inherit', fontSize: 12, fontWeight: 600, color: 'text.secondary' }}>
        <Icon path={folded ? mdiChevronRight : mdiChevronDown} size={16} />
        <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{name}</Box>
        {folded && trouble !== undefined && <PhaseDot phase={trouble} />}
        <Count>{hosts.length}</Count>
      </ButtonBase>
      {(['up', 'down'] as const).map((way) => {
        const step = onStep[way];
        return step !== null && (
          <IconButton key={way} className="step" aria-label={`Move group ${name} ${way}`} title={`Move the group ${way}`} onClick={step} sx={{ p: '2px' }}>
            <Icon path={way === 'up' ? mdiArrowUp : mdiArrowDown} size={14} />
          </IconButton>
        );
      })}
    </Box>
  );
};

/** What a dragged host is held over: a host and the side of it, or the heading of a group. */
type Over = { readonly host: string; readonly side: Side } | { readonly group: string } | null;

export const HostList = ({ fleet: { connections, guests }, place }: { readonly fleet: Pick<Fleet, 'connections' | 'guests'>; readonly place: Place }): ReactNode => {
  const { client } = useApi();
  const preferences = useAsk('program', 'preferences', {});
  const setPreferences = useTell('program', 'setPreferences');
  const [refolded, setRefolded] = useState<readonly string[] | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<Over>(null);
  const [error, setError] = useState<unknown>(null);
  const byHost = useMemo(() => guestsByHost(guests), [guests]);
  const groups = groupsOf(connections);
  const folded = refolded ?? preferences.data?.foldedGroups ?? [];
  const fold = (name: string): void => {
    const after = folded.includes(name) ? folded.filter((one) => one !== name) : [...folded, name];
    setRefolded(after);
    setPreferences.mutate({ preferences: { foldedGroups: [...after] } });
  };
  const order = async (ids: readonly string[], into?: { readonly id: string; readonly group: string }): Promise<void> => {
    setError(null);
    try {
      if (into !== undefined) await client.ask('connections', 'update', into);
      await client.ask('connections', 'order', { ids: [...ids] });
    } catch (caught) {
      setError(caught);
    }
  };
  const moveTo = (ids: readonly string[] | null): (() => void) | null => (ids === null ? null : () => void order(ids));
  const drop = (where: Drop): void => {
    const moved = connections.find(({ id }) => id === dragged);
    setDragged(null);
    setOver(null);
    if (moved === undefined) return;
    const ids = hostDropped(connections, moved.id, where);
    if (ids !== null) void order(ids, ...(moved.group === where.group ? [] : [{ id: moved.id, group: where.group }]));
  };
  const draggingOf = ({ name, hosts }: HostGroup, id: string): Dragging => ({
    isActive: dragged !== null,
    side: dragged !== null && dragged !== id && over !== null && 'host' in over && over.host === id ? over.side : null,
    onStart: () => setDragged(id),
    onOver: (side) => setOver(side === null ? null : { host: id, side }),
    onDrop: (side) => drop({ group: name, before: side === 'before' ? id : hosts[hosts.findIndex((host) => host.id === id) + 1]?.id ?? null }),
    onEnd: () => {
      setDragged(null);
      setOver(null);
    },
  });
  const rows = (group: HostGroup): ReactNode => group.hosts.map((connection) => (
    <HostRows
      key={connection.id}
      connection={connection}
      guests={byHost.get(connection.id) ?? []}
      place={place}
      moves={{ up: moveTo(hostStepped(connections, connection.id, -1)), down: moveTo(hostStepped(connections, connection.id, 1)) }}
      dragging={draggingOf(group, connection.id)}
    />
  ));
  const plain = { listStyle: 'none', m: 0, p: 0 } as const;
  return (
    <>
      <Box
        component="h2"
        onDragOver={(event: DragEvent) => {
          if (dragged === null) return;
          event.preventDefault();
          setOver({ group: '' });
        }}
        onDrop={(event: DragEvent) => {
          event.preventDefault();
          drop({ group: '', before: groups.find(({ name }) => name === '')?.hosts[0]?.id ?? null });
        }}
        sx={{ m: '14px 8px 4px', fontSize: 11, letterSpacing: '.6px', textTransform: 'uppercase', color: 'text.secondary', fontWeight: 600 }}
      >
        Hosts
      </Box>
      <Box component="ul" aria-label="Hosts" sx={plain}>
        {groups.map((group) => (group.name === '' ? rows(group) : (
          <Box component="li" key={`group ${group.name}`}>
            <GroupHeading
              group={group}
              folded={folded.includes(group.name)}
              onFold={() => fold(group.name)}
              onStep={{ up: moveTo(groupStepped(connections, group.name, -1)), down: moveTo(groupStepped(connections, group.name, 1)) }}
              isActive={dragged !== null}
              isTarget={dragged !== null && over !== null && 'group' in over && over.group === group.name}
              onOver={(on) => setOver(on ? { group: group.name } : null)}
              onDrop={() => drop({ group: group.name, before: group.hosts[0]?.id ?? null })}
            />
            {!folded.includes(group.name) && <Box component="ul" aria-label={`Hosts in ${group.name}`} sx={plain}>{rows(group)}</Box>}
          </Box>
        )))}
      </Box>
      {error !== null && <Box sx={{ m: 1 }}><RefusalCard refusal={refusalOf(error)} title="Not moved" /></Box>}
    </>
  );
};
