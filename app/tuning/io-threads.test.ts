// Which I/O threads there are, what uses them, and what goes with one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { disksInThreads, ioThreadIds } from './io-thread-ids.ts';
import { ioThreadPolling } from './io-thread-polling.ts';
import { ioThreads } from './io-threads.ts';
import { type Facts, unknownFacts } from './knob.ts';

const facts = unknownFacts('any');
const of = (inside: string, id = ''): DomainXml => DomainXml.parse(`<domain${id}>\n  <vcpu>2</vcpu>\n${inside}  <devices>\n    <disk><driver iothread='2'/><target dev='vda'/></disk>\n    <controller type='scsi' index='0'><driver><iothreads><iothread id='3'/></iothreads></driver></controller>\n  </devices>\n</domain>\n`);
const threads = (...ids: readonly (number | null)[]) => ids.map((id) => ({ id }));
const messages = (value: ReturnType<typeof threads>): readonly string[] => {
  const xml = of('');
  ioThreads.write(xml, '', value);
  return ioThreads.check(value, '', 'saved', facts, xml).map(({ message }) => message);
};

describe('I/O threads', () => {
  it.each([
    ["<iothreads>2</iothreads>", [1, 2]],
    ["<iothreads>3</iothreads><iothreadids><iothread id='2'/></iothreadids>", [1, 2, 3]],
    ["<iothreadids><iothread id='4'/><iothread id='2'/></iothreadids>", [2, 4]],
    ["<iothreads>many</iothreads>", []],
    ['', []],
  ])('of %s are %j', (inside, ids) => expect(ioThreadIds(of(inside))).toEqual(ids));

  it('are what was written, however it was before, and come back to the same text', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 6 });
    fc.assert(fc.property(some, some, (one, other) => {
      const xml = of('');
      ioThreads.write(xml, '', threads(...one));
      const before = xml.text();
      expect(ioThreadIds(xml)).toEqual(one.toSorted((first, second) => first - second));
      ioThreads.write(xml, '', threads(...other));
      expect(ioThreadIds(xml)).toEqual(other.toSorted((first, second) => first - second));
      ioThreads.write(xml, '', threads(...one));
      expect(xml.text()).toBe(before);
    }));
  });

  it('without a number get the lowest that is free', () => {
    const xml = of('');
    ioThreads.write(xml, '', threads(2, null, null));
    expect(ioThreadIds(xml)).toEqual([1, 2, 3]);
  });

  it('cannot go while a disk or a controller uses them, however that is written', () => {
    expect(messages(threads(1, 2))).toEqual(['I/O thread 3 is used by controller scsi 0: give it another thread, or none, first.']);
    expect(messages(threads(3))).toEqual(['I/O thread 2 is used by disk vda: give it another thread, or none, first.']);
    expect(messages(threads(2, 3))).toEqual([]);
    expect(ioThreadPolling.about?.('2', of(''), unknownFacts('any'))).toBe('used by disk vda');
    expect(ioThreadPolling.about?.('1', of(''), unknownFacts('any'))).toBe('used by no disk or controller');
    const served = DomainXml.parse(`<domain><devices><disk><driver iothread='2'/><target dev='vda' bus='virtio'/></disk><disk><target dev='sda' bus='scsi'/><address type='drive' controller='1'/></disk>
      <disk><target dev='sdb' bus='scsi'/><address type='drive' controller='0'/></disk><controller type='scsi' index='0'/><controller type='scsi' index='1'><driver iothread='3'/></controller></devices></domain>`);
    expect(disksInThreads(served).map(({ target, threads }) => [target, ...threads])).toEqual([['vda', 2], ['sda', 3], ['sdb']]);
  });

  it('have a number each', () => expect(messages(threads(2, 3, 3))).toContain('Two I/O threads have the number 3.'));
});

describe('how an I/O thread polls', () => {
  const none = { poll_max_ns: null, poll_grow: null, poll_shrink: null, thread_pool_min: null, thread_pool_max: null };
  const told = (poll_max_ns: number, xml = ''): Facts => ({ ...facts, ioThreadPolling: { 1: { poll_max_ns, poll_grow: 0, poll_shrink: 0, xml } } });
  const live = (): DomainXml => of('  <iothreads>1</iothreads>\n', " id='3'");

  it('is what QEMU says of a running guest, its own way being nothing set', () => {
    expect(ioThreadPolling.read(live(), told(32_768))).toEqual({ 1: none });
    expect(ioThreadPolling.read(live(), told(5000))).toEqual({ 1: { ...none, poll_max_ns: 5000 } });
  });

  it('is what is to be, once a plan has written it', () => {
    const xml = live();
    ioThreadPolling.write(xml, '1', none);
    expect(ioThreadPolling.read(xml, told(5000))).toEqual({ 1: none });
  });

  it('is set apart from its workers, and taken back to what QEMU does by itself', () => {
    expect(ioThreadPolling.step('1', { ...none, poll_max_ns: 7, thread_pool_min: 3 }, 'live', told(32_768), live())).toEqual([
      { kind: 'setIothread', id: 1, params: { poll_max_ns: 7 }, scope: 'live' }, { kind: 'setIothread', id: 1, params: { thread_pool_min: 3 }, scope: 'live' },
    ]);
    expect(ioThreadPolling.step('1', none, 'live', told(5000), live())).toEqual([{ kind: 'setIothread', id: 1, params: { poll_max_ns: 32_768 }, scope: 'live' }]);
  });

  it('is saved by a definition, its workers by a call that can forget them', () => {
    const saved = of("  <iothreads>1</iothreads>\n  <iothreadids><iothread id='1' thread_pool_min='2'/></iothreadids>\n");
    expect(ioThreadPolling.step('1', { ...none, poll_grow: 2 }, 'saved', facts, saved)).toBeNull();
    expect(ioThreadPolling.step('1', none, 'saved', facts, saved)).toEqual([{ kind: 'setIothread', id: 1, params: { thread_pool_min: -1 }, scope: 'saved' }]);
  });

  it.each([
    [{ thread_pool_min: 9, thread_pool_max: 8 }, 'saved', 'Workers kept (9) cannot be more than workers at most (8).'],
    [{ thread_pool_min: 65 }, 'saved', 'Workers kept (65) cannot be more than workers at most (64).'],
    [{ thread_pool_max: 0 }, 'live', 'There has to be one worker at least.'],
    [{ poll_grow: 4_294_967_296 }, 'live', 'Polling values end at 4294967295.'],
    [{ poll_max_ns: 1 }, 'saved', "This host's libvirt cannot save how a thread polls: from 9.4.0 on it can. It can be changed while the guest runs."],
  ] as const)('refuses %j, %s', (value, truth, message) => {
    const findings = ioThreadPolling.check({ ...none, ...value }, '1', truth, { ...facts, libvirtVersion: 9_000_000 }, live());
    expect(findings.map((each) => each.message)).toContain(message);
  });
});
