import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemorySample } from '../../app/contract/live.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { balloonWords, memoryParts } from './memory-parts.ts';

const gib = 1_048_576;
const told: MemorySample = { actual: 3 * gib, available: 2.9 * gib, usable: gib, unused: gib / 2, caches: gib / 4, rss: null, majorFaults: null, minorFaults: null, swapIn: null, swapOut: null, lastUpdate: 1 };
const roomy = DomainXml.parse(`<domain><maxMemory slots='4' unit='GiB'>16</maxMemory><memory unit='GiB'>5</memory><cpu><numa><cell id='0' memory='4' unit='GiB'/></numa></cpu><devices>
  <memory model='dimm'><target><size unit='GiB'>1</size><node>0</node></target></memory></devices></domain>`);

describe('the memory bar', () => {
  it('shows what is used, cached, free, given back and could be plugged, and where DIMMs begin', () => {
    const { parts, devices, ...rest } = memoryParts(roomy, 3 * gib, told);
    expect(parts).toEqual([
      { kind: 'used', from: 0, to: 2 * gib }, { kind: 'caches', from: 2 * gib, to: 2.25 * gib }, { kind: 'free', from: 2.25 * gib, to: 3 * gib },
      { kind: 'given back', from: 3 * gib, to: 5 * gib }, { kind: 'room', from: 5 * gib, to: 16 * gib },
    ]);
    expect({ devices, ...rest }).toEqual({ devices: [{ at: 4 * gib, size: gib, words: 'DIMM of 1 GiB on node 0' }], most: 16 * gib, total: 5 * gib, actual: 3 * gib, freeSlots: 3 });
  });

  it('of a guest that tells nothing shows no use', () => {
    expect(memoryParts(roomy, 5 * gib, null).parts.map(({ kind }) => kind)).toEqual(['free', 'room']);
  });

  it('is filled without a gap from nothing to the most, whatever is told', () => {
    const some = fc.option(fc.nat(2 ** 24), { nil: null });
    fc.assert(fc.property(fc.nat(2 ** 24), some, some, some, (balloon, available, usable, caches) => {
      const { parts, most } = memoryParts(roomy, balloon, { ...told, available, usable, unused: usable, caches });
      expect([parts[0]?.from, ...parts.map(({ to }) => to)]).toEqual([...parts.map(({ from }) => from), most]);
    }));
  });
});

describe('a balloon', () => {
  const asked = { target: gib, asked: 100_000, moved: null };
  it('that came to what was asked, or was asked nothing, has no words', () => expect([balloonWords(asked, gib, 0), balloonWords(null, gib, 0)]).toEqual([null, null]));
  it('is on its way at first, and while it moves', () => {
    expect(balloonWords(asked, 2 * gib, 105_000)).toEqual({ level: 'info', text: 'On its way to 1 GiB: the guest has 2 GiB.' });
    expect(balloonWords({ ...asked, moved: 200_000 }, 2 * gib, 205_000)?.level).toBe('info');
  });
  it('that never moved has no driver; one that stopped gives no more', () => {
    expect(balloonWords(asked, 2 * gib, 111_000)?.text).toMatch(/no balloon driver answers/);
    expect(balloonWords({ ...asked, moved: 200_000 }, 2 * gib, 211_000)?.text).toMatch(/stopped at 2 GiB/);
  });
});
