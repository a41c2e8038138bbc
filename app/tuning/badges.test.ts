import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { badges } from './badges.ts';

const of = (inside: string): readonly string[] => badges(DomainXml.parse(`<domain>${inside}</domain>`));

describe('badges', () => {
  it('of an untuned guest are none', () => expect(of('<vcpu>2</vcpu><cputune><emulator_quota>-1</emulator_quota></cputune>')).toEqual([]));

  it('name everything that is tuned', () => {
    expect(of(`<vcpu current='8'>16</vcpu><iothreads>2</iothreads><memoryBacking><hugepages/></memoryBacking>
      <cputune><shares>2048</shares><period>50000</period><quota>50000</quota><vcpupin vcpu='0' cpuset='1'/></cputune><devices><disk/><disk><iotune/></disk><interface/><interface><bandwidth><outbound average='100'/></bandwidth></interface></devices>`))
      .toEqual(['pinned', 'shares 2048', 'cpu ≤ 800 %', 'hugepages', 'throttled', 'network limited', '2 iothreads']);
  });

  it('name what is tuned of its memory and scheduling', () => {
    expect(of(`<memory unit='MiB'>6144</memory><currentMemory unit='GiB'>4</currentMemory><memtune><hard_limit unit='GiB'>8</hard_limit></memtune>
      <memoryBacking><locked/></memoryBacking><numatune><memory mode='strict' nodeset='0-1'/></numatune><cputune><vcpusched vcpus='0' scheduler='fifo' priority='1'/></cputune>`))
      .toEqual(['real time', 'locked', 'numa 0-1', 'balloon 4 GiB', 'memory ≤ 8 GiB']);
    expect(of("<memory>4096</memory><currentMemory>4096</currentMemory><memtune><hard_limit>9007199254740988</hard_limit></memtune><cputune><iothreadsched iothreads='1' scheduler='batch'/></cputune>")).toEqual([]);
  });

  it('show the tighter of two CPU limits, with the usual period where none is written', () => {
    expect(of('<vcpu>4</vcpu><cputune><quota>50000</quota><global_quota>150000</global_quota></cputune>')).toEqual(['cpu ≤ 150 %']);
  });

  it('show no limit where libvirt means none', () => {
    expect(of('<vcpu>4</vcpu><cputune><quota>17592186044415</quota><global_quota>-1</global_quota></cputune>')).toEqual([]);
  });

  it('count I/O threads by their ids where no number stands', () => expect(of("<iothreadids><iothread id='4'/></iothreadids>")).toEqual(['1 iothread']));
});
