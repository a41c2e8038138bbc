// One long conversation with a libvirt daemon about a guest of its own, to be held with the demo host and with a real libvirtd alike.
import type { Connection } from '../../libvirt/connection.ts';
import { definitions } from './definitions.test-peer.ts';
import { disks } from './disks.test-peer.ts';
import { interfaces } from './interfaces.test-peer.ts';
import { iothreads } from './iothreads.test-peer.ts';
import { lifeCycle } from './life-cycle.test-peer.ts';
import { memory } from './memory.test-peer.ts';
import { metadata } from './metadata.test-peer.ts';
import { numa } from './numa.test-peer.ts';
import { pinning } from './pinning.test-peer.ts';
import { scheduler } from './scheduler.test-peer.ts';
import { stopped } from './stopped.test-peer.ts';
import { type Outcomes, removeTwins, talkWith } from './talk.test-peer.ts';
import { vcpus } from './vcpus.test-peer.ts';
import { weights } from './weights.test-peer.ts';

/** In this order: each chapter finds the guest as the one before left it. */
const chapters = [definitions, stopped, pinning, scheduler, vcpus, memory, disks, interfaces, weights, numa, iothreads, metadata, lifeCycle];

/**
 * Holds the conversation; the guest is gone at the end.
 * @param disk a file that the daemon can give to a guest.
 */
export const converse = async (connection: Connection, disk: string): Promise<Outcomes> => {
  const talk = await talkWith(connection, disk);
  for (const chapter of chapters) await chapter(talk);
  await talk.events.stop();
  await removeTwins(connection);
  return { ...talk.outcomes, ...Object.fromEntries(Object.entries(talk.events.seen).map(([name, seen]) => [`events: ${name}`, seen.join('\n')])) };
};
