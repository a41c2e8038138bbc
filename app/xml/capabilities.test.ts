import { describe, expect, it } from 'vitest';
import { coresOf, hostCpu, topology } from '../domain/topology.ts';
import { topologyFromCapabilities } from './capabilities.ts';

const info = { cpus: 8, memory: 16_384, nodes: 1, sockets: 1, cores: 4, threads: 2 };
const capabilities = (cells: string): string => `<capabilities>\n  <host>\n    <topology>\n      <cells num='2'>${cells}</cells>\n    </topology>\n  </host>\n</capabilities>\n`;
const twoNodes = capabilities(`
        <cell id='0'>
          <memory unit='KiB'>65536</memory>
          <pages unit='KiB' size='4'>16384</pages>
          <pages unit='KiB' size='2048'>12</pages>
          <distances>
            <sibling id='0' value='10'/>
            <sibling id='1' value='21'/>
          </distances>
          <cpus num='4'>
            <cpu id='4' socket_id='0' die_id='0' core_id='0' siblings='0,4'/>
            <cpu id='0' socket_id='0' die_id='0' core_id='0' siblings='0,4'/>
            <cpu id='1' socket_id='0' die_id='0' core_id='1' siblings='1'/>
            <cpu id='5'/>
          </cpus>
        </cell>
        <cell id='1'>
          <cpus num='2'>
            <cpu id='2' socket_id='1' die_id='1' core_id='0' siblings='2-3'/>
            <cpu id='3' socket_id='1' die_id='1' core_id='0' siblings='2-3'/>
          </cpus>
        </cell>
`);

describe('a topology from capabilities', () => {
  it('has cells with memory, pages, distances and CPUs, and knows which CPUs are offline', () => {
    const found = topologyFromCapabilities(twoNodes, info);
    expect(found).toMatchObject({
      all: '0-4',
      offline: '5',
      cells: [
        { id: 0, memory: 65_536, pages: [{ size: 4, count: 16_384 }, { size: 2048, count: 12 }], distances: [{ cell: 0, value: 10 }, { cell: 1, value: 21 }] },
        { id: 1, memory: null, pages: [], distances: [] },
      ],
    });
    expect(found.cells[1]?.cpus[0]).toEqual({ id: 2, socket: 1, die: 1, core: 0, siblings: '2-3' });
    expect(topology.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
  });

  it('groups threads into cores', () => {
    expect(topologyFromCapabilities(twoNodes, info).cells.map(coresOf)).toEqual([
      [{ socket: 0, die: 0, core: 0, threads: [0, 4] }, { socket: 0, die: 0, core: 1, threads: [1] }],
      [{ socket: 1, die: 1, core: 0, threads: [2, 3] }],
    ]);
  });

  it('falls back on the counts of the node when no topology is told', () => {
    const found = topologyFromCapabilities('<capabilities><host><cpu/></host></capabilities>', info);
    expect([found.all, found.cells.map((cell) => cell.memory), found.cells.flatMap(coresOf).map(({ threads }) => threads)]).toEqual(
      ['0-7', [16_384], [[0, 1], [2, 3], [4, 5], [6, 7]]]);
  });

  it('falls back on one core per CPU when the counts do not agree, as with CPUs offline', () => {
    const found = topologyFromCapabilities('<capabilities/>', { ...info, cpus: 5 });
    expect(found.cells.flatMap(coresOf).map(({ core, threads }) => [core, ...threads])).toEqual([[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]]);
  });

  it('refuses other XML', () => expect(() => topologyFromCapabilities('<domain/>', info)).toThrow(/not <capabilities>/));

  it('crosses processes only with CPU numbers that can be', () => expect(hostCpu.safeParse({ id: -1, socket: 0, die: 0, core: 0, siblings: '0' }).success).toBe(false));
});
