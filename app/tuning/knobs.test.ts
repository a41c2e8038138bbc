import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { alike } from './alike.ts';
import { edits, editsOf, facts, treeOf, without } from './knob-edits.test-peer.ts';
import { type KnobName, knobNames, readSettings, settings, wanted } from './knobs.ts';
import { same } from './same.ts';

const fixtures = Object.entries(import.meta.glob<string>('../xml/fixtures/*.xml', { query: '?raw', import: 'default', eager: true })).map(
  ([path, text]): readonly [string, string] => [path.replace(/^.*\/|\.xml$/g, ''), text],
);

describe('a definition', () => {
  describe.each(knobNames)('with %s changed', (name) => {
    it.each(fixtures)('%s keeps everything else', (_, text) => {
      for (const { changed, shows, should } of editsOf(name, text)) {
        expect(Object.keys(shows)).toEqual(Object.keys(should));
        expect(Object.keys(should).filter((unit) => !alike(name, shows[unit], should[unit])), JSON.stringify([shows, should])).toEqual([]);
        expect(without(treeOf(changed), edits[name])).toEqual(without(treeOf(text), edits[name]));
        expect(treeOf(changed)).not.toEqual(treeOf(text));
      }
    });

    it.each(fixtures.filter(([fixture]) => !fixture.startsWith('hand-') && fixture !== 'live'))('and back, %s is what it was to the byte', (_, text) => {
      for (const { restored } of editsOf(name, text)) expect(restored).toBe(text);
    });
  });
});

/** Whether the other text says the same of this knob and of all others: what people write otherwise than libvirt, `1 GiB` or `0-2,^1`, comes back in libvirt's words. */
const isRespelled = (name: KnobName, text: string, other: string): boolean => {
  const [settingsOfOne, settingsOfOther] = [text, other].map((each) => readSettings(DomainXml.parse(each), facts));
  return same(settingsOfOne, settingsOfOther) && same(without(treeOf(other), edits[name]), without(treeOf(text), edits[name]));
};

/** A folder of definitions from elsewhere, thousands perhaps: `GUESTDECK_FOREIGN=/folder`. */
const folder = process.env['GUESTDECK_FOREIGN'];
if (folder !== undefined) {
  const foreign = readdirSync(folder).filter((file) => file.endsWith('.xml')).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8'), tree: treeOf(readFileSync(join(folder, file), 'utf8')) }));
  describe(`${foreign.length} definitions from elsewhere`, () => {
    it.each(knobNames)('keep everything else with %s changed, and are what they were with it changed back', (name) => {
      const found: string[] = [];
      for (const { file, text, tree } of foreign) {
        // Many units differ in their number alone: the first and the last stand for the rest.
        for (const { unit, shows, should, changed, restored } of editsOf(name, text, (each, units) => each === units[0] || each === units.at(-1))) {
          const now = treeOf(changed);
          if (!same(shows[unit], should[unit])) found.push(`${file} ${unit}: shows ${JSON.stringify(shows[unit])} instead of ${JSON.stringify(should[unit])}`);
          if (!same(without(now, edits[name]), without(tree, edits[name]))) found.push(`${file} ${unit}: something else changed`);
          if (same(now, tree)) found.push(`${file} ${unit}: nothing changed`);
          if (edits[name].forgets === undefined && restored !== text && !isRespelled(name, text, restored)) found.push(`${file} ${unit}: means something else when changed back`);
        }
      }
      expect(found).toEqual([]);
    }, 1_800_000);
  });
}

describe('settings from elsewhere', () => {
  const some = { ...readSettings(DomainXml.parse('<domain/>'), facts), vcpuPinning: { 0: '1', 12: null }, emulatorPinning: { '': null }, cpuShares: { '': 5 } };

  it('are taken when every knob, unit and value has its form', () => {
    expect(settings.parse(some)).toEqual(some);
    expect(wanted.parse({ live: { cpuShares: { '': 7 } } })).toEqual({ live: { cpuShares: { '': 7 } } });
  });

  it.each([
    ['an unknown knob', { ...some, teleport: { '': 1 } }],
    ['a missing knob', { vcpuPinning: {}, emulatorPinning: {} }],
    ['a vCPU that is no number', { ...some, vcpuPinning: { first: '1' } }],
    ['a vCPU with a leading zero', { ...some, vcpuPinning: { '01': '1' } }],
    ['a unit of what has none', { ...some, cpuShares: { 0: 5 } }],
    ['a number for a cpuset', { ...some, vcpuPinning: { 0: 1 } }],
    ['shares that are not a number', { ...some, cpuShares: { '': '5' } }],
  ])('are refused with %s', (_, foreign) => expect(settings.safeParse(foreign).success).toBe(false));

  it('are refused as wanted with an unknown truth or knob', () => {
    expect([wanted.safeParse({ now: {} }).success, wanted.safeParse({ live: { teleport: {} } }).success]).toEqual([false, false]);
  });
});
