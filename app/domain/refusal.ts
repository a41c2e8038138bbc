// Every way Guestdeck says no: a code to decide by, a sentence to read, and where it happened.
import { remedy } from './remedy.ts';
import { z } from './schema.ts';

/** The stages of reaching a host, in order; the last two only the doctor looks at. */
export const stages = ['uri', 'name', 'port', 'hostKey', 'login', 'socket', 'tls', 'certificate', 'libvirt', 'sasl', 'driver', 'versions', 'permissions'] as const;
export type Stage = (typeof stages)[number];

/** Code → what it stands for. Codes are stable: scripts and the interface decide by them, never by the sentence. */
export const refusalCodes = {
  'bad-input': 'a field of the question is missing, of the wrong form or out of range',
  'bad-uri': 'the connection URI cannot be understood or is not supported',
  'unknown-host': 'no saved connection has this id',
  'unknown-guest': 'the host has no guest with this UUID',
  'unknown-certificate': 'no certificate with this id is kept',
  'unknown-entry': 'the history has no entry with this id',
  'unknown-profile': 'no profile with this id is kept',
  'name-unresolved': 'the host name does not resolve',
  'unreachable': 'nothing answers at that address and port',
  'timed-out': 'a stage or call took longer than its limit',
  'not-ssh': 'what answers on the SSH port does not speak SSH',
  'ssh-algorithms': 'the SSH server and the client have no algorithm in common',
  'host-key-unknown': 'the SSH host key was never seen and was not accepted',
  'host-key-changed': 'the SSH host key differs from the one known',
  'host-key-revoked': 'the SSH host key is marked revoked',
  'login-failed': 'no SSH credential was accepted',
  'key-unreadable': 'a private key file is missing, malformed or its passphrase is wrong',
  'command-refused': 'the host did not run a command, or it said more than is listened to',
  'socket-missing': 'no libvirt socket answers on the host',
  'socket-denied': 'the libvirt socket may not be opened by this user',
  'not-tls': 'what answers on the TLS port does not speak TLS',
  'certificate-missing': 'a certificate file needed for TLS is missing or unreadable',
  'certificate-untrusted': 'the host presented a certificate our authority did not sign, or that is out of date',
  'certificate-name': 'the host certificate is for other names',
  'certificate-refused': 'the host refused our client certificate, or is certain to refuse it',
  'not-libvirt': 'what answers does not speak the libvirt protocol',
  'auth-failed': 'libvirt refused the credentials',
  'auth-unsupported': 'libvirt asks for a kind of authentication that is not supported',
  'insecure': 'the connection would be neither encrypted nor authenticated',
  'driver-refused': 'the daemon refused to open the driver',
  'protocol': 'a frame broke the protocol; the connection was closed',
  'connection-lost': 'the connection ended before the answer came',
  'not-connected': 'the host is not connected',
  'cancelled': 'the caller gave up waiting',
  'read-only': 'the connection is read-only',
  'libvirt': 'libvirt refused the call; `libvirt` holds its error',
  'console-taken': 'somebody else has the guest’s console open',
  'changed-meanwhile': 'the guest was changed by someone else since it was read',
  'not-confirmed': 'the host took the change but does not show it',
  'plan-invalid': 'the wanted settings break a rule',
  'not-undoable': 'the change cannot be undone any more',
  'storage': 'a file of Guestdeck could not be read or written',
  'confirmation': 'a destructive action was not confirmed with the name it destroys',
  'bug': 'Guestdeck itself failed',
} as const;
export type RefusalCode = keyof typeof refusalCodes;

/** What crosses a boundary instead of an exception. Holds no secret, no stack trace. */
export const refusal = z.object({
  code: z.enum(Object.keys(refusalCodes) as [RefusalCode, ...RefusalCode[]]),
  /** What was seen: one or two sentences for a person. */
  message: z.string(),
  /** What to do about it. */
  remedy: z.string().optional(),
  /** What can be done about it by a button. */
  offers: z.array(remedy).optional(),
  stage: z.enum(stages).optional(),
  /** The field of the question at fault, as a dotted path. */
  field: z.string().optional(),
  /** libvirt's own error: virErrorNumber, virErrorDomain. */
  libvirt: z.object({ code: z.number(), domain: z.number() }).optional(),
});
export type Refusal = z.infer<typeof refusal>;

/** A refusal on its way up inside one process; it becomes data again at the boundary. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;
  constructor(code: RefusalCode, message: string, more: Omit<Refusal, 'code' | 'message'> = {}, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.refusal = { code, message, ...more };
  }
}

/** How every answer crosses: the value, or why not. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };
