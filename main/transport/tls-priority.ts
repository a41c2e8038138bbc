// GnuTLS priority strings (`tls_priority=`) as what Node's TLS is told: what a string takes away is taken away, or the string is refused.
import type { SecureContextOptions } from 'node:tls';
import { Refused } from '../../app/contract/refusal.ts';

type Version = 'TLSv1.2' | 'TLSv1.3';
type Mac = 'AEAD' | 'SHA1' | 'SHA256' | 'SHA384';
interface Suite {
  readonly name: string;
  readonly cipher: string;
  readonly mac: Mac;
  /** Missing in TLS 1.3, where groups alone decide. */
  readonly exchange?: 'ECDHE-ECDSA' | 'ECDHE-RSA' | 'DHE-RSA' | 'RSA';
}

const newSuites: readonly Suite[] = [
  { name: 'TLS_AES_256_GCM_SHA384', cipher: 'AES-256-GCM', mac: 'AEAD' },
  { name: 'TLS_CHACHA20_POLY1305_SHA256', cipher: 'CHACHA20-POLY1305', mac: 'AEAD' },
  { name: 'TLS_AES_128_GCM_SHA256', cipher: 'AES-128-GCM', mac: 'AEAD' },
];
const oldCiphers: readonly Suite[] = [
  { name: 'AES256-GCM-SHA384', cipher: 'AES-256-GCM', mac: 'AEAD' },
  { name: 'CHACHA20-POLY1305', cipher: 'CHACHA20-POLY1305', mac: 'AEAD' },
  { name: 'AES128-GCM-SHA256', cipher: 'AES-128-GCM', mac: 'AEAD' },
  { name: 'AES256-SHA384', cipher: 'AES-256-CBC', mac: 'SHA384' },
  { name: 'AES256-SHA256', cipher: 'AES-256-CBC', mac: 'SHA256' },
  { name: 'AES128-SHA256', cipher: 'AES-128-CBC', mac: 'SHA256' },
  { name: 'AES256-SHA', cipher: 'AES-256-CBC', mac: 'SHA1' },
  { name: 'AES128-SHA', cipher: 'AES-128-CBC', mac: 'SHA1' },
];
/** OpenSSL's names of TLS 1.2's suites, as far as it knows the combination. */
const oldSuites: readonly Suite[] = (['ECDHE-ECDSA', 'ECDHE-RSA', 'DHE-RSA', 'RSA'] as const).flatMap((exchange) =>
  oldCiphers
    .filter(({ name }) => !(name === 'AES256-SHA384' && !exchange.startsWith('EC')) && !(name === 'AES256-SHA256' && exchange.startsWith('EC')) && !(name.startsWith('CHACHA') && exchange === 'RSA'))
    .map((suite) => ({ ...suite, exchange, name: exchange === 'RSA' ? suite.name : `${exchange}-${suite.name}` })));

/** Category → GnuTLS's name of an item → ours. */
const categories = {
  version: { 'VERS-TLS1.3': 'TLSv1.3', 'VERS-TLS1.2': 'TLSv1.2' },
  cipher: Object.fromEntries([...newSuites, ...oldCiphers].map(({ cipher }) => [cipher, cipher])),
  mac: { AEAD: 'AEAD', SHA384: 'SHA384', SHA256: 'SHA256', SHA1: 'SHA1' },
  exchange: { 'ECDHE-ECDSA': 'ECDHE-ECDSA', 'ECDHE-RSA': 'ECDHE-RSA', 'DHE-RSA': 'DHE-RSA', RSA: 'RSA' },
  group: { 'GROUP-X25519': 'X25519', 'GROUP-SECP256R1': 'P-256', 'GROUP-X448': 'X448', 'GROUP-SECP384R1': 'P-384', 'GROUP-SECP521R1': 'P-521' },
  signature: {
    ...Object.fromEntries(['256', '384', '512'].flatMap((bits) => [
      [`SIGN-RSA-SHA${bits}`, `rsa_pkcs1_sha${bits}`], [`SIGN-RSA-PSS-SHA${bits}`, `rsa_pss_pss_sha${bits}`], [`SIGN-RSA-PSS-RSAE-SHA${bits}`, `rsa_pss_rsae_sha${bits}`], [`SIGN-ECDSA-SHA${bits}`, `ECDSA+SHA${bits}`],
    ])),
    'SIGN-EDDSA-ED25519': 'ed25519', 'SIGN-EDDSA-ED448': 'ed448',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
type Category = keyof typeof categories;
const categoryNames = Object.keys(categories) as readonly Category[];

/** Words for all of a category. */
const wholes: Readonly<Record<string, Category>> = {
  'VERS-ALL': 'version', 'VERS-TLS-ALL': 'version', 'CIPHER-ALL': 'cipher', 'MAC-ALL': 'mac', 'KX-ALL': 'exchange', 'GROUP-ALL': 'group', 'CURVE-ALL': 'group', 'SIGN-ALL': 'signature',
};

/** The strings to begin with, by what they leave out of all there is. */
const beginnings: Readonly<Record<string, (item: string) => boolean>> = {
  NORMAL: () => false,
  PERFORMANCE: () => false,
  LEGACY: () => false,
  SECURE128: () => false,
  PFS: (item) => item === 'RSA',
  SECURE192: (item) => /^AES-128|^SHA(1|256)$|^GROUP-(X25519|SECP256R1)$|^SIGN-.*(SHA256|ED25519)$/.test(item),
  SECURE256: (item) => /^AES-128|^SHA(1|256)$|^GROUP-(X25519|SECP256R1)$|^SIGN-.*(SHA256|ED25519)$/.test(item),
  NONE: () => true,
};

/** What GnuTLS knows and is never offered here, so that taking it away, or allowing it, changes nothing. */
const neverOffered =
  /^(VERS-(SSL3\.0|TLS1\.[01]|DTLS.*)|(3DES|ARCFOUR|CAMELLIA|SALSA20|ESTREAM|GOST|MAGMA|KUZNYECHIK|RC2|DES|AES-192|NULL)-?.*|AES-\d+-CCM.*|MD5|SHA512|UMAC-.*|OMAC-.*|(ANON|SRP|PSK|RSA-PSK|DHE-PSK|ECDHE-PSK|DHE-DSS|RSA-EXPORT|VKO)(-.*)?|GROUP-(FFDHE\d+|SECP192R1|SECP224R1|GC.*)|SIGN-(.*-(SHA1|SHA224|MD5)|DSA-.*|GOST.*)|COMP-.*|CTYPE-.*|%(COMPAT|DUMBFW|SERVER_PRECEDENCE|SAFE_RENEGOTIATION|LATEST_RECORD_VERSION))$/;

const refuse = (message: string): Refused =>
  new Refused('bad-uri', message, { stage: 'uri', field: 'uri', remedy: 'Write a GnuTLS priority string such as SECURE256 or NORMAL:-VERS-TLS1.2, or leave tls_priority= out.' });

/**
 * What a priority string (https://gnutls.org/manual/html_node/Priority-Strings.html) allows of TLS 1.2 and 1.3; empty for one that allows all.
 * @throws Refused `bad-uri` for words not known here, and where nothing is left.
 */
export function optionsOfPriority(priority: string): Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers' | 'ecdhCurve' | 'sigalgs'> {
  const [beginning = '', ...items] = priority.trim().split(':').map((word) => word.trim().toUpperCase()).filter((word) => word !== '');
  const isLeftOut = Object.hasOwn(beginnings, beginning) ? beginnings[beginning] : undefined;
  if (isLeftOut === undefined) throw refuse(`The parameter tls_priority begins with ${JSON.stringify(beginning)}, which is not one of ${Object.keys(beginnings).join(', ')}.`);
  const allowed = new Set(categoryNames.flatMap((category) => Object.keys(categories[category])).filter((item) => !isLeftOut(item)));
  for (const item of items) {
    const [, sign = '', written = ''] = /^([+!-]?)(.*)$/.exec(item) ?? [];
    const name = written.replace(/^CURVE-(?!ALL)/, 'GROUP-');
    const category = Object.hasOwn(wholes, name) ? wholes[name] : undefined;
    const named = category === undefined ? [name] : Object.keys(categories[category]);
    const isKnown = category !== undefined || categoryNames.some((one) => Object.hasOwn(categories[one], name));
    if (sign === '' ? !name.startsWith('%') || !neverOffered.test(name) : !isKnown && !neverOffered.test(name)) {
      throw refuse(`The parameter tls_priority has ${JSON.stringify(item)}, which cannot be done here.`);
    }
    for (const one of isKnown ? named : []) {
      if (sign === '+') allowed.add(one);
      else allowed.delete(one);
    }
  }
  return optionsOf(allowed);
}

function optionsOf(allowed: ReadonlySet<string>): ReturnType<typeof optionsOfPriority> {
  const left = (category: Category): readonly string[] => Object.entries<string>(categories[category]).flatMap(([name, ours]) => (allowed.has(name) ? [ours] : []));
  const isAll = (category: Category): boolean => left(category).length === Object.keys(categories[category]).length;
  const suites = (of: readonly Suite[], version: Version): readonly string[] => !left('version').includes(version) ? []
    : of.filter(({ cipher, mac, exchange }) => allowed.has(cipher) && allowed.has(mac) && (exchange === undefined || allowed.has(exchange))).map(({ name }) => name);
  const [recent, older] = [suites(newSuites, 'TLSv1.3'), suites(oldSuites, 'TLSv1.2')];
  if (recent.length + older.length === 0 || left('group').length === 0 || left('signature').length === 0) {
    throw refuse('The parameter tls_priority leaves nothing of TLS 1.2 and TLS 1.3 that could be spoken.');
  }
  return {
    ...(older.length === 0 && { minVersion: 'TLSv1.3' as const }),
    ...(recent.length === 0 && { maxVersion: 'TLSv1.2' as const }),
    ...(!(isAll('cipher') && isAll('mac') && isAll('exchange')) && { ciphers: [...recent, ...older].join(':') }),
    ...(!isAll('group') && { ecdhCurve: left('group').join(':') }),
    ...(!isAll('signature') && { sigalgs: left('signature').join(':') }),
  };
}
