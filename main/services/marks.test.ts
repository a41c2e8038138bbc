// What libvirt tells of guests, as marks on their curves.
import { expect, it } from 'vitest';
import { lifecycleDetail, lifecycleEvent } from '../libvirt/constants.ts';
import { Marks } from './marks.ts';

const told = (...events: readonly (readonly [event: number, detail: number])[]): readonly string[] => {
  const marks = new Marks();
  events.forEach(([event, detail], at) => marks.heard('a', event, detail, at));
  return marks.of('a').map(({ what }) => what);
};

it('a start is one mark, whenever its CPUs are set going', () => {
  expect(told([lifecycleEvent.resumed, lifecycleDetail.resumed.unpaused], [lifecycleEvent.started, lifecycleDetail.started.booted])).toEqual(['started']);
  expect(told([lifecycleEvent.started, lifecycleDetail.started.booted], [lifecycleEvent.resumed, lifecycleDetail.resumed.unpaused])).toEqual(['started']);
  expect(told([lifecycleEvent.suspended, lifecycleDetail.suspended.paused], [lifecycleEvent.resumed, lifecycleDetail.resumed.unpaused])).toEqual(['paused', 'resumed']);
});

it('a move is told as such where it begins and where it ends', () => {
  expect(told([lifecycleEvent.suspended, lifecycleDetail.suspended.migrated], [lifecycleEvent.stopped, lifecycleDetail.stopped.migrated])).toEqual(['migrated-away']);
  expect(told([lifecycleEvent.started, lifecycleDetail.started.migrated], [lifecycleEvent.resumed, lifecycleDetail.resumed.migrated])).toEqual(['migrated-here']);
  expect(told([lifecycleEvent.stopped, lifecycleDetail.stopped.crashed], [lifecycleEvent.crashed, lifecycleDetail.crashed.panicked], [lifecycleEvent.defined, 0])).toEqual(['crashed', 'crashed']);
});

it('a guest whose QEMU went away without a word has crashed', () => {
  expect(told([lifecycleEvent.stopped, lifecycleDetail.stopped.failed], [lifecycleEvent.stopped, lifecycleDetail.stopped.destroyed])).toEqual(['crashed', 'stopped']);
});

it('only the last are kept', () => {
  const marks = new Marks();
  for (let at = 0; at < 120; at += 1) marks.heard('a', lifecycleEvent.stopped, lifecycleDetail.stopped.shutdown, at);
  expect([marks.of('a').length, marks.of('a').at(-1)?.at, marks.of('b')]).toEqual([50, 119, []]);
});
