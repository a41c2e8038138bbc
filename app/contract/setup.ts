// What is set up on a host for access from afar: certificates, the daemon's settings, SASL users. Every change is planned, shown, and put back where it fails.
import { daemonSettingNames } from '../daemon/daemon-settings.ts';
import { isWritable } from '../daemon/settings-file.ts';
import { rsaKeyBits } from '../pki/profiles.ts';
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { refusal } from './refusal.ts';
import { z } from './schema.ts';
import { stepOutcome } from './tuning.ts';

/** `host` null = this computer. Where root is needed, the password of sudo is asked for as a question of the host. */
const host = hostIdOf.nullable();
const certificate = z.string().min(1).max(64);

/** A file as it is on the host. */
const fileThere = z.object({
  path: z.string(),
  owner: z.string(),
  group: z.string(),
  /** Octal, such as `600`. */
  mode: z.string(),
  /** SHA-256 of the certificate in it, as pairs of hexadecimal digits with colons; null for what is no certificate or may not be read. */
  fingerprint: z.string().nullable(),
});

export const setupLook = z.object({
  user: z.string(),
  /** `sudo` asks for no password, `password` may ask for one, `none`: neither root nor sudo. */
  rights: z.enum(['root', 'sudo', 'password', 'none']),
  system: z.string(),
  /** What clients may reach the host by: its names, then its addresses without those of the loopback. */
  names: z.array(z.string()),
  /** One daemon for all drivers (libvirtd), or one for each with virtproxyd before them. */
  daemon: z.enum(['monolithic', 'modular', 'none']),
  /** `socket`: systemd listens for the daemon; `itself`: the daemon does, started with --listen. */
  listens: z.enum(['socket', 'itself']),
  units: z.array(z.object({ name: z.string(), state: z.string(), file: z.string() })),
  port: z.number().int(),
  /** Whether TLS is listened for now. */
  isListening: z.boolean(),
  files: z.array(fileThere),
  /** The firewall that runs. */
  firewall: z.enum(['firewalld', 'ufw']).nullable(),
  /** `Enforcing`, `Permissive`, or empty. */
  selinux: z.string(),
  /** What can make a key there. */
  keyMaker: z.enum(['openssl', 'certtool']).nullable(),
  /** A change that was not brought to its end: when it was begun, and what it did. `putBack` takes it back. */
  interrupted: z.object({ since: z.string(), did: z.array(z.string()) }).nullable(),
  /** Whether a key waits there for its certificate. */
  hasRequest: z.boolean(),
});
export type SetupLook = z.infer<typeof setupLook>;

/** What a certificate is put on a host for, besides the daemon's own TLS. */
export const certificateUses = ['daemon', 'vnc', 'spice', 'migration'] as const;
/** `app`: the data folder, for `pkipath=`; `user`: ~/.pki/libvirt; `system`: /etc/pki, for all users of that computer. */
export const clientPlaces = ['app', 'user', 'system'] as const;

const settingValue = z.union([z.int(), z.string().max(4096).refine(isWritable, 'cannot be written in the file'), z.array(z.string().min(1).max(4096).refine(isWritable, 'cannot be written in the file')).max(1000)]);

export const setupWish = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('host'),
    certificate,
    uses: z.array(z.enum(certificateUses)).min(1),
    /** The key was made on the host by `request`, and stays there. */
    keyOnHost: z.boolean().optional(),
    /** The client certificate to connect with at the end; without one it is only seen that the host shows its own. */
    client: certificate.optional(),
    /** How this computer reaches the host over TLS: the name of the saved connection and the usual port when left out. */
    reachedAs: z.strictObject({ name: z.string().min(1).max(255).optional(), port: z.int().min(1).max(65_535).optional() }).optional(),
  }),
  z.strictObject({ kind: z.literal('client'), certificate, place: z.enum(clientPlaces) }),
  /** `value` null takes the setting out of the file, so that the default counts. */
  z.strictObject({ kind: z.literal('settings'), changes: z.array(z.strictObject({ name: z.enum(daemonSettingNames as [typeof daemonSettingNames[number], ...typeof daemonSettingNames[number][]]), value: settingValue.nullable() })).min(1).max(50) }),
]);
export type SetupWish = z.infer<typeof setupWish>;

/** What a file that is written holds. Its text is never in a plan, except for the lines of settings that differ. */
export const fileContents = ['authority', 'revocations', 'certificate', 'key', 'settings'] as const;

const differenceLine = z.object({ kind: z.enum(['same', 'added', 'removed', 'skipped']), line: z.string() });
export const plannedStep = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('folder'), title: z.string(), path: z.string(), owner: z.string(), mode: z.string() }),
  z.object({
    kind: z.literal('file'),
    title: z.string(),
    path: z.string(),
    /** `user:group`. */
    owner: z.string(),
    /** Octal, such as `0600`. */
    mode: z.string(),
    content: z.enum(fileContents),
    /** The key is copied from where it was made on the host. */
    isMadeThere: z.boolean(),
    fingerprint: z.string().nullable(),
    /** Where the file that is replaced stays beside it; null where there is none. */
    backup: z.string().nullable(),
    difference: z.array(differenceLine).nullable(),
  }),
  /** `command`: what is run, for reading. */
  z.object({ kind: z.literal('units'), title: z.string(), command: z.string() }),
  z.object({ kind: z.literal('verify'), title: z.string(), uri: z.string() }),
]);
export type PlannedStep = z.infer<typeof plannedStep>;

export const setupPlan = z.object({
  steps: z.array(plannedStep),
  /** What is worth knowing first, a sentence each. */
  warnings: z.array(z.string()),
  /** Commands that are shown and not run, such as those of a firewall. */
  hints: z.array(z.object({ label: z.string(), command: z.string() })),
  /** The folder for `pkipath=`, where there is one. */
  pkipath: z.string().nullable(),
  /** Changes when the host or what is to be put there does. */
  basis: z.string(),
});
export type SetupPlan = z.infer<typeof setupPlan>;

const setupStep = z.object({ title: z.string(), outcome: stepOutcome.shape.outcome, refusal: refusal.optional() });
/**
 * What became of a change. `put-back`: it failed and the host is as before; `partial`: something could not be put back; `interrupted`:
 * the host was lost and did not come back in time, its journal has what is to be put back.
 */
export const setupReport = z.object({
  outcome: z.enum(['complete', 'put-back', 'partial', 'interrupted']),
  steps: z.array(setupStep),
  /** What it failed of. */
  refusal: refusal.optional(),
  /** What was seen by connecting. */
  verified: z.string().nullable(),
});
export type SetupReport = z.infer<typeof setupReport>;

const shownSetting = z.object({
  name: z.enum(daemonSettingNames as [typeof daemonSettingNames[number], ...typeof daemonSettingNames[number][]]),
  /** Null where the file does not set it. */
  value: settingValue.nullable(),
  usual: settingValue.nullable(),
  form: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('flag') }), z.object({ kind: z.literal('count'), least: z.number(), most: z.number() }),
    z.object({ kind: z.literal('choice'), among: z.array(z.string()) }), z.object({ kind: z.literal('list') }),
  ]),
  explains: z.string(),
});

/** Names that no program takes for an option. */
const userName = z.string().min(1).max(128).regex(/^[^\s@:'"\\-][^\s@:'"\\]*$/, 'letters, digits and marks without blanks, quotes, @ and :');
const realm = z.string().max(255).regex(/^[^\s@:'"\\-][^\s@:'"\\]*$/, 'a name without blanks, quotes, @ and :');

export const setup = {
  asks: {
    /** Asks nobody for a password: what this user may not read is left out. */
    look: ask({ host }, setupLook),
    /** Makes a key on the host, in the place of one that waits there, and gives the request for its certificate; the key stays. `names`: DNS names and IP addresses. */
    request: ask({ host: hostIdOf, names: z.array(z.string().trim().min(1).max(300)).min(1).max(100), organization: z.string().trim().max(64).regex(/^[^\\\p{Cc}]*$/u, 'no backslash and no control characters').optional(), keyBits: z.literal(rsaKeyBits).optional() }, z.object({ pem: z.string() })),
    /** What would be done. Reads as root where it has to. */
    plan: ask({ host, wish: setupWish }, setupPlan),
    /** Does it, if the plan is still the one that was seen. */
    install: ask({ host, wish: setupWish, basis: z.string().max(128) }, setupReport),
    /** Takes an interrupted change back. */
    putBack: ask({ host }, setupReport),
    /** The daemon's settings for access from afar. */
    settings: ask({ host }, z.object({ path: z.string(), settings: z.array(shownSetting), warnings: z.array(z.string()) })),
    /** Users that libvirt knows by SASL. `database`: the file they are in. */
    users: ask({ host }, z.object({ database: z.string(), users: z.array(z.object({ name: z.string(), realm: z.string() })), mechanisms: z.array(z.string()) })),
    /** Adds a user, or sets the password of one. */
    addUser: ask({ host, name: userName, realm: realm.optional(), password: z.string().min(1, 'a password is needed').max(512).regex(/^[^\n\r\0]*$/, 'a password is one line') }, done),
    removeUser: ask({ host, name: userName, realm: realm.optional() }, done),
  },
  news: {
    /** An install goes on: the outcome of its step with this number, from 0. */
    progress: z.object({ host, step: z.number(), outcome: stepOutcome.shape.outcome }),
    /** Something was set up on a host, or put back. */
    changed: z.object({ host }),
  },
};
