// What Guestdeck remembers to log in with, and the SSH keys it makes and installs. No answer here holds a secret.
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { lasting } from './questions.ts';
import { refusal } from './refusal.ts';
import { z } from './schema.ts';

const text = z.string();
const port = z.number().int().optional();

/** What a remembered answer is for. It is given to nobody and nothing else. */
export const purpose = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), user: text, host: text, port }),
  /** A server's own question for a password (keyboard-interactive). */
  z.object({ kind: z.literal('prompt'), user: text, host: text, port, prompt: text }),
  z.object({ kind: z.literal('passphrase'), keyFile: text }),
  /** libvirt's login; a password remembered for one family of mechanisms is not shown to another, such as PLAIN. `user` is the one the connection names. */
  z.object({ kind: z.literal('credentials'), host: text, family: text, user: text.optional() }),
]);
export type Purpose = z.infer<typeof purpose>;

export const remembered = z.object({
  id: z.string(),
  purpose,
  /** Who logs in with it; null for a passphrase. */
  user: text.nullable(),
  /** Milliseconds since 1970. */
  since: z.number(),
  lasts: lasting,
});
export type Remembered = z.infer<typeof remembered>;

/** Where secrets can be kept from one run to the next; `why` not is a sentence. */
export const storage = z.discriminatedUnion('available', [z.object({ available: z.literal(true), name: text }), z.object({ available: z.literal(false), why: text })]);

export const keyTypes = ['ed25519', 'rsa'] as const;
export type KeyType = (typeof keyTypes)[number];

/** An SSH key pair in the user's ~/.ssh. */
export const sshKey = z.object({
  file: text,
  /** The SSH name of its kind, such as `ssh-ed25519`. */
  type: text,
  /** As `ssh-keygen -l` prints it. */
  fingerprint: text,
  comment: text,
  encrypted: z.boolean(),
});
export type SshKey = z.infer<typeof sshKey>;

const path = z.string().min(1).max(4096);
const target = { id: hostIdOf, keyFile: path };

/** What installing a key does on the host and changes here. */
export const installation = z.object({
  /** The line that is added, and the file it is added to, in the home folder of the user who logs in. */
  line: text,
  file: text,
  /** The script that adds it; it reads the line. */
  script: text,
  /** The connection's URI once it logs in with this key. */
  uri: text,
});

export const credentials = {
  asks: {
    list: ask({}, z.array(remembered)),
    forget: ask({ id: z.string().max(64) }, done),
    storage: ask({}, storage),
    /** The key pairs in ~/.ssh whose public half can be read. */
    keys: ask({}, z.array(sshKey)),
    /** Makes a key pair in ~/.ssh: `name` and `name.pub`. Refused where either exists. */
    makeKey: ask(
      {
        name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'letters, digits, dots, hyphens and underscores').max(64).refine((name) => !name.endsWith('.pub'), 'without .pub'),
        type: z.enum(keyTypes),
        comment: z.string().max(200).regex(/^[^\p{Cc}]*$/u, 'one line'),
        passphrase: z.string().min(1).max(1024).optional(),
      },
      sshKey,
    ),
    /** What `installKey` would do; nothing is done. */
    installation: ask(target, installation),
    /**
     * Adds the public half of a key to authorized_keys on a host reached over SSH, then logs in with that key alone. `login` is why that
     * failed, null when it did not. The connection itself is left as it is.
     */
    installKey: ask(target, z.object({ line: z.enum(['added', 'present']), login: refusal.nullable() })),
  },
  news: { changed: z.object({}) },
};
