// What a SASL mechanism is to whoever carries its messages: bytes in, bytes out, and perhaps a layer over all that follows.
import { Refused } from '../../../app/contract/refusal.ts';

/** What seals everything after the login, both ways. It has state: bytes go through in the order they travel. */
export interface SecurityLayer {
  /** The sealed form of one message. */
  readonly seal: (plain: Uint8Array) => Buffer;
  /** The plain bytes that became complete with these. @throws Refused `protocol`; nothing after it can be read. */
  readonly open: (sealed: Uint8Array) => Buffer;
}

/** One login by one mechanism. It is used once; a further attempt takes a new one. */
export interface Mechanism {
  /** As registered with IANA. */
  readonly name: string;
  /** What goes along with the mechanism's name; null = no data at all, which is not the same as empty data. */
  readonly initial: Uint8Array | null;
  /** Takes what the server said and gives the answer, null = none. @throws Refused `protocol` or `auth-failed` when the server is not to be trusted. */
  readonly step: (said: Uint8Array) => Promise<Uint8Array | null>;
  /** Whether everything that this side must see has been seen: a server may not end the login before. */
  readonly isDone: boolean;
  /** In force as soon as the server says that the login is complete. */
  readonly layer: SecurityLayer | null;
}

/** Who logs in. The password is a secret: it goes into no error and no log. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** The identity to act as, when it is not the user's own. */
  readonly actAs?: string;
  /** Where the server keeps the user (DIGEST-MD5 only); left out, the first that it names. */
  readonly realm?: string;
}

/** The server's part of a login is not what the mechanism prescribes. */
export const broken = (mechanism: string, what: string): Refused =>
  new Refused('protocol', `The daemon broke the rules of ${mechanism}: ${what}.`, { stage: 'sasl', remedy: 'Check that the address is that of the right host; something in between may have changed the login.' });

/** The server took the login but could not show that it knows the password: whoever it is, it is not to be talked to. */
export const impostor = (mechanism: string): Refused =>
  new Refused('auth-failed', `The daemon did not prove by ${mechanism} that it knows the password itself.`, {
    stage: 'sasl',
    remedy: 'The far side may not be the host it claims to be. Check the address, and change the password if in doubt.',
  });
