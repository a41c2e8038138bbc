// The last minutes of one number as a line.
import { type ReactNode, useCallback } from 'react';
import { Canvas, type Draw } from './canvas.tsx';
import { drawSeries } from './draw-series.ts';

/** @param most the value at the top; without it the line fills the height. @param label says the latest value to a screen reader. */
export const Sparkline = ({ values, color, most, label, width = 90, height = 22, points = 60 }: {
  readonly values: readonly (number | null)[];
  readonly color: string;
  readonly most?: number;
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
  readonly points?: number;
}): ReactNode => {
  const draw = useCallback<Draw>((context, wide, high) => {
    drawSeries(context, { values: values.slice(-points), points, most, color, fill: false, width: wide, height: high });
  }, [values, color, most, points]);
  return <Canvas draw={draw} width={width} height={height} label={label} />;
};
