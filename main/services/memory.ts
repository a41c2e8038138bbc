// Memory as the contract has it: measuring how fast a guest writes to it, and the pages a host sets aside.
import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { PagePool } from '../../app/contract/memory.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { sayKib } from '../../app/tuning/memory-size.ts';
import { statsGroup } from '../libvirt/constants.ts';
import { paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import { type Context, domOf, guestOf } from './context.ts';
import type { HostSession } from './host-session.ts';
import type { Services } from './services.ts';

/** virDomainDirtyRateStatus: measured. */
const measured = 2;
/** Milliseconds between looks at whether measuring is over, and for how long it may be late: no event tells of it. */
const pause = 250;
const patience = 15_000;
/** VIR_NODE_ALLOC_PAGES_SET: the number given is how many there are to be. */
const setPages = 1;

export const memoryServices = (context: Context): Services['memory'] => ({
  dirtyRate: async ({ host, uuid, seconds }, { gone }) => {
    const session = await context.session(host);
    const guest = guestOf(session, uuid);
    const { connection } = session.reached;
    await connection.call(remote.domainStartDirtyRateCalc, { dom: domOf(guest), seconds, flags: 0 });
    const limit = AbortSignal.any([gone, AbortSignal.timeout(seconds * 1000 + patience)]);
    for (let wait = seconds * 1000; ; wait = pause) {
      await after(wait, null, { signal: limit }).catch(() => {
        throw gone.aborted ? new Refused('cancelled', 'Measuring was given up.') : new Refused('timed-out', `${guest.name} was not measured within ${seconds + patience / 1000} s.`);
      });
      const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [domOf(guest)], stats: statsGroup.dirtyrate, flags: 0 });
      const stats = paramsToRecord(retStats[0]?.params ?? []);
      if (stats['dirtyrate.calc_status'] === measured) return { mebibytesPerSecond: Number(stats['dirtyrate.megabytes_per_second'] ?? 0) };
    }
  },

  pages: async ({ host }) => await pools(await context.session(host)),

  allocatePages: async ({ host, node, size, count }) => {
    const session = await context.session(host);
    const before = (await pools(session)).find((pool) => pool.node === node && pool.size === size);
    if (before === undefined) throw new Refused('bad-input', `Node ${node} of the host has no pages of ${sayKib(size)}.`, { field: 'size' });
    const title = `Set aside ${count} pages of ${sayKib(size)} on node ${node}`;
    const virsh = `virsh allocpages --pagesize ${size}KiB --pagecount ${count} --cellno ${node}`;
    const entry = {
      id: randomUUID(), at: Date.now(), user: context.user, host: { id: host, name: context.hostName(host) }, guest: null, kind: 'action', title, changes: [],
      savedBefore: null, savedAfter: null, undoes: null,
    } as const;
    const note = async (outcome: 'interrupted' | 'complete' | 'partial', step: 'unknown' | 'done' | 'failed'): Promise<void> => {
      await context.history.append({ ...entry, changes: [], outcome, steps: [{ title, virsh, scope: 'live', outcome: step }] });
      context.tell('history', 'changed', { id: entry.id });
    };
    await note('interrupted', 'unknown');
    try {
      await session.reached.connection.call(remote.nodeAllocPages, { pageSizes: [size], pageCounts: [BigInt(count)], startCell: node, cellCount: 1, flags: setPages }, { slow: true });
    } catch (error) {
      await note('partial', 'failed').catch(context.complain);
      throw error;
    }
    await note('complete', 'done').catch(context.complain);
    session.reached.facts.forgetTopology();
    context.tell('guests', 'changed', { host, uuids: null });
    const now = (await pools(session)).find((pool) => pool.node === node && pool.size === size);
    return now ?? before;
  },
});

/** The hugepages there are, with how many are free. */
const pools = async (session: HostSession): Promise<PagePool[]> => {
  const { facts } = session.reached;
  const topology = await facts.topology();
  const free = (await facts.memory.freePages(topology)) ?? [];
  return topology.cells.flatMap((cell) => {
    const usual = Math.min(...cell.pages.map(({ size }) => size));
    return cell.pages.filter(({ size }) => size !== usual).map(({ size, count }) => ({ node: cell.id, size, count, free: free.find((one) => one.node === cell.id && one.size === size)?.free ?? 0 }));
  });
};
