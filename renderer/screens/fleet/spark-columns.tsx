// The last minutes of the guests in view as lines: one canvas for each column of them, since a page with hundreds takes most of a frame to put together.
import { memo, type ReactNode, useEffect, useRef } from 'react';
import type { GuestSeries } from '../../../app/contract/live.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { useApi } from '../../api/api.tsx';
import type { FleetGuest } from '../../api/fleet.ts';
import { kept } from '../../api/track.ts';
import { type Colors, useColors } from '../../ui/colors.ts';
import { drawSeries } from '../../ui/draw-series.ts';
import { cellPadding, type Column, type ColumnName } from './columns.ts';
import type { Line } from './rows.ts';

/** What a line takes of its cell, in CSS pixels. */
export const spark = { width: 90, height: 22 } as const;
/** What stands before the line of CPU use: the number of vCPUs. */
export const vcpuWidth = 30;

/** Samples that the width shows at least, so that a line is seen soon. */
const least = 12;

interface Drawn {
  readonly series: readonly GuestSeries[];
  readonly color: (colors: Colors) => string;
  /** From the cell's content on, in CSS pixels. */
  readonly left: number;
  /** The value at the top; without it the line fills the height. */
  readonly most?: (guest: FleetGuest) => number;
}
const drawn: { readonly [N in ColumnName]?: Drawn } = {
  vcpus: { series: ['cpu'], color: ({ cpu }) => cpu, left: vcpuWidth, most: ({ vcpus }) => Math.max(1, vcpus) },
  disk: { series: ['diskReadBytes', 'diskWriteBytes'], color: ({ disk }) => disk, left: 0 },
  network: { series: ['networkReceiveBytes', 'networkTransmitBytes'], color: ({ network }) => network, left: 0 },
};

interface View {
  readonly lines: readonly Line[];
  /** The first line in view, how many there are at most, and how high each is in CSS pixels. */
  readonly first: number;
  readonly count: number;
  readonly rowHeight: number;
}

const SparkColumn = memo(function SparkColumn({ lines, first, count, rowHeight, left, of: { series, color, most } }: View & { readonly left: number; readonly of: Drawn }): ReactNode {
  const { samples } = useApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = useColors();
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d') ?? null;
    if (element === null || context === null) return undefined;
    const draw = (): void => {
      const scale = window.devicePixelRatio;
      const size = { width: Math.round(spark.width * scale), height: Math.round(count * rowHeight * scale) };
      // Setting the size takes all pixels anew, which costs as much as drawing them.
      if (element.width !== size.width || element.height !== size.height) Object.assign(element, size);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, spark.width, count * rowHeight);
      for (const [row, line] of lines.slice(first, first + count).entries()) {
        if (line.kind === 'heading' || !isActive(line.guest.state)) continue;
        const { guest } = line;
        const track = samples.track(guest.host, guest.uuid);
        const values = track.read(track.count, ...series);
        if (values.length === 0) continue;
        context.setTransform(scale, 0, 0, scale, 0, (row * rowHeight + (rowHeight - spark.height) / 2) * scale);
        context.globalAlpha = guest.seen === null ? 1 : 0.62;
        drawSeries(context, { values, points: Math.max(least, Math.min(kept, values.length)), most: most?.(guest), color: color(colors), ...spark });
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
  }, [samples, lines, first, count, rowHeight, series, color, most, colors]);
  return <canvas ref={canvas} aria-hidden style={{ position: 'absolute', pointerEvents: 'none', top: first * rowHeight, left, width: spark.width, height: count * rowHeight }} />;
});

/** The cells say in words what is drawn over them. */
export const SparkColumns = ({ columns, ...view }: View & { readonly columns: readonly Column[] }): ReactNode => columns.map(({ name, left }) => {
  const of = drawn[name];
  return of === undefined ? null : <SparkColumn key={name} {...view} left={left + cellPadding + of.left} of={of} />;
});
