// What a DIGEST-MD5 server says: directives, each a name and a token or a quoted text (RFC 2831, sections 2.1.1 and 7.1).
import { broken } from './mechanism.ts';

const mechanism = 'DIGEST-MD5';

/** Directive in lower case → its values in order. Texts are bytes as Latin-1, since only the directives say what they are. */
export type Directives = ReadonlyMap<string, readonly string[]>;

const directive = /[\s,]*([A-Za-z0-9-]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^\s,"]+))\s*(?=,|$)/y;

/** @throws Refused `protocol` when it is no list of directives, or names one twice that may come once. */
export const readDirectives = (said: Uint8Array): Directives => {
  const text = Buffer.from(said).toString('latin1');
  const found = new Map<string, string[]>();
  directive.lastIndex = 0;
  let end = 0;
  for (let match = directive.exec(text); match !== null; match = directive.exec(text)) {
    const [, name = '', quoted, token = ''] = match;
    const key = name.toLowerCase();
    const values = found.get(key) ?? [];
    if (values.length > 0 && key !== 'realm') throw broken(mechanism, `it says ${key} twice`);
    found.set(key, [...values, quoted?.replaceAll(/\\([^])/g, '$1') ?? token]);
    end = directive.lastIndex;
  }
  if (!/^[\s,]*$/.test(text.slice(end))) throw broken(mechanism, 'its message cannot be read');
  return found;
};

/** The challenge: what there is to choose from. */
export interface Challenge {
  readonly nonce: string;
  /** Latin-1 or UTF-8, as `isUtf8` says. */
  readonly realms: readonly string[];
  readonly qops: readonly string[];
  readonly ciphers: readonly string[];
  /** The largest token that the server takes, in bytes. */
  readonly largestToken: number;
  readonly isUtf8: boolean;
}

const listOf = (text: string): readonly string[] => text.split(',').map((item) => item.trim().toLowerCase()).filter((item) => item !== '');

/** @throws Refused `protocol` when it is no challenge of RFC 2831. */
export const readChallenge = (said: Uint8Array): Challenge => {
  const directives = readDirectives(said);
  const only = (name: string): string | undefined => directives.get(name)?.[0];
  const nonce = only('nonce') ?? '';
  if (nonce === '') throw broken(mechanism, 'its challenge has no nonce');
  if (only('algorithm') !== 'md5-sess') throw broken(mechanism, 'its challenge does not name the algorithm md5-sess');
  const charset = only('charset')?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8') throw broken(mechanism, 'its challenge names an unknown character set');
  const largest = only('maxbuf') ?? '65536';
  // Tokens of a few bytes would only be a way to keep us busy.
  if (!/^\d{1,10}$/.test(largest) || Number(largest) < 1_024) throw broken(mechanism, 'its challenge allows no messages of a usable size');
  return {
    nonce,
    realms: directives.get('realm') ?? [],
    qops: listOf(only('qop') ?? 'auth'),
    ciphers: listOf(only('cipher') ?? ''),
    largestToken: Number(largest),
    isUtf8: charset === 'utf-8',
  };
};
