// SSH key pairs in ~/.ssh: which there are, and putting a new one there.
import { chmod, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from '../../app/contract/refusal.ts';
import { readIdentityFile } from './identity-files.ts';
import { keyTypeOf, sha256Fingerprint } from './known-hosts.ts';
import type { MadeKey } from './make-key.ts';

/** A key pair whose public half is in a .pub file. */
export interface KeyPairFile {
  /** The private half. */
  readonly file: string;
  /** `type base64 comment`: the line for authorized_keys. */
  readonly publicLine: string;
  readonly type: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly comment: string;
  readonly encrypted: boolean;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
const folderOf = (home: string): string => join(home, '.ssh');

/** The parts of a public key's line; undefined when it is none. Options before the key do not belong into a .pub file. */
function partsOf(line: string): Pick<KeyPairFile, 'publicLine' | 'type' | 'fingerprint' | 'comment'> | undefined {
  const [, type = '', base64 = '', comment = ''] = /^(\S+) +([A-Za-z0-9+/]+={0,2})(?: +([^\r\n]*))?\s*$/.exec(line) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (type === '' || keyTypeOf(key) !== type) return undefined;
  const words = comment.trim();
  return { publicLine: `${type} ${base64}${words === '' ? '' : ` ${words}`}`, type, fingerprint: sha256Fingerprint(key), comment: words };
}

/** The key pairs in ~/.ssh that this user can read, by name. */
export async function listKeyPairs(home: string): Promise<readonly KeyPairFile[]> {
  const names = await readdir(folderOf(home)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const pairs = await Promise.all(names.filter((name) => name.endsWith('.pub')).toSorted().map(async (name) => await keyPairAt(join(folderOf(home), name.slice(0, -'.pub'.length)))));
  return pairs.filter((pair) => pair !== undefined);
}

/** One key pair; undefined when a half is missing, not for us to read, or no key. */
async function keyPairAt(file: string): Promise<KeyPairFile | undefined> {
  try {
    const identity = await readIdentityFile(file);
    const parts = partsOf(await readFile(`${file}.pub`, 'utf8'));
    return identity === undefined || identity.isPublic || parts === undefined ? undefined : { file, ...parts, encrypted: identity.encrypted };
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'EISDIR'].includes(String(codeOf(error)))) return undefined;
    throw error;
  }
}

/**
 * Writes a pair to ~/.ssh as `name` (mode 0600) and `name.pub` (0644). @returns the private half's path.
 * @throws Refused `bad-input` where either file exists already, `storage` when they cannot be written; neither is left then.
 */
export async function writeKeyPair(home: string, name: string, { privateText, publicLine }: MadeKey): Promise<string> {
  const file = join(folderOf(home), name);
  const made: string[] = [];
  try {
    await mkdir(folderOf(home), { recursive: true, mode: 0o700 });
    for (const [path, text, mode] of [[file, privateText, 0o600], [`${file}.pub`, `${publicLine}\n`, 0o644]] as const) {
      const handle = await open(path, 'wx', mode);
      made.push(path);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // A umask may have taken from it what others need.
      await chmod(path, mode);
    }
    return file;
  } catch (error) {
    await Promise.all(made.map(async (path) => await rm(path, { force: true })));
    if (codeOf(error) === 'EEXIST') throw new Refused('bad-input', `There is a key ${file} already.`, { field: 'name', remedy: 'Choose another name: a key is never overwritten.' }, { cause: error });
    throw new Refused('storage', `The key ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}.`, { remedy: 'Check free space and permissions of ~/.ssh.' }, { cause: error });
  }
}
