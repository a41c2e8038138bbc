// Draws a series of numbers; a gap in it stays a gap.

interface Series {
  readonly values: readonly (number | null)[];
  /** How many values fill the width; newer ones come in from the right. */
  readonly points: number;
  readonly most: number | undefined;
  readonly color: string;
  readonly width: number;
  readonly height: number;
}

/** The largest value, at least `least` so that noise around zero stays flat. */
const topOf = (values: readonly (number | null)[], least: number): number => values.reduce<number>((top, value) => Math.max(top, value ?? 0), least);

export const drawSeries = (context: CanvasRenderingContext2D, { values, points, most, color, width, height }: Series): void => {
  const top = most ?? topOf(values, 0.001) * 1.1;
  const step = width / Math.max(1, points - 1);
  const first = points - values.length;
  const x = (index: number): number => (first + index) * step;
  const y = (value: number): number => height - 1.5 - (Math.min(value, top) / top) * (height - 3);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  let start = -1;
  const end = (after: number): void => {
    if (start < 0) return;
    const run = values.slice(start, after);
    const line = new Path2D();
    run.forEach((value, index) => (index === 0 ? line.moveTo(x(start), y(value ?? 0)) : line.lineTo(x(start + index), y(value ?? 0))));
    // A single value has no line: a short dash shows that it is there.
    if (run.length === 1) line.lineTo(x(start) - 2, y(run[0] ?? 0));
    context.stroke(line);
    start = -1;
  };
  values.forEach((value, index) => {
    if (value === null) end(index);
    else if (start < 0) start = index;
  });
  end(values.length);
};
