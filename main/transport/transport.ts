// What a transport is: a way from a connection URI to streams of bytes that end in a libvirt daemon.
import type { Duplex } from 'node:stream';
import type { Question, QuestionAnswer, StageReport } from '../../app/contract/questions.ts';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { ConnectionUri } from '../../app/domain/connection-uri.ts';
import type { UnlockedKeys } from '../auth/private-key.ts';

/** What a transport may know and ask of its owner. */
export interface Surroundings {
  /** Puts a question to a person. Waiting for the answer counts against no time limit. */
  readonly ask: (question: Question, signal: AbortSignal) => Promise<QuestionAnswer>;
  readonly report: (report: StageReport) => void;
  /** The folder that holds .ssh, .pki and .cache. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether Guestdeck runs as root: libvirt's clients use other files and sockets then. */
  readonly isRoot: boolean;
  /** Longest time one stage may take, in milliseconds; 10 000 when left out. */
  readonly stageLimit?: number;
  /** SSH keys whose passphrase was given before; without it each link asks again. */
  readonly unlockedKeys?: UnlockedKeys;
}

/** A way to one daemon. */
export interface Link {
  /**
   * Opens a fresh stream to the daemon: the first for calls, more for slow calls and transfers. All streams of an SSH link
   * share one SSH session. The owner listens for the stream's `error` at once; when it is a `Refused`, it says why the far side gave up.
   * @throws Refused with the stage that failed; nothing stays open then.
   */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
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
