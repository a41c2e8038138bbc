// Placing guests: what each policy promises holds for any host and any guests.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuIndex, kib } from '../domain/brands.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import { coresOf, onlineCpus, topologyOf, type HostCpu, type Topology } from '../domain/topology.ts';
import { keptCpus, keptPerNode, place, type Placement, type PlacementGuest, type PlacementHost } from './placement.ts';

/** Siblings side by side (`0-1`) or, as most servers number them, half the host apart. */
function hostOf(nodes: number, dies: number, cores: number, threads: number, apart: boolean): Topology {
  const all = nodes * dies * cores;
  const cells = Array.from({ length: nodes }, (_, id) => {
    const cpus = Array.from({ length: dies * cores }, (__, index) => {
      const core = id * dies * cores + index;
      const ids = Array.from({ length: threads }, (___, thread) => (apart ? core + thread * all : core * threads + thread));
      return ids.map((cpu): HostCpu => ({ id: cpuIndex(cpu), socket: id, die: Math.floor(index / cores), core: index % cores, siblings: CpuSet.of(ids).toString() }));
    }).flat();
    return { id, memory: kib(1 << 24), distances: Array.from({ length: nodes }, (__, cell) => ({ cell, value: cell === id ? 10 : 20 + Math.abs(cell - id) })), pages: [], cpus };
  });
  return topologyOf(cells);
}

const guest = (name: string, vcpus: number, more: Partial<PlacementGuest> = {}): PlacementGuest => ({ id: name, name, vcpus, cells: [], memory: null, policy: 'dedicated', siblings: 'prefer', ...more });
const on = (topology: Topology, more: Partial<PlacementHost> = {}): PlacementHost => ({ topology, kept: CpuSet.none, isolated: CpuSet.none, efficient: CpuSet.none, neighbours: [], freeKiB: {}, ...more });
/** `a: 0,1 | spare 2-7` */
const words = (placement: Placement): string =>
  placement.outcome === 'refused' ? placement.reason : `${placement.vcpus.map(String).join(' ')} | ${placement.spare.toString()}`;

const smt = hostOf(2, 1, 4, 2, true); // node 0: cores (0,8) (1,9) (2,10) (3,11); node 1: (4,12) (5,13) (6,14) (7,15)

describe('a placement', () => {
  it('fills whole cores of one node and leaves the emulator spare CPUs beside it', () => {
    expect(place(on(smt), [guest('a', 4)]).map(words)).toEqual(['0 8 1 9 | 2-3,10-11']);
  });

  it('goes where least is left over, and puts an odd vCPU beside others', () => {
    const host = on(smt, { neighbours: [{ name: 'n', cpus: CpuSet.parse('0-2,8-9'), alone: CpuSet.parse('0-2,8-9') }] });
    expect(place(host, [guest('a', 3)]).map(words)).toEqual(['3 11 10 | 4-7,12-15']);
  });

  it('isolates: one vCPU a core, the other thread empty, and not spare either', () => {
    expect(place(on(smt), [guest('a', 3, { siblings: 'isolate' })]).map(words)).toEqual(['0 1 2 | 3,11']);
  });

  it('requires: only whole cores, or says why not', () => {
    const host = on(smt, { kept: CpuSet.parse('0') });
    expect(place(host, [guest('a', 4, { siblings: 'require' }), guest('b', 3, { siblings: 'require' })]).map(words))
      .toEqual(['1 9 2 10 | 3,8,11', '3 vCPUs do not fill cores of 2 threads. Choose another sibling policy or number of vCPUs.']);
    expect(place(on(hostOf(1, 1, 4, 1, false)), [guest('a', 2, { siblings: 'require' })]).map(words)).toEqual(['The host’s cores have one thread each, so there are no siblings to require.']);
  });

  it('spans as few near nodes as it needs, and says so', () => {
    const [placed] = place(on(smt), [guest('a', 10)]);
    expect(placed).toMatchObject({ outcome: 'placed', nodes: [0, 1], notes: ['No NUMA node has room for 10 vCPUs: they lie on nodes 0, 1.'] });
  });

  it('keeps the vCPUs of a guest’s NUMA cell on one node', () => {
    expect(place(on(smt), [guest('a', 8, { cells: [[0, 1, 2, 3], [4, 5, 6, 7]], siblings: 'isolate' })]).map(words)).toEqual(['0 1 2 3 4 5 6 7 | 0-7']);
  });

  it('lets shared guests float over what nobody has alone, on the less loaded node', () => {
    const shared = { policy: 'shared' } as const;
    expect(place(on(smt, { kept: CpuSet.parse('0,8') }), [guest('s', 4, shared), guest('t', 2, shared), guest('d', 6)]).map(words)).toEqual([
      '4-7,12-15 4-7,12-15 4-7,12-15 4-7,12-15 | 4-7,12-15',
      '4-7,12-15 4-7,12-15 | 4-7,12-15',
      '1 9 2 10 3 11 | 0,8',
    ]);
  });

  it('prefers a node with the memory, and says when none has it', () => {
    const memory = kib(1000);
    expect(place(on(smt, { freeKiB: { 0: 10, 1: 2000 } }), [guest('a', 2, { memory })])).toMatchObject([{ nodes: [1], notes: [] }]);
    expect(place(on(smt, { freeKiB: { 0: 10, 1: 20 } }), [guest('a', 2, { memory })])).toMatchObject([{ nodes: [0], notes: ['NUMA node 0 has less memory free than the guest may use.'] }]);
  });

  it('of too many vCPUs is refused with the numbers, and takes nothing from the next guest', () => {
    expect(place(on(smt), [guest('a', 17), guest('b', 16)]).map(words)).toEqual(['It needs 17 CPUs of its own, and the host has 16 free.', expect.stringMatching(/^0 8 .* \| /)]);
    expect(place(on(smt), [guest('a', 9, { siblings: 'isolate' })]).map(words)).toEqual(['It needs whole cores for 9 vCPUs of its own, and the host has 8 cores entirely free.']);
    expect(place(on(smt), [guest('a', 17, { policy: 'shared' })]).map(words)).toEqual(['It has 17 vCPUs, and the host has 16 CPUs to share.']);
  });
});

describe('on a host with several kinds of CPUs, a placement', () => {
  const isolated = CpuSet.parse('2-3,6-7,10-11,14-15'); // cores 2 and 3 of each node
  const notesOf = (placements: readonly Placement[]): readonly string[] => placements.flatMap((placement) => (placement.outcome === 'placed' ? placement.notes : [placement.reason]));

  it('gives dedicated vCPUs isolated CPUs, and keeps everything that floats off them', () => {
    const placed = place(on(smt, { isolated }), [guest('d', 4), guest('s', 2, { policy: 'shared' })]);
    expect(placed.map(words)).toEqual(['2 10 3 11 | 0-1,8-9', '0-1,8-9 0-1,8-9 | 0-1,8-9']);
    expect(notesOf(placed)).toEqual(['The vCPUs lie on isolated CPUs.']);
  });

  it('stays on one NUMA node rather than on isolated CPUs alone, and says how many are', () => {
    const placed = place(on(smt, { isolated }), [guest('d', 6)]);
    expect(placed.map(words)).toEqual(['2 10 3 11 0 8 | 1,9']);
    expect(notesOf(placed)).toEqual(['4 of 6 vCPUs lie on isolated CPUs: no more are free where they fit.']);
  });

  it('refuses to share isolated CPUs, and says why', () => {
    const all = onlineCpus(smt);
    expect(notesOf(place(on(smt, { isolated: all }), [guest('s', 2, { policy: 'shared' })])))
      .toEqual(['It has 2 vCPUs, and the host has 0 CPUs to share. Isolated CPUs (0-15) are not shared: the kernel moves nothing between them.']);
    expect(place(on(smt, { isolated: all }), [guest('d', 2)])).toMatchObject([{ spare: CpuSet.of([1]), notes: ['The vCPUs lie on isolated CPUs.', 'Only isolated CPUs are spare, so the emulator and all I/O threads run on CPU 1.'] }]);
  });

  it('gives dedicated vCPUs performance cores first', () => {
    const hybrid = { topology: smt, efficient: CpuSet.parse('0-1,4-5,8-9,12-13') };
    expect(place(on(smt, hybrid), [guest('a', 4), guest('b', 6)]).map(words)).toEqual(['6 14 7 15 | 4-5,12-13', '2 10 3 11 0 8 | 1,9']);
    expect(notesOf(place(on(smt, hybrid), [guest('a', 4)]))).toEqual(['The vCPUs lie on performance cores.']);
    expect(notesOf(place(on(smt, hybrid), [guest('b', 6)]))).toEqual(['2 of 6 vCPUs lie on efficiency cores: no more performance cores are free where they fit.']);
  });
});

describe('CPUs kept for the host', () => {
  it.each([['', ''], ['0-1', '0-1'], ['^0,^1', '0-1'], [' ^3 ', '3']])('"%s" are %s', (text, kept) => expect(keptCpus(text, smt).toString()).toBe(kept));
  it('can be the first cores of each node', () => expect(keptPerNode(smt, 1).toString()).toBe('0,4,8,12'));
});

describe('any placement', () => {
  const arbitraryHost = fc.record({
    topology: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.boolean()).map((shape) => hostOf(...shape)),
    kept: fc.array(fc.nat(30), { maxLength: 4 }),
    isolated: fc.array(fc.nat(30), { maxLength: 12 }),
    efficient: fc.array(fc.nat(30), { maxLength: 12 }),
    neighbours: fc.array(fc.record({ cpus: fc.array(fc.nat(30), { maxLength: 5 }), pinned: fc.boolean() }), { maxLength: 3 }),
  }).map(({ topology, kept, isolated, efficient, neighbours }) => {
    const here = (cpus: readonly number[]): CpuSet => CpuSet.of(cpus).intersection(onlineCpus(topology));
    return on(topology, { kept: here(kept), isolated: here(isolated), efficient: here(efficient), neighbours: neighbours.map(({ cpus, pinned }, index) => ({ name: `n${index}`, cpus: here(cpus), alone: pinned ? here(cpus) : CpuSet.none })) });
  });
  const arbitraryGuests = fc.array(fc.record({ vcpus: fc.integer({ min: 1, max: 12 }), policy: fc.constantFrom('shared', 'dedicated'), siblings: fc.constantFrom('prefer', 'isolate', 'require'), celled: fc.boolean() }), { minLength: 1, maxLength: 6 })
    .map((list) => list.map(({ vcpus, policy, siblings, celled }, index) => {
      const half = Math.ceil(vcpus / 2);
      const all = Array.from({ length: vcpus }, (_, vcpu) => vcpu);
      return guest(`g${index}`, vcpus, { policy, siblings, cells: celled ? [all.slice(0, half), all.slice(half)] : [] });
    }));

  const check = (assert: (host: PlacementHost, guests: readonly PlacementGuest[], placements: readonly Placement[]) => void): void => {
    fc.assert(fc.property(arbitraryHost, arbitraryGuests, (host, guests) => assert(host, guests, place(host, guests))), { numRuns: 300 });
  };
  const placedOf = (guests: readonly PlacementGuest[], placements: readonly Placement[]) =>
    guests.flatMap((each, index) => {
      const placement = placements[index];
      return placement?.outcome === 'placed' ? [{ guest: each, placement, own: placement.vcpus.reduce((all, set) => all.union(set), CpuSet.none) }] : [];
    });

  it('pins every vCPU of a placed guest, to CPUs the host has and keeps not for itself', () => check((host, guests, placements) => {
    for (const { guest: each, placement, own } of placedOf(guests, placements)) {
      expect(placement.vcpus.map(({ size }) => size > 0)).toEqual(Array.from({ length: each.vcpus }, () => true));
      expect(own.without(onlineCpus(host.topology)).size + own.intersection(host.kept).size).toBe(0);
      expect(placement.spare.size).toBeGreaterThan(0);
    }
  }));

  it('gives a dedicated CPU to one vCPU only', () => check((host, guests, placements) => {
    const placed = placedOf(guests, placements);
    const dedicated = placed.filter(({ guest: { policy } }) => policy === 'dedicated');
    const cpus = dedicated.flatMap(({ placement }) => placement.vcpus.flatMap((set) => [...set]));
    expect(new Set(cpus).size).toBe(cpus.length);
    const alone = host.neighbours.reduce((all, neighbour) => all.union(neighbour.alone), CpuSet.none);
    const others = host.neighbours.reduce((all, neighbour) => all.union(neighbour.cpus), CpuSet.none);
    expect(CpuSet.of(cpus).intersection(others).size).toBe(0);
    for (const { guest: { policy }, own } of placed) if (policy === 'shared') expect(own.intersection(CpuSet.of(cpus).union(alone)).size).toBe(0);
  }));

  it('puts nothing that floats on isolated CPUs: neither shared vCPUs nor threads that may run on several CPUs', () => check((host, guests, placements) => {
    for (const { guest: { policy }, own, placement } of placedOf(guests, placements)) {
      if (policy === 'shared') expect(own.intersection(host.isolated).size).toBe(0);
      if (placement.spare.size > 1 && !placement.spare.equals(own)) expect(placement.spare.intersection(host.isolated).size).toBe(0);
    }
  }));

  it('uses isolated CPUs alone, and fast ones alone, where a node has enough of them', () => check((host, guests) => {
    const [first] = guests;
    if (first === undefined) return;
    const alone = { ...first, policy: 'dedicated', siblings: 'prefer', cells: [] } as const;
    const free = onlineCpus(host.topology).without(host.neighbours.reduce((all, { cpus }) => all.union(cpus), host.kept));
    const suffices = (kind: CpuSet): boolean => host.topology.cells.some(({ cpus }) => CpuSet.of(cpus.map(({ id }) => id)).intersection(free).intersection(kind).size >= alone.vcpus);
    const ownOn = (isolated: CpuSet): CpuSet => placedOf([alone], place({ ...host, isolated }, [alone]))[0]?.own ?? CpuSet.none;
    if (suffices(host.isolated)) expect(ownOn(host.isolated).without(host.isolated).size).toBe(0);
    if (suffices(free.without(host.efficient))) expect(ownOn(CpuSet.none).intersection(host.efficient).size).toBe(0);
  }));

  it('never breaks require or isolate', () => check((host, guests, placements) => {
    const cores = host.topology.cells.flatMap(coresOf);
    const placed = placedOf(guests, placements);
    for (const { guest: { policy, siblings, vcpus }, own, placement } of placed.filter((each) => each.guest.policy === 'dedicated')) {
      expect([policy, own.size]).toEqual(['dedicated', vcpus]);
      const touched = cores.filter(({ threads }) => threads.some((cpu) => own.has(cpu)));
      if (siblings === 'require') expect(touched.every(({ threads }) => threads.length > 1 && threads.every((cpu) => own.has(cpu)))).toBe(true);
      if (siblings !== 'isolate') continue;
      expect(touched).toHaveLength(vcpus);
      for (const { placement: other } of placed) {
        const foreign = other === placement ? CpuSet.none : other.vcpus.reduce((all, set) => all.union(set), CpuSet.none);
        expect(touched.some(({ threads }) => threads.some((cpu) => foreign.has(cpu)))).toBe(false);
      }
    }
  }));

  it('refuses who only prefers siblings just when the CPUs do not suffice', () => check((host, guests) => {
    const [first] = guests;
    if (first === undefined) return;
    const alone = { ...first, policy: 'dedicated', siblings: 'prefer', cells: [] } as const;
    const free = onlineCpus(host.topology).without(host.neighbours.reduce((all, { cpus }) => all.union(cpus), host.kept));
    expect(place(host, [alone])[0]?.outcome).toBe(free.size >= alone.vcpus ? 'placed' : 'refused');
  }));

  it('is the same again, in whatever order the guests are named', () => check((host, guests, placements) => {
    const again = place(host, guests.toReversed()).toReversed();
    expect(again.map(words)).toEqual(placements.map(words));
  }));
});
