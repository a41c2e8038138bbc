// Safe storages for tests: none, and one that turns bits around.
import { join } from 'node:path';
import { Remembering } from './remembering.ts';
import { type SafeStorage, Secrets } from './secrets.ts';

export const noStorage: SafeStorage = { available: false, why: 'There is none in tests.' };

/** Encrypts so that a glance does not read it, which is enough to see that nothing is written in plain text. */
export const testStorage = (name = 'test keyring'): SafeStorage & { readonly available: true } => {
  const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xa5));
  return {
    available: true,
    name,
    encrypt: async (text) => turned(Buffer.from(`${name}:${text}`)),
    decrypt: async (bytes) => {
      const text = turned(bytes).toString('utf8');
      return text.startsWith(`${name}:`) ? text.slice(name.length + 1) : null;
    },
  };
};

/** What main remembers by when nobody ticks anything. */
export const remembersNothing = async (folder: string): Promise<Remembering> =>
  new Remembering(await Secrets.open({ path: join(folder, 'secrets.json'), storage: noStorage, tell: () => undefined, complain: () => undefined }), () => undefined);
