// The ways from a logged-in SSH session to the daemon on its host: a forwarded socket, virt-ssh-helper, netcat.
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import { driverUri, uriParameter, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import { isSession, systemSockets } from './daemon-sockets.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import { wordsOf } from './sockets.ts';
import { sessionLost, type FarCommand, type SshReach } from './ssh-reach.ts';
import type { FarPlace } from './transport.ts';

/** One way to a port, as the host of the daemon reaches it. */
export type PortWay =
  | { readonly kind: 'forwardPort'; readonly host: string; readonly port: number }
  | { readonly kind: 'netcatPort'; readonly program: string; readonly host: string; readonly port: number };

/** One way to the daemon, or to another socket on its host. */
export type Way =
  | { readonly kind: 'forward'; readonly path: string }
  | { readonly kind: 'helper'; readonly uri: string; readonly readOnly: boolean }
  | { readonly kind: 'netcat'; readonly program: string; readonly path: string };

/** Exists on every host, where /run may not. */
const remoteRuntime = '/var/run/libvirt';

/**
 * The ways to try, the quickest first (parameters: https://libvirt.org/uri.html#ssh-transport).
 * `proxy=native` leaves only the helper; `proxy=netcat` or `netcat=` only netcat; `socket=` rules the helper out, because before
 * libvirt 9.1 it would go to another socket without a word; a user's own daemon is found, and started, by the helper alone.
 * @throws Refused `bad-uri` when netcat is asked for and no socket is known.
 */
export function waysToDaemon(uri: ConnectionUri, readOnly = false): readonly Way[] {
  const proxy = uriParameter(uri, 'proxy') ?? 'auto';
  const netcat = uriParameter(uri, 'netcat');
  const socket = uriParameter(uri, 'socket');
  const helper: Way = { kind: 'helper', uri: helperUri(uri), readOnly };
  if (proxy === 'native') return [helper];
  const isNetcatOnly = proxy === 'netcat' || netcat !== undefined;
  if (isSession(uri) && socket === undefined) {
    if (!isNetcatOnly) return [helper];
    throw new Refused('bad-uri', 'Netcat cannot find the socket of a user’s own daemon.', {
      stage: 'uri', field: 'uri', remedy: 'Add socket= with its path, such as /run/user/1000/libvirt/libvirt-sock, or leave netcat out.',
    });
  }
  const paths = systemSockets(uri, remoteRuntime, readOnly);
  const byNetcat = paths.map((path): Way => ({ kind: 'netcat', program: netcat ?? 'nc', path }));
  if (isNetcatOnly) return byNetcat;
  const forwarded = paths.map((path): Way => ({ kind: 'forward', path }));
  return socket === undefined ? [...forwarded, helper, ...byNetcat] : [...forwarded, ...byNetcat];
}

/**
 * What virt-ssh-helper is to open: the daemon's own name for the driver, with the socket's parameters that it takes from libvirt 9.1 on.
 * It refuses an empty name; the driver `remote` leads it to libvirtd's socket.
 */
function helperUri(uri: ConnectionUri): string {
  const name = driverUri(uri) || 'remote:///';
  if (uriParameter(uri, 'name') !== undefined) return name;
  const chosen = ['mode', 'socket'].flatMap((parameter) => {
    const value = uriParameter(uri, parameter);
    return value === undefined ? [] : [`${parameter}=${encodeURIComponent(value)}`];
  });
  return chosen.length === 0 ? name : `${name}${name.includes('?') ? '&' : '?'}${chosen.join('&')}`;
}

/** What a script says on stdout once its program is about to start; what a login shell printed before it is noise. */
const ready = 'guestdeck:ready';
/** The same on stderr, at the beginning of a script. */
const begun = 'guestdeck:begun';

// Scripts for any POSIX shell, without quotes or ! in them, so that every login shell passes them on unharmed.
const helperScript =
  `echo ${begun} >&2; command -v virt-ssh-helper >/dev/null 2>&1 || { echo "virt-ssh-helper is not installed" >&2; exit 127; }; echo ${ready}; exec virt-ssh-helper "$@"`;
/** Some netcats only end with the connection when told so by -q0; those say that -q wants a value. */
const netcatScript =
  `echo ${begun} >&2; command -v "$1" >/dev/null 2>&1 || { echo "$1 is not installed" >&2; exit 127; }; ` +
  'test -S "$2" || { echo "there is no socket $2" >&2; exit 1; }; test -w "$2" || { echo "$2: Permission denied" >&2; exit 1; }; ' +
  `case $(LC_ALL=C "$1" -q 2>&1) in *"requires an argument"*) q=-q0;; *) q=;; esac; echo ${ready}; exec "$1" $q -U "$2"`;

/** The same to a port; the other side ends first there. */
const netcatPortScript =
  `echo ${begun} >&2; command -v "$1" >/dev/null 2>&1 || { echo "$1 is not installed" >&2; exit 127; }; echo ${ready}; exec "$1" "$2" "$3"`;

/** The command line that runs a script with arguments. */
const commandOf = (script: string, ...words: readonly string[]): string =>
  `sh -c ${shellWord(script)} guestdeck ${words.map(shellWord).join(' ')}`;

/** A way in words for a person. */
export const describeWay = (way: Way | PortWay): string => {
  switch (way.kind) {
    case 'forwardPort':
      return `${way.host} port ${way.port}`;
    case 'netcatPort':
      return `${way.program} to ${way.host} port ${way.port}`;
    case 'forward':
      return way.path;
    case 'helper':
      return 'virt-ssh-helper';
    case 'netcat':
      return `${way.program} to ${way.path}`;
  }
};

/**
 * Opens a stream along one way.
 * @throws Refused `socket-missing` or `socket-denied` with what the far side said; the channel is closed then.
 */
export function openWay(reach: SshReach, way: Way | PortWay, signal: AbortSignal): Promise<Duplex> {
  switch (way.kind) {
    case 'forwardPort':
      return forward(reach, { kind: 'port', host: way.host, port: way.port }, describeWay(way), signal);
    case 'netcatPort':
      return run(reach, way.program, commandOf(netcatPortScript, way.program, way.host, String(way.port)), signal);
    case 'forward':
      return forward(reach, { kind: 'socket', path: way.path }, way.path, signal);
    case 'helper':
      return run(reach, 'virt-ssh-helper', commandOf(helperScript, ...(way.readOnly ? ['-r'] : []), way.uri), signal);
    case 'netcat':
      return run(reach, way.program, commandOf(netcatScript, way.program, way.path), signal);
  }
}

/** A server that forbids forwarding and a socket that is not there look the same: "open failed". */
async function forward(reach: SshReach, place: FarPlace, words: string, signal: AbortSignal): Promise<Duplex> {
  if (reach.forward === undefined) throw new Refused('socket-missing', 'the ssh program does not forward to sockets', { stage: 'socket' });
  try {
    return await reach.forward(place, signal);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused('socket-missing', `${words} is missing or forwarding is not allowed (${wordsOf(error)})`, { stage: 'socket' }, { cause: error });
  }
}

/** Runs a command and waits for its script to be ready. The stream ends with a refusal when the program fails later. */
async function run(reach: SshReach, program: string, command: string, signal: AbortSignal): Promise<Duplex> {
  let far: FarCommand;
  try {
    far = await reach.exec(command, signal);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused('socket-missing', `${program} could not be run (${wordsOf(error)})`, { stage: 'socket' }, { cause: error });
  }
  let complaint = '';
  far.errors.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).split(`${begun}\n`).at(-1)?.slice(-2000) ?? '';
  });
  const failure = (): Refused => {
    const exit = far.exitCode();
    const words = complaint.trim();
    const explained = exit === undefined ? undefined : reach.explain?.(exit, words);
    if (explained !== undefined) return explained;
    // The ssh program ends so when the connection it shared is gone; what runs on the far side has other codes.
    if (reach.isOver() || exit === 255) return sessionLost(reach, words || undefined);
    return new Refused(
      /permission denied/i.test(words) ? 'socket-denied' : 'socket-missing',
      `${program} on ${reach.host} ended${exit === undefined ? '' : ` with code ${exit}`}: ${words || 'it said nothing'}`,
      { stage: 'socket', remedy: 'Check that libvirtd runs on the host and that the user may use it.' },
    );
  };
  await untilReady(far, signal, failure);
  return far.stream(() => (far.exitCode() === 0 || (far.exitCode() === undefined && !reach.isOver()) ? undefined : failure()));
}

/** Reads up to the script's word that it is ready, and leaves what follows in its output. */
function untilReady({ output, over, stop }: FarCommand, signal: AbortSignal, failure: () => Refused): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    const settle = (): void => {
      output.off('data', onData);
      signal.removeEventListener('abort', onAbort);
    };
    const onData = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk]);
      const at = heard.indexOf(`${ready}\n`);
      if (at < 0) {
        // Enough is kept to find the word when it comes in two pieces.
        heard = heard.subarray(-ready.length);
        return;
      }
      settle();
      output.pause();
      const rest = heard.subarray(at + ready.length + 1);
      if (rest.length > 0) output.unshift(rest);
      resolve();
    };
    const onAbort = (): void => {
      settle();
      stop();
      reject(signal.reason);
    };
    output.on('data', onData);
    void over.then(() => {
      settle();
      reject(failure());
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
