// What OpenSSH's configuration says about one host: its options as values, with the defaults of ssh_config(5).
import { hostname } from 'node:os';

/** Options by their names in lower case; those that may be repeated have several values. As `ssh -G` prints them. */
export type SshOptions = ReadonlyMap<string, readonly string[]>;

/** Whose configuration it is, and what the caller knows already of the host. */
export interface SshContext {
  /** The host as the user writes it. */
  readonly host: string;
  /** What the connection URI says wins over any file. */
  readonly user?: string;
  readonly port?: number;
  readonly home: string;
  /** The account's own folder, into which the system's ssh expands `~`, whatever HOME says. */
  readonly accountHome: string;
  readonly localUser: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SshSettings {
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Undefined when none is configured: then OpenSSH's default files are meant. */
  readonly identityFiles: readonly string[] | undefined;
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** A socket, `none`, or undefined for that of the environment. */
  readonly identityAgent: string | undefined;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | undefined;
  /** `no` and `off` are taken as `accept-new`: a key that changed is never let pass because of a configuration. */
  readonly strictHostKeyChecking: 'ask' | 'yes' | 'accept-new';
  /** In seconds; for information, as is `serverAliveInterval`: stages and libvirt's keepalive have limits of their own. */
  readonly connectTimeout: number | undefined;
  readonly serverAliveInterval: number;
  /** The hosts to go through, as written: `[user@]host[:port]`, the first one first. */
  readonly jumps: readonly string[];
  /** What in the configuration only the ssh program can do, as a noun for a sentence; undefined when nothing is. */
  readonly needsProgram: string | undefined;
}

/** Reads the output of `ssh -G`: lines of a name, a space and a value. */
export function parseSshOptions(text: string): SshOptions {
  const options = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const name = line.slice(0, space).toLowerCase();
    options.set(name, [...(options.get(name) ?? []), line.slice(space + 1)]);
  }
  return options;
}

/** Options that hand the connection or the login to something ssh2 cannot do, unless their value is `none` or `no`. */
const programOptions: Readonly<Record<string, string>> = {
  proxycommand: 'a ProxyCommand', pkcs11provider: 'a PKCS11Provider', knownhostscommand: 'a KnownHostsCommand', certificatefile: 'a CertificateFile',
};

/** What ssh2 1.17 speaks, by the option that lists what may be spoken. Where none of a list is here, the ssh program has to. */
const spoken: Readonly<Record<string, RegExp>> = {
  kexalgorithms: /^(curve25519-sha256(@libssh\.org)?|ecdh-sha2-nistp(256|384|521)|diffie-hellman-group(-exchange-sha256|14-sha256|1[5-8]-sha512))$/,
  hostkeyalgorithms: /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|rsa-sha2-(256|512))$/,
  ciphers: /^(aes(128|256)-gcm(@openssh\.com)?|aes(128|192|256)-ctr|chacha20-poly1305@openssh\.com)$/,
  preferredauthentications: /^(publickey|password|keyboard-interactive)$/,
};

/** Puts the options into values. */
export function sshSettings(options: SshOptions, context: SshContext): SshSettings {
  const { host, home } = context;
  const last = (name: string): string | undefined => options.get(name)?.[0];
  const port = context.port ?? Number(last('port') ?? 22);
  const user = context.user ?? last('user') ?? context.localUser;
  const hostName = (last('hostname') ?? host).replaceAll(/%([h%])/g, (_, letter: string) => (letter === 'h' ? host : '%'));
  const tokens: Readonly<Record<string, string>> = {
    '%': '%', d: home, h: hostName, i: String(process.getuid?.() ?? ''), k: last('hostkeyalias') ?? host, l: hostname(), n: host, p: String(port), r: user, u: context.localUser,
  };
  const path = (written: string): string =>
    inHome(written.replace(/^__PROGRAMDATA__/, () => context.env['ProgramData'] ?? 'C:\\ProgramData'), context)
      .replaceAll(/%(.)/g, (all, letter: string) => tokens[letter] ?? all)
      .replaceAll(/\$\{([^}]+)\}/g, (all, name: string) => context.env[name] ?? all);
  const paths = (name: string): readonly string[] => (options.get(name) ?? []).filter((written) => written !== 'none').map(path);
  const identities = options.get('identityfile');
  const isDefault = identities === undefined || (identities.length >= 4 && identities.every((file) => /^~[\\/]\.ssh[\\/]id_[a-z0-9_]+$/.test(file)));
  const jump = last('proxyjump');
  const agent = last('identityagent');
  return {
    host, hostName, port, user,
    identityFiles: isDefault ? undefined : paths('identityfile'),
    certificateFiles: paths('certificatefile'),
    identitiesOnly: last('identitiesonly') === 'yes',
    identityAgent: agent === undefined || agent === 'SSH_AUTH_SOCK' ? undefined : agent === 'none' ? agent : agentPath(agent, path, context),
    userKnownHostsFiles: pathsOfLine(last('userknownhostsfile'), path) ?? [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`],
    globalKnownHostsFiles: pathsOfLine(last('globalknownhostsfile'), path) ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    hostKeyAlias: last('hostkeyalias'),
    strictHostKeyChecking: strictness(last('stricthostkeychecking')),
    connectTimeout: seconds(last('connecttimeout')),
    serverAliveInterval: seconds(last('serveraliveinterval')) ?? 0,
    jumps: jump === undefined || jump === 'none' ? [] : jump.split(','),
    needsProgram: programReason(options),
  };
}

function agentPath(agent: string, path: (written: string) => string, { env }: SshContext): string {
  return agent.startsWith('$') && !agent.startsWith('${') ? (env[agent.slice(1)] ?? 'none') : path(agent);
}

/** `~` is the home given; a path below the account's folder that the system's ssh has expanded already is moved there too. */
function inHome(path: string, { home, accountHome }: SshContext): string {
  if (/^~[\\/]/.test(path)) return home + path.slice(1);
  const isExpanded = home !== accountHome && !path.startsWith(`${home}/`) && path.startsWith(`${accountHome}/.ssh/`);
  return isExpanded ? home + path.slice(accountHome.length) : path;
}

/** Several paths in one line. `ssh -G` does not quote a space within a path, so a new one begins where it is absolute. */
const pathsOfLine = (line: string | undefined, path: (written: string) => string): readonly string[] | undefined =>
  line?.split(/ (?=[~/]|[A-Za-z]:[\\/]|__PROGRAMDATA__|none$)/).filter((written) => written !== 'none').map(path);

const strictness = (written: string | undefined): SshSettings['strictHostKeyChecking'] => {
  if (written === undefined || written === 'ask') return 'ask';
  return written === 'yes' || written === 'true' ? 'yes' : 'accept-new';
};

/** A time of ssh_config(5): a number of seconds, or numbers with units. Undefined when there is none. */
export function seconds(written: string | undefined): number | undefined {
  if (written === undefined || !/^(\d+[smhdw]?)+$/i.test(written)) return undefined;
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  return [...written.matchAll(/(\d+)([smhdw]?)/gi)].reduce((sum, [, digits, unit = '']) => sum + Number(digits) * (units[unit.toLowerCase()] ?? 1), 0);
}

function programReason(options: SshOptions): string | undefined {
  for (const [name, noun] of Object.entries(programOptions)) {
    const [value] = options.get(name) ?? [];
    if (value !== undefined && !/^(none|no)$/i.test(value)) return noun;
  }
  for (const [name, known] of Object.entries(spoken)) {
    const [value] = options.get(name) ?? [];
    // A list may also be written as a change to the defaults (+, -, ^): those hold something for ssh2.
    if (value !== undefined && !/^[+^-]/.test(value) && !value.split(',').some((each) => known.test(each))) return `${name} ${value}`;
  }
  return undefined;
}

/** A jump host as ProxyJump writes it: `[user@]host[:port]`, an address in brackets, or an ssh:// URI. Undefined when it is none. */
export function parseJump(written: string): { readonly user?: string; readonly host: string; readonly port?: number } | undefined {
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]\s]+)\]|([^-:\s[\]@][^:\s[\]@]*))(?::(\d{1,5}))?\/?$/.exec(written.trim());
  if (match === null) return undefined;
  const [, user, bracketed, plain, digits] = match;
  const host = bracketed ?? plain;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || host.startsWith('-') || user?.startsWith('-') === true || port === 0 || (port ?? 1) > 65_535) return undefined;
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}
