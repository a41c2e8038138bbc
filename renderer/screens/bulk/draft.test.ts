// Lines of the dialog for many guests, and the changes they stand for.
import { describe, expect, it } from 'vitest';
import { unknownFacts } from '../../../app/tuning/knob.ts';
import { readSettings } from '../../../app/tuning/knobs.ts';
import { DomainXml } from '../../../app/xml/domain-xml.ts';
import { definitionOf, guestsOf } from '../../stand-in/data.ts';
import { changeOf, firstUnit, freshLine, settables, withSetting, type Settable } from './draft.ts';

const facts = unknownFacts('any');
const [guest] = guestsOf(1);
const saved = readSettings(DomainXml.parse(guest === undefined ? '<domain/>' : definitionOf(guest)), facts);
const known = settables({ live: null, saved, facts });
const setting = (label: string): Settable => {
  const found = known.find((one) => one.label === label);
  if (found === undefined) throw new Error(`nothing is called ${label}`);
  return found;
};
const typed = (label: string, text: string) => changeOf({ ...withSetting(freshLine(0), setting(label)), text });

describe('what can be set', () => {
  it('has each field once, and no lists', () => {
    expect(new Set(known.map(({ key }) => key)).size).toBe(known.length);
    expect(known.map(({ knob }) => knob)).not.toContain('ioThreads');
  });

  it('is meant for every vCPU, which are alike, and for one of what is named', () => {
    expect([firstUnit(setting('vCPU pinning')), firstUnit(setting('CPU time limits: Quota'))]).toEqual([null, 'emulator']);
  });
});

describe('a line', () => {
  it('stands for a change once it can be read', () => {
    expect(typed('CPU shares', '×2')).toEqual({ aim: { knob: 'cpuShares', units: null, field: null }, operation: { how: 'times', factor: 2 }, occasion: 'possible' });
    expect(typed('CPU time limits: Quota', '50 ms')).toMatchObject({ aim: { units: ['emulator'], field: 'quota' }, operation: { how: 'set', to: 50_000 } });
    expect(typed('vCPU pinning', ' 0-3 ')).toMatchObject({ operation: { how: 'set', to: '0-3' } });
    expect([typed('CPU shares', 'much'), typed('Memory', ''), changeOf(freshLine(0))]).toEqual([null, null, null]);
  });

  it('empties what may be empty', () => {
    expect([typed('CPU shares', ''), typed('vCPU pinning', '')]).toMatchObject([{ operation: { to: null } }, { operation: { to: null } }]);
  });

  it('forgets what was typed with the setting it was typed for', () => {
    const line = { ...withSetting(freshLine(0), setting('CPU shares')), text: '×2' };
    expect(withSetting(line, setting('Memory')).text).toBe('');
    expect(withSetting(line, setting('Backing: Locked'))).toMatchObject({ text: 'on' });
  });
});
