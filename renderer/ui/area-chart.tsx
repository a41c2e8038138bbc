// The last minutes of one or two numbers, with the latest value in words and the top of the scale.
import Box from '@mui/material/Box';
import { type ReactNode, useCallback } from 'react';
import { Canvas, type Draw, useWidth } from './canvas.tsx';
import { useColors } from './colors.ts';
import { drawLimit, drawSeries, topOf } from './draw-series.ts';
import { monospace } from './theme.ts';

export interface Curve {
  readonly name: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  /** What it cannot exceed for long: a dashed line, and within the scale. */
  readonly limit?: number | null;
}

/** @param most the top of the scale; without it the largest value. @param least the scale is at least this high, so that noise stays flat. */
export const AreaChart = ({ curves, most, least = 1, say, points, seconds, height = 96 }: {
  readonly curves: readonly Curve[];
  readonly most?: number;
  readonly least?: number;
  readonly say: (value: number) => string;
  readonly points: number;
  /** How much time the width is. */
  readonly seconds: number;
  readonly height?: number;
}): ReactNode => {
  const { line } = useColors();
  const [measure, width] = useWidth();
  const top = most ?? Math.max(...curves.map(({ values, limit }) => Math.max(topOf(values.slice(-points), least), limit ?? 0))) * 1.15;
  const draw = useCallback<Draw>((context, wide, high) => {
    context.strokeStyle = line;
    context.lineWidth = 1;
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(share * (high - 1)) + 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(wide, y);
      context.stroke();
    }
    for (const { values, color } of curves) drawSeries(context, { values: values.slice(-points), points, most: top, color, fill: true, width: wide, height: high });
    for (const { color, limit } of curves) if (limit != null) drawLimit(context, { limit, most: top, color, width: wide, height: high });
  }, [curves, line, points, top]);
  const latest = (values: readonly (number | null)[]): string => {
    const value = values.at(-1);
    return value === undefined || value === null ? '–' : say(value);
  };
  return (
    <Box>
      <Box sx={{ display: 'flex', gap: '4px 16px', flexWrap: 'wrap', mb: '6px' }}>
        {curves.map(({ name, color, values, limit }) => (
          <Box component="span" key={name} sx={{ display: 'inline-flex', alignItems: 'baseline', gap: '6px' }}>
            <Box component="span" aria-hidden sx={{ width: 10, height: 3, borderRadius: 1, alignSelf: 'center', bgcolor: color }} />
            <Box component="span" sx={{ color: 'text.secondary' }}>{name}</Box>
            <Box component="strong" sx={{ fontVariantNumeric: 'tabular-nums' }}>{latest(values)}</Box>
            {limit != null && <Box component="span" sx={{ color: 'text.secondary' }}>of {say(limit)}</Box>}
          </Box>
        ))}
      </Box>
      <Box ref={measure}>
        <Canvas draw={draw} width={width} height={height} label={curves.map(({ name, values, limit }) => `${name} ${latest(values)}${limit == null ? '' : ` of ${say(limit)}`}`).join(', ')} />
      </Box>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', mt: '4px', font: `10px ${monospace}`, color: 'text.secondary' }}>
        <span>{seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`} ago</span>
        <span>scale to {say(top)}</span>
        <span>now</span>
      </Box>
    </Box>
  );
};
