// Which pictures of a guest there are: what its curves say, in the units people think in.
import type { Range } from '../../../app/contract/live.ts';
import { printBytes, printRate, type RateUnit } from '../../../app/domain/bytes.ts';
import type { Curves } from '../../api/past.ts';
import type { Colors } from '../../ui/colors.ts';
import type { PlotCurve } from '../../ui/plot.ts';

/** One picture. */
export interface Picture {
  readonly label: string;
  readonly heading?: string;
  readonly curves: readonly PlotCurve[];
  readonly say: (value: number) => string;
  readonly most?: number;
  readonly least: number;
  readonly binary?: boolean;
}

/** Pictures that stand together. */
export interface PictureCard {
  readonly title: string;
  /** Beside each other, over the whole width. */
  readonly wide?: true;
  readonly pictures: readonly Picture[];
}

type Values = Curves['values'];
type Line = readonly (number | null)[];

/** What a guest may use. */
interface Bounds {
  readonly vcpus: number;
  readonly memoryKiB: number;
  readonly memoryMaximumKiB: number;
}

/** Each vCPU has a line of its own up to here; of more, the busiest, the mean and the idlest are shown. */
const mostLines = 8;
const percent = (value: number): string => `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} %`;
const kib = (value: number): string => printBytes(Math.round(value) * 1024);
const times = (line: Line, by: number): Line => line.map((value) => (value === null ? null : value * by));

/** Nanoseconds in words. */
const duration = (nanoseconds: number): string =>
  nanoseconds === 0 ? '0' : nanoseconds < 1e6 ? `${Number((nanoseconds / 1e3).toPrecision(2))} µs` : `${Number((nanoseconds / 1e6).toPrecision(2))} ms`;
const operations = (value: number): string => `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} /s`;

/** The names between a prefix and the last dot, such as the disks' targets, in the order they are told in. */
const namesIn = (values: Values, prefix: string): readonly string[] =>
  [...new Set([...values.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length, key.lastIndexOf('.'))))];

/** Of each time, what `of` makes of all lines' known values. */
const across = (lines: readonly Line[], of: (known: readonly number[]) => number): Line =>
  (lines[0] ?? []).map((_, index) => {
    const known = lines.flatMap((line) => line[index] ?? []);
    return known.length === 0 ? null : of(known);
  });

const vcpuCurves = (values: Values, colors: Colors): readonly PlotCurve[] => {
  const lines = [...values].filter(([key]) => key.startsWith('vcpu.')).map(([key, line]) => ({ number: Number(key.slice(5)), line: times(line, 100) })).sort((one, other) => one.number - other.number);
  const palette = [colors.cpu, colors.disk, colors.memory, colors.network, colors.hosts.orange, colors.hosts.red, colors.hosts.yellow, colors.hosts.grey];
  if (lines.length <= mostLines) return lines.map(({ number, line }, place) => ({ name: `vCPU ${number}`, color: palette[place] ?? colors.cpu, values: line, drawn: 'line' }));
  const each = lines.map(({ line }) => line);
  return [
    { name: 'busiest', color: colors.disk, values: across(each, (known) => Math.max(...known)), drawn: 'line' },
    { name: 'mean', color: colors.cpu, values: across(each, (known) => known.reduce((sum, value) => sum + value, 0) / known.length) },
    { name: 'idlest', color: colors.network, values: across(each, (known) => Math.min(...known)), drawn: 'line' },
  ];
};

/** The pictures of what is known of a guest. */
export const picturesOf = (values: Values, range: Range, guest: Bounds, colors: Colors, unit: RateUnit): readonly PictureCard[] => {
  const line = (name: string): Line => values.get(name) ?? [];
  const curve = (name: string, key: string, color: string): PlotCurve => ({ name, color, values: line(key) });
  const optional = (name: string, key: string, color: string, by = 1): readonly PlotCurve[] => (values.has(key) ? [{ name, color, values: times(line(key), by), drawn: by === 1 ? 'dashed' : 'line' }] : []);
  const vcpus = vcpuCurves(values, colors);
  const cards: PictureCard[] = [{
    title: 'CPU',
    pictures: [{
      label: 'CPU in all', say: percent, least: 10,
      curves: [{ name: 'in use', color: colors.cpu, values: times(line('cpu'), 100), limit: Math.max(1, guest.vcpus) * 100 }, ...optional('waiting', 'wait', colors.warn.mark, 100), ...optional('stolen', 'steal', colors.bad.mark, 100)],
    }],
  }, ...(vcpus.length === 0 ? [] : [{ title: 'vCPUs', pictures: [{ label: 'Each vCPU', say: percent, most: 105, least: 1, curves: vcpus }] }]), {
    title: 'Memory',
    pictures: [{
      label: 'Memory', say: kib, least: 1, binary: true, most: Math.max(guest.memoryKiB, guest.memoryMaximumKiB) * 1.05,
      curves: [{ ...curve('in use', 'memoryUsedKiB', colors.memory), limit: guest.memoryMaximumKiB }, ...optional('balloon', 'memory.actual', colors.disk), ...optional('caches', 'memory.caches', colors.hosts.orange)],
    }],
  }];
  const rate = (bytes: number): string => printRate(bytes);
  const network = (bytes: number): string => printRate(bytes, unit);
  const [disks, nics] = [namesIn(values, 'disk.'), namesIn(values, 'nic.')];
  cards.push({ title: 'Disks together', pictures: [{ label: 'All disks', say: rate, least: 100_000, curves: [curve('read', 'diskReadBytes', colors.cpu), curve('written', 'diskWriteBytes', colors.disk)] }] });
  cards.push({ title: 'Network together', pictures: [{ label: 'All NICs', say: network, least: 100_000, curves: [curve('received', 'networkReceiveBytes', colors.network), curve('sent', 'networkTransmitBytes', colors.cpu)] }] });
  for (const nic of nics) {
    cards.push({ title: `NIC ${nic}`, pictures: [{ label: `NIC ${nic}`, say: network, least: 100_000, curves: [curve('received', `nic.${nic}.receiveBytes`, colors.network), curve('sent', `nic.${nic}.transmitBytes`, colors.cpu)] }] });
  }
  for (const disk of disks) {
    const pair = (read: string, written: string): readonly PlotCurve[] => [curve('read', `disk.${disk}.${read}`, colors.cpu), curve('written', `disk.${disk}.${written}`, colors.disk)];
    cards.push({
      title: `Disk ${disk}`,
      wide: true,
      pictures: [
        { label: `Disk ${disk}, throughput`, heading: 'Throughput', say: rate, least: 100_000, curves: pair('readBytes', 'writeBytes') },
        { label: `Disk ${disk}, operations`, heading: 'Operations', say: operations, least: 10, curves: pair('readRequests', 'writeRequests') },
        { label: `Disk ${disk}, how long one takes`, heading: 'Latency', say: duration, least: 1e5, curves: pair('readLatency', 'writeLatency') },
      ],
    });
  }
  // One disk, or one NIC, is all of them; but of days the whole guest is known for longer than its parts.
  const single = range === 'days' ? [] : [...(disks.length === 1 ? ['Disks together'] : []), ...(nics.length === 1 ? ['Network together'] : [])];
  return cards.filter(({ title }) => !single.includes(title));
};
