// Limits of CPU time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { cpuQuota } from './cpu-quota.ts';
import { unknownFacts } from './knob.ts';

const facts = unknownFacts('any');
const of = (tune: string): DomainXml => DomainXml.parse(`<domain><cputune>${tune}</cputune></domain>`);
const first = (period: number | null, quota: number | null, version: 'v1' | 'v2' = 'v2', tune = ''): string | undefined =>
  cpuQuota.check({ period, quota }, 'vcpu', 'live', { ...facts, cpuSharesDefault: version === 'v1' ? 1024 : 100 }, of(tune))[0]?.message;

describe('a limit of CPU time', () => {
  it.each([
    ['<period>100000</period><quota>-1</quota>', { period: null, quota: null }],
    ['<period>0</period><quota>0</quota>', { period: null, quota: null }],
    ['<quota>17592186044415</quota>', { period: null, quota: null }],
    ['<period>50000</period><quota>1000</quota>', { period: 50_000, quota: 1000 }],
    ['<quota>much</quota>', { period: null, quota: null }],
  ])('reads %s as %j', (tune, value) => expect(cpuQuota.read(of(tune), facts)['vcpu']).toEqual(value));

  it('is told in percent of a CPU', () => {
    expect(cpuQuota.say({ period: null, quota: 200_000 })).toBe('200 % of a CPU (quota 200000 µs of 100000 µs)');
    expect(cpuQuota.say({ period: 1_000_000, quota: 1000 })).toBe('0.1 % of a CPU (quota 1000 µs of 1000000 µs)');
    expect(cpuQuota.say({ period: null, quota: null })).toBe('no limit');
    expect(cpuQuota.about?.('global', of('<global_period>50000</global_period><global_quota>400000</global_quota>'), unknownFacts('any'))).toBe('800 % of a CPU');
  });

  it('has its range, both ends in it', () => {
    expect([first(1000, 1000), first(1_000_000, 17_592_186_044_415), first(null, null)]).toEqual([undefined, undefined, undefined]);
    expect([first(999, null), first(1_000_001, null)]).toEqual(Array.from({ length: 2 }, () => 'Periods go from 1000 µs (1 ms) to 1000000 µs (1 s).'));
    expect([first(null, 999), first(null, 17_592_186_044_416)]).toEqual(Array.from({ length: 2 }, () => 'Quotas go from 1000 µs (1 ms) to 17592186044415 µs; no limit is an empty field.'));
  });

  it('of a part stays inside that of the whole where cgroup v1 holds it to that', () => {
    const whole = '<global_quota>50000</global_quota>';
    expect(first(null, 60_000, 'v1', whole)).toBe('This host (cgroup v1) takes no limit of 60 % of a CPU inside one of 50 % of a CPU for all of the guest.');
    expect([first(null, 50_000, 'v1', whole), first(null, 60_000, 'v2', whole), first(null, 60_000, 'v1')]).toEqual([undefined, undefined, undefined]);
  });

  it('is set with only what differs, and what is empty goes back to what there is without', () => {
    const xml = of('<period>50000</period><quota>25000</quota>');
    expect(cpuQuota.step('vcpu', { period: 50_000, quota: 30_000 }, 'live', facts, xml)).toEqual({ kind: 'setScheduler', fields: { vcpu_quota: 30_000 }, scope: 'live' });
    expect(cpuQuota.step('vcpu', { period: null, quota: null }, 'live', facts, of('<period>50000</period>'))).toEqual({ kind: 'setScheduler', fields: { vcpu_period: 100_000 }, scope: 'live' });
    expect(cpuQuota.step('vcpu', { period: null, quota: null }, 'saved', facts, xml)).toEqual({ kind: 'setScheduler', fields: { vcpu_period: 0, vcpu_quota: 0 }, scope: 'saved' });
    expect(cpuQuota.step('vcpu', { period: 2000, quota: 3000 }, 'both', facts, of(''))).toEqual({ kind: 'setScheduler', fields: { vcpu_period: 2000, vcpu_quota: 3000 }, scope: 'both' });
    expect(cpuQuota.step('vcpu', { period: 2000, quota: null }, 'both', facts, xml)).toBeNull();
  });

  it('lets go of the old quota first where both change, so that the kernel never sees it in the new period', () => {
    const xml = of('<period>50000</period><quota>20000</quota>');
    const call = (fields: Readonly<Record<string, number>>) => ({ kind: 'setScheduler', fields, scope: 'live' });
    expect(cpuQuota.step('vcpu', { period: null, quota: null }, 'live', facts, xml)).toEqual([call({ vcpu_quota: -1 }), call({ vcpu_period: 100_000 })]);
    expect(cpuQuota.step('vcpu', { period: 2000, quota: 3000 }, 'live', facts, xml)).toEqual([call({ vcpu_quota: -1 }), call({ vcpu_period: 2000, vcpu_quota: 3000 })]);
    expect(cpuQuota.step('vcpu', { period: 2000, quota: 3000 }, 'both', facts, xml)).toBeNull();
  });

  it('of one kind leaves those of the others alone', () => {
    const limit = fc.record({ period: fc.option(fc.integer({ min: 1000, max: 99_999 })), quota: fc.option(fc.integer({ min: 1000, max: 1e9 })) });
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('global', 'vcpu', 'emulator', 'iothread'), limit)), (edits) => {
      const xml = of('<shares>7</shares>');
      const wanted = cpuQuota.read(xml, facts);
      const goal = { ...wanted };
      for (const [unit, value] of edits) {
        cpuQuota.write(xml, unit, value);
        goal[unit] = value;
      }
      expect(cpuQuota.read(xml, facts)).toEqual(goal);
      expect(xml.textOf('cputune', 'shares')).toBe('7');
    }));
  });
});
