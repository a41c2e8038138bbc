// Opening a connection: authentication list, authentication, features, driver; in the order every daemon accepts.
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import { authType, connectFlag, driverFeature } from './constants.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { LibvirtError } from './errors.ts';
import { remote } from './procedures.ts';
import { saslDialogue, type SaslLogin, type SaslStep } from './sasl.ts';

export interface OpenOptions extends ConnectionOptions {
  /** The driver's URI without transport and host: `qemu:///system`; empty = the daemon probes. */
  readonly name: string;
  readonly readOnly?: boolean;
  /** Logs in where the daemon wants SASL; how, and as whom, is its own affair. */
  readonly login?: SaslLogin;
  /** The kind of authentication that `auth=` insists on; otherwise what the daemon names first. */
  readonly insist?: 'sasl' | 'polkit';
  /** Nothing else protects what is sent: a daemon that asks for no login is refused with `insecure`. */
  readonly mustAuthenticate?: boolean;
  /** Told when the daemon has answered its first question, and when it has let us in. */
  readonly progress?: (reached: 'answered' | 'admitted') => void;
  readonly signal?: AbortSignal;
  /** Longest time for one step, in milliseconds. A daemon with too many unauthenticated clients lets new ones hang. */
  readonly stepLimit?: number;
}

/** A connection that has a driver open, and what the far side can do. */
export interface Opened {
  readonly connection: Connection;
  readonly closeCallback: boolean;
}

const stepLimit = 10_000;

/**
 * Speaks with the daemon at the far end of `duplex` until its driver is open. On any failure the duplex is destroyed.
 * Throws Refused with stage `libvirt`, `sasl` or `driver`.
 */
export const openConnection = async (duplex: Duplex, options: OpenOptions): Promise<Opened> => {
  const connection = new Connection(duplex, options);
  const step = { limit: options.stepLimit ?? stepLimit, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  try {
    // Mandatory even where nothing is asked: for root on a polkit-guarded socket this call is the authentication.
    const { types } = await connection.call(remote.authList, {}, step).catch(notLibvirt);
    options.progress?.('answered');
    await authenticate(connection, kindOf(types, options.insist), options, step);
    options.progress?.('admitted');
    const supports = async (feature: number): Promise<boolean> => (await connection.call(remote.connectSupportsFeature, { feature }, step)).supported !== 0;
    // Asking is what starts the server's own pings. A connection that stops reading for a slow stream would not answer them.
    // A daemon that says it knows no pings gets none.
    if (options.dedicated !== true && !(await supports(driverFeature.programKeepalive))) connection.holdPings(true);
    await connection.call(remote.connectOpen, { name: options.name, flags: options.readOnly === true ? connectFlag.ro : 0 }, { ...step, limit: callLimitOfOpen }).catch(noDriver(options.name));
    const [events, closeCallback] = await Promise.all([supports(driverFeature.remoteEventCallback), supports(driverFeature.remoteCloseCallback)]);
    if (!events) {
      throw new Refused('driver-refused', 'This libvirt is too old: it has no events by callback (1.3.3 and newer have).', { stage: 'driver', remedy: 'Upgrade libvirt on the host.' });
    }
    if (closeCallback) await connection.call(remote.connectRegisterCloseCallback, {}, step);
    return { connection, closeCallback };
  } catch (error) {
    connection.close();
    throw error;
  }
};

/** The first open may start a driver that probes its hypervisor: slow on busy hosts. */
const callLimitOfOpen = 60_000;

const kindOf = (types: readonly number[], insist: OpenOptions['insist']): number => {
  if (insist === undefined) return types[0] ?? authType.none;
  if (types.includes(authType[insist])) return authType[insist];
  throw new Refused('auth-unsupported', `The URI insists on ${insist === 'sasl' ? 'SASL' : 'polkit'}, but the daemon wants another kind of authentication or none.`, {
    stage: 'libvirt',
    remedy: 'Leave auth= out of the URI, or change the daemon’s auth_… settings in /etc/libvirt/libvirtd.conf.',
  });
};

const authenticate = async (connection: Connection, type: number, options: OpenOptions, step: SaslStep): Promise<void> => {
  if (type === authType.none) {
    if (options.mustAuthenticate !== true) return;
    throw new Refused('insecure', 'The daemon asks for no login, and the connection is not encrypted: anybody on the way could read and change what is sent.', {
      stage: 'sasl',
      remedy: 'Connect over SSH or TLS, or set auth_tcp = "sasl" in /etc/libvirt/libvirtd.conf on the host. In a network that is trusted entirely, allow a plain connection for this host.',
    });
  }
  if (type === authType.polkit) {
    // Blocks while an agent asks the user, so without a limit.
    await connection.call(remote.authPolkit, {}, { limit: null, ...(options.signal === undefined ? {} : { signal: options.signal }) }).catch(refusedByPolkit);
    return;
  }
  if (type === authType.sasl && options.login !== undefined) {
    await options.login(saslDialogue(connection, step));
    return;
  }
  const kind = type === authType.sasl ? 'SASL authentication' : `authentication of kind ${type}`;
  throw new Refused('auth-unsupported', `The daemon asks for ${kind}, which is not supported yet.`, {
    stage: 'sasl',
    remedy: 'Connect over SSH, or set auth_tls = "none" in the daemon’s configuration so that the client certificate is the authentication.',
  });
};

/** A way that broke and says how to mend it, as an SSH session does, knows better than we what went wrong. */
const isExplained = ({ refusal }: Refused): boolean => refusal.code === 'connection-lost' && refusal.remedy !== undefined;

const notLibvirt = (error: unknown): never => {
  if (error instanceof Refused && ['protocol', 'timed-out', 'connection-lost'].includes(error.refusal.code) && !isExplained(error)) {
    throw new Refused('not-libvirt', `No libvirt daemon answered: ${error.message}`, {
      stage: 'libvirt',
      remedy: 'Check the port and that libvirtd or virtqemud runs there; a daemon that has too many clients waiting also stays silent.',
    }, { cause: error });
  }
  throw error;
};

const refusedByPolkit = (error: unknown): never => {
  if (!(error instanceof LibvirtError)) throw error;
  throw new Refused('auth-failed', `polkit on the host did not allow this user to manage libvirt: ${error.message}`, {
    stage: 'libvirt',
    remedy: 'On the host, add the user to the group libvirt (usermod -aG libvirt USER) and log in again, or connect as root.',
    libvirt: { code: error.error.code, domain: error.error.domain },
  }, { cause: error });
};

const noDriver = (name: string) => (error: unknown): never => {
  if (!(error instanceof LibvirtError)) throw error;
  throw new Refused('driver-refused', `The daemon did not open ${name === '' ? 'any driver' : name}: ${error.message}`, {
    stage: 'driver',
    remedy: 'Check the driver and path of the URI, and that this driver is installed on the host.',
    libvirt: { code: error.error.code, domain: error.error.domain },
  }, { cause: error });
};
