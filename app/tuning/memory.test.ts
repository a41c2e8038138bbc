import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { unknownFacts } from './knob.ts';
import { knobs } from './knobs.ts';
import { guestCells, initialMemory, memoryStep, setInitialMemory, totalMemory } from './memory-size.ts';

const facts = unknownFacts('any');
const gib = 1_048_576;
const guest = (inside: string): DomainXml => DomainXml.parse(`<domain type='kvm'>${inside}</domain>`);
const plain = (memory: number, current = memory, more = "<devices><memballoon model='virtio'/></devices>"): DomainXml =>
  guest(`<memory unit='KiB'>${memory}</memory><currentMemory unit='KiB'>${current}</currentMemory>${more}`);
const cells = (...sizes: readonly number[]): string => `<cpu><numa>${sizes.map((size, id) => `<cell id='${id}' memory='${size}' unit='KiB'/>`).join('')}</numa></cpu>`;
const says = (knob: 'memory' | 'currentMemory', value: number, truth: 'live' | 'saved', after: DomainXml): readonly string[] =>
  knobs[knob].check(value, '', truth, facts, after).map(({ level, message }) => `${level}: ${message}`);

describe('what a guest starts with', () => {
  it('is its cells together, or the total without what is plugged', () => {
    const dimm = "<devices><memory model='dimm'><target><size unit='GiB'>1</size></target></memory></devices>";
    expect(initialMemory(guest(`<memory unit='GiB'>5</memory>${dimm}`))).toBe(4 * gib);
    expect([initialMemory(guest(`<memory>1</memory>${cells(gib, 2 * gib)}${dimm}`)), totalMemory(guest(`${cells(gib, 2 * gib)}${dimm}`))]).toEqual([3 * gib, 4 * gib]);
  });

  it('is divided among cells in proportion, and back again exactly where each keeps whole MiB', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 64 }).map((mib) => mib * 1024), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(sizes, fc.integer({ min: 1, max: 500 }), (before, times) => {
      const xml = guest(`<memory>${before.reduce((sum, size) => sum + size, 0)}</memory>${cells(...before)}`);
      const text = xml.text();
      const value = memoryStep(xml) * times;
      const old = initialMemory(xml);
      setInitialMemory(xml, value);
      expect(initialMemory(xml)).toBe(value);
      expect(guestCells(xml).every(({ memory }) => memory % 1024 === 0)).toBe(true);
      setInitialMemory(xml, old);
      expect(initialMemory(xml)).toBe(old);
      expect(guestCells(xml).map(({ memory }) => memory)).toEqual(guestCells(DomainXml.parse(text)).map(({ memory }) => memory));
    }));
  });

  it('is refused below the balloon, above the room there is, and in parts of cells', () => {
    expect(says('memory', gib, 'saved', plain(gib, 2 * gib))).toEqual([expect.stringMatching(/^error: The balloon would be set to 2 GiB, which is more/)]);
    expect(says('memory', 4 * gib, 'saved', plain(4 * gib, 4 * gib, '<maxMemory slots="1">1048576</maxMemory>'))).toEqual([expect.stringContaining('the most this guest can have is 1 GiB')]);
    expect(says('memory', 3 * 1024, 'saved', guest(`<memory>3072</memory>${cells(1024, 1024)}`))).toEqual([expect.stringContaining('a multiple of 2 MiB')]);
    expect(says('memory', gib, 'saved', plain(gib))).toEqual([]);
  });

  it('has no call while the guest runs, a call of its own when it is saved, and none for a guest with cells', () => {
    const { step } = knobs.memory;
    expect([step('', gib, 'live', facts, plain(gib)), step('', gib, 'saved', facts, plain(gib)), step('', gib, 'saved', facts, guest(cells(gib)))]).toEqual([null, { kind: 'setMemory', what: 'maximum', memory: gib, scope: 'saved' }, null]);
  });
});

describe('the balloon', () => {
  it('cannot pass what the guest has, nor shrink where there is none', () => {
    expect(says('currentMemory', 2 * gib, 'live', plain(gib))).toEqual([expect.stringMatching(/^error: The guest has at most 1 GiB/)]);
    expect(says('currentMemory', gib / 2, 'live', plain(gib, gib, ''))).toEqual([expect.stringMatching(/^error: The guest has no balloon device/)]);
    expect(says('currentMemory', gib / 2, 'saved', plain(gib, gib, "<devices><memballoon model='none'/></devices>"))).toEqual([expect.stringMatching(/^warning: The guest has no balloon device: this has no effect/)]);
    expect([says('currentMemory', 65_536, 'live', plain(gib)), says('currentMemory', gib / 2, 'live', plain(gib))]).toEqual([[expect.stringMatching(/^warning: With less than 128 MiB/)], []]);
  });

  it('is all of it where nothing is written', () => expect(knobs.currentMemory.read(guest('<memory unit="GiB">2</memory>'), facts)).toEqual({ '': 2 * gib }));
});

describe('limits', () => {
  const of = (hard: number | null, soft: number | null, swap: number | null) => ({ hard_limit: hard, soft_limit: soft, swap_hard_limit: swap, min_guarantee: null });

  it('read as none in every spelling of unlimited', () => {
    expect(knobs.memoryLimits.read(guest("<memtune><hard_limit unit='KiB'>9007199254740991</hard_limit><soft_limit unit='KiB'>9007199254740988</soft_limit><swap_hard_limit unit='G'>1</swap_hard_limit></memtune>"), facts))
      .toEqual({ '': of(null, null, gib) });
  });

  it.each([
    [of(0, null, null), /leaves the guest no memory at all/],
    [of(4 * gib, 5 * gib, null), /would never act/],
    [of(null, null, gib), /needs a hard limit/],
    [of(4 * gib, null, 3 * gib), /at least 4 GiB/],
    [of(gib, null, null), /may end the guest at any time/],
  ])('%o say what is wrong with them', (value, message) => {
    expect(knobs.memoryLimits.check(value, '', 'live', facts, plain(2 * gib)).some((finding) => message.test(finding.message))).toBe(true);
  });

  it('are set together in the saved definition, and only as far as they are set on a running guest', () => {
    const xml = guest('<memtune><soft_limit>5</soft_limit></memtune>');
    expect(knobs.memoryLimits.step('', of(8, null, null), 'live', facts, xml)).toEqual({ kind: 'setMemoryLimits', limits: { hard_limit: 8, soft_limit: null }, scope: 'live' });
    expect(knobs.memoryLimits.step('', of(8, null, null), 'saved', facts, xml)).toEqual({ kind: 'setMemoryLimits', limits: { hard_limit: 8, soft_limit: null, swap_hard_limit: null }, scope: 'saved' });
  });
});
