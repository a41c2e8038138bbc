import { describe, expect, it } from 'vitest';
import { topologyOf } from '../domain/topology.ts';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { knobs } from './knobs.ts';

const cell = (id: number) => ({ id, memory: null, distances: [], pages: [], cpus: [] });
const facts: Facts = { ...unknownFacts('any'), topology: topologyOf([cell(0), cell(1)]) };
const guest = (numatune: string): DomainXml => DomainXml.parse(`<domain><numatune>${numatune}</numatune><cpu><numa><cell id='0' memory='1024'/></numa></cpu></domain>`);
const policy = (mode: 'strict' | 'preferred' | 'restrictive' | null, nodeset: string | null, placement: 'auto' | null = null) => ({ mode, nodeset, placement });
const says = (value: ReturnType<typeof policy>, truth: 'live' | 'saved' = 'saved', after = guest('')): readonly string[] => knobs.numaMemory.check(value, '', truth, facts, after).map(({ message }) => message);

describe('the policy of a guest', () => {
  it('without a mode is strict', () => expect(knobs.numaMemory.read(guest("<memory nodeset='1,0'/>"), facts)['']).toEqual(policy('strict', '0-1')));

  it.each([
    [policy(null, '0'), /no mode/], [policy('strict', null), /needs nodes/], [policy('preferred', '0-1'), /Only one node/], [policy('strict', '0', 'auto'), /leave them empty/],
    [policy('strict', '5'), /no node 5; its nodes are 0-1/], [policy('strict', 'a'), /at character 1/],
  ])('%o is refused', (value, message) => expect(says(value).some((said) => message.test(said))).toBe(true));

  it('changes its nodes while the guest runs only when it is restrictive', () => {
    expect(says(policy('strict', '0'), 'live')[0]).toMatch(/only in mode restrictive/);
    const step = (was: string, to: ReturnType<typeof policy>) => knobs.numaMemory.step('', to, 'live', facts, guest(was));
    expect(step("<memory mode='restrictive' nodeset='0'/>", policy('restrictive', '1'))).toEqual({ kind: 'setNuma', mode: null, nodeset: '1', scope: 'live' });
    expect([step("<memory mode='strict' nodeset='0'/>", policy('strict', '1')), step('', policy('restrictive', '1')), step("<memory mode='restrictive' nodeset='0'/>", policy(null, null))]).toEqual([null, null, null]);
  });

  it('is saved by a call where one can say it, else by definition', () => {
    const step = (was: string, to: ReturnType<typeof policy>) => knobs.numaMemory.step('', to, 'saved', facts, guest(was));
    expect(step('', policy('strict', '1'))).toEqual({ kind: 'setNuma', mode: 'strict', nodeset: '1', scope: 'saved' });
    expect([step('', policy('strict', null, 'auto')), step("<memory mode='strict' placement='auto'/>", policy('strict', '0')), step("<memory nodeset='0'/>", policy(null, null))]).toEqual([null, null, null]);
  });
});

describe('the policy of a guest cell', () => {
  it('is restrictive with the guest, or neither is', () => {
    expect(knobs.memnode.check({ mode: 'restrictive', nodeset: '0' }, '0', 'saved', facts, guest("<memory mode='strict' nodeset='0'/>"))[0]?.message).toMatch(/for none of them/);
    expect(says(policy('restrictive', '0'), 'saved', guest("<memnode cellid='0' mode='strict' nodeset='0'/>"))[0]).toMatch(/for none of them/);
  });
  it('does not go with a guest that the host places', () => {
    expect(knobs.memnode.check({ mode: 'strict', nodeset: '0' }, '0', 'saved', facts, guest("<memory mode='strict' placement='auto'/>"))[0]?.message).toMatch(/places this guest by itself/);
  });
  it('is told for each cell there is', () => expect(knobs.memnode.read(guest("<memnode cellid='0' mode='preferred' nodeset='1'/>"), facts)).toEqual({ 0: { mode: 'preferred', nodeset: '1' } }));
});

describe('how memory is backed', () => {
  const none = { locked: false, nosharepages: false, source: null, access: null, allocation: null, threads: null, discard: false };
  const warned = (value: Partial<typeof none> | Readonly<Record<string, unknown>>, xml = '<domain/>', more: Partial<Facts> = {}): readonly string[] => {
    const whole = knobs.memoryBacking.value.parse({ ...none, ...value });
    return knobs.memoryBacking.check(whole, '', 'saved', { ...facts, ...more }, DomainXml.parse(xml)).map(({ level, message }) => `${level}: ${message}`);
  };
  it.each([
    [{ locked: true }, /^warning: Without a hard limit/], [{ access: 'shared' }, /^warning: Memory is shared with others only/], [{ threads: 4 }, /^warning: Threads take memory only/],
    [{ discard: true }, /^warning: There is nothing to discard/], [{ source: 'tape' }, /^error: Memory comes from memfd, file, anonymous/],
  ])('%o has its caveat', (value, message) => expect(warned(value)[0]).toMatch(message));
  it('on an older libvirt or with hugepages is refused where it cannot be', () => {
    expect(warned({ allocation: 'immediate', threads: 2 }, '<domain/>', { libvirtVersion: 8_001_000 })).toEqual(['error: Allocation threads need libvirt 8.2 on the host.']);
    expect(warned({ source: 'file' }, '<domain><memoryBacking><hugepages/></memoryBacking></domain>')).toEqual(['error: Hugepages do not come from files.']);
  });
  it('keeps what stands beside it', () => {
    const xml = DomainXml.parse('<domain><memoryBacking><hugepages><page size="2048"/></hugepages><source type="memfd" path="/kept"/></memoryBacking></domain>');
    knobs.memoryBacking.write(xml, '', { ...none, locked: true });
    expect(xml.text()).toBe('<domain><memoryBacking><hugepages><page size="2048"/></hugepages><locked/><source path="/kept"/></memoryBacking></domain>');
  });
});

it('the nodes of a guest cell go with the cell, which libvirt would refuse otherwise', () => {
  const after = guest("<memory mode='strict' nodeset='0-1'/><memnode cellid='0' mode='strict' nodeset='1'/>");
  knobs.guestNuma.write(after, '', []);
  expect([after.elements('numatune', 'memnode').length, after.elements('numatune', 'memory').length]).toEqual([0, 1]);
});
