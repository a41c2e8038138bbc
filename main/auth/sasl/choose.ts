// Which mechanism a login takes: the strongest that the daemon offers and the way to it allows.
import { Refused } from '../../../app/contract/refusal.ts';
import { DigestMd5 } from './digest-md5.ts';
import type { Credentials, Mechanism } from './mechanism.ts';
import { external, plain } from './plain.ts';
import { Scram } from './scram.ts';

/** The way to the daemon, as far as it matters for what may be said on it. */
export interface Way {
  /** As the URI has it; `localhost` when it names none. */
  readonly host: string;
  /** `open`: anyone may listen and change bytes (TCP). `unverified`: encrypted, but to whom is not known. `private`: encrypted to the right host, or on it. */
  readonly secrecy: 'open' | 'unverified' | 'private';
}

/** A mechanism that was chosen and waits for who logs in. */
export interface Choice {
  readonly name: string;
  /** What to make it from: nothing, or a name and a password. */
  readonly needsPassword: boolean;
  readonly make: (credentials: Credentials) => Mechanism;
}

interface Known {
  readonly needsPassword: boolean;
  readonly allowedOn: readonly Way['secrecy'][];
  readonly make: (credentials: Credentials, way: Way) => Mechanism;
}

const everySecrecy = ['open', 'unverified', 'private'] as const;
const encrypted = ['unverified', 'private'] as const;

/** From the strongest down. The one without a password comes first: where it is offered, the daemon knows us already. */
const known: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['EXTERNAL', { needsPassword: false, allowedOn: encrypted, make: ({ actAs }) => external(actAs) }],
  ['SCRAM-SHA-512', { needsPassword: true, allowedOn: encrypted, make: (credentials) => new Scram('sha512', credentials) }],
  ['SCRAM-SHA-256', { needsPassword: true, allowedOn: encrypted, make: (credentials) => new Scram('sha256', credentials) }],
  ['SCRAM-SHA-1', { needsPassword: true, allowedOn: encrypted, make: (credentials) => new Scram('sha1', credentials) }],
  ['DIGEST-MD5', { needsPassword: true, allowedOn: everySecrecy, make: (credentials, { host, secrecy }) => new DigestMd5(credentials, { digestUri: `libvirt/${host}`, mustSeal: secrecy === 'open' }) }],
  ['PLAIN', { needsPassword: true, allowedOn: ['private'], make: plain }],
]);

const refuse = (message: string, remedy: string): Refused => new Refused('auth-unsupported', message, { stage: 'sasl', remedy });
const byTransport: Readonly<Record<Way['secrecy'], string>> = {
  open: 'For plain TCP, install DIGEST-MD5 on the host and set mech_list: digest-md5 in its /etc/sasl2/libvirt.conf; or connect over TLS or SSH.',
  unverified: 'Verify the host’s certificate (remove no_verify from the URI), or set mech_list: scram-sha-256 in /etc/sasl2/libvirt.conf on the host.',
  private: 'Set mech_list: scram-sha-256 in /etc/sasl2/libvirt.conf on the host, or connect over SSH.',
};
const notAllowed: Readonly<Record<Way['secrecy'], string>> = {
  open: 'is not used over plain TCP, where everyone on the way could take part',
  unverified: 'is not used while the host’s certificate goes unverified, since an impostor would get the password',
  private: 'is not used',
};
const isKerberos = (name: string): boolean => /^(GSSAPI|GSS-SPNEGO|GS2-)/.test(name);
const kerberos = 'Kerberos, which Guestdeck does not speak';

/**
 * The mechanism to take of those offered. `insist` is the MECH of `auth=sasl.MECH`, in any case.
 * @throws Refused `auth-unsupported`, saying what was offered and why none of it will do.
 */
export const chooseMechanism = (offered: readonly string[], way: Way, insist?: string): Choice => {
  // Names as RFC 4422 has them: what a hostile server calls a mechanism does not reach the screen.
  const names = offered.map((name) => name.trim().toUpperCase()).filter((name) => /^[A-Z0-9_-]{1,20}$/.test(name));
  const wanted = insist?.toUpperCase();
  if (wanted !== undefined) {
    const kind = known.get(wanted);
    if (isKerberos(wanted)) throw refuse(`The URI insists on ${wanted}, which is ${kerberos}.`, 'Leave auth= out of the URI, or name another mechanism.');
    if (kind === undefined) throw refuse('The URI insists on a SASL mechanism that Guestdeck does not know.', `Leave auth= out, or write ${[...known.keys()].join(', ')} after sasl. in it.`);
    if (kind.allowedOn.every((secrecy) => secrecy !== way.secrecy)) throw refuse(`The URI insists on ${wanted}, which ${notAllowed[way.secrecy]}.`, byTransport[way.secrecy]);
    if (!names.includes(wanted)) throw refuse(`The URI insists on ${wanted}, but the daemon offers ${names.join(', ') || 'nothing'}.`, 'Leave auth= out of the URI, or name a mechanism that is offered.');
  }
  for (const [name, { needsPassword, allowedOn, make }] of known) {
    const isOpenToUs = names.includes(name) && allowedOn.some((secrecy) => secrecy === way.secrecy);
    if (isOpenToUs && (wanted === undefined || wanted === name)) return { name, needsPassword, make: (credentials) => make(credentials, way) };
  }
  if (names.length > 0 && names.every(isKerberos)) throw refuse(`The daemon offers only ${names.join(', ')}: ${kerberos}.`, byTransport[way.secrecy]);
  const insecure = names.find((name) => known.has(name));
  const why = insecure === undefined ? 'none of which is known here' : `of which ${insecure} ${notAllowed[way.secrecy]}`;
  throw refuse(names.length === 0 ? 'The daemon offers no SASL mechanism.' : `The daemon offers ${names.join(', ')}, ${why}.`, byTransport[way.secrecy]);
};
