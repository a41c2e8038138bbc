// The doctor's closer look at the stage that failed: what can be seen from here and, where a shell can be had, on the host.
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import { defaultPorts, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import type { Remedy } from '../../app/domain/remedy.ts';
import { diagnosePolkit, diagnoseSocket, type Diagnosis } from '../host/diagnosis.ts';
import { lookAt } from '../host/look.ts';
import { Connection } from '../libvirt/connection.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { driverDaemon, isSession } from '../transport/daemon-sockets.ts';
import { askResolver, greetingOf, type Knock, knock } from '../transport/probe.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import { findRoute } from '../transport/ssh-route.ts';
import { openTcp } from '../transport/tcp.ts';
import { lookAtCertificates } from '../transport/tls-look.ts';
import type { Link, Surroundings } from '../transport/transport.ts';

/** A failure, and what there is to look at it with. */
export interface Trouble {
  readonly refusal: Refusal;
  readonly uri: ConnectionUri;
  /** Null when the failure came before there was one. */
  readonly link: Link | null;
  readonly surroundings: Surroundings;
}

const nothing: Diagnosis = { findings: [], remedies: [] };

/** Looks closer at a failure. What it asks reports no stage and asks nobody. Throws Refused where looking fails itself. */
export async function lookCloser(trouble: Trouble, signal: AbortSignal): Promise<Diagnosis> {
  const quiet: Trouble = { ...trouble, surroundings: { ...trouble.surroundings, report: () => undefined, ask: async () => ({ kind: 'declined' }) } };
  switch (trouble.refusal.stage) {
    case 'name':
      return await from(quiet, signal, async ({ host }) => ({ findings: await askResolver(host), remedies: [] }));
    case 'port':
      return await from(quiet, signal, async (place) => await lookAtPort(quiet.uri, place, signal));
    case 'hostKey':
      return await from(quiet, signal, async (place) => await lookAtServer(quiet, place, signal));
    case 'login':
      return await from(quiet, signal, async (place) => lookAtLogin(quiet, place));
    case 'socket':
      return await lookAtSocket(quiet, signal);
    case 'tls':
      return await lookAtTls(quiet, signal);
    case 'certificate':
      return { findings: await lookAtCertificates(quiet.uri, quiet.surroundings, signal), remedies: [{ kind: 'makeCertificates', host: quiet.uri.host ?? 'localhost' }] };
    case 'libvirt':
      return await lookAtLibvirt(quiet, signal);
    case 'sasl':
      return lookAtSasl(quiet);
    case 'driver':
      return await lookAtDriver(quiet, signal);
    case 'uri':
    case 'versions':
    case 'permissions':
    case undefined:
      return nothing;
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
}

/** Where this computer connects to; null when that is a matter of jump hosts, whose view nobody here has. */
async function placeOf({ uri, surroundings }: Trouble, signal: AbortSignal): Promise<Place | null> {
  if (uri.transport === 'tls' || uri.transport === 'tcp') return { host: uri.host ?? 'localhost', port: uri.port ?? defaultPorts[uri.transport], user: uri.user };
  if (uri.transport !== 'ssh') return null;
  const { hops } = await findRoute(uri, surroundings, signal);
  const [hop] = hops;
  return hop === undefined || hops.length > 1 ? null : { host: hop.hostName, port: hop.port, user: hop.user };
}

async function from(trouble: Trouble, signal: AbortSignal, look: (place: Place) => Promise<Diagnosis>): Promise<Diagnosis> {
  const place = await placeOf(trouble, signal);
  return place === null ? { findings: ['The way leads through other hosts, as ~/.ssh/config says; what they see cannot be looked at from here.'], remedies: [] } : await look(place);
}

const lookAtServer = async ({ refusal }: Trouble, place: Place, signal: AbortSignal): Promise<Diagnosis> =>
  refusal.code === 'not-ssh' || refusal.code === 'unreachable' ? { findings: [await describeGreeting(place, signal)], remedies: [] } : nothing;

const answers: Readonly<Record<Knock['answer'], string>> = {
  open: 'is open', refused: 'was refused: the machine is there, and nothing listens on it', silent: 'got no answer: the machine is off, or a firewall drops what is sent',
  unroutable: 'cannot be reached: there is no way to it', broken: 'failed',
};

/** Ports by which a host shows that it is there at all. */
const usualPorts = [defaultPorts.ssh, defaultPorts.tls, defaultPorts.tcp];

/** How each address answers at the port that was wanted, and whether the machine is there at all. */
export async function lookAtPort({ transport }: ConnectionUri, { host, port }: Pick<Place, 'host' | 'port'>, signal: AbortSignal): Promise<Diagnosis> {
  const knocks = await knock(host, [port, ...usualPorts.filter((usual) => usual !== port)], signal);
  const own = knocks.filter((each) => each.port === port);
  const others = knocks.filter((each) => each.port !== port && each.answer === 'open');
  const service = transport === 'ssh' ? 'ssh.service' : transport === 'tls' ? 'libvirtd-tls.socket' : 'libvirtd-tcp.socket';
  return {
    findings: [
      ...own.map(({ address, answer, words }) => `Port ${port} of ${address} ${answers[answer]} (${words}).`),
      ...others.map((each) => `Port ${each.port} of ${each.address} is open: the machine is there.`),
    ],
    remedies: [
      ...(own.some(({ answer }) => answer === 'refused') ? [{ kind: 'showCommand', label: 'How to start the service', command: `sudo systemctl start ${service}`, where: 'host' } as const] : []),
      ...(own.some(({ answer }) => answer === 'silent') ? [{ kind: 'openPort', port } as const] : []),
    ],
  };
}

async function describeGreeting({ host, port }: Place, signal: AbortSignal): Promise<string> {
  const greeting = await greetingOf(host, port, signal);
  return greeting === '' ? `What answers on port ${port} says nothing by itself, as an SSH server would.` : `What answers on port ${port} begins with: ${greeting}`;
}

function lookAtLogin({ refusal, surroundings }: Trouble, { host, port, user }: Place): Diagnosis {
  if (refusal.code !== 'login-failed') return nothing;
  const target = shellWord(user === undefined ? host : `${user}@${host}`);
  return {
    findings: [
      surroundings.env['SSH_AUTH_SOCK'] ? `An SSH agent is named by SSH_AUTH_SOCK: ${surroundings.env['SSH_AUTH_SOCK']}.` : 'No SSH agent is named by SSH_AUTH_SOCK.',
      'Why the server said no is in its own log: journalctl -u ssh -u sshd.',
    ],
    remedies: [{ kind: 'showCommand', label: 'How to let a key in', command: `ssh-copy-id -p ${port} ${target}`, where: 'here' }],
  };
}

async function lookAtSocket({ uri, link }: Trouble, signal: AbortSignal): Promise<Diagnosis> {
  if (link?.run === undefined) return nothing;
  const look = await lookAt(link.run, signal);
  return diagnoseSocket(look, { daemon: driverDaemon(uri), isSession: isSession(uri), isRemote: uri.transport === 'ssh' });
}

/** Something else than TLS answers; often it is libvirt's own port without it. */
async function lookAtTls({ uri, surroundings }: Trouble, signal: AbortSignal): Promise<Diagnosis> {
  const place = { host: uri.host ?? 'localhost', port: uri.port ?? defaultPorts.tls };
  const greeting = await greetingOf(place.host, place.port, signal);
  if (greeting !== '') return { findings: [`What answers on port ${place.port} begins with: ${greeting}`], remedies: [] };
  const isPlain = await speaksPlainLibvirt({ ...uri, transport: 'tcp', port: place.port }, surroundings, signal);
  return { findings: [isPlain ? `A libvirt daemon answers on port ${place.port} without TLS; its TLS port is usually ${defaultPorts.tls}.` : `What answers on port ${place.port} says nothing by itself, and is not libvirt without TLS.`], remedies: [] };
}

/** Longest time for a question that serves looking only, in milliseconds. */
const patience = 3_000;

async function speaksPlainLibvirt(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<boolean> {
  const link = await openTcp(uri, surroundings, signal);
  try {
    const connection = new Connection(await link.open(signal));
    return await connection.call(remote.authList, {}, { limit: patience, signal }).then(() => true, (error: unknown) => {
      if (error instanceof Refused) return false;
      throw error;
    });
  } finally {
    link.close();
  }
}

async function lookAtLibvirt({ refusal, uri, link }: Trouble, signal: AbortSignal): Promise<Diagnosis> {
  if (refusal.code === 'auth-failed' && link?.run !== undefined) return diagnosePolkit(await lookAt(link.run, signal));
  if (refusal.code !== 'not-libvirt' || uri.transport !== 'tcp') return nothing;
  return { findings: [await describeGreeting({ host: uri.host ?? 'localhost', port: uri.port ?? defaultPorts.tcp, user: undefined }, signal)], remedies: [] };
}

function lookAtSasl({ refusal, uri }: Trouble): Diagnosis {
  if (refusal.code !== 'auth-failed') return nothing;
  const user = uri.transport === 'ssh' || uri.user === undefined ? 'USER' : uri.user;
  const remedies: readonly Remedy[] = [{ kind: 'showCommand', label: 'How to set a password', command: `sudo saslpasswd2 -a libvirt ${shellWord(user)}`, where: 'host' }];
  return { findings: ['The daemon keeps users and passwords of its own: sudo sasldblistusers2 -f /etc/libvirt/passwd.db lists them on the host.'], remedies };
}

/** Which driver the daemon opens by itself, and which daemons the host has. */
async function lookAtDriver({ uri, link, surroundings }: Trouble, signal: AbortSignal): Promise<Diagnosis> {
  const own = link === null ? null : await ownDriver(link, signal);
  const look = link?.run === undefined ? null : await lookAt(link.run, signal);
  const daemon = driverDaemon(uri);
  const isMissing = look !== null && daemon !== undefined && !look.programs.has(daemon) && !look.programs.has('libvirtd');
  return {
    findings: [
      ...(own === null ? [] : [`By itself the daemon opens ${own}.`]),
      ...(look === null ? [] : [`On the host there are ${[...look.programs].filter((name) => /^(libvirt|virt.+)d$/.test(name)).join(', ') || 'no libvirt daemons'}.`]),
      ...(surroundings.isRoot && isSession(uri) ? ['Root has no session of its own; use /system.'] : []),
    ],
    remedies: isMissing && link?.run !== undefined && look !== null ? diagnoseSocket(look, { daemon, isSession: false, isRemote: false }).remedies : [],
  };
}

/** Null where the daemon has none, or wants a login that nobody is asked for here. */
async function ownDriver(link: Link, signal: AbortSignal): Promise<string | null> {
  const opened = await openConnection(await link.open(signal), { name: '', signal, readOnly: true, stepLimit: patience }).catch((error: unknown) => {
    if (error instanceof Refused) return null;
    throw error;
  });
  if (opened === null) return null;
  try {
    return (await opened.connection.call(remote.connectGetUri, {}, { limit: patience, signal })).uri;
  } finally {
    opened.connection.close();
  }
}
