// The parameters of a connection URI that steer the client: what each is, does, and takes. Parsing checks and forms are drawn from this one table.
import type { TransportName } from './connection-uri.ts';

/** How a person enters a value. `file` and `folder` are paths on this computer; paths on the host are texts. */
export type UriParameterControl =
  | { readonly kind: 'text'; readonly example: string }
  | { readonly kind: 'file' | 'folder'; readonly example: string }
  /** The first choice is what holds without the parameter. */
  | { readonly kind: 'choice'; readonly choices: readonly { readonly value: string; readonly label: string }[] }
  /** `1` for yes; left out for no. */
  | { readonly kind: 'flag' };

/** One parameter of https://libvirt.org/uri.html#remote-uris. */
export interface UriParameterDescription {
  /** As it is written in the URI, in lower case. */
  readonly name: string;
  readonly label: string;
  /** What it does, in a few words. */
  readonly effect: string;
  /** Where it has an effect; elsewhere it is kept and ignored, as libvirt does. */
  readonly transports: readonly TransportName[];
  readonly control: UriParameterControl;
  /** May stand in a URI more than once. */
  readonly isRepeatable?: true;
  /** The values that give up protection, and what that means, to be shown as a warning. */
  readonly danger?: { readonly values: (value: string) => boolean; readonly means: string };
  /** What is wrong with a value, as the end of a sentence; null when nothing is. */
  readonly problem: (value: string) => string | null;
}

const anything = (): null => null;
const filled = (value: string): string | null => (value === '' ? 'must not be empty' : null);
const integer = (value: string): string | null => (/^[+-]?\d+$/.test(value) ? null : 'must be a whole number: 0 for no, 1 for yes');
const oneOf = (allowed: readonly string[]) => (value: string): string | null => (allowed.includes(value) ? null : `must be one of ${allowed.join(', ')}`);
const isYes = (value: string): boolean => Number(value) !== 0;

const flag = { control: { kind: 'flag' }, problem: integer } as const;
const text = (example: string) => ({ control: { kind: 'text', example }, problem: filled }) as const;
const path = (kind: 'file' | 'folder', example: string) => ({ control: { kind, example }, problem: filled }) as const;
const choice = (labels: Readonly<Record<string, string>>) => ({
  control: { kind: 'choice', choices: Object.entries(labels).map(([value, label]) => ({ value, label })) },
  problem: oneOf(Object.keys(labels)),
}) as const;

/** Methods of `sshauth=`. */
const sshMethods = ['agent', 'privkey', 'password', 'keyboard-interactive'];

/** Every parameter that is not sent to the daemon, in the order a form shows them. */
export const uriParameters: readonly UriParameterDescription[] = [
  { name: 'keyfile', label: 'Private key', effect: 'Logs in with this key before any other', transports: ['ssh'], ...path('file', '/home/me/.ssh/id_ed25519') },
  {
    name: 'sshauth', label: 'Login methods', effect: 'Tries only these, in this order, separated by commas', transports: ['ssh'],
    control: { kind: 'text', example: sshMethods.join(',') },
    problem: (value) => (value.split(',').every((method) => sshMethods.includes(method.trim().toLowerCase())) ? null : `must be a list of ${sshMethods.join(', ')}`),
  },
  { name: 'known_hosts', label: 'Known hosts file', effect: 'Looks for the host’s key here instead of in your own file', transports: ['ssh'], ...path('file', '/home/me/.ssh/known_hosts') },
  {
    name: 'known_hosts_verify', label: 'Host key', effect: 'What happens with a host key never seen before', transports: ['ssh'],
    ...choice({ normal: 'Ask', auto: 'Accept a new one, refuse a changed one', ignore: 'Accept any' }),
    danger: { values: (value) => value === 'auto' || value === 'ignore', means: 'Another machine can pose as this host, and nobody is asked.' },
  },
  {
    name: 'no_verify', label: 'Do not verify the host', effect: 'TLS: takes any certificate. SSH: accepts a new host key without asking', transports: ['tls', 'ssh'], ...flag,
    danger: { values: isYes, means: 'Another machine can pose as this host and read and change everything that is sent.' },
  },
  { name: 'no_tty', label: 'Ask nothing', effect: 'Fails where a password or a confirmation would be asked for', transports: ['ssh'], ...flag },
  {
    name: 'proxy', label: 'Way to the daemon', effect: 'How the host carries the bytes to the daemon’s socket', transports: ['ssh'],
    ...choice({ auto: 'Whatever works: forwarding, virt-ssh-helper, netcat', native: 'virt-ssh-helper only', netcat: 'Netcat only' }),
  },
  { name: 'netcat', label: 'Netcat program', effect: 'Reaches the socket through this program on the host', transports: ['ssh'], ...text('nc') },
  { name: 'pkipath', label: 'Certificate folder', effect: 'Takes cacert.pem, clientcert.pem, clientkey.pem and cacrl.pem from here only', transports: ['tls'], ...path('folder', '/home/me/.pki/libvirt') },
  { name: 'tls_priority', label: 'TLS priority', effect: 'Narrows TLS versions and ciphers, in GnuTLS’s words', transports: ['tls'], control: { kind: 'text', example: 'NORMAL:-VERS-TLS1.2' }, problem: anything },
  { name: 'no_sanity', label: 'Do not check own certificate', effect: 'Connects even if the client certificate looks unusable', transports: ['tls'], ...flag },
  {
    name: 'mode', label: 'Daemon', effect: 'Which of libvirt’s daemons is spoken to', transports: ['unix', 'ssh'],
    ...choice({ auto: 'Whichever is there', direct: 'The driver’s own, such as virtqemud', legacy: 'libvirtd or virtproxyd' }),
  },
  { name: 'socket', label: 'Socket', effect: 'Connects to this socket and no other', transports: ['unix', 'ssh'], ...text('/run/libvirt/libvirt-sock') },
  { name: 'command', label: 'Program', effect: 'SSH: logs in with this ssh program. Program: the one that carries the bytes', transports: ['ssh', 'ext'], ...path('file', '/usr/bin/ssh') },
  { name: 'argv', label: 'Argument', effect: 'A further word for the program', transports: ['ext'], isRepeatable: true, control: { kind: 'text', example: '--verbose' }, problem: anything },
  {
    name: 'auth', label: 'Authentication', effect: 'Insists on this kind at the daemon: sasl, sasl.MECHANISM or polkit', transports: ['unix', 'ssh', 'tls', 'tcp', 'ext'],
    control: { kind: 'text', example: 'sasl.SCRAM-SHA-256' },
    problem: (value) => (/^(sasl(\..+)?|polkit)$/.test(value) ? null : 'must be sasl, sasl.MECHANISM or polkit'),
  },
  { name: 'authfile', label: 'Credentials file', effect: 'Takes the daemon’s user name and password from here', transports: ['unix', 'ssh', 'tls', 'tcp', 'ext'], ...path('file', '/home/me/.config/libvirt/auth.conf') },
  { name: 'name', label: 'Driver URI', effect: 'What the daemon is asked to open, instead of what follows from this URI', transports: ['unix', 'ssh', 'tls', 'tcp', 'ext'], control: { kind: 'text', example: 'qemu:///system' }, problem: anything },
];

const byName = new Map(uriParameters.map((parameter) => [parameter.name, parameter]));

/** The description of a parameter by its name in any case; undefined for one that is the daemon's. */
export const describeUriParameter = (name: string): UriParameterDescription | undefined => byName.get(name.toLowerCase());
