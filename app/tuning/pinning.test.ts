import { describe, expect, it } from 'vitest';
import { CpuSet } from '../domain/cpu-set.ts';
import { topologyFromNodeInfo, topologyOf } from '../domain/topology.ts';
import { DomainXml } from '../xml/domain-xml.ts';
import { cpuShares } from './cpu-shares.ts';
import { emulatorPinning } from './emulator-pinning.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { vcpuPinning } from './vcpu-pinning.ts';

const facts: Facts = {
  ...unknownFacts('a'),
  guest: { name: 'a', running: true, persistent: true },
  topology: topologyFromNodeInfo({ cpus: 12, memory: 1024, nodes: 1, sockets: 1, cores: 6, threads: 2 }),
  cpuSharesDefault: 100,
};
const guest = (tuning: string, vcpu = '<vcpu>3</vcpu>'): DomainXml => DomainXml.parse(`<domain>${vcpu}<cputune>${tuning}</cputune></domain>`);

describe('a pin', () => {
  it('reads as none when it covers what an unpinned vCPU floats on, even past the host', () => {
    const xml = guest("<vcpupin vcpu='0' cpuset='0-11'/><vcpupin vcpu='1' cpuset='0-15'/><vcpupin vcpu='2' cpuset='0-10'/>");
    expect(vcpuPinning.read(xml, facts)).toEqual({ 0: null, 1: null, 2: '0-10' });
  });

  it("reads as none when it is the guest's own float set", () => {
    const xml = guest("<vcpupin vcpu='0' cpuset='0-3'/><vcpupin vcpu='1' cpuset='0-11'/><emulatorpin cpuset='3,0-2'/>", "<vcpu cpuset='0-4,^4'>2</vcpu>");
    expect([vcpuPinning.read(xml, facts), emulatorPinning.read(xml, facts)]).toEqual([{ 0: null, 1: '0-11' }, { '': null }]);
  });

  it('reads in canonical form, for each vCPU the guest can have', () => {
    expect(vcpuPinning.read(guest("<vcpupin vcpu='1' cpuset='7, 2-4,^3'/><vcpupin vcpu='9' cpuset='1'/>"), facts)).toEqual({ 0: null, 1: '2,4,7', 2: null });
  });

  it('taken off a running guest is a pin to where it would float; off the saved definition it has no call', () => {
    const xml = guest('', "<vcpu cpuset='0-3'>2</vcpu>");
    expect([vcpuPinning.step('1', null, 'live', facts, xml), emulatorPinning.step('', null, 'live', facts, guest(''))]).toEqual([
      { kind: 'pinVcpu', vcpu: 1, cpus: '0-3', scope: 'live' }, { kind: 'pinEmulator', cpus: '0-11', scope: 'live' },
    ]);
    expect([vcpuPinning.step('1', null, 'saved', facts, xml), emulatorPinning.step('', null, 'both', facts, xml)]).toEqual([null, null]);
  });

  const offline = { ...facts, topology: topologyOf(facts.topology.cells.map((cell) => ({ ...cell, cpus: cell.cpus.slice(0, 8) })), CpuSet.parse('8-11')) };
  it.each([
    ['7,x', facts, '"x" is not a CPU, a range such as 0-3 or an exception such as ^2 (at character 3).'],
    ['', facts, 'Name at least one CPU, or take the pin off.'],
    ['3,^3', facts, 'Name at least one CPU, or take the pin off.'],
    ['3,12', facts, 'The host has no CPU 12; its CPUs are 0-11.'],
    ['10-13', facts, 'The host has no CPUs 12-13; its CPUs are 0-11.'],
    ['7-8', offline, 'CPU 8 of the host is offline.'],
  ])('of "%s" is refused in words', (value, on, message) => {
    for (const knob of [vcpuPinning, emulatorPinning]) expect(knob.check(value, '', 'live', on, guest(''))).toEqual([{ level: 'error', message }]);
  });

  it.each(['0', '0-11', ' 1 , 3-5 ', null])('of "%s" is fine', (value) => expect(vcpuPinning.check(value, '0', 'saved', facts, guest(''))).toEqual([]));

  it('is not judged against a host that is not known', () => {
    const unknown = { ...facts, topology: topologyOf([]) };
    expect(vcpuPinning.check('99', '0', 'live', unknown, guest(''))).toEqual([]);
    expect(vcpuPinning.read(guest("<vcpupin vcpu='1' cpuset='5'/>"), unknown)).toEqual({ 0: null, 1: '5', 2: null });
    expect(vcpuPinning.step('1', null, 'live', unknown, guest(''))).toBeNull();
  });
});

describe('CPU shares', () => {
  const v1: Facts = { ...facts, cpuSharesDefault: 1024 };
  const unknown: Facts = { ...facts, cpuSharesDefault: null };

  it("read as none when they are the host's default", () => {
    const read = (tuning: string, on: Facts): unknown => cpuShares.read(guest(tuning), on)[''];
    expect([read('<shares>100</shares>', facts), read('<shares>100</shares>', v1), read('<shares> 100 </shares>', unknown), read('', facts)]).toEqual([null, 100, 100, null]);
  });

  it.each([
    [1, facts, 'CPU shares go from 2 to 10000 with cgroup v2.'],
    [10_001, facts, 'CPU shares go from 2 to 10000 with cgroup v2.'],
    [1, v1, 'CPU shares go from 2 to 262144 with cgroup v1.'],
    [262_145, unknown, 'CPU shares go from 2 to 262144 with cgroups.'],
    [2.5, facts, 'CPU shares are a whole number.'],
  ])('of %s are refused in words', (value, on, message) => expect(cpuShares.check(value, '', 'saved', on, guest(''))).toEqual([{ level: 'error', message }]));

  it('may be at either end of their range', () => {
    expect([cpuShares.check(2, '', 'live', facts, guest('')), cpuShares.check(10_000, '', 'live', facts, guest('')), cpuShares.check(262_144, '', 'live', v1, guest(''))]).toEqual([[], [], []]);
  });

  it('go back to the default of a running guest only when it is known', () => {
    expect([cpuShares.step('', null, 'live', facts, guest('')), cpuShares.step('', null, 'live', unknown, guest('')), cpuShares.step('', null, 'both', facts, guest(''))])
      .toEqual([{ kind: 'setScheduler', fields: { cpu_shares: 100 }, scope: 'live' }, null, null]);
    expect([cpuShares.check(null, '', 'live', unknown, guest('')).length, cpuShares.check(null, '', 'saved', unknown, guest('')).length]).toEqual([1, 0]);
  });
});
