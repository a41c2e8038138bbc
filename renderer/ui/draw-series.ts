// Draws a series of numbers as a line; a gap in it stays a gap.
import type { Brush } from './canvas.tsx';

export interface Series {
  /** NaN is a gap. */
  readonly values: Float32Array;
  /** How many values fill the width; newer ones come in from the right. */
  readonly points: number;
  /** The value at the top; without it the line fills the height. */
  readonly most: number | undefined;
  readonly color: string;
  readonly width: number;
  readonly height: number;
}

/** Noise around zero stays flat. */
const leastTop = 0.001;

export const drawSeries = (brush: Brush, { values, points, most, color, width, height }: Series): void => {
  let largest = leastTop;
  if (most === undefined) for (const value of values) if (value > largest) largest = value;
  const top = most ?? largest * 1.1;
  const step = width / Math.max(1, points - 1);
  const first = points - values.length;
  brush.strokeStyle = color;
  brush.lineWidth = 1.5;
  brush.lineJoin = 'round';
  brush.beginPath();
  let isDrawing = false;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const [x, y] = [(first + index) * step, height - 1.5 - (Math.min(value, top) / top) * (height - 3)];
    if (Number.isNaN(value)) isDrawing = false;
    else if (isDrawing) brush.lineTo(x, y);
    else {
      isDrawing = true;
      // A single value has no line: a short dash shows that it is there.
      brush.moveTo(Number.isNaN(values[index + 1] ?? Number.NaN) ? x - 2 : x, y);
      brush.lineTo(x, y);
    }
  }
  brush.stroke();
};
