// vCPUs by their number and one by one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { vcpuState } from './vcpu-state.ts';
import { vcpus } from './vcpus.ts';

const facts: Facts = { ...unknownFacts('any'), domainCapabilities: { maximumVcpus: 255, modes: [], models: [], hostModel: null, devices: {} } };
const of = (inside: string, id = ''): DomainXml => DomainXml.parse(`<domain${id}>\n  ${inside}\n</domain>\n`);
const four = (): DomainXml => of("<vcpu current='2'>4</vcpu>");
const messages = (xml: DomainXml, value: { readonly current: number; readonly maximum: number }, truth: 'live' | 'saved' = 'saved'): readonly string[] => {
  vcpus.write(xml, '', value);
  return vcpus.check(value, '', truth, facts, xml).map(({ message }) => message);
};

describe('the number of vCPUs', () => {
  it('is what was written, whatever was before, with the states of single ones in step', () => {
    const counts = fc.integer({ min: 1, max: 12 }).chain((maximum) => fc.record({ current: fc.integer({ min: 1, max: maximum }), maximum: fc.constant(maximum) }));
    fc.assert(fc.property(fc.array(counts, { minLength: 1 }), fc.boolean(), (all, isLive) => {
      const xml = of("<vcpu current='2'>4</vcpu>", isLive ? " id='7'" : '');
      for (const each of all) {
        vcpus.write(xml, '', each);
        expect(vcpus.read(xml, facts)['']).toMatchObject(each);
        const states = Object.values(vcpuState.read(xml, facts));
        expect([states.length, states.filter(({ enabled }) => enabled).length]).toEqual([each.maximum, each.current]);
      }
    }));
  });

  it('stays a plain count until single ones are set', () => {
    const xml = four();
    vcpus.write(xml, '', { current: 3, maximum: 4 });
    expect(xml.text()).toBe("<domain>\n  <vcpu current='3'>4</vcpu>\n</domain>\n");
    vcpuState.write(xml, '3', { enabled: true, hotpluggable: true, order: null });
    expect(xml.elements('vcpus', 'vcpu').length).toBe(4);
  });

  it('tells which they are where single ones are plugged, so that the way back is the same', () => {
    const text = "<domain>\n  <vcpu current='3'>4</vcpu>\n  <vcpus>\n    <vcpu id='0' enabled='yes' hotpluggable='no'/>\n    <vcpu id='1' enabled='yes' hotpluggable='no'/>\n    <vcpu id='2' enabled='no' hotpluggable='yes'/>\n    <vcpu id='3' enabled='yes' hotpluggable='yes'/>\n  </vcpus>\n</domain>\n";
    const before = DomainXml.parse(text);
    const has = vcpus.read(before, facts)[''];
    expect(has).toEqual({ current: 3, maximum: 4, which: { fixed: 2, pluggable: '3' } });
    if (has === undefined) return;
    expect(vcpus.say(has)).toBe('3 of at most 4 (0-1,3)');
    for (const other of [{ current: 4, maximum: 6 }, { current: 1, maximum: 1 }, { current: 2, maximum: 4 }]) {
      const after = before.clone();
      vcpus.write(after, '', other);
      expect(vcpus.step('', has, 'saved', facts, after)).toBeNull();
      vcpus.write(after, '', has);
      expect(after.text()).toBe(text);
    }
  });

  it('of a running guest is gone back to by the very vCPUs', () => {
    const live = of("<vcpu current='4'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='yes' hotpluggable='no'/><vcpu id='2' enabled='yes' hotpluggable='yes'/><vcpu id='3' enabled='yes' hotpluggable='yes'/></vcpus>", " id='3'");
    expect(vcpus.step('', { current: 3, maximum: 4, which: { fixed: 2, pluggable: '3' } }, 'live', facts, live)).toEqual([{ kind: 'setVcpu', vcpus: '2', enabled: false, scope: 'live' }]);
    expect(vcpus.step('', { current: 3, maximum: 4, which: { fixed: 2, pluggable: '2' } }, 'live', facts, live)).toEqual({ kind: 'setVcpus', what: 'current', count: 3, scope: 'live' });
  });

  it('takes pins and schedulers of those that go with it', () => {
    const xml = of("<vcpu>4</vcpu>\n  <cputune>\n    <vcpupin vcpu='1' cpuset='1'/>\n    <vcpupin vcpu='3' cpuset='3'/>\n    <vcpusched vcpus='0-3' scheduler='idle'/>\n  </cputune>");
    vcpus.write(xml, '', { current: 2, maximum: 2 });
    expect(xml.element('cputune')?.children.map((element) => element.attributes.map(({ value }) => value))).toEqual([['1', '1'], ['0-1', 'idle']]);
  });

  it('fits its maximum, the machine, the topology and the cells', () => {
    expect(messages(four(), { current: 5, maximum: 4 })).toContain('A guest with at most 4 vCPUs cannot have 5.');
    expect(messages(four(), { current: 2, maximum: 256 })).toEqual(['This kind of machine has at most 255 vCPUs on this host.']);
    expect(messages(of("<vcpu>4</vcpu><cpu><topology sockets='1' cores='2' threads='2'/></cpu>"), { current: 4, maximum: 6 })).toEqual(['The topology (1 socket × 2 cores × 2 threads) is one of 4 vCPUs, and the guest has at most 6: make them the same.']);
    expect(messages(of("<vcpu>4</vcpu><cpu><numa><cell cpus='0-3'/></numa></cpu>"), { current: 2, maximum: 2 })).toEqual(["The guest's NUMA cells hold vCPUs up to 3, and with at most 2 the last is 1."]);
  });

  it('of a running guest does not go below what it began with', () => {
    expect(messages(of("<vcpu current='2'>4</vcpu>", " id='3'"), { current: 1, maximum: 4 }, 'live')).toEqual(['vCPU 1 cannot be unplugged while the guest runs: it was there when the guest started.']);
    expect(messages(of("<vcpu current='2'>4</vcpu>", " id='3'"), { current: 3, maximum: 4 }, 'live')).toEqual([]);
  });

  it('is set by calls, and by the definition where topology or cells have to move too', () => {
    const step = (xml: DomainXml, current: number, maximum: number, scope: 'live' | 'saved' | 'both' = 'saved') => vcpus.step('', { current, maximum }, scope, facts, xml);
    expect(step(four(), 6, 8)).toEqual([{ kind: 'setVcpus', what: 'maximum', count: 8, scope: 'saved' }, { kind: 'setVcpus', what: 'current', count: 6, scope: 'saved' }]);
    expect(step(four(), 1, 1)).toEqual([{ kind: 'setVcpus', what: 'maximum', count: 1, scope: 'saved' }]);
    expect(step(of("<vcpu>4</vcpu><cpu><topology sockets='4' cores='1' threads='1'/></cpu>"), 8, 8)).toBeNull();
    expect([step(four(), 3, 4, 'live'), step(four(), 3, 5, 'live'), step(four(), 3, 4, 'both')]).toEqual([{ kind: 'setVcpus', what: 'current', count: 3, scope: 'live' }, null, null]);
  });
});

describe('a single vCPU', () => {
  const state = (enabled: boolean, hotpluggable: boolean, order: number | null = null) => ({ enabled, hotpluggable, order });
  const against = (unit: string, value: ReturnType<typeof state>, truth: 'live' | 'saved' = 'saved', xml = four()): readonly string[] => {
    vcpuState.write(xml, unit, value);
    return vcpuState.check(value, unit, truth, facts, xml).map(({ message }) => message);
  };

  it.each([
    ['0', state(false, true), ['vCPU 0 is always plugged.', 'vCPU 0 can never be unplugged.']],
    ['2', state(false, false), ['What is not plugged at the start has to be pluggable.']],
    ['2', state(false, true, 3), ['Only vCPUs plugged at the start have an order.']],
    ['2', state(true, true), []],
  ])('%s as %j is judged', (unit, value, expected) => expect(against(unit, value)).toEqual(expected));

  it('that cannot be unplugged comes before all that can, or libvirt refuses the definition', () => {
    const first = "vCPU 1 can be unplugged, so vCPU 2, which comes after it, has to be one that can: those that cannot have the lowest numbers.";
    const listed = (): DomainXml => of("<vcpu current='3'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='yes' hotpluggable='yes'/><vcpu id='2' enabled='yes' hotpluggable='yes'/><vcpu id='3' enabled='no' hotpluggable='no'/></vcpus>");
    expect([against('2', state(true, false), 'saved', listed()), against('1', state(true, false), 'saved', listed())]).toEqual([[first], []]);
    // What libvirt writes of those that a raised maximum adds, and refuses when it reads it.
    expect(vcpuState.read(listed(), facts)['3']).toEqual(state(false, true));
  });

  it('without an order goes behind those of its kind', () => {
    const xml = of("<vcpu current='2'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/><vcpu id='1' enabled='no' hotpluggable='yes'/><vcpu id='3' enabled='yes' hotpluggable='yes' order='2'/></vcpus>");
    vcpuState.write(xml, '1', state(true, false));
    expect(Object.values(vcpuState.read(xml, facts)).map(({ order }) => order)).toEqual([1, 2, null, 3]);
  });

  it('has a place of its own, after those that cannot be unplugged', () => {
    const ordered = (): DomainXml => of("<vcpu current='2'>3</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/><vcpu id='1' enabled='yes' hotpluggable='no' order='2'/><vcpu id='2' enabled='no' hotpluggable='yes'/></vcpus>");
    expect(against('2', state(true, true, 2), 'saved', ordered())).toEqual(['vCPU 1 has this place already.']);
    expect(against('2', state(true, true, 3), 'saved', ordered())).toEqual([]);
  });

  it('is plugged by a call; what makes it pluggable is for the definition', () => {
    const step = (value: ReturnType<typeof state>, scope: 'live' | 'saved', unit = '3') => vcpuState.step(unit, value, scope, facts, four());
    expect([step(state(true, true), 'live'), step(state(true, true), 'saved')]).toEqual([{ kind: 'setVcpu', vcpus: '3', enabled: true, scope: 'live' }, { kind: 'setVcpu', vcpus: '3', enabled: true, scope: 'saved' }]);
    expect([step(state(true, false), 'saved'), step(state(true, true), 'live', '1'), step(state(true, true), 'saved', '1')]).toEqual([null, null, null]);
  });

  it('waits for no restart because libvirt numbered the running ones', () => {
    expect([vcpuState.runsAs?.(state(true, true, 3), state(true, false)), vcpuState.runsAs?.(state(true, true), state(false, true))]).toEqual([true, false]);
    expect([vcpuState.alike?.(state(true, true, 3), state(true, true)), vcpuState.alike?.(state(true, true, 3), state(true, true, 4))]).toEqual([true, false]);
  });
});
