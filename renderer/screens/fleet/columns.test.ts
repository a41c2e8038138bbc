// Which columns fit, from the narrowest window on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, columnsFor } from './columns.ts';

const leastWidth = ({ width }: Column): number => Number(/\d+/.exec(width)?.[0]);

/** The table in the narrowest window that the desktop shell allows. */
const narrowest = 678;

describe('the columns', () => {
  it('never need more room than the table has', () => {
    fc.assert(fc.property(fc.integer({ min: narrowest, max: 4000 }), (width) => columnsFor(width).reduce((sum, column) => sum + leastWidth(column), 0) <= width));
  });

  it('keep what is tuned in sight, whatever else has to go', () => {
    expect(columnsFor(narrowest).map(({ name }) => name)).toEqual(['select', 'name', 'state', 'host', 'vcpus', 'tuning']);
    expect(columnsFor(400).at(-1)?.name).toBe('tuning');
  });
});
