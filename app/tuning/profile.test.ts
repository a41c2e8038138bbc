// Profiles: what is taken from a guest is what it has, and a difference is told where there is one.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { planBulk } from './bulk.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { knobNames, readSettings, type Settings } from './knobs.ts';
import { differences, profileChanges, profileOf, profileText, starters } from './profile.ts';

const facts: Facts = { ...unknownFacts('any'), cpuSharesDefault: 100 };
const definition = (inside = ''): DomainXml => DomainXml.parse(`<domain type='kvm'>
  <name>any</name>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static'>4</vcpu>
${inside}  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
  </os>
  <devices>
    <memballoon model='virtio'/>
  </devices>
</domain>`);
const settingsOf = (xml: DomainXml): Settings => readSettings(xml, facts);
const planned = (xml: DomainXml, settings: Parameters<typeof profileChanges>[0]) =>
  planBulk(profileChanges(settings), { definitions: { live: null, saved: xml }, settings: { live: null, saved: settingsOf(xml) }, facts });

describe('a profile made from a guest', () => {
  it('has no difference to that guest, whatever knobs it is made of', () => {
    const guest = definition(`  <cputune>\n    <shares>2048</shares>\n    <vcpupin vcpu='1' cpuset='4'/>\n  </cputune>\n`);
    expect(differences(profileOf(settingsOf(guest), knobNames), guest, facts)).toEqual([]);
  });

  it('says once what all vCPUs have alike, and one by one what they have not', () => {
    const pins = (inside: string) => profileOf(settingsOf(definition(`  <cputune>\n${inside}  </cputune>\n`)), ['vcpuPinning']).map(({ aim: { units }, to }) => [units, to]);
    expect(pins('')).toEqual([[null, null]]);
    expect(pins(`    <vcpupin vcpu='1' cpuset='4'/>\n`)).toEqual([[['0'], null], [['1'], '4'], [['2'], null], [['3'], null]]);
  });
});

describe('a difference', () => {
  it('names the knob, the unit and the field, and what is there and what should be', () => {
    const settings = profileText.parse({
      name: 'any', description: '',
      settings: [
        { aim: { knob: 'cpuShares', units: null, field: null }, to: 2048 },
        { aim: { knob: 'memoryBacking', units: null, field: 'nosharepages' }, to: true },
        { aim: { knob: 'vcpuPinning', units: ['9'], field: null }, to: '4' },
        { aim: { knob: 'ioThreadPinning', units: null, field: null }, to: '4' },
      ],
    }).settings;
    expect(differences(settings, definition(), facts)).toEqual([
      { knob: 'cpuShares', unit: '', field: null, has: 'host default', wants: '2048' },
      { knob: 'memoryBacking', unit: '', field: 'nosharepages', has: 'off', wants: 'on' },
      { knob: 'vcpuPinning', unit: '9', field: null, has: 'not there', wants: '4' },
    ]);
  });
});

describe.each(starters.map((one) => [one.name, one] as const))('%s', (_, starter) => {
  it('is a profile, and is explained', () => {
    expect(profileText.safeParse(starter).success).toBe(true);
    expect(starter.description.length).toBeGreaterThan(80);
  });

  it('breaks no rule of a plain guest, and none is different once it is applied', () => {
    const { plan, refusals } = planned(definition(), starter.settings);
    expect([plan.findings.filter(({ level }) => level === 'error'), refusals]).toEqual([[], []]);
    const after = DomainXml.parse(plan.savedAfter);
    expect(differences(starter.settings, after, facts)).toEqual([]);
    expect(planned(after, starter.settings).plan.steps).toEqual([]);
  });
});
