// Curves as a table for other programs.
import { type Curves, timesOf } from '../api/past.ts';

/** A line for each time, what is not known left empty. */
export const csvOf = ({ end, step, values }: Curves): string => {
  const names = [...values.keys()];
  const count = Math.max(0, ...[...values.values()].map((line) => line.length));
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = timesOf({ end, step }, count).map((at, index) => [new Date(at * 1000).toISOString(), ...names.map((name) => values.get(name)?.[index] ?? '')].join(','));
  return `${[['time', ...names.map(quoted)].join(','), ...rows].join('\n')}\n`;
};
