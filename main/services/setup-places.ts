// Where certificates lie on a host, by libvirt's and QEMU's own rules, and which daemon and settings go with them.
import type { SetupWish } from '../../app/contract/setup.ts';
import { type SettingsOfFile, parseSettings } from '../../app/daemon/settings-file.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { defaultPorts } from '../../app/domain/connection-uri.ts';
import type { SetupFacts } from '../host/setup-facts.ts';

/** PEM of what is put somewhere. */
export interface Material {
  /** Every authority that is to be trusted. */
  readonly authority: string;
  readonly revocations: string | null;
  /** With the authorities between it and one that is trusted. */
  readonly certificate: string;
  /** Null where it never was here. */
  readonly key: string | null;
}

export interface Place {
  readonly path: string;
  readonly content: keyof Material;
  readonly mode: string;
  /** `user:group`; empty = the user who is logged in. */
  readonly owner: string;
}

/** The daemon that clients from afar reach, as it is on this host. */
export interface DaemonFacts {
  readonly kind: 'monolithic' | 'modular' | 'none';
  readonly name: 'libvirtd' | 'virtproxyd';
  readonly settingsPath: string;
  readonly listens: 'socket' | 'itself';
  readonly port: number;
  readonly isListening: boolean;
  /** Sockets that are there, of this daemon. */
  readonly sockets: readonly string[];
}

/** Reads a configuration file of the host. @throws Refused `plan-invalid` naming the line. */
export const settingsOf = (facts: SetupFacts, path: string): SettingsOfFile => parseSettings(facts.texts.get(path) ?? '', faultOf(path));

export const faultOf = (path: string) => (line: number, expected: string): Refused =>
  new Refused('plan-invalid', `${path} on the host cannot be understood in line ${line}: ${expected}.`, { remedy: 'Correct the file there first.' });

export const socketsOf = ({ units }: SetupFacts, daemon: string): readonly string[] =>
  units.map(({ name }) => name).filter((name) => name.endsWith('.socket') && (name.startsWith(`${daemon}.`) || name.startsWith(`${daemon}-`)));

export function daemonOf(facts: SetupFacts): DaemonFacts {
  const state = (name: string): string => facts.units.find((unit) => unit.name === name)?.state ?? '';
  const isThere = (name: string): boolean => facts.units.some((unit) => unit.name === name);
  const runs = (name: string): boolean => state(`${name}.service`) === 'active' || state(`${name}.socket`) === 'active';
  const isModular = isThere('virtproxyd.service') && !runs('libvirtd') && (runs('virtproxyd') || runs('virtqemud') || !isThere('libvirtd.service'));
  const kind = isModular ? 'modular' : isThere('libvirtd.service') ? 'monolithic' : 'none';
  const name = isModular ? 'virtproxyd' : 'libvirtd';
  const settingsPath = `/etc/libvirt/${name}.conf`;
  // With socket activation in use the daemon refuses --listen; without it the sockets do nothing for a daemon that runs already.
  const isAlone = !isThere(`${name}-tls.socket`) || (state(`${name}.service`) === 'active' && state(`${name}.socket`) !== 'active');
  const listens = isAlone ? 'itself' : 'socket';
  const fromUnit = Number(/:?(\d+) \(Stream\)/.exec(facts.listens.get(`${name}-tls.socket`) ?? '')?.[1] ?? Number.NaN);
  const fromFile = Number(/^\s*tls_port\s*=\s*["']?(\d+)/m.exec(facts.texts.get(settingsPath) ?? '')?.[1] ?? Number.NaN);
  const given = listens === 'socket' ? fromUnit : fromFile;
  const port = Number.isNaN(given) ? defaultPorts.tls : given;
  return { kind, name, settingsPath, listens, port, isListening: facts.ports.has(port), sockets: socketsOf(facts, name) };
}

const one = (settings: SettingsOfFile, name: string): string | undefined => settings.get(name)?.[0]?.text;
const root = 'root:root';

/** The files of a host's own daemon (https://libvirt.org/kbase/tlscerts.html), where its configuration says otherwise there. */
function daemonPlaces(settings: SettingsOfFile): readonly Place[] {
  return [
    { path: one(settings, 'ca_file') ?? '/etc/pki/CA/cacert.pem', content: 'authority', mode: '0644', owner: root },
    { path: one(settings, 'crl_file') ?? '/etc/pki/CA/cacrl.pem', content: 'revocations', mode: '0644', owner: root },
    { path: one(settings, 'cert_file') ?? '/etc/pki/libvirt/servercert.pem', content: 'certificate', mode: '0644', owner: root },
    { path: one(settings, 'key_file') ?? '/etc/pki/libvirt/private/serverkey.pem', content: 'key', mode: '0600', owner: root },
  ];
}

/** The files of clients that every user of a computer has. */
const systemClient: readonly Place[] = [
  { path: '/etc/pki/CA/cacert.pem', content: 'authority', mode: '0644', owner: root },
  { path: '/etc/pki/CA/cacrl.pem', content: 'revocations', mode: '0644', owner: root },
  { path: '/etc/pki/libvirt/clientcert.pem', content: 'certificate', mode: '0644', owner: root },
  { path: '/etc/pki/libvirt/private/clientkey.pem', content: 'key', mode: '0600', owner: root },
];

/** A folder for one user, or for `pkipath=`. */
export const userClient = (folder: string): readonly Place[] => [
  { path: `${folder}/cacert.pem`, content: 'authority', mode: '0644', owner: '' },
  { path: `${folder}/cacrl.pem`, content: 'revocations', mode: '0644', owner: '' },
  { path: `${folder}/clientcert.pem`, content: 'certificate', mode: '0644', owner: '' },
  { path: `${folder}/clientkey.pem`, content: 'key', mode: '0600', owner: '' },
];

/** A folder that QEMU's processes read (https://www.qemu.org/docs/master/system/tls.html); `sides`: what it shows as which side. */
const qemuPlaces = (folder: string, group: string, sides: readonly ('server' | 'client')[]): readonly Place[] => [
  { path: `${folder}/ca-cert.pem`, content: 'authority', mode: '0644', owner: root },
  { path: `${folder}/ca-crl.pem`, content: 'revocations', mode: '0644', owner: root },
  ...sides.flatMap((side): readonly Place[] => [
    { path: `${folder}/${side}-cert.pem`, content: 'certificate', mode: '0644', owner: root },
    { path: `${folder}/${side}-key.pem`, content: 'key', mode: '0640', owner: `root:${group}` },
  ]),
];

/** The setting of qemu.conf that has consoles encrypted. Migration is encrypted where whoever migrates asks for it. */
export const qemuSettings = { vnc: 'vnc_tls', spice: 'spice_tls' } as const;

type Use = Extract<SetupWish, { kind: 'host' }>['uses'][number];

/** Every file that a host's certificate is put into for these uses; revocation lists are left out where there are none. */
export function hostPlaces(facts: SetupFacts, daemon: DaemonFacts, uses: readonly Use[], canBeClient: boolean): readonly Place[] {
  const qemu = settingsOf(facts, '/etc/libvirt/qemu.conf');
  const folder = (use: 'vnc' | 'spice' | 'migrate'): string => one(qemu, `${use}_tls_x509_cert_dir`) ?? `/etc/pki/libvirt-${use}`;
  const places: Readonly<Record<Use, () => readonly Place[]>> = {
    daemon: () => daemonPlaces(settingsOf(facts, daemon.settingsPath)),
    vnc: () => qemuPlaces(folder('vnc'), facts.qemuGroup, ['server']),
    spice: () => qemuPlaces(folder('spice'), facts.qemuGroup, ['server']),
    // A host that guests leave is the client of the one they go to, of its daemon and of its QEMU.
    migration: () => [...qemuPlaces(folder('migrate'), facts.qemuGroup, canBeClient ? ['server', 'client'] : ['server']), ...(canBeClient ? systemClient : [])],
  };
  const all = uses.flatMap((use) => places[use]());
  return all.filter(({ path }, at) => all.findIndex((other) => other.path === path) === at);
}

export const systemClientPlaces = systemClient;

/**
 * The file that gives a daemon its arguments, with --listen among them; what is for socket activation alone is taken out.
 * @returns null when it says so already.
 */
export function withListen(text: string, variable: string): string | null {
  const own = new RegExp(`^[ \\t]*${variable}=(?:"([^"\\n]*)"|'([^'\\n]*)'|(\\S*))[ \\t]*$`, 'gm');
  const last = [...text.matchAll(own)].at(-1);
  const words = (last?.[1] ?? last?.[2] ?? last?.[3] ?? '').split(/\s+/).filter((word) => word !== '');
  if (words.includes('--listen') || words.includes('-l')) return null;
  const kept = words.filter((word, at) => word !== '--timeout' && words[at - 1] !== '--timeout');
  const line = `${variable}="${['--listen', ...kept].join(' ')}"`;
  if (last === undefined) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
  return `${text.slice(0, last.index)}${line}${text.slice(last.index + last[0].length)}`;
}
