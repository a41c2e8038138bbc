// A row of the fleet table: one guest, or the heading of a group of them.
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { memo, type ReactNode, useEffect, useState } from 'react';
import type { FleetColumn } from '../../../app/contract/fleet.ts';
import { printBytes, printRate } from '../../../app/domain/bytes.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { useTrack } from '../../api/api.tsx';
import { marksOf, useBadges } from '../../api/badges.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import type { Track } from '../../api/track.ts';
import type { Colors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { useRateUnit } from '../../ui/rate-unit.ts';
import { StatusChip } from '../../ui/status-chip.tsx';
import { Tag } from '../../ui/tag.tsx';
import { timeAgo } from '../../ui/time.ts';
import { addressOf } from '../place.ts';
import { fitting } from './badge-room.ts';
import { cellPadding, type Column } from './columns.ts';
import { keyOf, type Line } from './rows.ts';
import { bar, lastOf, memoryUsed, opacityOf, spark, vcpuWidth } from './spark-columns.tsx';

export const rowHeight = 41;

/** Between two badges, in CSS pixels. */
const gap = 4;

/** As many marks as there is room for, and the count of the rest. */
const Marks = ({ marks, room, warned = 0 }: { readonly marks: readonly string[]; readonly room: number; /** How many of the first warn. */ readonly warned?: number }): ReactNode => {
  const shown = fitting(marks, room, gap);
  const rest = marks.slice(shown);
  return (
    <div style={{ display: 'flex', gap }}>
      {marks.slice(0, shown).map((text, index) => (index < warned
        ? <Tag key={text} tone="warn" title="Settings that differ between now and after a restart">{text}</Tag>
        : <Tag key={text}>{text}</Tag>))}
      {rest.length > 0 && <Tag title={rest.join(', ')} label={`and ${rest.join(', ')}`}>+{rest.length}</Tag>}
    </div>
  );
};

/** Rows that are only scrolled past ask for nothing, in milliseconds. */
const passing = 150;

const useStaying = (): boolean => {
  const [stays, setStays] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setStays(true), passing);
    return () => clearTimeout(timer);
  }, []);
  return stays;
};

const Badges = ({ guest, room }: CellProps): ReactNode => {
  const { data } = useBadges(guest.host, guest.uuid, useStaying() && guest.seen === null);
  if (data === undefined || data === null) return null;
  const marks = marksOf(data);
  return <Marks marks={marks} room={room} warned={marks.length - data.badges.length} />;
};

interface CellProps {
  readonly guest: FleetGuest;
  readonly tags: readonly string[];
  /** CSS pixels for the content. */
  readonly room: number;
  /** Its last minute, and the number of samples so far. */
  readonly track: Track;
  readonly count: number;
}

const sizes = { spark: { ...spark, flex: 'none' }, bar: { ...bar, flex: 'none' } } as const;

/** The words for what is drawn here. */
const Drawn = ({ label, as = 'spark' }: { readonly label: string; readonly as?: 'spark' | 'bar' }): ReactNode => <span role="img" aria-label={label} style={sizes[as]} />;

const CpuCell = ({ guest, track, count }: CellProps): ReactNode => {
  const last = lastOf(track.read(count, 'cpu'));
  return (
    <>
      <span style={{ width: vcpuWidth, marginRight: -8, flex: 'none' }}>{guest.vcpus}</span>
      {isActive(guest.state) && <Drawn label={last === null ? 'CPU use not known' : `${Math.round(last * 100)} % of a CPU in use`} />}
    </>
  );
};

const MemoryCell = ({ guest, track }: CellProps): ReactNode => {
  const used = memoryUsed(guest, track);
  const whole = printBytes(guest.memoryKiB * 1024);
  return (
    <>
      <Drawn as="bar" label={used === null ? `Use of ${whole} not known` : `${printBytes(used * 1024)} of ${whole} in use`} />
      <span>{whole}</span>
    </>
  );
};

/** What a disk or a network moves in both directions. */
const RatesCell = ({ guest, track, count, of }: CellProps & { readonly of: 'disk' | 'network' }): ReactNode => {
  const unit = useRateUnit();
  if (!isActive(guest.state)) return null;
  const last = lastOf(of === 'disk' ? track.read(count, 'diskReadBytes', 'diskWriteBytes') : track.read(count, 'networkReceiveBytes', 'networkTransmitBytes'));
  return <Drawn label={`${of === 'disk' ? 'Disk' : 'Network'}: ${last === null ? 'nothing known' : printRate(last, of === 'network' ? unit : 'bytes')}`} />;
};

const cells: Readonly<Record<FleetColumn, (props: CellProps) => ReactNode>> = {
  state: ({ guest }) => (guest.seen === null ? <StatusChip state={guest.state} /> : <Tag title={new Date(guest.seen).toLocaleString()}>seen {timeAgo(guest.seen)}</Tag>),
  host: ({ guest }) => <span data-hint style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{guest.hostName}</span>,
  vcpus: CpuCell,
  memory: MemoryCell,
  disk: (props) => <RatesCell {...props} of="disk" />,
  network: (props) => <RatesCell {...props} of="network" />,
  tags: ({ tags, room }) => <Marks marks={tags} room={room} />,
  tuning: Badges,
};

export const FleetRow = memo(function FleetRow({ guest, tags, columns, index, top, selected, current, onSelect }: {
  readonly guest: FleetGuest;
  readonly tags: readonly string[];
  readonly columns: readonly Column[];
  readonly index: number;
  readonly top: number;
  readonly selected: boolean;
  readonly current: boolean;
  readonly onSelect: (index: number, range: boolean) => void;
}): ReactNode {
  const track = useTrack(guest.host, guest.uuid);
  return (
    <div
      role="row"
      className="guest"
      id={`guest-row-${index}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-current={current}
      style={{ top, opacity: opacityOf(guest) }}
    >
      {columns.map(({ name, width }) => {
        if (name === 'select') {
          return (
            <div role="gridcell" className="cell" key={name}>
              <input
                type="checkbox"
                checked={selected}
                tabIndex={-1}
                aria-label={`Select ${guest.name}`}
                onChange={(event) => onSelect(index, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
              />
            </div>
          );
        }
        if (name === 'name') {
          return (
            <div role="gridcell" className="cell" key={name}>
              <a tabIndex={-1} data-hint href={addressOf({ at: 'guest', host: guest.host, uuid: guest.uuid, tab: 'overview' })}>{guest.name}</a>
            </div>
          );
        }
        // What is asked for a guest begins anew with another one.
        const Cell = cells[name];
        return <div role="gridcell" className="cell" key={name}><Cell key={name === 'tuning' ? keyOf(guest) : name} guest={guest} tags={tags} track={track} count={track.count} room={width - 2 * cellPadding} /></div>;
      })}
    </div>
  );
});

/** The heading of a group: which, how many, and whether they are shown. */
export const HeadingRow = memo(function HeadingRow({ line, index, top, current, columns }: {
  readonly line: Extract<Line, { kind: 'heading' }>;
  readonly index: number;
  readonly top: number;
  readonly current: boolean;
  readonly columns: number;
}): ReactNode {
  return (
    <div role="row" className="heading" id={`guest-row-${index}`} aria-rowindex={index + 2} aria-expanded={!line.isFolded} data-current={current} style={{ top }}>
      <div role="gridcell" className="cell" aria-colspan={columns}>
        <Icon path={line.isFolded ? mdiChevronRight : mdiChevronDown} size={16} />
        <strong>{line.label}</strong>
        <span>{line.guests.toLocaleString()} {line.guests === 1 ? 'guest' : 'guests'} · {line.running.toLocaleString()} running</span>
      </div>
    </div>
  );
});

/** How rows look, for the table around them: one style for all rows, rather than one computed for each. */
export const rowStyles = ({ faint, accent, mute, ground }: Colors, columns: readonly Column[]) => ({
  '& .rows': { position: 'relative' },
  '& .guest, & .heading': { position: 'absolute', left: 0, right: 0, height: rowHeight, display: 'grid', alignItems: 'center', borderBottom: `1px solid ${faint}`, contain: 'strict' },
  '& .cell': { padding: `0 ${cellPadding}px`, display: 'flex', alignItems: 'center', gap: '8px', overflow: 'hidden', whiteSpace: 'nowrap' },
  '& .heading': { backgroundColor: ground, cursor: 'pointer', '& span': { color: mute, fontSize: 12 } },
  '& .guest': {
    gridTemplateColumns: templateOf(columns),
    '&:hover': { backgroundColor: 'var(--mui-palette-action-hover)' },
    '&[aria-selected=true]': { backgroundColor: accent.soft },
    '& a': { color: 'inherit', fontWeight: 600, textDecoration: 'none', overflow: 'hidden', textOverflow: 'ellipsis', '&:hover': { textDecoration: 'underline' } },
    '& input': { width: 15, height: 15, margin: '0 2px', accentColor: accent.mark },
  },
});

export const templateOf = (columns: readonly Column[]): string => columns.map(({ width }) => `${width}px`).join(' ');
