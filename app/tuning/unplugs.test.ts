import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { firstToGo, isThere, unplugWords } from './unplugs.ts';

const live = DomainXml.parse(`<domain type='kvm' id='1'><vcpu current='3'>4</vcpu>
  <vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/><vcpu id='1' enabled='yes' hotpluggable='yes' order='2'/><vcpu id='2' enabled='yes' hotpluggable='yes' order='3'/><vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>
  <devices><memory model='dimm'><target><size unit='KiB'>1048576</size><node>0</node></target><alias name='dimm0'/></memory></devices></domain>`);
const words = (alias: string, refused: number | null, now: number): string => {
  const { level, text } = unplugWords({ alias, asked: 1_000, refused }, live, now);
  return `${level}: ${text}`;
};

describe('what a guest was asked to give back', () => {
  it('is named, and how it fares', () => {
    expect(words('dimm0', null, 2_000)).toBe('info: The guest was asked to give back DIMM of 1 GiB on node 0, and has not let it go yet.');
    expect(words('vcpu2', null, 40_000)).toBe('warning: The guest was asked to give back vCPU 2 and has not let it go: it may still do so, or never.');
    expect(words('vcpu2', 3_000, 4_000)).toMatch(/^warning: The guest refused to give back vCPU 2: it still uses it. Take the vCPU offline/);
    expect(words('dimm0', 3_000, 4_000)).toMatch(/^warning: The guest refused .* Memory goes only when the guest can empty all of it/);
    expect(words('net9', null, 2_000)).toContain('net9');
  });

  it('is there as long as the running guest has it', () => {
    expect(['dimm0', 'dimm1', 'vcpu2', 'vcpu3', 'vcpu9'].map((alias) => isThere(live, { alias }))).toEqual([true, false, true, false, false]);
  });

  it('goes by libvirt’s order where only a number of vCPUs is asked for', () => {
    expect(firstToGo(live)).toBe('vcpu2');
    expect(firstToGo(DomainXml.parse('<domain><vcpu>2</vcpu></domain>'))).toBeNull();
  });
});
