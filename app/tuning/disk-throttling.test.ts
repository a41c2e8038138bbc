// The limits of disks: what is the same, what goes with what, and groups that have one set of limits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { bases, burstOf, type DiskLimits, limitNames, noLimits } from './disk-limits.ts';
import { diskThrottling } from './disk-throttling.ts';
import { unknownFacts } from './knob.ts';
import { invert } from './change.ts';
import { makePlan, planChanges } from './plan.ts';

const facts = unknownFacts('any');
const disk = (target: string, inside = ''): string => `\n    <disk type='file' device='disk'>\n      <target dev='${target}' bus='virtio'/>${inside}\n      <boot order='1'/>\n    </disk>`;
const of = (...disks: readonly string[]): DomainXml => DomainXml.parse(`<domain type='kvm' id='3'>\n  <devices>${disks.join('')}\n  </devices>\n</domain>\n`);
const tuned = (inside: string): string => `<iotune>${inside}</iotune>`;
const limits = (some: Partial<DiskLimits>): DiskLimits => ({ ...noLimits, ...some });
const grouped = (): DomainXml => of(...['vda', 'vdb'].map((target) => disk(target, tuned('<total_iops_sec>100</total_iops_sec><group_name>slow</group_name>'))), disk('vdc'));
const messages = (value: Partial<DiskLimits>): readonly (readonly [string | undefined, string])[] => diskThrottling.check(limits(value), 'vda', 'saved', facts, of(disk('vda'))).map(({ field, message }) => [field, message]);

describe('the limits of a disk', () => {
  it.each([
    ['', {}],
    [tuned('<total_bytes_sec>0</total_bytes_sec>'), {}],
    [tuned('<read_bytes_sec>5</read_bytes_sec><read_bytes_sec_max_length>1</read_bytes_sec_max_length>'), { read_bytes_sec: 5 }],
    [tuned('<write_iops_sec>7</write_iops_sec><group_name>slow</group_name>'), { write_iops_sec: 7, group_name: 'slow' }],
    [tuned('<write_iops_sec>many</write_iops_sec>'), {}],
  ])('of %s are %j', (inside, some) => expect(diskThrottling.read(of(disk('vda', inside)), facts)).toEqual({ vda: limits(some) }));

  it('are no concern of guests without QEMU', () => expect(diskThrottling.read(DomainXml.parse("<domain type='lxc'><devices><disk><target dev='vda'/></disk></devices></domain>"), facts)).toEqual({}));

  it('are what was written, whatever was before, in libvirt’s order, and come back to the same text', () => {
    const amount = fc.option(fc.integer({ min: 2, max: 1_000_000_000_000_000 }), { nil: null });
    const any = fc.record(Object.fromEntries(limitNames.map((name) => [name, amount]))).chain((numbers) => fc.option(fc.constantFrom('slow', 'D’Artagnan & <co>'), { nil: null }).map((group) => limits({ ...numbers, group_name: group })));
    fc.assert(fc.property(any, any, (one, other) => {
      const xml = of(disk('vda'), disk('vdb'));
      diskThrottling.write(xml, 'vdb', one);
      const before = xml.text();
      diskThrottling.write(xml, 'vdb', other);
      expect(diskThrottling.read(DomainXml.parse(xml.text()), facts)).toEqual({ vda: noLimits, vdb: other });
      const there = xml.elements('devices', 'disk', 'iotune').flatMap(({ children }) => children.map(({ name }) => name));
      expect(there).toEqual([...bases, ...bases.map(burstOf), 'size_iops_sec', 'group_name', ...bases.map((base) => `${base}_max_length`)].filter((name) => there.includes(name)));
      diskThrottling.write(xml, 'vdb', one);
      expect(xml.text()).toBe(before);
    }));
  });

  it('have rules, said at the fields that break them', () => {
    const both = 'All together is limited, or reads and writes each, not both.';
    expect(messages({ total_bytes_sec: 5, write_bytes_sec: 5 })).toEqual([['total_bytes_sec', both], ['write_bytes_sec', both]]);
    expect(messages({ total_iops_sec: 5, read_bytes_sec: 5 })).toEqual([]);
    expect(messages({ read_iops_sec: 9, total_iops_sec_max: 9, read_iops_sec_max: 9 }).map(([field]) => field)).toEqual(['total_iops_sec_max', 'read_iops_sec_max', 'total_iops_sec_max']);
    expect(messages({ read_iops_sec_max: 9 })).toEqual([['read_iops_sec_max', 'A burst needs a limit to return to.']]);
    expect(messages({ read_iops_sec: 10, read_iops_sec_max: 9 })).toEqual([['read_iops_sec_max', 'A burst cannot be less than its limit, 10 /s.']]);
    expect(messages({ read_bytes_sec: 10, read_bytes_sec_max_length: 9 })).toEqual([['read_bytes_sec_max_length', 'A length needs a burst: bytes read have none.']]);
    expect(messages({ read_bytes_sec: 10, read_bytes_sec_max: 1e13, read_bytes_sec_max_length: 101 }).map(([field]) => field)).toEqual(['read_bytes_sec_max_length']);
    expect(messages({ read_bytes_sec: 10, size_iops_sec: 9 })).toEqual([['size_iops_sec', 'A size of operations needs a limit of operations.']]);
    expect(messages({ group_name: 'slow' })).toEqual([['group_name', 'A group needs a limit: it has none of its own.']]);
  });

  it('are sent all together, none as 0', () => {
    expect(diskThrottling.step('vda', limits({ read_bytes_sec: 5 }), 'live', facts, of(disk('vda')))).toEqual({
      kind: 'setBlockIoTune', disk: 'vda', group: null, scope: 'live', limits: { ...Object.fromEntries(limitNames.map((name) => [name, 0])), read_bytes_sec: 5 },
    });
  });

  it('are saved by a definition where the call would leave something of what goes', () => {
    const was = (inside: string): DomainXml => of(disk('vda', tuned(inside)));
    const long = was('<total_bytes_sec>5</total_bytes_sec><total_bytes_sec_max>9</total_bytes_sec_max><total_bytes_sec_max_length>3</total_bytes_sec_max_length>');
    expect(diskThrottling.step('vda', limits({ total_bytes_sec: 5, total_bytes_sec_max: 9 }), 'saved', facts, long)).toBeNull();
    expect(diskThrottling.step('vda', limits({ total_bytes_sec: 5 }), 'both', facts, grouped())).toBeNull();
  });

  it('of a running disk that leaves its group and keeps limits are taken off first: a group is left in no other way', () => {
    const steps = diskThrottling.step('vda', limits({ total_bytes_sec: 5 }), 'live', facts, grouped());
    expect([steps].flat().map((step) => step?.kind === 'setBlockIoTune' && [step.limits.total_bytes_sec, step.group])).toEqual([[0, null], [5, null]]);
    expect([diskThrottling.step('vda', noLimits, 'live', facts, grouped())].flat()).toHaveLength(1);
  });
});

describe('disks of one group', () => {
  it('get the same limits in one plan, which says so, and which can be taken back', () => {
    const plan = makePlan({ live: grouped(), saved: null }, { live: { diskThrottling: { vdb: limits({ total_iops_sec: 200, group_name: 'slow' }) } } }, facts);
    expect(planChanges(plan).map(({ unit }) => unit)).toEqual(['vda', 'vdb']);
    expect(plan.findings.map(({ level, unit, message }) => [level, unit, message])).toEqual([
      ['warning', 'vda', 'The group slow has vdb too: what is set here is set there, and they share it.'],
      ['warning', 'vdb', 'The group slow has vda too: what is set here is set there, and they share it.'],
    ]);
    expect(invert(planChanges(plan)).live?.diskThrottling).toEqual({ vda: limits({ total_iops_sec: 100, group_name: 'slow' }), vdb: limits({ total_iops_sec: 100, group_name: 'slow' }) });
  });

  it('come to have the limits of one that joins them', () => {
    const plan = makePlan({ live: grouped(), saved: null }, { live: { diskThrottling: { vdc: limits({ read_iops_sec: 7, group_name: 'slow' }) } } }, facts);
    expect(planChanges(plan).map(({ unit, to }) => [unit, to])).toEqual(['vda', 'vdb', 'vdc'].map((unit) => [unit, limits({ read_iops_sec: 7, group_name: 'slow' })]));
  });

  it('cannot be given two sets of limits at once', () => {
    const plan = makePlan({ live: null, saved: grouped() }, { saved: { diskThrottling: { vda: limits({ total_iops_sec: 7, group_name: 'slow' }), vdb: limits({ total_iops_sec: 8, group_name: 'slow' }) } } }, facts);
    expect(plan.findings.filter(({ level }) => level === 'error').map(({ unit }) => unit)).toEqual(['vda', 'vdb']);
  });

  it('are left alone by one that leaves', () => {
    const plan = makePlan({ live: grouped(), saved: null }, { live: { diskThrottling: { vda: noLimits } } }, facts);
    expect(planChanges(plan).map(({ unit }) => unit)).toEqual(['vda']);
    expect(diskThrottling.about?.('vda', grouped(), facts)).toBe('shared with vdb');
  });
});
