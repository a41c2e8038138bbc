// What a running lab is, where it lives, and the file that tells tests about it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** An error whose message is the whole story: the command prints it without a stack. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

const text = z.string();
const number = z.number();

/** One private libvirtd with everything a client can reach it by. */
export const labDaemon = z.object({
  name: text,
  /** Everything of this daemon on disk; the same path inside and outside its mount namespace. */
  dir: text,
  unix: z.object({ socket: text, readOnlySocket: text, uri: text }).readonly(),
  tls: z.object({
    host: text,
    port: number,
    uri: text,
    /** A `pkipath` folder the daemon accepts. */
    pkiDir: text,
    /** A folder of another authority with the same names: neither side accepts the other. */
    foreignPkiDir: text,
    /** Knows the daemon's authority, but its client certificate is from the other one: only the daemon refuses. */
    strangerPkiDir: text,
    /** Knows the daemon's authority and has no client certificate. */
    anonymousPkiDir: text,
    /** The daemon's authority with its key, to make more certificates. */
    authority: z.object({ certificateFile: text, keyFile: text }).readonly(),
  }).readonly(),
  /** SASL over plain TCP; the mechanism offered there is DIGEST-MD5. The user is the same on the other listeners. */
  tcp: z.object({ host: text, port: number, uri: text, user: text, password: text, authFile: text }).readonly(),
  ssh: z.object({
    host: text,
    /** sshd that forwards UNIX sockets. */
    port: number,
    /** sshd that does not, so that a helper must be run. */
    noForwardPort: number,
    user: text,
    keyFile: text,
    encryptedKeyFile: text,
    encryptedKeyPassphrase: text,
    /** A user that exists only inside the lab and logs in by password; keyboard-interactive is off. */
    passwordUser: text,
    password: text,
    hostKeyFiles: z.array(text).readonly(),
    knownHosts: text,
    knownHostsHashed: text,
    /** known_hosts naming other keys for both ports: a changed host key. */
    knownHostsChanged: text,
    /** `ssh -F` configuration with the hosts `lab` and `lab-no-forward`. */
    configFile: text,
    uri: text,
    noForwardUri: text,
    /** The daemon's socket as the far side sees it. */
    socket: text,
  }).readonly(),
  /** The URI for virsh as a witness. */
  virshUri: text,
  pids: z.object({ anchor: number, libvirtd: number, sshd: number, sshdNoForward: number }).readonly(),
}).readonly();
export type LabDaemon = z.infer<typeof labDaemon>;

const labGuest = z.object({
  name: text,
  uuid: text,
  /** File of what its serial console has printed since it was last started. */
  consoleLog: text,
}).readonly();
export type LabGuest = z.infer<typeof labGuest>;

/** The daemon everyone shares, with two guests. */
export const labShape = labDaemon.unwrap().extend({
  /** Whether guests run on KVM or are emulated. */
  accelerator: z.enum(['kvm', 'tcg']),
  guests: z.array(labGuest).readonly(),
}).readonly();
export type Lab = z.infer<typeof labShape>;

/** A daemon with many defined guests, none running. */
export const scaleShape = labDaemon.unwrap().extend({ guestNames: z.array(text).readonly() }).readonly();
export type ScaleDaemon = z.infer<typeof scaleShape>;

/** Folder of the lab: GUESTDECK_LAB_DIR, or one per user in the temporary folder. Short, because socket paths end at 107 bytes. */
export function labDir(): string {
  return process.env['GUESTDECK_LAB_DIR'] || join(tmpdir(), `guestdeck-lab-${userInfo().uid}`);
}

/** Folder of what is expensive to build and outlives the lab. */
export function cacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(userInfo().homedir, '.cache'), 'guestdeck-lab');
}

/** Remembers a daemon (or the lab) in `lab.json` of its folder, in one step. */
export async function writeState(daemon: LabDaemon): Promise<void> {
  const path = join(daemon.dir, 'lab.json');
  await writeFile(`${path}.new`, `${JSON.stringify(daemon, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** What `lab.json` of a folder says; undefined when there is none, or one that another version of the lab left. */
export async function readState<State>(dir: string, shape: z.ZodType<State>): Promise<State | undefined> {
  try {
    return shape.safeParse(JSON.parse(await readFile(join(dir, 'lab.json'), 'utf8'))).data;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether an error of node:fs says that the file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
