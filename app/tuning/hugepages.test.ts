import { describe, expect, it } from 'vitest';
import { kib } from '../domain/brands.ts';
import { topologyOf } from '../domain/topology.ts';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { knobs } from './knobs.ts';

const cell = (id: number, count: number) => ({ id, memory: null, distances: [], pages: [{ size: kib(4), count: 100_000 }, { size: kib(2048), count }], cpus: [] });
const facts: Facts = {
  ...unknownFacts('any'), guest: { name: 'any', running: false, persistent: true },
  topology: topologyOf([cell(0, 64), cell(1, 32)]), freePages: [{ node: 0, size: 2048, free: 60 }, { node: 1, size: 2048, free: 8 }],
};
const guest = (mebibytes: number, more = ''): DomainXml => DomainXml.parse(`<domain type='kvm'><memory unit='MiB'>${mebibytes}</memory>${more}</domain>`);
const cells = '<cpu><numa><cell id="0" memory="65536"/><cell id="1" memory="65536"/></numa></cpu>';
const says = (value: Parameters<typeof knobs.hugepages.check>[0], xml: DomainXml, more: Partial<Facts> = {}): readonly string[] =>
  knobs.hugepages.check(value, '', 'saved', { ...facts, ...more }, xml).map(({ level, message }) => `${level}: ${message}`);
const usual = [{ size: null, nodeset: null }];

describe('hugepages', () => {
  it('of the usual size are one item without a size', () => {
    const xml = guest(64, '<memoryBacking><hugepages/><locked/></memoryBacking>');
    expect(knobs.hugepages.read(xml, facts)).toEqual({ '': usual });
    knobs.hugepages.write(xml, '', [{ size: 2048, nodeset: '0' }, { size: 1_048_576, nodeset: '1' }]);
    expect(knobs.hugepages.read(xml, facts)).toEqual({ '': [{ size: 2048, nodeset: '0' }, { size: 1_048_576, nodeset: '1' }] });
    knobs.hugepages.write(xml, '', usual);
    expect(xml.text()).toContain('<memoryBacking><hugepages/><locked/></memoryBacking>');
  });

  it('that the host has not set aside are refused; those that are in use now are warned of, unless the guest itself runs', () => {
    expect(says(usual, guest(64))).toEqual([]);
    expect(says(usual, guest(150))).toEqual([expect.stringMatching(/^warning: This takes 75 pages of 2 MiB, and 68 are free now/)]);
    expect(says(usual, guest(150), { guest: { name: 'any', running: true, persistent: true } })).toEqual([]);
    expect(says(usual, guest(194))).toEqual([expect.stringMatching(/^error: This takes 97 pages of 2 MiB. The host has 96 set aside/)]);
  });

  it('are counted on the nodes that the guest is bound to, cell by cell', () => {
    const bound = guest(128, "<numatune><memory mode='strict' nodeset='1'/></numatune>");
    expect(says(usual, bound)[0]).toMatch(/^error: This takes 64 pages of 2 MiB. Node 1 of the host has 32 set aside/);
    const one = guest(128, `<numatune><memory mode='strict' nodeset='0-1'/><memnode cellid='1' mode='strict' nodeset='1'/></numatune>${cells}`);
    expect(says([{ size: 2048, nodeset: '1' }], one)[0]).toMatch(/^warning: This takes 32 pages of 2 MiB, and 8 are free now/);
  });

  it('are shown beside with those that are free on each node of the host', () => {
    expect(knobs.hugepages.about?.('', guest(64), facts)).toBe('Free on the host now: node 0 60 × 2 MiB; node 1 8 × 2 MiB.');
    expect(knobs.hugepages.about?.('', guest(64), unknownFacts('any'))).toBeNull();
  });

  it('of sizes and for nodes that do not exist are refused', () => {
    expect(says([{ size: 3000, nodeset: null }], guest(64))[0]).toMatch(/no pages of 2.93 MiB; it has 4 KiB, 2 MiB/);
    expect(says([{ size: 2048, nodeset: '2' }], guest(64, cells))[0]).toMatch(/guest has no node 2/);
    expect(says([...usual, { size: 2048, nodeset: null }], guest(64))[0]).toMatch(/Only one page size/);
  });
});
