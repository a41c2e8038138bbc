// Many loads over time at a glance: a row for each, darker where it is busier; what is not known stays empty.
import Box from '@mui/material/Box';
import { type ReactNode, useCallback } from 'react';
import { Canvas, type Draw, useWidth } from './canvas.tsx';
import { useColors } from './colors.ts';

/** Pixels of a row, by how many there are. */
const rowHeight = (rows: number): number => Math.max(2, Math.min(12, Math.floor(260 / Math.max(1, rows))));

/** @param rows loads 0..1 by time, oldest first. @param label says the same to who cannot see it. */
export const HeatMap = ({ rows, label }: { readonly rows: readonly { readonly name: string; readonly loads: readonly (number | null)[] }[]; readonly label: string }): ReactNode => {
  const { heat, cell } = useColors();
  const [measure, width] = useWidth();
  const each = rowHeight(rows.length);
  const height = rows.length * each;
  const draw = useCallback<Draw>((context, wide, high) => {
    const count = Math.max(0, ...rows.map(({ loads }) => loads.length));
    if (count === 0) return;
    const step = wide / count;
    context.fillStyle = cell;
    context.fillRect(0, 0, wide, high);
    rows.forEach(({ loads }, row) => loads.forEach((load, index) => {
      if (load === null || load < 0.01) return;
      context.fillStyle = `rgba(${heat},${Math.min(1, load)})`;
      const x = Math.round(index * step);
      context.fillRect(x, row * each, Math.round((index + 1) * step) - x, Math.max(1, each - 1));
    }));
  }, [rows, heat, cell, each]);
  return <Box ref={measure} sx={{ minWidth: 0, overflow: 'hidden' }}><Canvas draw={draw} width={width} height={height} label={label} /></Box>;
};
