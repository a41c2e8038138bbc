// The golden frames as they stand on disk: what virsh and a real libvirtd said to each other.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const golden = z.object({
  /** Versions of both sides. */
  captured: z.string(),
  sessions: z.array(z.object({
    command: z.string(),
    /** What virsh made of it. */
    printed: z.string(),
    messages: z.array(z.object({ from: z.enum(['client', 'server']), what: z.string(), hex: z.string() }).readonly()).readonly(),
  }).readonly()).readonly(),
});
export type Golden = z.infer<typeof golden>;

export const goldenFile = new URL('golden.json', import.meta.url);
export const readGolden = async (): Promise<Golden> => golden.parse(JSON.parse(await readFile(goldenFile, 'utf8')));
