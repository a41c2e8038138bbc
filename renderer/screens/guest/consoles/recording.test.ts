// What is kept of a serial line for a file.
import { expect, it } from 'vitest';
import { Recording } from './recording.ts';

it('keeps what came, in its order, whatever becomes of the bytes afterwards', async () => {
  const recording = new Recording();
  const bytes = new TextEncoder().encode('one ');
  recording.add(bytes);
  bytes.fill(0);
  recording.add(new TextEncoder().encode('two'));
  expect(await recording.blob.text()).toBe('one two');
});

it('leaves out the oldest when it gets too much', async () => {
  const recording = new Recording();
  for (let at = 0; at < 20; at += 1) recording.add(new Uint8Array(1024 * 1024).fill(at));
  const kept = new Uint8Array(await recording.blob.arrayBuffer());
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([16 * 1024 * 1024, 4, 19]);
});
