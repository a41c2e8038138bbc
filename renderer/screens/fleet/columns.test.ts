// Which columns fit, from the narrowest window on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetColumns } from '../../../app/contract/fleet.ts';
import { type Column, columnsFor, usualColumns } from './columns.ts';

const names = (columns: readonly Column[]): readonly string[] => columns.map(({ name }) => name);

/** The table in the narrowest window that the desktop shell allows. */
const narrowest = 678;

describe('the columns', () => {
  it('take all the room that the table has and no more, side by side, and are those that were chosen, in their order', () => {
    fc.assert(fc.property(fc.integer({ min: narrowest, max: 4000 }), fc.shuffledSubarray([...fleetColumns]), (width, chosen) => {
      const shown = columnsFor(width, chosen);
      const sum = shown.reduce((before, column) => before + column.width, 0);
      expect([sum <= width, width - sum < 2]).toEqual([true, true]);
      for (const [index, { left }] of shown.entries()) expect(left).toBe(shown.slice(0, index).reduce((before, column) => before + column.width, 0));
      const all = ['select', 'name', ...fleetColumns.filter((name) => chosen.includes(name))];
      expect(names(shown)).toEqual(all.filter((name) => names(shown).includes(name)));
    }));
  });

  it('keep what is tuned in sight, whatever else has to go', () => {
    expect(names(columnsFor(narrowest, usualColumns(false)))).toEqual(['select', 'name', 'state', 'host', 'vcpus', 'tuning']);
    expect(columnsFor(400, usualColumns(true)).at(-1)?.name).toBe('tuning');
    expect(names(columnsFor(400, ['network']))).toEqual(['select', 'name', 'network']);
  });

  it('are all shown where there is room, tags once a guest has some', () => {
    expect(names(columnsFor(1104, usualColumns(false)))).toEqual(['select', 'name', 'state', 'host', 'vcpus', 'memory', 'disk', 'network', 'tuning']);
    expect(names(columnsFor(1254, usualColumns(true)))).toEqual(['select', 'name', ...fleetColumns]);
  });
});
