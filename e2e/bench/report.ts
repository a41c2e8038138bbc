// The result as a table for a person: medians side by side, our ratios to the others, and what was aimed at.
import type { Aim, Contender, Row } from './measure.ts';

const peers = ['virsh', 'python', 'raw'] as const;

/** Our number divided by the other's; undefined where one of both is missing. */
export function ratio(row: Row, ours: Contender, other: Contender): number | undefined {
  const { [ours]: mine, [other]: theirs } = row.medians;
  return mine === undefined || theirs === undefined ? undefined : mine / theirs;
}

/** Whether a row comes to what was aimed at; undefined where the contender it is measured against is missing, or nothing was aimed at. */
export function isReached(row: Row): boolean | undefined {
  const { against } = row.aim ?? {};
  const reached = against === undefined ? row.medians.ours : ratio(row, 'ours', against);
  if (row.aim === undefined || reached === undefined) return undefined;
  return reached <= (row.aim.atMost ?? Infinity) && reached >= (row.aim.atLeast ?? 0);
}

/** The table, a line for each row, columns aligned, in plain text. */
export function tableOf(rows: readonly Row[]): string {
  const heads = ['work', 'unit', 'ours', 'cli', 'virsh', 'python', 'raw', 'ours/virsh', 'cli/virsh', 'ours/python', 'ours/raw', 'aim', 'note'];
  const lines = rows.map((row) => [
    row.work,
    row.unit,
    ...(['ours', 'cli', ...peers] as const).map((contender) => numberOf(row.medians[contender])),
    numberOf(ratio(row, 'ours', 'virsh')),
    numberOf(ratio(row, 'cli', 'virsh')),
    numberOf(ratio(row, 'ours', 'python')),
    numberOf(ratio(row, 'ours', 'raw')),
    aimOf(row),
    row.note ?? '',
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column]?.length ?? 0)));
  // Words stand left, numbers right.
  const isWord = (column: number): boolean => column < 2 || column > 10;
  const print = (cells: readonly string[]): string =>
    cells.map((cell, column) => (isWord(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd();
  return `${[heads, widths.map((width) => '-'.repeat(width)), ...lines].map(print).join('\n')}\n`;
}

/** Three significant digits, all of them where there are more before the point; a dash for what is not there. */
function numberOf(value: number | undefined): string {
  if (value === undefined) return '-';
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

function aimOf(row: Row): string {
  if (row.aim === undefined) return '';
  const reached = isReached(row);
  return `${boundOf(row.aim)} ${row.aim.against ?? row.unit}${reached === undefined ? '' : reached ? ', reached' : ', missed'}`;
}

function boundOf({ atMost, atLeast }: Aim): string {
  return [...(atMost === undefined ? [] : [`≤ ${atMost}`]), ...(atLeast === undefined ? [] : [`≥ ${atLeast}`])].join(' and ');
}

/** Rows whose aim is missed, in words. */
export function missed(rows: readonly Row[]): readonly string[] {
  return rows.filter((row) => isReached(row) === false).map(({ work }) => work);
}
