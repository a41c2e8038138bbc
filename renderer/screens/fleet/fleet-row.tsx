// One guest in the fleet table.
import { memo, type ReactNode } from 'react';
import { printBytes, printRate, type RateUnit } from '../../../app/domain/bytes.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { useTrack } from '../../api/api.tsx';
import { useBadges } from '../../api/badges.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import type { Track } from '../../api/samples.ts';
import { Bar } from '../../ui/bar.tsx';
import { type Colors, useColors } from '../../ui/colors.ts';
import { useRateUnit } from '../../ui/rate-unit.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { Tag } from '../../ui/tag.tsx';
import { timeAgo } from '../../ui/time.ts';
import { addressOf } from '../place.ts';
import { fitting } from './badge-room.ts';
import { cellPadding, type Column, type ColumnName } from './columns.ts';

export const rowHeight = 41;

/** Two rates as one: what a disk or a network moves in both directions. */
export const sumOf = (one: readonly (number | null)[], other: readonly (number | null)[]): readonly (number | null)[] =>
  one.map((value, index) => {
    const second = other[index] ?? null;
    return value === null || second === null ? null : value + second;
  });

/** Between two badges, in CSS pixels. */
const gap = 4;

const Badges = ({ guest, room }: CellProps): ReactNode => {
  const { data } = useBadges(guest.host, guest.uuid, guest.seen === null);
  if (data === undefined || data === null) return null;
  const pending = data.pending > 0 ? [`${data.pending} pending`] : [];
  const all = [...pending, ...data.badges];
  const shown = fitting(all, room, gap);
  const rest = all.slice(shown);
  return (
    <div style={{ display: 'flex', gap }}>
      {all.slice(0, shown).map((text, index) => (index < pending.length
        ? <Tag key={text} tone="warn" title="Settings that differ between now and after a restart">{text}</Tag>
        : <Tag key={text}>{text}</Tag>))}
      {rest.length > 0 && <Tag title={rest.join(', ')} label={`and ${rest.join(', ')}`}>+{rest.length}</Tag>}
    </div>
  );
};

interface CellProps {
  readonly guest: FleetGuest;
  /** CSS pixels for the content, in the columns that have to know. */
  readonly room: number;
  readonly track: Track;
}

const rate = (values: readonly (number | null)[], unit: RateUnit): string => {
  const last = values.at(-1);
  return last === undefined || last === null ? 'nothing known' : printRate(last, unit);
};

const CpuCell = ({ guest, track }: CellProps): ReactNode => {
  const { cpu } = useColors();
  const last = track.values.cpu.at(-1);
  return (
    <>
      <span style={{ minWidth: 22 }}>{guest.vcpus}</span>
      {isActive(guest.state) && <Sparkline values={track.values.cpu} most={Math.max(1, guest.vcpus)} color={cpu} label={last === undefined || last === null ? 'CPU use not known' : `${Math.round(last * 100)} % of a CPU in use`} />}
    </>
  );
};

const MemoryCell = ({ guest, track }: CellProps): ReactNode => {
  const used = isActive(guest.state) ? track.values.memoryUsedKiB.at(-1) ?? null : null;
  const whole = printBytes(guest.memoryKiB * 1024);
  return (
    <>
      <Bar share={used === null ? null : used / Math.max(1, guest.memoryKiB)} label={used === null ? `Use of ${whole} not known` : `${printBytes(used * 1024)} of ${whole} in use`} />
      <span>{whole}</span>
    </>
  );
};

const cells: Readonly<Record<Exclude<ColumnName, 'select' | 'name'>, (props: CellProps) => ReactNode>> = {
  state: ({ guest }) => (guest.seen === null ? <StatusChip state={guest.state} /> : <Tag title={new Date(guest.seen).toLocaleString()}>seen {timeAgo(guest.seen)}</Tag>),
  host: ({ guest }) => <span title={guest.hostName} style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{guest.hostName}</span>,
  vcpus: CpuCell,
  memory: MemoryCell,
  disk: ({ guest, track }) => <Rates active={isActive(guest.state)} color="disk" name="Disk" values={sumOf(track.values.diskReadBytes, track.values.diskWriteBytes)} />,
  network: ({ guest, track }) => <Rates active={isActive(guest.state)} color="network" name="Network" values={sumOf(track.values.networkReceiveBytes, track.values.networkTransmitBytes)} />,
  tuning: Badges,
};

const Rates = ({ active, color, name, values }: { readonly active: boolean; readonly color: 'disk' | 'network'; readonly name: string; readonly values: readonly (number | null)[] }): ReactNode => {
  const line = useColors()[color];
  const unit = useRateUnit();
  return active ? <Sparkline values={values} color={line} label={`${name}: ${rate(values, color === 'network' ? unit : 'bytes')}`} /> : null;
};

export const FleetRow = memo(function FleetRow({ guest, columns, index, top, selected, current, onSelect }: {
  readonly guest: FleetGuest;
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
      style={{ transform: `translateY(${top}px)`, opacity: guest.seen === null ? 1 : 0.62 }}
    >
      {columns.map(({ name, room = 0 }) => {
        if (name === 'select') {
          return (
            <div role="gridcell" key={name}>
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
            <div role="gridcell" key={name}>
              <a tabIndex={-1} href={addressOf({ at: 'guest', host: guest.host, uuid: guest.uuid, tab: 'overview' })} title={guest.name}>{guest.name}</a>
            </div>
          );
        }
        const Cell = cells[name];
        return <div role="gridcell" key={name}><Cell guest={guest} track={track} room={room} /></div>;
      })}
    </div>
  );
});

/** How rows look, for the table around them: one style for all rows, rather than one computed for each. */
export const rowStyles = ({ faint, accent }: Colors, columns: readonly Column[]) => ({
  '& .guest': {
    position: 'absolute', left: 0, right: 0, height: rowHeight, display: 'grid', gridTemplateColumns: templateOf(columns), alignItems: 'center', borderBottom: `1px solid ${faint}`,
    '&:hover': { backgroundColor: 'var(--mui-palette-action-hover)' },
    '&[aria-selected=true]': { backgroundColor: accent.soft },
    '& [role=gridcell]': { padding: `0 ${cellPadding}px`, display: 'flex', alignItems: 'center', gap: '8px', overflow: 'hidden', whiteSpace: 'nowrap' },
    '& a': { color: 'inherit', fontWeight: 600, textDecoration: 'none', overflow: 'hidden', textOverflow: 'ellipsis', '&:hover': { textDecoration: 'underline' } },
    '& input': { width: 15, height: 15, margin: '0 2px', accentColor: accent.mark },
  },
});

export const templateOf = (columns: readonly Column[]): string => columns.map(({ width }) => width).join(' ');
