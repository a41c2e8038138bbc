// libvirt's file of credentials (https://libvirt.org/auth.html#auth_client_config): who logs in at which host.
import { readFile } from 'node:fs/promises';
import { Refused } from '../../app/contract/refusal.ts';

/** What the file says for one host; the password is a secret. */
export interface StoredCredentials {
  readonly user?: string;
  readonly password?: string;
  /** Named as `username=` beside `authname=`: the identity to act as. */
  readonly actAs?: string;
  readonly realm?: string;
}

/** Where to look. */
export interface AuthConfPlaces {
  /** `authfile=` of the URI. */
  readonly authFile?: string | undefined;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const refuse = (path: string, what: string, cause?: unknown): Refused =>
  new Refused('auth-failed', `The file of credentials ${path} ${what}.`, { stage: 'sasl', remedy: 'Correct the file (https://libvirt.org/auth.html says how), or leave authfile= and LIBVIRT_AUTH_FILE out to be asked.' }, { cause });

type Groups = ReadonlyMap<string, ReadonlyMap<string, string>>;

const escapes: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };
/** A value without its escapes, as GLib's key files have them; undefined when one does not exist. */
const unescaped = (value: string): string | undefined =>
  /^(?:[^\\]|\\[sntr\\])*$/.test(value) ? value.replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? '') : undefined;

/** Groups as libvirt reads them (GLib's key files): blanks after the = do not count, those at the line's end do. Null when a line is neither group, value nor comment. */
const groupsOf = (content: string): Groups | null => {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const line of content.split(/\r?\n/)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, key, text = ''] = /^\s*(?:\[([^\]]*)\]\s*|([^\s=[]+)[ \t]*=[ \t]*(.*))$/.exec(line) ?? [];
    const value = unescaped(text);
    if (name !== undefined) {
      group = groups.get(name) ?? new Map<string, string>();
      groups.set(name, group);
    } else if (key !== undefined && value !== undefined && group !== undefined) {
      group.set(key, value);
    } else {
      return null;
    }
  }
  return groups;
};

/** What the file's text says for SASL at `host`; null = nothing. `path` is for the words of a refusal. @throws Refused `auth-failed` when it cannot be understood. */
export const credentialsIn = (text: string, host: string, path: string): StoredCredentials | null => {
  const groups = groupsOf(text);
  if (groups === null) throw refuse(path, 'has a line that is neither a group, nor a value, nor a comment');
  const place = groups.get(`auth-libvirt-${host}`) ?? groups.get('auth-libvirt-default');
  if (place === undefined) return null;
  const found = groups.get(`credentials-${place.get('credentials') ?? ''}`);
  if (found === undefined) throw refuse(path, 'names credentials that are not in it');
  const [authname, username, password, realm] = ['authname', 'username', 'password', 'realm'].map((key) => found.get(key));
  const user = authname ?? username;
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(authname !== undefined && username !== undefined && username !== authname && { actAs: username }),
    ...(realm !== undefined && { realm }),
  };
};

/**
 * What the first of these files says that there is: `authfile=`, $LIBVIRT_AUTH_FILE, the user's, the computer's; null = nothing.
 * @throws Refused `auth-failed` when it cannot be read or understood, or one that was named does not exist.
 */
export const storedCredentials = async ({ authFile, home, env }: AuthConfPlaces, host: string): Promise<StoredCredentials | null> => {
  const named = authFile ?? (env['LIBVIRT_AUTH_FILE'] || undefined);
  for (const path of named === undefined ? [`${env['XDG_CONFIG_HOME'] || `${home}/.config`}/libvirt/auth.conf`, '/etc/libvirt/auth.conf'] : [named]) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (named === undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw refuse(path, `cannot be read${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}`, error);
    });
    if (text !== null) return credentialsIn(text, host, path);
  }
  return null;
};
