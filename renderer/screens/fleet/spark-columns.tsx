// The last minutes of the guests in view as lines, and what they use of their memory as bars: one canvas for each column of them, since a page with hundreds takes most of a frame to put together.
import { memo, type ReactNode, useEffect, useRef } from 'react';
import type { GuestSeries } from '../../../app/contract/live.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { useApi } from '../../api/api.tsx';
import type { FleetGuest } from '../../api/fleet.ts';
import { kept, type Track } from '../../api/track.ts';
import { barColor } from '../../ui/bar.tsx';
import type { Brush } from '../../ui/canvas.tsx';
import { type Colors, useColors } from '../../ui/colors.ts';
import { drawSeries } from '../../ui/draw-series.ts';
import { cellPadding, type Column, type ColumnName } from './columns.ts';
import type { Line } from './rows.ts';

/** What was seen of a guest before is paler than what is seen now. */
export const opacityOf = ({ seen }: FleetGuest): number => (seen === null ? 1 : 0.62);

/** What a line and a bar take of their cells, in CSS pixels. */
export const spark = { width: 90, height: 22 } as const;
export const bar = { width: 110, height: 6 } as const;
/** What stands before the line of CPU use: the number of vCPUs. */
export const vcpuWidth = 30;

/** Samples that the width shows at least, so that a line is seen soon. */
const least = 12;

/** One guest's part of a column: draws from its corner on. */
type Drawing = (context: Brush, guest: FleetGuest, track: Track, colors: Colors) => void;

interface Drawn {
  /** From the cell's content on, in CSS pixels. */
  readonly left: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly draw: Drawing;
}

/** @param most the value at the top; without it the line fills the height. */
const line = (series: readonly GuestSeries[], color: (colors: Colors) => string, most?: (guest: FleetGuest) => number): Drawing => (context, guest, track, colors) => {
  // Of one that was stopped there are samples still.
  if (!isActive(guest.state)) return;
  const values = track.read(track.count, ...series);
  if (values.length > 0) drawSeries(context, { values, points: Math.max(least, Math.min(kept, values.length)), most: most?.(guest), color: color(colors), ...spark });
};

/** The last value; null = not known. */
export const lastOf = (values: Float32Array): number | null => {
  const last = values.at(-1);
  return last === undefined || Number.isNaN(last) ? null : last;
};

/** KiB that a guest uses of its memory; null = not known, or it is off. */
export const memoryUsed = ({ state }: FleetGuest, track: Track): number | null => (isActive(state) ? lastOf(track.read(track.count, 'memoryUsedKiB')) : null);

const memoryBar: Drawing = (context, guest, track, colors) => {
  const share = Math.min(1, (memoryUsed(guest, track) ?? 0) / Math.max(1, guest.memoryKiB));
  for (const [width, color] of [[bar.width, colors.track], [bar.width * share, barColor(share, colors)]] as const) {
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(0, 0, width, bar.height, bar.height / 2);
    context.fill();
  }
};

const drawn: { readonly [N in ColumnName]?: Drawn } = {
  vcpus: { left: vcpuWidth, size: spark, draw: line(['cpu'], ({ cpu }) => cpu, ({ vcpus }) => Math.max(1, vcpus)) },
  memory: { left: 0, size: bar, draw: memoryBar },
  disk: { left: 0, size: spark, draw: line(['diskReadBytes', 'diskWriteBytes'], ({ disk }) => disk) },
  network: { left: 0, size: spark, draw: line(['networkReceiveBytes', 'networkTransmitBytes'], ({ network }) => network) },
};

interface View {
  readonly lines: readonly Line[];
  /** The first line in view, how many there are at most, and how high each is in CSS pixels. */
  readonly first: number;
  readonly count: number;
  readonly rowHeight: number;
}

const SparkColumn = memo(function SparkColumn({ lines, first, count, rowHeight, left, of: { size, draw: drawOne } }: View & { readonly left: number; readonly of: Drawn }): ReactNode {
  const { samples } = useApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = useColors();
  useEffect(() => {
    const element = canvas.current;
    // Drawn with each key in the search, which takes less than handing a new picture over.
    const context = element?.getContext('2d') ?? null;
    if (element === null || context === null) return undefined;
    const draw = (): void => {
      const scale = window.devicePixelRatio;
      const pixels = { width: Math.round(size.width * scale), height: Math.round(count * rowHeight * scale) };
      // Setting the size takes all pixels anew, which costs as much as drawing them.
      if (element.width !== pixels.width || element.height !== pixels.height) Object.assign(element, pixels);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, size.width, count * rowHeight);
      for (const [row, shown] of lines.slice(first, first + count).entries()) {
        if (shown.kind === 'heading') continue;
        const { guest } = shown;
        context.setTransform(scale, 0, 0, scale, 0, (row * rowHeight + (rowHeight - size.height) / 2) * scale);
        context.globalAlpha = opacityOf(guest);
        drawOne(context, guest, samples.track(guest.host, guest.uuid), colors);
      }
    };
    let frame = 0;
    draw();
    // Hosts tell one after the other: all of a frame are drawn together.
    const stop = samples.onAny(() => {
      if (frame === 0) {
        frame = requestAnimationFrame(() => {
          frame = 0;
          draw();
        });
      }
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [samples, lines, first, count, rowHeight, size, drawOne, colors]);
  return <canvas ref={canvas} aria-hidden style={{ position: 'absolute', pointerEvents: 'none', top: first * rowHeight, left, width: size.width, height: count * rowHeight }} />;
});

/** The cells say in words what is drawn over them. */
export const SparkColumns = ({ columns, ...view }: View & { readonly columns: readonly Column[] }): ReactNode => columns.map(({ name, left }) => {
  const of = drawn[name];
  return of === undefined ? null : <SparkColumn key={name} {...view} left={left + cellPadding + of.left} of={of} />;
});
