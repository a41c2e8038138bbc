// Which badges of a guest are shown where there is little room.
import { expect, it } from 'vitest';
import { tagWidth } from '../../ui/tag.tsx';
import { fitting } from './badge-room.ts';

const badges = ['pinned', 'shares 2048', 'hugepages'];
const all = badges.reduce((sum, badge) => sum + tagWidth(badge), 2 * 4);

it('all badges are shown where all fit, to the last pixel', () => {
  expect([fitting(badges, all, 4), fitting(badges, all - 1, 4)]).toEqual([3, 2]);
});

it('the mark that counts the rest has its own room', () => {
  const two = tagWidth('pinned') + 4 + tagWidth('shares 2048');
  expect([fitting(badges, two, 4), fitting(badges, two + 4 + tagWidth('+1'), 4)]).toEqual([1, 2]);
});

it('where nothing fits only the count is left, and no badges need no room', () => {
  expect([fitting(badges, 10, 4), fitting([], 0, 4)]).toEqual([0, 0]);
});
