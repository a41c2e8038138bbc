// The certificates Guestdeck keeps: authorities, and what they signed for hosts and clients. No answer holds a key unless it is an export.
import { expiryStates } from '../pki/expiry.ts';
import { certificateKinds, certificateProfiles, rsaKeyBits } from '../pki/profiles.ts';
import { type AlternativeName, alternativeName, alternativeNameText, nameProblemWords, partProblems, subjectAttributes, subjectProblems } from '../pki/subject.ts';
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { refusal } from './refusal.ts';
import { z } from './schema.ts';

const id = z.string().min(1).max(64);
/** Milliseconds since 1970. */
const moment = z.number();

/** One part of a name, in certificate order, which is the order `tls_allowed_dn_list` compares. */
const part = z.strictObject({ attribute: z.enum(subjectAttributes), value: z.string().trim().max(1024) });
const parts = z.array(part).max(16).superRefine((all, context) => {
  for (const [index, one] of all.entries()) {
    for (const problem of partProblems(one)) context.addIssue({ code: 'custom', path: [index, 'value'], message: nameProblemWords(problem) });
  }
});
/** A whole name: it has a common name. */
const subject = parts.superRefine((all, context) => {
  for (const problem of subjectProblems(all)) if (problem.code === 'empty' || problem.code === 'noCommonName') context.addIssue({ code: 'custom', message: nameProblemWords(problem) });
});
/** What stands before the common name of a host, which is the first of its names. */
const partsBeforeName = parts.superRefine((all, context) => {
  for (const [index, { attribute }] of all.entries()) if (attribute === 'CN') context.addIssue({ code: 'custom', path: [index, 'attribute'], message: 'the first of the names is the common name' });
});

/** DNS names and IP addresses as they were typed; main receives them in canonical form, none of them twice. */
const names = z.array(z.string().trim().max(300)).max(100).transform((texts, context): readonly AlternativeName[] => {
  const read = texts.map(alternativeName);
  const before = new Set<string>();
  return read.flatMap((name, index) => {
    if ('code' in name) {
      context.addIssue({ code: 'custom', path: [index], message: nameProblemWords(name) });
      return [];
    }
    const text = alternativeNameText(name);
    if (before.has(text)) context.addIssue({ code: 'custom', path: [index], message: `${text} is in the list twice` });
    before.add(text);
    return [name];
  });
});
const someNames = names.refine((list) => list.length > 0, 'at least one name is needed');

const longest = Math.max(...certificateKinds.map((kind) => certificateProfiles[kind].longestValidityDays));
/** How long it is valid: days from now, or from one moment to another. What an authority signs is held inside its own life. */
const validity = z.strictObject({ days: z.int().min(1).max(longest).optional(), notBefore: moment.optional(), notAfter: moment.optional() }).superRefine(({ days, notBefore, notAfter }, context) => {
  const complain = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  if (days !== undefined && notAfter !== undefined) complain('days', 'either days or an end, not both');
  else if (notAfter !== undefined && notAfter <= (notBefore ?? 0)) complain('notAfter', 'the end is before the start');
}).optional();

const keyBits = z.literal(rsaKeyBits).optional();
const passphrase = z.string().min(1).max(1024);
/** Opens the key of the authority that signs. Asked for as a question when it is left out and not remembered; a wrong one is refused as `key-unreadable`. */
const opens = { passphrase: passphrase.optional(), remember: z.boolean().optional() };
/** Protects a key that is made or kept from now on. */
const newPassphrase = z.string().min(8, 'at least eight characters').max(1024);

/** The most bytes a file that is read may have. */
export const mostFileBytes = 1_048_576;
/** A file as base64: PEM with whatever stands around it, DER, or PKCS#12. */
const file = z.string().max(Math.ceil(mostFileBytes / 3) * 4, { message: 'a file of more than 1 MiB is no certificate', abort: true }).base64('not base64');
/** A certificate, and its key and the authorities above it where they are at hand, in one file or several. */
const files = z.array(file).min(1).max(8);
/** A certificate signing request (PKCS#10) in PEM. */
const requestPem = z.string().max(65_536, { message: 'too long for a request', abort: true });

/** `plain`: for the owner's eyes only, as libvirt needs it. `encrypted`: opened by a passphrase, as those of authorities are. */
export const keyStates = ['none', 'plain', 'encrypted'] as const;

const named = {
  kind: z.enum(certificateKinds),
  /** The common name. */
  label: z.string(),
  /** The whole name, as `tls_allowed_dn_list` compares it. */
  subject: z.string(),
  subjectParts: z.array(z.object({ attribute: z.string(), value: z.string() })),
  /** DNS names and IP addresses. */
  names: z.array(z.string()),
  key: z.enum(keyStates),
  /** `rsa`, `ec`, `ed25519`, as Node calls it. */
  keyType: z.string(),
  /** Bits of the RSA modulus, or of the curve. */
  keyBits: z.number(),
};

export const certificateSummary = z.object({
  id,
  ...named,
  issuer: z.string(),
  /** The authority kept here that signed it; its own id when it signed itself; null when that is not kept here. */
  authority: id.nullable(),
  /** Hexadecimal, in capitals. */
  serial: z.string(),
  notBefore: moment,
  notAfter: moment,
  expiry: z.object({ state: z.enum(expiryStates), days: z.number() }),
  /** SHA-256 of the certificate, as pairs of hexadecimal digits with colons. */
  fingerprint: z.string(),
  /** How many authorities may stand below it; null = any number, or not an authority. */
  pathLength: z.number().nullable(),
  /** Host certificates that hosts also show each other when guests migrate. */
  clientAuth: z.boolean(),
  revokedAt: moment.nullable(),
  /** The certificate that was made to take its place. */
  replacedBy: id.nullable(),
  /** The host it was installed on from here. */
  installedOn: hostIdOf.nullable(),
  /** Authorities that are trusted along with this one, while one takes the place of the other. */
  alsoTrusts: z.array(id),
  /** The latest revocation list of an authority. */
  crl: z.object({ number: z.number(), thisUpdate: moment, nextUpdate: moment, revoked: z.number() }).nullable(),
});
export type CertificateSummary = z.infer<typeof certificateSummary>;

/** A request that waits for an authority elsewhere; its key is here. */
export const requestSummary = z.object({ id, ...named, pem: z.string(), madeAt: moment });
export type RequestSummary = z.infer<typeof requestSummary>;

/** What a request from elsewhere asks for. */
const requestContent = z.object({ subject: z.string(), subjectParts: named.subjectParts, names: named.names, keyType: named.keyType, keyBits: named.keyBits });

/** Values to begin with, by a name of the user's own. */
export const certificateProfile = z.strictObject({
  name: z.string().trim().min(1, 'a profile needs a name').max(100),
  kind: z.enum(certificateKinds),
  subject: parts,
  keyBits: z.literal(rsaKeyBits),
  days: z.int().min(1).max(longest),
  clientAuth: z.boolean(),
});
export type CertificateProfile = z.infer<typeof certificateProfile>;

/** A file to be put somewhere. Text, except for archives. `mode` as chmod takes it, such as `0600`. */
const textFile = z.object({ name: z.string(), mode: z.string(), content: z.string() });
const exported = z.discriminatedUnion('as', [
  z.object({ as: z.literal('pem'), files: z.array(textFile) }),
  z.object({ as: z.literal('zip'), name: z.string(), base64: z.string() }),
]);

/** RFC 5280 §5.3.1. */
export const revocationReasons = ['unspecified', 'keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation'] as const;

const made = z.object({ id });
const leafKinds = z.enum(['host', 'client']);
const clientAuth = z.boolean().optional();
/** Days until a revocation list has to be made anew. */
const crlDays = z.int().min(1).max(3650).optional();

export const certificates = {
  asks: {
    /** All that is kept. `damaged`: files that cannot be read; they are left as they are. */
    list: ask({}, z.object({ certificates: z.array(certificateSummary), requests: z.array(requestSummary), damaged: z.array(z.object({ place: z.string(), refusal })) })),
    /** One certificate as PEM, with the authorities above it that are kept here. */
    chain: ask({ id }, z.object({ pem: z.string() })),

    /** Makes an authority, signed by itself or, below another, by `authority`. `pathLength`: how many authorities may stand below; any number when left out. */
    createAuthority: ask({ subject, keyBits, validity, newPassphrase, pathLength: z.int().min(0).max(8).optional(), authority: id.optional(), ...opens }, made),
    /** Keeps an authority made elsewhere. `passphrase` opens its key, or a PKCS#12 file; `newPassphrase` is needed with a key, and protects it here. */
    importAuthority: ask({ files, passphrase: passphrase.optional(), newPassphrase: newPassphrase.optional(), remember: z.boolean().optional() }, made),
    /** cacert.pem, and cacrl.pem where there is one; with `withKey` cakey.pem too, which stays encrypted by the passphrase that has to be given. */
    exportAuthority: ask({ id, withKey: z.boolean().optional(), passphrase: passphrase.optional() }, z.object({ files: z.array(textFile) })),
    /** Deletes an authority, its key and its memory of serials. `confirm` repeats its label. What it signed stays. */
    removeAuthority: ask({ id, confirm: z.string().max(256).optional() }, done),

    /** Makes certificates for hosts, all or none. `host`: the saved connection it is meant for. */
    createHost: ask({ authority: id, hosts: z.array(z.strictObject({ names: someNames, subject: partsBeforeName.optional(), host: hostIdOf.optional() })).min(1).max(200), keyBits, validity, clientAuth, ...opens }, z.object({ ids: z.array(id) })),
    createClient: ask({ authority: id, subject, keyBits, validity, ...opens }, made),
    /** Keeps a certificate of a host or client made elsewhere; its key, when it comes along, is kept plain, for libvirt cannot ask for a passphrase. */
    importIdentity: ask({ files, kind: leafKinds.optional(), passphrase: passphrase.optional() }, made),
    /** Deletes the certificate of a host or client, or a request, with its key. `confirm` repeats the label where a key is deleted. */
    remove: ask({ id, confirm: z.string().max(256).optional() }, done),

    /** What a request from elsewhere asks for, once its signature is found right. */
    readRequest: ask({ request: requestPem }, requestContent),
    /** Signs it; `subject` and `names` take the place of those asked for. */
    signRequest: ask({ authority: id, request: requestPem, kind: leafKinds, subject: subject.optional(), names: names.optional(), validity, clientAuth, host: hostIdOf.optional(), ...opens }, made),
    /** Makes a key and a request for an authority elsewhere. That of an authority is encrypted by `newPassphrase`. */
    makeRequest: ask({ kind: z.enum(certificateKinds), subject, names: names.optional(), keyBits, clientAuth, newPassphrase: newPassphrase.optional(), remember: z.boolean().optional() }, requestSummary),
    /** Takes what the authority elsewhere made of a request. */
    takeSigned: ask({ id, files }, made),

    /** Makes a certificate with the same content to take the place of this one. `key: new` is not for authorities, which roll over. */
    renew: ask({ id, key: z.enum(['same', 'new']), validity, ...opens }, made),
    /** Makes an authority with a new key to take the place of this one; both are trusted until `endRollOver`. Its name gets a generation unless `subject` is given. */
    rollOver: ask({ id, subject: subject.optional(), keyBits, validity, newPassphrase, ...opens }, made),
    /** cacert.pem of this authority holds no authority that was replaced any more. */
    endRollOver: ask({ id }, done),
    /** Revokes a certificate whose authority is kept here, and makes the authority's revocation list anew. */
    revoke: ask({ id, reason: z.enum(revocationReasons).optional(), days: crlDays, ...opens }, z.object({ number: z.number() })),
    /** Makes the revocation list of an authority anew, for `days` days from now. */
    crl: ask({ id, days: crlDays, ...opens }, z.object({ pem: z.string(), number: z.number(), nextUpdate: moment })),

    /** The files of a host or client by the names libvirt gives them, with a README in an archive; the key is among them. */
    export: ask({ id, as: z.enum(['pem', 'zip']) }, exported),

    profiles: ask({}, z.array(certificateProfile)),
    /** In the place of one with the same name. */
    saveProfile: ask({ profile: certificateProfile }, done),
    removeProfile: ask({ name: z.string().max(100) }, done),
  },
  news: {
    /** Certificates, requests, revocation lists or profiles changed. */
    changed: z.object({}),
  },
};
