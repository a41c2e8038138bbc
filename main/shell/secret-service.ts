// Safe storage without Electron on Linux: the desktop's Secret Service keeps one random key, which encrypts what Guestdeck keeps.
import { execFile } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { constants, accessSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { SafeStorage } from '../services/secrets.ts';
import type { Surroundings } from './data-folder.ts';

const name = 'Secret Service';
const program = 'secret-tool';
const attributes = ['application', 'guestdeck', 'purpose', 'key of secrets.json'] as const;
/** A locked keyring asks for its password first, so this is a person's time, in milliseconds. */
const patience = 60_000;
const cipher = 'aes-256-gcm';
const [ivLength, tagLength] = [12, 16];

const isInstalled = (path: string): boolean =>
  path.split(delimiter).filter((folder) => isAbsolute(folder)).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error) return false;
      throw error;
    }
  });

/** What the program prints; null when it exits with 1 and says nothing, which is "not found". The secret goes in by stdin and comes out by stdout: words of a command are for all to see. */
const run = (words: readonly string[], env: Surroundings['env'], input?: string): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const child = execFile(program, [...words], { env: { ...env }, timeout: patience }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 1 && stdout === '' && stderr === '') resolve(null);
      else reject(new Error(`${program} ${words[0] ?? ''} failed: ${stderr.trim() || `code ${error.code ?? 'unknown'}`}`));
    });
    // A program that ends without reading its input is told by its code.
    child.stdin?.on('error', () => undefined).end(input);
  });

/** The key, made at the first use. What was stored is read again, so that all who use it use the same. */
const keyOf = async (env: Surroundings['env']): Promise<Buffer> => {
  const known = await run(['lookup', ...attributes], env);
  if (known === null) await run(['store', '--label=Guestdeck', ...attributes], env, randomBytes(32).toString('base64'));
  const key = Buffer.from(known ?? (await run(['lookup', ...attributes], env)) ?? '', 'base64');
  if (key.length !== 32) throw new Error(`${name} gives back another key than was stored`);
  return key;
};

/** The safe storage of a shell that is a plain process, or why there is none. The keyring is not touched before something is to be kept or read. */
export const secretServiceOf = ({ env, platform }: Pick<Surroundings, 'env' | 'platform'>): SafeStorage => {
  const none = (why: string): SafeStorage => ({ available: false, why });
  if (platform !== 'linux') return none('The browser version of Guestdeck has no access to the safe storage of this computer.');
  if (!env['DBUS_SESSION_BUS_ADDRESS']) return none('There is no desktop session with a keyring.');
  if (!isInstalled(env['PATH'] ?? '')) return none(`The browser version of Guestdeck reaches the keyring by the program ${program}, which is not installed.`);
  let key: Promise<Buffer> | null = null;
  const keyed = async (): Promise<Buffer> => {
    key ??= keyOf(env);
    try {
      return await key;
    } catch (error) {
      key = null;
      throw error;
    }
  };
  return {
    available: true,
    name,
    encrypt: async (text) => {
      const iv = randomBytes(ivLength);
      const sealing = createCipheriv(cipher, await keyed(), iv);
      const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
      return Buffer.concat([iv, sealing.getAuthTag(), sealed]);
    },
    decrypt: async (bytes) => {
      const [iv, tag, sealed] = [bytes.subarray(0, ivLength), bytes.subarray(ivLength, ivLength + tagLength), bytes.subarray(ivLength + tagLength)];
      const secret = await keyed();
      try {
        const opening = createDecipheriv(cipher, secret, iv, { authTagLength: tagLength }).setAuthTag(tag);
        return Buffer.concat([opening.update(sealed), opening.final()]).toString('utf8');
      } catch (error) {
        // What is cut short, changed, or of another key.
        if (error instanceof Error) return null;
        throw error;
      }
    },
  };
};
