// The last minutes of one number as a line.
import { type ReactNode, useCallback } from 'react';
import { Canvas, type Draw } from './canvas.tsx';
import { drawSeries } from './draw-series.ts';

/** Samples the width shows: few at first, so that a line is seen soon. */
const [least, longest] = [12, 60];

/** @param most the value at the top; without it the line fills the height. @param label says the latest value to a screen reader. */
export const Sparkline = ({ values, color, most, label, width = 90, height = 22 }: {
  /** Oldest first; NaN is a gap. Another one when the picture changes. */
  readonly values: Float32Array;
  readonly color: string;
  readonly most?: number;
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}): ReactNode => {
  const draw = useCallback<Draw>((context, wide, high) => {
    const points = Math.max(least, Math.min(longest, values.length));
    drawSeries(context, { values: values.slice(-points), points, most, color, width: wide, height: high });
  }, [values, color, most]);
  return <Canvas draw={draw} width={width} height={height} label={label} />;
};
