// Numbers over time: looked at closer by dragging, moved through by keys, with the values of the time that is pointed at.
import Box from '@mui/material/Box';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import sheet from 'uplot/dist/uPlot.min.css?url';
import { useWidth } from './canvas.tsx';
import { useColors } from './colors.ts';
import { type PlotCurve, type PlotMark, plotOptions, type Shown, type Span } from './plot.ts';
import { dateTime } from './time.ts';

const words = (value: number | null | undefined, say: (value: number) => string): string => (value == null ? '–' : say(value));

/** A curve in words, for who cannot see it: what it is now, in the mean and at most. */
const summary = ({ name, values, limit }: PlotCurve, say: (value: number) => string): string => {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${name}: nothing known`;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return `${name}: now ${words(values.at(-1), say)}, in the mean ${say(mean)}, at most ${say(known.reduce((top, value) => Math.max(top, value), 0))}${limit == null ? '' : ` of ${say(limit)}`}`;
};

/** The time that another part is looked at: this much of it earlier or later, or this many times as long. */
export const movedSpan = ({ from, to }: Span, { by = 0, times = 1 }: { readonly by?: number; readonly times?: number }): Span => {
  const [middle, half] = [(from + to) / 2 + (to - from) * by, ((to - from) / 2) * times];
  return { from: middle - half, to: middle + half };
};

const moves: Readonly<Record<string, Parameters<typeof movedSpan>[1]>> = { PageUp: { by: -0.5 }, PageDown: { by: 0.5 }, '+': { times: 0.5 }, '-': { times: 2 } };
/** How far the arrow keys go. */
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * @param times when each value was, in seconds since 1970, evenly apart. @param span what part of time is shown.
 * @param most the top of the scale; without it the largest value shown. @param least the scale is at least this high, so that noise stays flat.
 * @param onSpan another part of time is wanted; null = the one that goes along with time.
 */
export const TimeChart = ({ label, heading, times, curves, marks, span, group, say, most, least = 1, binary = false, height = 150, onSpan }: {
  readonly label: string;
  /** Stands before the values where several pictures share a card. */
  readonly heading?: string;
  readonly times: readonly number[];
  readonly curves: readonly PlotCurve[];
  readonly marks: readonly PlotMark[];
  readonly span: Span;
  readonly group: string;
  readonly say: (value: number) => string;
  readonly most?: number;
  readonly least?: number;
  /** Values are KiB. */
  readonly binary?: boolean;
  readonly height?: number;
  readonly onSpan: (span: Span | null) => void;
}): ReactNode => {
  const colors = useColors();
  const [measure, width] = useWidth();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const shown = useRef<Shown>({ curves, marks, most, least, say, binary });
  const wanting = useRef(onSpan);
  useEffect(() => {
    shown.current = { curves, marks, most, least, say, binary };
    wanting.current = onSpan;
  });
  const looks = JSON.stringify([binary, curves.map(({ name, color, drawn }) => [name, color, drawn])]);
  const isWide = width > 0;
  useEffect(() => {
    if (place.current === null || !isWide) return undefined;
    const made = new uPlot(plotOptions({ width: place.current.clientWidth, height, colors, shown: () => shown.current, group, onCursor: setPointed, onSpan: (next) => wanting.current(next) }), undefined, place.current);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [colors, group, height, isWide, looks]);
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);
  useEffect(() => {
    const drawn = plot.current;
    drawn?.batch(() => {
      drawn.setData([[...times], ...curves.map(({ values }) => [...values])], false);
      drawn.setScale('x', { min: span.from, max: span.to });
    });
  }, [times, curves, marks, span.from, span.to, most, least, looks, colors, group, height, isWide]);
  const point = (index: number): void => {
    const drawn = plot.current;
    const at = times[index];
    if (drawn !== null && at !== undefined) drawn.setCursor({ left: drawn.valToPos(at, 'x'), top: 0 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const [move, step] = [moves[event.key], steps[event.key]];
    if (move !== undefined) onSpan(movedSpan(span, move));
    else if (step !== undefined) point(Math.min(Math.max((pointed ?? times.length) + step * (event.shiftKey ? 10 : 1), 0), times.length - 1));
    else if (event.key === 'Escape' || event.key === 'Home') onSpan(null);
    else return;
    event.preventDefault();
  };
  const at = pointed === null ? undefined : times[pointed];
  const valueOf = ({ values }: PlotCurve): string => words(pointed === null || at === undefined ? values.at(-1) : values[pointed], say);
  return (
    <Box
      role="group"
      aria-label={`${label}. ${curves.map((curve) => summary(curve, say)).join('; ')}`}
      aria-roledescription="picture over time"
      aria-keyshortcuts="ArrowLeft ArrowRight PageUp PageDown + - Escape"
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      onDoubleClick={() => onSpan(null)}
      sx={{ borderRadius: '6px', '&:focus-visible': { outline: 2, outlineColor: 'primary.main', outlineOffset: 2 } }}
    >
      <Box aria-live={pointed === null ? 'off' : 'polite'} sx={{ display: 'flex', gap: '2px 16px', flexWrap: 'wrap', mb: '4px' }}>
        {heading !== undefined && <Box component="span" sx={{ color: 'text.secondary', fontWeight: 600 }}>{heading}</Box>}
        {curves.map((curve) => (
          <Box component="span" key={curve.name} sx={{ display: 'inline-flex', alignItems: 'baseline', gap: '6px' }}>
            <Box component="span" aria-hidden sx={{ width: 10, height: 3, borderRadius: 1, alignSelf: 'center', bgcolor: curve.color }} />
            <Box component="span" sx={{ color: 'text.secondary' }}>{curve.name}</Box>
            <Box component="strong" sx={{ fontVariantNumeric: 'tabular-nums' }}>{valueOf(curve)}</Box>
            {curve.limit != null && <Box component="span" sx={{ color: 'text.secondary' }}>of {say(curve.limit)}</Box>}
          </Box>
        ))}
      </Box>
      <Box ref={measure} sx={{ minWidth: 0, overflow: 'hidden', position: 'relative' }}>
        <link rel="stylesheet" href={sheet} precedence="default" />
        <Box ref={place} aria-hidden sx={{ height }} />
        {/* Over the picture, so that nothing moves when it comes. */}
        {at !== undefined && <Box sx={{ position: 'absolute', top: 4, right: 4, px: '6px', borderRadius: '4px', bgcolor: 'background.paper', border: 1, borderColor: 'divider', fontSize: 12, color: 'text.secondary', pointerEvents: 'none' }}>{dateTime(at * 1000)}</Box>}
      </Box>
    </Box>
  );
};
