// Memory beyond settings: how fast a guest writes to it, and the pages a host sets aside.
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { which } from './guests.ts';
import { z } from './schema.ts';

/** Pages of one size of one node. */
export const pagePool = z.object({
  node: z.number().int(),
  /** KiB of one page. */
  size: z.number().int(),
  /** Set aside, in use or not. */
  count: z.number().int(),
  free: z.number().int(),
});
export type PagePool = z.infer<typeof pagePool>;

export const memory = {
  asks: {
    /** Measures for so many seconds how much memory a running guest writes to: MiB for each second, as a live migration would have to send again. */
    dirtyRate: ask({ ...which, seconds: z.number().int().min(1).max(60) }, z.object({ mebibytesPerSecond: z.number() })),
    /** Hugepages of each node; empty where the host has none or does not tell. */
    pages: ask({ host: hostIdOf }, z.array(pagePool)),
    /** Makes the pool as large, or as near as the host's free memory allows; answers what came of it. Lasts until the host restarts. */
    allocatePages: ask({ host: hostIdOf, node: z.number().int().min(0).max(1023), size: z.number().int().min(1).max(2 ** 34), count: z.number().int().min(0).max(2 ** 32) }, pagePool),
  },
  news: {},
};
