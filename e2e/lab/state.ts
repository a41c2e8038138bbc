// What a running lab is, where it lives, and the file that tells tests about it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** An error whose message is the whole story: the command prints it without a stack. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** One private libvirtd with everything a client can reach it by. */
export interface LabDaemon {
  readonly name: string;
  /** Everything of this daemon on disk; the same path inside and outside its mount namespace. */
  readonly dir: string;
  readonly unix: { readonly socket: string; readonly readOnlySocket: string; readonly uri: string };
  readonly tls: {
    readonly host: string;
    readonly port: number;
    readonly uri: string;
    /** A `pkipath` folder the daemon accepts. */
    readonly pkiDir: string;
    /** A folder of another authority with the same names: neither side accepts the other. */
    readonly foreignPkiDir: string;
    /** Knows the daemon's authority, but its client certificate is from the other one: only the daemon refuses. */
    readonly strangerPkiDir: string;
    /** Knows the daemon's authority and has no client certificate. */
    readonly anonymousPkiDir: string;
    /** The daemon's authority with its key, to make more certificates. */
    readonly authority: { readonly certificateFile: string; readonly keyFile: string };
  };
  /** SASL over plain TCP; the mechanism offered is DIGEST-MD5. */
  readonly tcp: { readonly host: string; readonly port: number; readonly uri: string; readonly user: string; readonly password: string; readonly authFile: string };
  readonly ssh: {
    readonly host: string;
    /** sshd that forwards UNIX sockets. */
    readonly port: number;
    /** sshd that does not, so that a helper must be run. */
    readonly noForwardPort: number;
    readonly user: string;
    readonly keyFile: string;
    readonly encryptedKeyFile: string;
    readonly encryptedKeyPassphrase: string;
    /** A user that exists only inside the lab and logs in by password (also keyboard-interactive is off). */
    readonly passwordUser: string;
    readonly password: string;
    readonly hostKeyFiles: readonly string[];
    readonly knownHosts: string;
    readonly knownHostsHashed: string;
    /** known_hosts naming other keys for both ports: a changed host key. */
    readonly knownHostsChanged: string;
    /** `ssh -F` configuration with the hosts `lab` and `lab-no-forward`. */
    readonly configFile: string;
    readonly uri: string;
    readonly noForwardUri: string;
    /** The daemon's socket as the far side sees it. */
    readonly socket: string;
  };
  /** The URI for virsh as a witness. */
  readonly virshUri: string;
  readonly pids: { readonly anchor: number; readonly libvirtd: number; readonly sshd: number; readonly sshdNoForward: number };
}

export interface LabGuest {
  readonly name: string;
  readonly uuid: string;
  /** What its serial console has printed since it was last started. */
  readonly consoleLog: string;
}

export interface Lab extends LabDaemon {
  /** Whether guests run on KVM or are emulated. */
  readonly accelerator: 'kvm' | 'tcg';
  readonly guests: readonly LabGuest[];
}

/** Folder of the lab: GUESTDECK_LAB_DIR, or one per user in the temporary folder. Short, because socket paths end at 107 bytes. */
export function labDir(): string {
  return process.env['GUESTDECK_LAB_DIR'] ?? join(tmpdir(), `guestdeck-lab-${userInfo().uid}`);
}

/** Folder of what is expensive to build and outlives the lab. */
export function cacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(userInfo().homedir, '.cache'), 'guestdeck-lab');
}

/** Remembers a daemon (or the lab) in `lab.json` of its folder, in one step. */
export async function writeState(daemon: LabDaemon): Promise<void> {
  const path = join(daemon.dir, 'lab.json');
  await writeFile(`${path}.new`, `${JSON.stringify(daemon, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** What `lab.json` of a folder says; undefined when there is none. It is written by this program only, so its shape is not checked again. */
export async function readState<State extends LabDaemon>(dir: string): Promise<State | undefined> {
  try {
    const state: State = JSON.parse(await readFile(join(dir, 'lab.json'), 'utf8'));
    return state;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether an error of node:fs says that the file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
