// A host's virtual networks, and what all guests on one may receive and send together.
import { bandwidth } from '../tuning/bandwidth.ts';
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

export const hostNetwork = z.object({
  uuid: z.string(),
  name: z.string(),
  /** Its limits as it runs; null = it is not active. A network has no floor: that is a NIC's part of its inbound average. */
  live: bandwidth.nullable(),
  /** Its limits from its next start on; null = it is gone when it stops. */
  saved: bandwidth.nullable(),
  /** Why libvirt cannot limit it; null = it can. */
  fixed: z.string().nullable(),
});
export type HostNetwork = z.infer<typeof hostNetwork>;

export const networks = {
  asks: {
    /** By name; null where the host has no networks to tell of. */
    list: ask({ host: hostIdOf }, z.array(hostNetwork).nullable()),
    /** Saves limits for the network's next start. `from` is what was saved when they were thought of: refused with `changed-meanwhile` where that is another by now. */
    limit: ask({ host: hostIdOf, uuid: z.string().max(36), from: bandwidth, to: bandwidth }, hostNetwork),
  },
  news: {},
};
