// Where libvirt's daemons listen: which socket files may serve a URI, the preferred one first.
import { uriParameter, type ConnectionUri } from '../../app/domain/connection-uri.ts';

/** Driver → its daemon on hosts with one daemon per driver (https://libvirt.org/daemons.html). */
const driverDaemons: Readonly<Record<string, string>> = {
  qemu: 'virtqemud', xen: 'virtxend', lxc: 'virtlxcd', vbox: 'virtvboxd', bhyve: 'virtbhyved', vz: 'virtvzd', ch: 'virtchd',
  network: 'virtnetworkd', storage: 'virtstoraged', nodedev: 'virtnodedevd', interface: 'virtinterfaced', secret: 'virtsecretd',
  nwfilter: 'virtnwfilterd',
};

/** The daemon of the URI's driver, on hosts that have one for each. */
export const driverDaemon = (uri: ConnectionUri): string | undefined => (Object.hasOwn(driverDaemons, uri.driver) ? driverDaemons[uri.driver] : undefined);

/** The monolithic daemon's socket; where there is one daemon per driver, virtproxyd owns it. */
const legacySocket = 'libvirt-sock';

/**
 * Names of the sockets that may serve the URI, the preferred one first, by its `mode=` parameter:
 * `direct` the driver's own daemon, `legacy` libvirtd or virtproxyd, `auto` either.
 */
function socketNames(uri: ConnectionUri): readonly string[] {
  const daemon = driverDaemon(uri);
  const mode = uriParameter(uri, 'mode') ?? 'auto';
  const direct = daemon === undefined || mode === 'legacy' ? [] : [`${daemon}-sock`];
  const legacy = mode === 'direct' && daemon !== undefined ? [] : [legacySocket];
  return [...direct, ...legacy];
}

/**
 * Socket files of the system's daemons under `runtimeDirectory`; `socket=` names the only one. For those who only look there is one
 * that polkit lets more users use, its name ending in `-ro`.
 */
export function systemSockets(uri: ConnectionUri, runtimeDirectory: string, readOnly: boolean): readonly string[] {
  return socketsIn(uri, runtimeDirectory, readOnly ? '-ro' : '');
}

function socketsIn(uri: ConnectionUri, runtimeDirectory: string, ending: string): readonly string[] {
  const chosen = uriParameter(uri, 'socket');
  return chosen === undefined ? socketNames(uri).map((name) => `${runtimeDirectory}/${name}${ending}`) : [chosen];
}

/** Whether the URI means the daemon of a user and not the system's. */
export const isSession = (uri: ConnectionUri): boolean => uri.path === '/session';

/** Who looks for a socket on this machine. */
export interface LocalUser {
  readonly isRoot: boolean;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readOnly?: boolean;
}

/** Whether the URI means a daemon that is this user's alone, by a socket that libvirt chooses. */
export const hasOwnDaemon = (uri: ConnectionUri, { isRoot }: Pick<LocalUser, 'isRoot'>): boolean => isSession(uri) && !isRoot && uriParameter(uri, 'socket') === undefined;

/** The program that listens at a socket libvirt chose. */
export const daemonAt = (socket: string): string => socket.replace(/^.*\//, '').replace(/^libvirt-sock(-ro)?$/, 'libvirtd').replace(/-sock(-ro)?$/, '');

/**
 * Socket files on this machine. A session's daemon listens in $XDG_RUNTIME_DIR, or in the cache directory when there is none, and has
 * no socket for who only looks; root has no session daemon and is served by the system's.
 */
export function localSockets(uri: ConnectionUri, user: LocalUser): readonly string[] {
  if (!isSession(uri) || user.isRoot) return systemSockets(uri, '/run/libvirt', user.readOnly === true);
  const runtime = user.env['XDG_RUNTIME_DIR'] || user.env['XDG_CACHE_HOME'] || `${user.home}/.cache`;
  return socketsIn(uri, `${runtime}/libvirt`, '');
}
