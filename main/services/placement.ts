// Places guests of a host on its CPUs by policy: what to want of each, and the plan it makes. Applying is tuning's.
import { Refused } from '../../app/contract/refusal.ts';
import { CpuSet, CpuSetError } from '../../app/domain/cpu-set.ts';
import type { Topology } from '../../app/domain/topology.ts';
import { guestToPlace, wantedOf } from '../../app/tuning/placed.ts';
import { keptCpus, keptPerNode, place } from '../../app/tuning/placement.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { cpuKindsOf } from './cpu-kinds.ts';
import { planFor, readGuest } from './guest-reading.ts';
import { freeMemoryOf, neighboursOf } from './pins.ts';
import type { Services } from './services.ts';

const keptOf = ({ cpus, cores }: { readonly cpus: string; readonly cores: number }, topology: Topology): CpuSet => {
  try {
    return keptCpus(cpus, topology).union(keptPerNode(topology, cores));
  } catch (error) {
    if (error instanceof CpuSetError) throw new Refused('bad-input', `${error.message}.`, { field: 'kept.cpus', remedy: 'Write CPUs such as 0-1, or ^0,^1.' });
    throw error;
  }
};

const setOf = (cpus: string | undefined): CpuSet => (cpus === undefined || cpus === '' ? CpuSet.none : CpuSet.parse(cpus));

export const placeGuests = (context: Context): Services['tuning']['place'] => async ({ host, guests, kept }) => {
  const session = await context.session(host);
  const uuids = new Set(guests.map(({ uuid }) => uuid));
  if (uuids.size !== guests.length) throw new Refused('bad-input', 'A guest is named twice.', { field: 'guests' });
  const reads = await Promise.all(guests.map(async ({ uuid, policy, siblings }) => {
    const { name } = guestOf(session, uuid);
    const read = await readGuest(session, domOf({ uuid, name }));
    const { definitions } = read;
    const xml = definitions.saved ?? definitions.live;
    if (xml === null) throw new Refused('unknown-guest', `${name} has no definition any more.`, { field: 'guests' });
    return { read, definitions, guest: { id: uuid, name, policy, siblings, ...guestToPlace(xml) } };
  }));
  const topology = await session.reached.facts.topology();
  const [neighbours, freeKiB, kinds] = await Promise.all([neighboursOf(session), freeMemoryOf(session), cpuKindsOf(session)]);
  const placements = place(
    {
      topology, kept: keptOf(kept, topology), isolated: setOf(kinds?.isolated), efficient: setOf(kinds?.efficient),
      neighbours: neighbours.filter(({ uuid }) => !uuids.has(uuid)), freeKiB,
    },
    reads.map(({ guest }) => guest),
  );
  return reads.map(({ read, definitions, guest }, index) => {
    const placement = placements[index];
    if (placement === undefined || placement.outcome === 'refused') return { uuid: guest.id, name: guest.name, outcome: 'refused' as const, reason: placement?.reason ?? 'It was not placed.' };
    const wanted = wantedOf(placement, definitions, read.facts);
    return {
      uuid: guest.id, name: guest.name, outcome: 'placed' as const, nodes: [...placement.nodes], notes: [...placement.notes],
      vcpus: placement.vcpus.map(String), spare: placement.spare.toString(), wanted, plan: planFor(read, wanted), basis: read.reading.basis,
    };
  });
};
