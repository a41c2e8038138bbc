import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference } from './difference.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map((parts) => parts.join('\n'));
const of = (before: string, after: string, context?: number): readonly string[] =>
  difference(before, after, context).map(({ kind, line }) => `${{ same: ' ', added: '+', removed: '-', skipped: '~' }[kind]}${line}`);

/** The length of the longest common subsequence, the slow and simple way. */
function longestCommon(one: readonly string[], other: readonly string[]): number {
  const row = other.map(() => 0);
  for (const line of one) {
    let diagonal = 0;
    other.forEach((candidate, index) => {
      const above = row[index] ?? 0;
      row[index] = line === candidate ? diagonal + 1 : Math.max(above, row[index - 1] ?? 0);
      diagonal = above;
    });
  }
  return row.at(-1) ?? 0;
}

describe('a difference', () => {
  it('gives both texts back, and is as short as can be', () => {
    fc.assert(fc.property(lines, lines, (before, after) => {
      const all = difference(before, after, Number.POSITIVE_INFINITY);
      const kept = (kind: 'added' | 'removed'): string => all.filter((each) => each.kind === 'same' || each.kind === kind).map(({ line }) => line).join('\n');
      expect([kept('removed'), kept('added')]).toEqual([before, after]);
      expect(all.filter(({ kind }) => kind === 'same').length).toBe(longestCommon(before.split('\n'), after.split('\n')));
    }), { numRuns: 500 });
  });

  it('shows changes with what is around them and folds the rest', () => {
    expect(of('1\n2\n3\n4\n5\n6\n7\n8', '1\n2\n3\n4\nfive\n6\n7\n8', 1)).toEqual(['~3 unchanged lines', ' 4', '-5', '+five', ' 6', '~2 unchanged lines']);
  });

  it('of equal texts is one fold', () => expect(of('a', 'a')).toEqual(['~1 unchanged line']));

  it('of two large texts without a line in common stays quick: all removed, all added', () => {
    const [before, after] = ['a', 'b'].map((letter) => Array.from({ length: 5000 }, (_, index) => `${letter}${index}`).join('\n'));
    const all = difference(before ?? '', after ?? '');
    expect([all.length, all[0]?.kind, all.at(-1)?.kind]).toEqual([10_000, 'removed', 'added']);
  });
});
