// libvirt's connection URIs: text to value and back, and the name a daemon is asked to open.
import { Refused } from './refusal.ts';
import { describeUriParameter } from './uri-parameters.ts';

/** How bytes reach the daemon. `demo` is the host built into Guestdeck. */
export type TransportName = 'unix' | 'ssh' | 'tls' | 'tcp' | 'ext' | 'demo';

export interface UriParameter {
  readonly name: string;
  readonly value: string;
}

/**
 * A connection URI (https://libvirt.org/uri.html), every part decoded.
 * Parameters keep their order and their repetitions; read them with `uriParameter` or `uriFlag`.
 */
export interface ConnectionUri {
  /** The hypervisor's name in lower case: `qemu`, `test`, …; `remote` lets the daemon choose. */
  readonly driver: string;
  readonly transport: TransportName;
  readonly user?: string;
  /** Name or address; an IPv6 address without brackets, its zone after `%`. */
  readonly host?: string;
  /** 1 to 65535. */
  readonly port?: number;
  /** Empty or beginning with `/`. */
  readonly path: string;
  readonly parameters: readonly UriParameter[];
}

const transportNames: Readonly<Record<string, TransportName>> = {
  unix: 'unix', ssh: 'ssh', libssh: 'ssh', libssh2: 'ssh', tls: 'tls', tcp: 'tcp', ext: 'ext',
};

/** Port used when the URI names none. */
export const defaultPorts: Readonly<Record<'ssh' | 'tls' | 'tcp', number>> = { ssh: 22, tls: 16514, tcp: 16509 };

/** The value of a parameter; of several the last one counts, and case does not, as in libvirt. */
export const uriParameter = (uri: ConnectionUri, name: string): string | undefined =>
  uri.parameters.findLast((parameter) => parameter.name.toLowerCase() === name)?.value;

/** A yes-or-no parameter: any whole number but 0 is yes; absent is no. */
export const uriFlag = (uri: ConnectionUri, name: string): boolean => Number(uriParameter(uri, name) ?? 0) !== 0;

const refuse = (message: string, remedy: string): Refused => new Refused('bad-uri', message, { stage: 'uri', field: 'uri', remedy });

const example = 'Write it like qemu:///system, qemu+ssh://user@host/system or qemu+tls://host/system.';

/** scheme, authority (optional), path, query (optional), fragment (optional): RFC 3986 appendix B, with the scheme required. */
const parts = /^([A-Za-z][A-Za-z0-9.-]*)(?:\+([A-Za-z0-9]*))?:(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(#.*)?$/s;

/**
 * Reads a connection URI of https://libvirt.org/uri.html#remote-uris. `libssh` and `libssh2` become `ssh`, with their default user `root`.
 * @throws Refused `bad-uri`. The sentence never repeats the text, which may hold a password typed by mistake.
 */
export function parseConnectionUri(input: string): ConnectionUri {
  const match = parts.exec(input.trim());
  if (match === null) throw refuse('The connection URI does not begin with a hypervisor and a colon, such as qemu:.', example);
  const [, scheme = '', transportText, authority = '', pathText = '', query = '', fragment] = match;
  if (fragment !== undefined) throw refuse('The connection URI has a #.', 'Write %23 where a # is meant.');
  const driver = scheme.toLowerCase();
  const { user, host, port } = parseAuthority(authority);
  const path = decode(pathText, 'path');
  if (path !== '' && !path.startsWith('/')) throw refuse('The path of the connection URI does not begin with /.', example);
  const transport = transportOf(driver, transportText?.toLowerCase(), host);
  if ((transport === 'unix' || transport === 'demo') && (host ?? user ?? port) !== undefined) {
    throw refuse(
      'The connection URI names a host, user or port, but the connection stays on this machine.',
      'Leave them out, or name a transport, as in qemu+ssh://user@host/system.',
    );
  }
  const parameters = parseQuery(query);
  const bySshLibrary = transportText?.toLowerCase().startsWith('libssh') === true;
  const login = user ?? (bySshLibrary ? 'root' : undefined);
  const uri: ConnectionUri = {
    driver,
    transport,
    ...(login !== undefined && { user: login }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    path,
    parameters,
  };
  if (uriParameter(uri, 'proxy') === 'native' && uriParameter(uri, 'netcat') !== undefined) {
    throw refuse('The connection URI asks for proxy=native and names a netcat program.', 'Leave one of the two out.');
  }
  return uri;
}

function transportOf(driver: string, written: string | undefined, host: string | undefined): TransportName {
  if (driver === 'demo') {
    if (written === undefined) return 'demo';
    throw refuse('The demo host is reached without a transport.', 'Write demo:///.');
  }
  if (written === undefined) return host === undefined ? 'unix' : 'tls';
  const transport = Object.hasOwn(transportNames, written) ? transportNames[written] : undefined;
  if (transport === undefined) {
    throw refuse('The connection URI names a transport that does not exist.', 'After the + write unix, ssh, tls, tcp or ext.');
  }
  return transport;
}

interface Authority {
  readonly user?: string;
  readonly host?: string;
  readonly port?: number;
}

function parseAuthority(authority: string): Authority {
  const at = authority.lastIndexOf('@');
  const userText = at < 0 ? '' : authority.slice(0, at);
  if (userText.includes(':')) {
    throw refuse('The connection URI has a password or a colon in the user name.', 'Write the user name alone; the password is asked for when it is needed.');
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(authority.slice(at + 1));
  if (match === null) {
    throw refuse('The host or the port in the connection URI cannot be understood.', 'Write host:port; an IPv6 address goes into brackets, as in [fd00::1]:22.');
  }
  const [, bracketed, plain = '', portText = ''] = match;
  const host = bracketed === undefined ? decode(plain, 'host') : addressOf(bracketed);
  if (host.startsWith('-') || /[\s/\\@:?#[\]%,;'"]/.test(bracketed === undefined ? host : '')) {
    throw refuse('The host in the connection URI holds a character that no host name has.', 'Write a host name or an address.');
  }
  const port = portText === '' ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65535)) {
    throw refuse('The port in the connection URI is not between 1 and 65535.', 'Write a port from 1 to 65535, or none.');
  }
  const user = decode(userText, 'user');
  if (user.startsWith('-')) throw refuse('The user name in the connection URI begins with a dash.', 'Write the name of the user on the host.');
  return { ...(user !== '' && { user }), ...(host !== '' && { host }), ...(port !== undefined && { port }) };
}

/** An IPv6 address, its zone written `%25eth0` (RFC 6874) or, as people do, `%eth0`. */
function addressOf(bracketed: string): string {
  const match = /^([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:%(?:25)?([A-Za-z0-9._~-]+))?$/.exec(bracketed);
  if (match === null) throw refuse('What is in brackets in the connection URI is not an IPv6 address.', 'Write it like [fd00::1].');
  const [, address = '', zone] = match;
  return zone === undefined ? address : `${address}%${zone}`;
}

function parseQuery(query: string): readonly UriParameter[] {
  return query
    .split(/[&;]/)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = decode(equals < 0 ? pair : pair.slice(0, equals), 'parameters');
      const value = equals < 0 ? '' : decode(pair.slice(equals + 1), 'parameters');
      if (name === '') throw refuse('A parameter of the connection URI has no name.', 'Write parameters as name=value, separated by &.');
      const problem = describeUriParameter(name)?.problem(value) ?? null;
      if (problem !== null) throw refuse(`The parameter ${name.toLowerCase()} of the connection URI ${problem}.`, 'Correct the parameter or leave it out.');
      return { name, value };
    });
}

function decode(encoded: string, part: string): string {
  const decoded = decodePercent(encoded);
  // Neither has a place in a name, a path or a shell's argument: NUL cuts it short, half a surrogate pair cannot be encoded.
  if (decoded === undefined || /[\p{Cc}\p{Cs}]/u.test(decoded)) {
    throw refuse(`The ${part} of the connection URI has a wrong %-code or a control character.`, 'Write a % itself as %25.');
  }
  return decoded;
}

function decodePercent(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Keeps readable what RFC 3986 allows in a path or a value; everything else becomes a %-code. */
const encode = (decoded: string): string => encodeURIComponent(decoded).replaceAll(/%(?:2F|3A|40|2C)/g, decodeURIComponent);

const printQuery = (parameters: readonly UriParameter[]): string =>
  parameters.length === 0 ? '' : `?${parameters.map(({ name, value }) => `${encode(name)}=${encode(value)}`).join('&')}`;

/** The canonical text: `parseConnectionUri` gives the same value back. The transport is written unless it is `unix` or `demo`. */
export function printConnectionUri(uri: ConnectionUri): string {
  const transport = uri.transport === 'unix' || uri.transport === 'demo' ? '' : `+${uri.transport}`;
  const user = uri.user === undefined ? '' : `${encodeURIComponent(uri.user)}@`;
  const host = uri.host === undefined ? '' : uri.host.includes(':') ? `[${uri.host.replace('%', '%25')}]` : encodeURIComponent(uri.host);
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  return `${uri.driver}${transport}://${user}${host}${port}${encode(uri.path)}${printQuery(uri.parameters)}`;
}

/**
 * The name for CONNECT_OPEN: without transport, user, host, port and the parameters meant for the client; `name=` wins.
 * Empty, which lets the daemon choose, for the driver `remote`.
 */
export function driverUri(uri: ConnectionUri): string {
  const name = uriParameter(uri, 'name');
  if (name !== undefined) return name;
  if (uri.driver === 'remote') return '';
  const kept = uri.parameters.filter((parameter) => describeUriParameter(parameter.name) === undefined);
  return `${uri.driver}://${encode(uri.path)}${printQuery(kept)}`;
}

/** Whether the URI gives up knowing that who answers is the host that is meant. */
export function isUnverified(uri: ConnectionUri): boolean {
  const verify = uri.transport === 'ssh' ? uriParameter(uri, 'known_hosts_verify') : undefined;
  return verify === undefined ? (uri.transport === 'ssh' || uri.transport === 'tls') && uriFlag(uri, 'no_verify') : verify !== 'normal';
}

/** Whether two URIs lead to the same place in the same way: letter case of host names and ports that are usual anyway do not count. */
export const isSameConnection = (one: ConnectionUri, other: ConnectionUri): boolean => plainest(one) === plainest(other);

function plainest({ host, port, ...uri }: ConnectionUri): string {
  const usual = uri.transport === 'ssh' || uri.transport === 'tls' || uri.transport === 'tcp' ? defaultPorts[uri.transport] : undefined;
  return printConnectionUri({ ...uri, ...(host !== undefined && { host: host.toLowerCase() }), ...(port !== undefined && port !== usual && { port }) });
}
