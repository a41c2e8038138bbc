// What the demo host tells of itself: versions, CPUs, memory, and their moving numbers.
import type { Clock } from './clock.ts';
import { checkFlags, Fault, invalidArgument } from './fault.ts';
import { capabilities, cpuCountOf, domainCapabilities, frequency, hostCpusOf, hugepages, hostname, libvirtVersion, type Machine, nodeMemory, qemuVersion } from './host-facts.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';
import { counted, momentary } from './statistics.ts';

const second = 1e9;
/** Seconds that the machine has been up when the demo host is made. */
const uptime = 1_900_000;
const model = Array.from({ length: 32 }, (_, index) => 'x86_64'.codePointAt(index) ?? 0);
const cpuFields = ['kernel', 'user', 'idle', 'iowait'] as const;

/** Each CPU's part of a second that it is busy, on average: the database's cores most, odd threads least. */
const busy = (cpu: number): number => 0.12 + (cpu % 16 < 4 ? 0.32 : 0) + (cpu % 16 >= 10 && cpu % 16 < 14 ? 0.18 : 0) + 0.03 * (cpu % 5);

type CpuTimes = Readonly<Record<(typeof cpuFields)[number], bigint>>;
const timesOf = (cpu: number, seconds: number): CpuTimes => {
  const kernel = counted(cpu, 40, busy(cpu) * 0.15 * second, seconds);
  const user = counted(cpu, 41, busy(cpu) * 0.85 * second, seconds);
  const iowait = counted(cpu, 42, 0.008 * second, seconds);
  // Busy rates stay well below one CPU together, so that what is left never shrinks.
  return { kernel, user, iowait, idle: BigInt(Math.floor(seconds * second)) - kernel - user - iowait };
};

/** Pages of a size that running guests hold on a node: those of guests bound to it, and an even part of the others'. */
const hugepagesTaken = (inventory: Inventory, sockets: number, node: number, size: number): number => inventory.all.filter((guest) => guest.isActive).reduce((sum, guest) => {
  const { root, shape } = guest.current;
  const page = root.at('memoryBacking', 'hugepages', 'page');
  if (page === undefined || Number(page.get('size')) !== size) return sum;
  const bound = root.at('numatune', 'memory')?.get('nodeset');
  const pages = Math.ceil(shape.memory / size);
  return bound === undefined ? sum + pages / sockets : sum + (bound === `${node}` ? pages : 0);
}, 0);

export const hostHandlers = (inventory: Inventory, clock: Clock, machine: Machine): Handlers => {
  const { sockets, coresPerSocket, threadsPerCore } = machine;
  const cpuCount = cpuCountOf(machine);
  const hostCpus = hostCpusOf(machine);
  const began = clock.now();
  const seconds = (): number => uptime + (clock.now() - began) / 1000;
  /** KiB of a node that are free: what guests leave, and what the host itself moves. */
  const freeMemory = (node: number): number => {
    const taken = inventory.all.filter((guest) => guest.isActive).reduce((sum, guest) => sum + guest.current.shape.currentMemory, 0);
    const share = Math.min(taken / (sockets * nodeMemory), 0.93);
    return Math.floor(nodeMemory * (1 - share) * (0.95 + 0.04 * (momentary(70 + node, 1, seconds()) - 1)));
  };
  /** Pages of each size that are set aside on each node. */
  const pools = Array.from({ length: sockets }, () => new Map(hugepages.map(({ size, count }) => [size, count])));
  const nodes = Array.from({ length: sockets }, (_, node) => node);
  const stats = (fields: readonly (readonly [string, bigint])[], asked: number): { readonly params: readonly { readonly field: string; readonly value: bigint }[]; readonly nparams: number } => {
    if (asked === 0) return { params: [], nparams: fields.length };
    if (asked !== fields.length) throw invalidArgument(`nparams in the call must be ${fields.length}`);
    return { params: fields.map(([field, value]) => ({ field, value })), nparams: fields.length };
  };

  return {
    connectGetType: () => ({ type: 'QEMU' }),
    connectGetVersion: () => ({ hv_ver: qemuVersion }),
    connectGetLibVersion: () => ({ lib_ver: libvirtVersion }),
    connectGetHostname: () => ({ hostname }),
    connectGetUri: () => ({ uri: 'qemu:///system' }),
    connectIsSecure: () => ({ secure: 1 }),
    connectGetMaxVcpus: () => ({ max_vcpus: 4096 }),
    connectGetCapabilities: () => ({ capabilities: capabilities(machine, pools) }),
    connectGetDomainCapabilities: ({ arch, machine, virttype }) => {
      if (arch !== null && arch !== 'x86_64') throw invalidArgument(`unable to find any emulator to serve '${arch}' architecture`);
      return { capabilities: domainCapabilities(machine ?? 'pc-q35-9.2', virttype ?? 'kvm') };
    },
    nodeGetInfo: () => ({
      model, memory: BigInt(sockets * nodeMemory), cpus: cpuCount, mhz: frequency, nodes: sockets, sockets: 1, cores: coresPerSocket, threads: threadsPerCore,
    }),
    nodeGetCpuStats: ({ cpuNum, nparams }) => {
      if (cpuNum < -1 || cpuNum >= cpuCount) throw invalidArgument(`Invalid cpuNum in nodeGetCPUStats: ${cpuNum}`);
      const cpus = hostCpus.filter(({ id }) => cpuNum === -1 || id === cpuNum).map(({ id }) => timesOf(id, seconds()));
      return stats(cpuFields.map((field) => [field, cpus.reduce((sum, times) => sum + times[field], 0n)]), nparams);
    },
    nodeGetMemoryStats: ({ cellNum, nparams }) => {
      if (cellNum < -1 || cellNum >= sockets) throw invalidArgument(`cellNum in nodeGetMemoryStats must be less than or equal to ${sockets - 1}`);
      const cells = nodes.filter((node) => cellNum === -1 || node === cellNum);
      const total = BigInt(cells.length * nodeMemory);
      const free = BigInt(cells.reduce((sum, node) => sum + freeMemory(node), 0));
      const fields: readonly (readonly [string, bigint])[] = [['total', total], ['free', free]];
      return stats(cellNum === -1 ? [...fields, ['buffers', 512_000n * BigInt(cells.length)], ['cached', free / 8n]] : fields, nparams);
    },
    nodeGetFreePages: ({ pages, startCell, cellCount }) => {
      if (startCell < 0 || startCell >= sockets) throw new Fault('internalError', 'none', `internal error: start cell ${startCell} out of range (0-${sockets - 1})`);
      const counts = nodes.slice(startCell, startCell + cellCount).flatMap((node) => pages.map((size) => {
        const pool = pools[node]?.get(size);
        if (size !== 4 && pool === undefined) throw new Fault('operationFailed', 'none', `operation failed: page size ${size} is not available on node ${node}`);
        return BigInt(pool === undefined ? Math.floor(freeMemory(node) / 4) : Math.max(0, pool - hugepagesTaken(inventory, sockets, node, size)));
      }));
      return { counts };
    },
    nodeAllocPages: ({ pageSizes, pageCounts, startCell, cellCount, flags }) => {
      checkFlags(flags, 1);
      const cells = startCell === -1 ? nodes : nodes.slice(startCell, startCell + cellCount);
      for (const node of cells) {
        pageSizes.forEach((size, place) => {
          const pool = pools[node];
          const had = pool?.get(size);
          if (pool === undefined || had === undefined) throw new Fault('operationFailed', 'none', `operation failed: page size ${size} is not available on node ${node}`);
          const wanted = Number(pageCounts[place] ?? 0n) + ((flags & 1) === 0 ? had : 0);
          // The kernel gives as many as it finds memory for, and never takes those in use.
          const others = [...pool].reduce((sum, [other, count]) => (other === size ? sum : sum + other * count), 0);
          pool.set(size, Math.max(hugepagesTaken(inventory, sockets, node, size), Math.min(wanted, Math.floor((nodeMemory * 0.9 - others) / size))));
        });
      }
      return { ret: cells.length * pageSizes.length };
    },
    nodeGetFreeMemory: () => ({ freeMem: BigInt(nodes.reduce((sum, node) => sum + freeMemory(node), 0)) * 1024n }),
    nodeGetCellsFreeMemory: ({ startCell, maxcells }) => {
      if (startCell < 0 || startCell >= sockets) throw new Fault('internalError', 'none', `internal error: start cell ${startCell} out of range (0-${sockets - 1})`);
      return { cells: nodes.slice(startCell, startCell + maxcells).map((node) => BigInt(freeMemory(node)) * 1024n) };
    },
  };
};
