// The health of certificates: every line of what a TLS connection to a host rests on, and how long all certificates that are known still hold.
import { expiryStates } from '../pki/expiry.ts';
import { healthChecks, healthStates } from '../pki/health.ts';
import { healthRemedy, runnableMend } from '../pki/health-remedy.ts';
import { certificateKinds } from '../pki/profiles.ts';
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

/** One thing that was looked at. */
export const healthLine = z.object({
  check: z.enum(healthChecks),
  /** What was looked at, such as `Dates of the host’s certificate`. */
  what: z.string(),
  /** `unknown`: it could not be looked at, or another line decides it. */
  state: z.enum(healthStates),
  /** What was found: one or two sentences. */
  seen: z.string(),
  /** The line that decides this one; null = none. */
  because: z.enum(healthChecks).nullable(),
  /** The likeliest first. `command` is what it runs or shows; `mends`: health.mend does it. Others lead to a page, or are for a person. */
  remedies: z.array(z.object({ remedy: healthRemedy, label: z.string(), effect: z.string(), command: z.string().nullable(), mends: z.boolean() })),
});
export type HealthLine = z.infer<typeof healthLine>;

export const healthReport = z.object({
  /** The TLS connection that was looked at. */
  uri: z.string(),
  /** When it was begun, in milliseconds since 1970. */
  at: z.number(),
  /** The worst state of its lines, `unknown` left out. */
  state: z.enum(['ok', 'warn', 'fail']),
  /** In the order of `healthChecks`; those that do not apply are left out. */
  lines: z.array(healthLine),
  /** The saved SSH connection by which the host's own files were looked at; null = they were not. */
  over: hostIdOf.nullable(),
  /** This computer's name as `tls_allowed_dn_list` compares it; null without a client certificate. */
  client: z.string().nullable(),
});
export type HealthReport = z.infer<typeof healthReport>;

/** Where a certificate was found. */
export const certificatePlace = z.discriminatedUnion('at', [
  /** In Guestdeck's own keeping, by its id. */
  z.object({ at: z.literal('kept'), id: z.string() }),
  z.object({ at: z.literal('file'), path: z.string() }),
  /** Shown by a saved host that is connected over TLS. */
  z.object({ at: z.literal('host'), host: hostIdOf }),
]);
export type CertificatePlace = z.infer<typeof certificatePlace>;

/** A certificate and everywhere it was found. */
export const knownCertificate = z.object({
  /** SHA-256, as pairs of hexadecimal digits with colons. */
  fingerprint: z.string(),
  kind: z.enum(certificateKinds),
  /** The common name. */
  label: z.string(),
  subject: z.string(),
  issuer: z.string(),
  notBefore: z.number(),
  notAfter: z.number(),
  expiry: z.object({ state: z.enum(expiryStates), days: z.number() }),
  /** The smallest of `expiryWarningDays` it is within; 0 = it is over; null = no warning. */
  warning: z.number().nullable(),
  places: z.array(certificatePlace).min(1),
});
export type KnownCertificate = z.infer<typeof knownCertificate>;

export const health = {
  asks: {
    /**
     * Looks at all that a TLS connection to a host rests on, over connections of its own. Either a saved `host` or a `uri`; one over SSH stands for
     * TLS to the same machine. The host's own files are looked at over the saved SSH connection `over`, or else over one to a host of the same name
     * that is connected. Never refused for what it finds.
     */
    check: ask({ host: hostIdOf.optional(), uri: z.string().trim().min(1).max(4096).optional(), over: hostIdOf.optional() }, healthReport),
    /** Does what a remedy with `mends` says, and looks again. Asks for the password of sudo where that is needed. */
    mend: ask({ host: hostIdOf.optional(), uri: z.string().trim().min(1).max(4096).optional(), over: hostIdOf.optional(), remedy: runnableMend }, healthReport),
    /** All certificates that are known: those kept here, in libvirt's own folders on this computer, and of hosts connected over TLS. The one that ends first comes first. */
    overview: ask({}, z.object({
      certificates: z.array(knownCertificate),
      /** What is there and cannot be read. */
      failures: z.array(z.object({ place: z.string(), message: z.string() })),
    })),
    /** Those of the overview that end soon or are over, the most urgent first. */
    warnings: ask({}, z.array(knownCertificate)),
  },
  news: {},
};
