// What a transport is: a way from a connection URI to streams of bytes that end in a libvirt daemon.
import type { Duplex } from 'node:stream';
import type { Question, QuestionAnswer, StageReport } from '../../app/contract/questions.ts';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { ConnectionUri } from '../../app/domain/connection-uri.ts';
import type { UnlockedKeys } from '../auth/private-key.ts';

/** What a transport may know and ask of its owner. */
export interface Surroundings {
  /** Puts a question to a person. Waiting for the answer counts against no time limit. The signal is the stage's, and aborts with why it failed. */
  readonly ask: (question: Question, signal: AbortSignal) => Promise<QuestionAnswer>;
  /** Told when a stage ended well, with the signal of its questions: the answers given in it were right. */
  readonly accepted?: (stage: AbortSignal) => void;
  readonly report: (report: StageReport) => void;
  /** The folder that holds .ssh, .pki and .cache. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether Guestdeck runs as root: libvirt's clients use other files and sockets then. */
  readonly isRoot: boolean;
  /** Only looking is wanted: the daemon's socket for that is chosen, where it has one. */
  readonly readOnly?: boolean;
  /** Longest time one stage may take, in milliseconds; 10 000 when left out. */
  readonly stageLimit?: number;
  /** SSH keys whose passphrase was given before; without it each link asks again. */
  readonly unlockedKeys?: UnlockedKeys;
}

/** What a command on a host is given, and how much is heard of it. */
export interface RunOptions {
  /** All that it reads; nothing when left out. The place for a password: words of a command show in a host's process list. */
  readonly stdin?: Uint8Array;
  /** Aborting ends the command. */
  readonly signal: AbortSignal;
  /** Most bytes of stdout, and of stderr; 1 MiB when left out. A command that says more is ended and refused. */
  readonly limit?: number;
}

/** How a command ended and what it said. */
export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** Such as `SIGTERM`. Through the ssh program it shows as code 255 instead. */
  readonly signal?: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Something that listens on the daemon's host, as the host itself names it: a guest's screen. An empty `host` is any address of it. */
export type FarPlace = { readonly kind: 'port'; readonly host: string; readonly port: number } | { readonly kind: 'socket'; readonly path: string };

/** A way to one daemon. */
export interface Link {
  /**
   * Opens a fresh stream to the daemon: the first for calls, more for slow calls and transfers. All streams of an SSH link
   * share one SSH session. The owner listens for the stream's `error` at once; when it is a `Refused`, it says why the far side gave up.
   * @throws Refused with the stage that failed; nothing stays open then.
   */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  /**
   * Runs one command line of a POSIX shell on the daemon's host, as the user who is logged in; over SSH in the link's own session.
   * What a login shell prints by itself is left out. Absent where there is no way to a shell: TLS, TCP, ext, a demo host.
   * @throws Refused `command-refused` with the stage when the host does not run it or it says too much; `connection-lost`, `cancelled`.
   */
  readonly run?: (command: string, options: RunOptions) => Promise<Ran>;
  /**
   * Opens a stream to a place on the daemon's host: over SSH through the link's own session, over TLS and TCP by dialling the host. Absent
   * where there is no such way: ext. The owner listens for the stream's `error` at once.
   * @throws Refused `unreachable`, also for places that only the host itself reaches; `connection-lost`, `not-connected`, `cancelled`.
   */
  readonly reach?: (place: FarPlace, signal: AbortSignal) => Promise<Duplex>;
  /** Never rejects: resolves to null after `close`, or to the reason when what the streams share was lost. */
  readonly closed: Promise<Refusal | null>;
  /** Ends every stream and whatever they share, at once. */
  readonly close: () => void;
}

/**
 * Does what all streams share (for SSH: reaching the host and logging in; for TLS: reading the certificates).
 * @throws Refused with the stage that failed; nothing stays open then.
 */
export type OpenTransport = (uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal) => Promise<Link>;
