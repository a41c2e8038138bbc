// Whatever is done to the computer's clock, samples stand one after the other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline } from './timeline.ts';

describe('the timeline', () => {
  it('follows a clock that is kept right, without a break', () => {
    const line = new Timeline(1_000_000, 50);
    expect([line.advance(1_001_000, 1_050), line.advance(1_002_003, 2_050), line.advance(1_002_999, 3_050), line.breaks]).toEqual([1_001_000, 1_002_003, 1_002_999, 0]);
  });

  it('goes along with sleep, and on where the clock is set back', () => {
    const line = new Timeline(1_000_000, 0);
    expect([line.advance(4_600_000, 1_000), line.breaks]).toEqual([4_600_000, 1]);
    expect([line.advance(1_000_000, 2_000), line.breaks]).toEqual([4_601_000, 2]);
    expect([line.advance(1_001_000, 3_000), line.breaks]).toEqual([4_602_000, 2]);
  });

  it('never goes back, and never further than time did', () => {
    fc.assert(fc.property(fc.array(fc.record({ wall: fc.integer({ min: -1e9, max: 1e9 }), steady: fc.integer({ min: 0, max: 20_000 }) })), (moves) => {
      const line = new Timeline(1e12, 0);
      let [wall, steady, at] = [1e12, 0, 1e12];
      for (const move of moves) {
        [wall, steady] = [wall + move.wall, steady + move.steady];
        const next = line.advance(wall, steady);
        expect(next).toBeGreaterThanOrEqual(at);
        expect(next - at).toBeLessThanOrEqual(Math.max(move.wall, move.steady));
        at = next;
      }
    }));
  });
});
