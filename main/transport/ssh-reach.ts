// What the ways to the daemon need of an SSH connection, whoever makes it: ssh2 in this process, or the system's ssh program.
import type { Duplex, Readable, Writable } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import { wordsOf } from './sockets.ts';
import type { FarPlace } from './transport.ts';

/** A command that runs on the far side. */
export interface FarCommand {
  readonly output: Readable;
  readonly errors: Readable;
  readonly input: Writable;
  /** Settles when it has ended and all it said was heard. */
  readonly over: Promise<void>;
  /** Undefined before it has ended, and when that is all that is known. */
  readonly exitCode: () => number | undefined;
  /** The signal that ended it, where that is known. */
  readonly exitSignal: () => string | undefined;
  /** Ends it, and what it started, as far as the far side lets us. */
  readonly stop: () => void;
  /** Its input and output from here on. `reason` tells why it ended, or undefined for an ordinary end. */
  readonly stream: (reason: () => Refused | undefined) => Duplex;
}

/** An SSH connection that is logged in. */
export interface SshReach {
  readonly host: string;
  /** A stream to a socket on the host, or to a port as it reaches it; undefined where that is not to be had. */
  readonly forward: ((place: FarPlace, signal: AbortSignal) => Promise<Duplex>) | undefined;
  /** Runs a command line by the user's shell on the host. */
  readonly exec: (command: string, signal: AbortSignal) => Promise<FarCommand>;
  /** Whether it still stands; there where a command that ends with code 255 leaves it open. */
  readonly stands?: (signal: AbortSignal) => Promise<boolean>;
  /** Puts the connection's own failure into words, where it shows only in how a command ended. */
  readonly explain?: (exitCode: number, complaint: string) => Refused | undefined;
  /** Resolves, once it is over, to what ended it; undefined is a plain hang-up. Nothing of it is open then. */
  readonly ended: Promise<unknown>;
  readonly isOver: () => boolean;
  /** Ends it, and the sessions with the jump hosts that carry it, at once. */
  readonly close: () => void;
}

/** Why nothing goes through a session any more; undefined is a plain hang-up. */
export const sessionLost = ({ host }: Pick<SshReach, 'host'>, error?: unknown): Refused =>
  new Refused('connection-lost', `The SSH session with ${host} ended: ${error === undefined ? 'the server hung up' : wordsOf(error)}.`, {
    remedy: 'Check the network and the host, then connect again.',
  });
