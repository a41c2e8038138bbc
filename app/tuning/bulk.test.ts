// Changes meant for many guests, worked out for one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { type BulkChange, type BulkGuest, planBulk } from './bulk.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { readSettings } from './knobs.ts';
import { planChanges } from './plan.ts';

const facts: Facts = { ...unknownFacts('any'), cpuSharesDefault: 100 };
const gib = 1024 ** 2;
const definition = (vcpus: number, kib: number, id: number | null): DomainXml => DomainXml.parse(`<domain type='kvm'${id === null ? '' : ` id='${id}'`}>
  <name>any</name>
  <memory unit='KiB'>${kib}</memory>
  <currentMemory unit='KiB'>${kib}</currentMemory>
  <vcpu placement='static' current='${vcpus}'>${vcpus + 4}</vcpu>
  <cputune>
    <shares>${vcpus * 100}</shares>
  </cputune>
  <devices>
    <memballoon model='virtio'/>
  </devices>
</domain>`);
const guest = ({ vcpus = 4, memory = 4 * gib, running = true, persistent = true } = {}): BulkGuest => {
  const definitions = { live: running ? definition(vcpus, memory, 7) : null, saved: persistent ? definition(vcpus, memory, null) : null };
  const settings = { live: definitions.live && readSettings(definitions.live, facts), saved: definitions.saved && readSettings(definitions.saved, facts) };
  return { definitions, settings, facts };
};
const shares = (operation: BulkChange['operation'], occasion: BulkChange['occasion'] = 'possible'): BulkChange => ({ aim: { knob: 'cpuShares', units: null, field: null }, operation, occasion });
const vcpus = (field: string, operation: BulkChange['operation']): BulkChange => ({ aim: { knob: 'vcpus', units: null, field }, operation, occasion: 'possible' });
const set = (to: number | null) => ({ how: 'set', to }) as const;

describe('a change for many guests', () => {
  it('counts from what each guest has, now and after a restart', () => {
    expect(planBulk([shares({ how: 'times', factor: 2 })], guest())).toMatchObject({ wanted: { live: { cpuShares: { '': 800 } }, saved: { cpuShares: { '': 800 } } }, refusals: [], notes: [] });
  });

  it('holds where the guest has it: one shut off has no now, a transient one no restart', () => {
    expect(planBulk([shares(set(5))], guest({ running: false })).wanted).toEqual({ saved: { cpuShares: { '': 5 } } });
    expect(planBulk([shares(set(5))], guest({ persistent: false })).wanted).toEqual({ live: { cpuShares: { '': 5 } } });
  });

  it('insists on now where that is meant', () => {
    expect(planBulk([shares(set(5), 'live')], guest({ running: false })).refusals).toEqual(['The guest is not running, so there is nothing to change now. Change it for the next start.']);
    expect(planBulk([shares(set(5), 'saved')], guest()).wanted).toEqual({ saved: { cpuShares: { '': 5 } } });
  });

  it('moves one field of several and leaves the others', () => {
    expect(planBulk([vcpus('current', { how: 'add', amount: -1 })], guest({ running: false })).wanted).toEqual({ saved: { vcpus: { '': { current: 3, maximum: 8 } } } });
  });

  it('goes on top of the change before it', () => {
    const { wanted } = planBulk([vcpus('maximum', { how: 'times', factor: 2 }), vcpus('current', { how: 'add', amount: 9 })], guest({ running: false }));
    expect(wanted).toEqual({ saved: { vcpus: { '': { current: 13, maximum: 16 } } } });
  });

  it('waits for the restart where a running guest does not take it, and says so', () => {
    const both = planBulk([vcpus('maximum', { how: 'times', factor: 2 }), vcpus('current', { how: 'add', amount: 9 })], guest());
    expect(both.wanted).toEqual({ live: { vcpus: {} }, saved: { vcpus: { '': { current: 13, maximum: 16 } } } });
    expect(both.plan.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(both.notes).toEqual(['vCPUs waits for the restart. A guest with at most 8 vCPUs cannot have 13.']);
  });

  it('that breaks a rule after the restart too is an error of the plan', () => {
    expect(planBulk([vcpus('current', set(99))], guest()).plan.findings).toMatchObject([{ level: 'error', truth: 'saved', message: 'A guest with at most 8 vCPUs cannot have 99.' }]);
  });

  it('says where there is nothing to count from, no such unit and no such value', () => {
    const refusals = (change: BulkChange): readonly string[] => planBulk([change], guest({ running: false })).refusals;
    expect(refusals({ aim: { knob: 'cpuQuota', units: ['vcpu'], field: 'quota' }, operation: { how: 'times', factor: 2 }, occasion: 'saved' })).toEqual(['CPU time of each vCPU: it is not set, so there is nothing to count from. Give a value.']);
    expect(refusals({ aim: { knob: 'ioThreadPinning', units: null, field: null }, operation: { how: 'set', to: '1' }, occasion: 'saved' })).toEqual([expect.stringMatching(/the guest has none/)]);
    expect(refusals(shares({ how: 'add', amount: 10 ** 9 }))).toEqual([expect.stringMatching(/^CPU shares: it would be/)]);
    expect(refusals({ ...shares(set(1)), operation: { how: 'set', to: 'much' } })).toEqual(['CPU shares: this is no value it can have.']);
  });

  it('reaches every unit alike, or those that are named', () => {
    const pin = (units: readonly string[] | null): BulkChange => ({ aim: { knob: 'vcpuScheduler', units, field: 'scheduler' }, operation: { how: 'set', to: 'batch' }, occasion: 'saved' });
    const named = (units: readonly string[] | null) => Object.keys(planBulk([pin(units)], guest({ running: false, vcpus: 2 })).wanted.saved?.vcpuScheduler ?? {});
    expect([named(null), named(['1'])]).toEqual([['0', '1', '2', '3', '4', '5'], ['1']]);
  });

  it('done twice changes nothing the second time when it is absolute, and nothing but what it names ever', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 10_000 }), fc.integer({ min: 1, max: 6 }), (to, count) => {
      const first = planBulk([shares(set(to)), vcpus('current', set(count))], guest());
      expect([...new Set(planChanges(first.plan).map(({ knob }) => knob))].every((knob) => knob === 'cpuShares' || knob === 'vcpus')).toBe(true);
      const after = DomainXml.parse(first.plan.savedAfter);
      const again = planBulk([shares(set(to), 'saved'), { ...vcpus('current', set(count)), occasion: 'saved' }], { facts, definitions: { live: null, saved: after }, settings: { live: null, saved: readSettings(after, facts) } });
      expect(again.plan.steps).toEqual([]);
    }), { numRuns: 30 });
  });
});
