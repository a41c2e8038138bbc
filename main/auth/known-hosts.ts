// OpenSSH's known_hosts files: reading them, judging a host's key by them, adding a line.
import { createHash, createHmac } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** `cert-authority` lines vouch for certificates, not for keys, so they match no plain key. */
  readonly marker?: 'revoked' | 'cert-authority';
  /** The first field: patterns separated by commas, or one hashed name. */
  readonly names: string;
  readonly key: Buffer;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' | 'changed' | 'revoked'; readonly by: KnownHost }
  | { readonly kind: 'unknown' };

/** The name a host goes by in these files: lower case, and `[name]:port` unless the port is 22. */
export const knownHostName = (host: string, port: number): string => (port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`);

/** Reads the files that exist, in order. Lines that make no sense are passed over, as OpenSSH does. */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHost[]> {
  const read = await Promise.all(files.map(async (file) => parseKnownHosts(await textOf(file), file)));
  return read.flat();
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return '';
    throw error;
  }
}

/** The lines of a file's text that hold a key. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((written, index) => {
    const match = /^\s*(?:@(revoked|cert-authority)\s+)?([^\s#@]\S*)\s+([A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(written);
    if (match === null) return [];
    const [, marker, names = '', keyType = '', base64 = ''] = match;
    const key = Buffer.from(base64, 'base64');
    if (keyTypeOf(key) !== keyType) return [];
    return [{ file, line: index + 1, names, key, ...((marker === 'revoked' || marker === 'cert-authority') && { marker }) }];
  });
}

/**
 * Judges a host key (an SSH public key blob). As with OpenSSH a host for which other keys are known, and not this one, has changed;
 * a line marked `@revoked` that names the host and holds the key outweighs all others.
 */
export function judgeHostKey(knownHosts: readonly KnownHost[], name: string, key: Buffer): HostKeyVerdict {
  const lines = knownHosts.filter((known) => namesHost(known.names, name));
  const revoked = lines.find((known) => known.marker === 'revoked' && known.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', by: revoked };
  const plain = lines.filter((known) => known.marker === undefined);
  const same = plain.find((known) => known.key.equals(key));
  if (same !== undefined) return { kind: 'known', by: same };
  // The line for the same kind of key is the one to show.
  const other = plain.find((known) => keyTypeOf(known.key) === keyTypeOf(key)) ?? plain[0];
  return other === undefined ? { kind: 'unknown' } : { kind: 'changed', by: other };
}

/** The kinds of key known for a host: asking the server for these first avoids a false "changed". */
export const knownKeyTypes = (knownHosts: readonly KnownHost[], name: string): ReadonlySet<string> =>
  new Set(knownHosts.filter((known) => known.marker === undefined && namesHost(known.names, name)).map((known) => keyTypeOf(known.key)));

/** Whether the names field of a line means the host: a hashed name, or patterns with `*`, `?` and a leading `!` for "not". */
export function namesHost(names: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(names);
  if (hashed !== null) {
    const [, salt = '', hash = ''] = hashed;
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
  }
  let named = false;
  for (const pattern of names.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    named = true;
  }
  return named;
}

/** Matches without backtracking over more than the last `*`, so a hostile pattern costs no more than its length times the name's. */
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let position = 0; position < name.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = position;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** The SSH name of a public key's kind, which the blob begins with; empty when it is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length <= key.length - 4 ? key.toString('latin1', 4, 4 + length) : '';
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export const sha256Fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** `MD5:…` as `ssh-keygen -l -E md5` prints it: for people who compare with old notes. */
export const md5Fingerprint = (key: Buffer): string =>
  `MD5:${createHash('md5').update(key).digest('hex').replaceAll(/..(?=.)/g, '$&:')}`;

/** Appends a line for the host, unhashed; the file gets mode 0600 and its folder 0700 when they are made. */
export async function addKnownHost(file: string, name: string, key: Buffer): Promise<void> {
  await addKnownHostLines(file, `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`);
}

/** Appends whole lines. */
export async function addKnownHostLines(file: string, lines: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const before = await textOf(file);
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(file, `${separator}${lines}`, { mode: 0o600 });
}
