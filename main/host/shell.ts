// What is needed of a host to look at it or to set something: one command at a time.

/** How a command ended and what it said. */
export interface Said {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs one command line of a POSIX shell. Throws Refused when the host does not run it or is lost. */
export type Shell = (command: string, options: { readonly stdin?: Uint8Array; readonly signal: AbortSignal }) => Promise<Said>;
