// One instance for each data folder: the first writes how to reach it into a file only its owner reads; a second start asks it for a URL.
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from '../../../app/contract/schema.ts';

const instance = z.strictObject({ pid: z.int().positive(), port: z.int().min(1).max(65535), secret: z.string().min(32) });
export type Instance = z.infer<typeof instance>;

/** How long a running instance may take to answer, in milliseconds, before it counts as dead. */
const patience = 3000;

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

export interface InstanceFile {
  /** The instance that is written down; undefined when there is none or it cannot be understood. */
  read(): Instance | undefined;
  /** Writes this one down, all at once; false when another was quicker. */
  claim(mine: Instance): boolean;
  /** Takes away what a dead instance left, and nothing that was written since. */
  clear(dead: Instance | undefined): void;
}

export const newInstanceSecret = (): string => randomBytes(32).toString('base64url');

export const instanceFileIn = (dataFolder: string): InstanceFile => {
  const path = join(dataFolder, 'web.json');
  const aside = `${path}.${process.pid}`;
  const parse = (text: string): Instance | undefined => {
    try {
      return instance.safeParse(JSON.parse(text)).data;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  const readAt = (place: string): Instance | undefined => {
    try {
      return parse(readFileSync(place, 'utf8'));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  };
  /** Puts a complete file in place, unless one is there. */
  const place = (): boolean => {
    try {
      linkSync(aside, path);
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      rmSync(aside, { force: true });
    }
  };
  return {
    read: () => readAt(path),
    claim: (mine) => {
      writeFileSync(aside, JSON.stringify(mine), { mode: 0o600 });
      return place();
    },
    clear: (dead) => {
      try {
        renameSync(path, aside);
      } catch (error) {
        if (isCode(error, 'ENOENT')) return;
        throw error;
      }
      const was = readAt(aside);
      // Somebody else cleared and claimed between our look and the rename: theirs goes back.
      if (was !== undefined && was.secret !== dead?.secret) place();
      else rmSync(aside, { force: true });
    },
  };
};

/** Asks a running instance for a URL; undefined when nothing that knows the secret answers. */
export const urlFrom = async ({ port, secret }: Instance, path: string): Promise<string | undefined> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST', headers: { authorization: `Bearer ${secret}` }, signal: AbortSignal.timeout(patience), redirect: 'error',
    });
    const text = await response.text();
    return response.ok && text.startsWith(`http://127.0.0.1:${port}/`) ? text : undefined;
  } catch (error) {
    // Refused, reset or too slow: all of them say that no instance is there.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return undefined;
    throw error;
  }
};
