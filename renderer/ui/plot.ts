// What a picture over time is for uPlot: its lines, axes and scales, and what is drawn over them.
import type uPlot from 'uplot';
import type { Colors } from './colors.ts';

/** One line of a picture. */
export interface PlotCurve {
  readonly name: string;
  readonly color: string;
  /** One value for each time; null = a gap. */
  readonly values: readonly (number | null)[];
  /** What it cannot exceed for long: a dashed line, and within the scale. */
  readonly limit?: number | null;
  /** How it is drawn; over its area when left out. */
  readonly drawn?: 'line' | 'dashed';
}

/** Something that happened at a time, in milliseconds since 1970. */
export interface PlotMark {
  readonly at: number;
  readonly what: string;
}

/** The part of time on screen, in seconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part of `whole`, no shorter than `least` seconds; null = all of it. */
export const spanWithin = (wanted: Span, whole: Span, least: number): Span | null => {
  const length = Math.min(Math.max(wanted.to - wanted.from, least), whole.to - whole.from);
  if (length >= whole.to - whole.from) return null;
  const from = Math.min(Math.max(wanted.from, whole.from), whole.to - length);
  return { from, to: from + length };
};

/** The room for values left of a picture, and for times below it, in pixels. */
const [axisWidth, axisHeight] = [66, 24];
const day = 86_400;
const clockOf = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(undefined, { ...options, hourCycle: 'h23' });
const [seconds, minutes, dates] = [clockOf({ hour: '2-digit', minute: '2-digit', second: '2-digit' }), clockOf({ hour: '2-digit', minute: '2-digit' }), clockOf({ weekday: 'short', day: 'numeric' })];

/** A time as an axis has it whose lines are `step` seconds apart. */
const timeWords = (at: number, step: number): string => (step >= day ? dates : step >= 60 ? minutes : seconds).format(at * 1000);

/** What the drawing asks for anew each time, so that no new picture is made when it changes. */
export interface Shown {
  readonly curves: readonly PlotCurve[];
  readonly marks: readonly PlotMark[];
  readonly most: number | undefined;
  readonly least: number;
  readonly say: (value: number) => string;
  /** Values are KiB: lines of the scale stand at powers of two. */
  readonly binary: boolean;
}

const powersOfTwo = Array.from({ length: 45 }, (_, power) => 2 ** power);

const over = (plot: uPlot, colors: Colors, { curves, marks }: Shown): void => {
  const { ctx: context, bbox: { left, top, width, height } } = plot;
  const thin = Math.max(1, Math.round(devicePixelRatio));
  context.save();
  context.lineWidth = thin;
  context.setLineDash([5 * thin, 4 * thin]);
  for (const { limit, color } of curves) {
    if (limit == null) continue;
    const y = Math.round(plot.valToPos(limit, 'y', true)) + 0.5;
    if (y < top) continue;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + width, y);
    context.stroke();
  }
  context.setLineDash([]);
  context.strokeStyle = colors.warn.mark;
  context.fillStyle = colors.warn.mark;
  for (const { at } of marks) {
    const x = Math.round(plot.valToPos(at / 1000, 'x', true)) + 0.5;
    if (x < left || x > left + width) continue;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, top + height);
    context.stroke();
    context.beginPath();
    context.moveTo(x - 4 * thin, top);
    context.lineTo(x + 4 * thin, top);
    context.lineTo(x, top + 6 * thin);
    context.fill();
  }
  context.restore();
};

/** The top of the scale: what was told, or what is drawn with some room, never so low that noise is a mountain. */
const topOf = ({ curves, most, least }: Shown, drawn: number | null): number =>
  most ?? Math.max(least, drawn ?? 0, ...curves.map(({ limit }) => limit ?? 0)) * 1.12;

export const plotOptions = ({ width, height, colors, shown, group, onCursor, onSpan }: {
  readonly width: number;
  readonly height: number;
  readonly colors: Colors;
  readonly shown: () => Shown;
  /** Pictures of one group show the values of the same time. */
  readonly group: string;
  readonly onCursor: (index: number | null) => void;
  readonly onSpan: (span: Span) => void;
}): uPlot.Options => {
  const font = '11px system-ui, sans-serif';
  const line = { stroke: colors.line, width: 1 };
  return {
    width, height,
    padding: [6, 22, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: group }, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, y: false },
    scales: { x: { time: true }, y: { range: (_plot, _least, drawn) => [0, topOf(shown(), drawn)] } },
    axes: [
      // The lowest value beside it reaches half its height below the line: a time at the very left is not written over it.
      { stroke: colors.mute, font, size: axisHeight, grid: line, ticks: { show: false }, gap: 8, space: 70, values: (_plot, splits) => splits.map((at) => timeWords(at, (splits[1] ?? 0) - (splits[0] ?? 0))) },
      { stroke: colors.mute, font, size: axisWidth, grid: line, ticks: { show: false }, gap: 4, space: 26, values: (_plot, splits) => splits.map((value) => shown().say(value)), ...(shown().binary && { incrs: powersOfTwo }) },
    ],
    series: [{}, ...shown().curves.map(({ name, color, drawn }) => ({
      label: name, stroke: color, width: 1.5, points: { show: false }, ...(drawn === undefined && { fill: `${color}24` }), ...(drawn === 'dashed' && { dash: [4, 3] }),
    }))],
    hooks: {
      draw: [(plot) => over(plot, colors, shown())],
      setCursor: [({ cursor: { idx } }) => onCursor(idx ?? null)],
      setSelect: [(plot) => {
        const { left, width: wide } = plot.select;
        if (wide < 4) return;
        onSpan({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + wide, 'x') });
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  };
};
