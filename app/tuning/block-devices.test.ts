// The guest's weight and its limits by device of the host: what is the same, what is asked for, what is refused.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { blockDevices } from './block-devices.ts';
import { blockWeight } from './block-weight.ts';
import { unknownFacts } from './knob.ts';

const facts = unknownFacts('any');
const of = (inside: string): DomainXml => DomainXml.parse(`<domain type='kvm'>\n  <blkiotune>${inside}</blkiotune>\n</domain>\n`);
const device = (path: string, more: object = {}) => ({ path, weight: null, read_iops_sec: null, write_iops_sec: null, read_bytes_sec: null, write_bytes_sec: null, ...more });
const two = (): DomainXml => of('<device><path>/dev/sdb</path><read_bytes_sec>5</read_bytes_sec></device><device><path>/dev/sda</path><write_iops_sec>7</write_iops_sec></device><device><path>/dev/sdc</path></device>');
const asked = (xml: DomainXml, value: ReturnType<typeof blockDevices.value.parse>, scope: 'live' | 'saved' | 'both' = 'live'): unknown => {
  const step = blockDevices.step('', value, scope, facts, xml);
  return step === null ? null : [step].flat().map((one) => one.kind === 'setBlkio' && one.params);
};

describe('the weight of block I/O', () => {
  it.each([['<weight>300</weight>', 300], ['<weight>100</weight>', null], ['<weight>0</weight>', null], ['', null]])('of %s is %j', (inside, weight) => expect(blockWeight.read(of(inside), facts)).toEqual({ '': weight }));

  it('is what every guest has while it runs, and not written, when it is none', () => {
    expect([blockWeight.step('', null, 'live', facts, of('')), blockWeight.step('', null, 'saved', facts, of(''))]).toEqual([{ kind: 'setBlkio', params: { weight: 100 }, scope: 'live' }, null]);
  });

  it('ends at 1000 where the host has cgroup v1', () => {
    const messages = (value: number, cpuSharesDefault: number | null): readonly string[] => blockWeight.check(value, '', 'live', { ...facts, cpuSharesDefault }, of('')).map(({ message }) => message);
    expect([messages(1001, 1024), messages(1001, 100), messages(1000, 1024), messages(9999, null)]).toEqual([['This host (cgroup v1) has weights up to 1000.'], [], [], []]);
  });
});

describe('devices of the host', () => {
  it('are read by their paths, those without a limit as none', () => {
    expect(blockDevices.read(two(), facts)).toEqual({ '': [device('/dev/sda', { write_iops_sec: 7 }), device('/dev/sdb', { read_bytes_sec: 5 })] });
  });

  it('are asked for what changed alone, and 0 takes a limit away', () => {
    expect(asked(two(), [device('/dev/sda', { write_iops_sec: 9, read_bytes_sec: 4 })])).toEqual([{ device_write_iops_sec: '/dev/sda,9', device_read_bytes_sec: '/dev/sda,4,/dev/sdb,0' }]);
    expect(asked(two(), [device('/dev/sda', { write_iops_sec: 7 }), device('/dev/sdb', { read_bytes_sec: 5, weight: 300 })])).toEqual([{ device_weight: '/dev/sdb,300' }]);
  });

  it('are told whole where both truths are to be the same, weights only where there are any', () => {
    expect(asked(of(''), [device('/dev/sda', { read_iops_sec: 9 })], 'both')).toEqual([{ device_read_iops_sec: '/dev/sda,9', device_write_iops_sec: '/dev/sda,0', device_read_bytes_sec: '/dev/sda,0', device_write_bytes_sec: '/dev/sda,0' }]);
  });

  it('are saved by a definition where one comes before others', () => expect(asked(of('<device><path>/dev/sdb</path><weight>5</weight></device>'), [device('/dev/sda', { weight: 7 }), device('/dev/sdb', { weight: 5 })], 'saved')).toBeNull());

  it('have rules, said at the fields that break them', () => {
    const found = blockDevices.check([device('/dev/a,b', { weight: 5 }), device('/dev/sda', { weight: 5 }), device('/dev/sda')], '', 'live', facts, of(''));
    expect(found.map(({ field, message }) => [field, message])).toEqual([
      ['0.path', 'Write the path of a block device of the host, such as /dev/sda; it has no comma.'],
      ['2.path', '/dev/sda is there twice.'],
      ['2.weight', 'Set a weight or a limit for it, or remove it.'],
    ]);
  });

  it('are written in libvirt’s order', () => {
    const xml = DomainXml.parse("<domain type='kvm'>\n  <vcpu>1</vcpu>\n</domain>\n");
    blockDevices.write(xml, '', [device('/dev/sda', { write_bytes_sec: 3, weight: 9 })]);
    blockWeight.write(xml, '', 300);
    expect(xml.text()).toBe("<domain type='kvm'>\n  <blkiotune>\n    <weight>300</weight>\n    <device>\n      <path>/dev/sda</path>\n      <weight>9</weight>\n      <write_bytes_sec>3</write_bytes_sec>\n    </device>\n  </blkiotune>\n  <vcpu>1</vcpu>\n</domain>\n");
  });
});
