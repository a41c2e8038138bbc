// A plan of what is set up on a host: from what is there and what is wished to steps, each as it is shown and as it is taken.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { dirname } from 'node:path';
import type { fileContents, PlannedStep, SetupPlan, SetupWish } from '../../app/contract/setup.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type DaemonValues, readDaemonValues, settingProblems, settingWarnings } from '../../app/daemon/daemon-settings.ts';
import { parseSettings, withSetting } from '../../app/daemon/settings-file.ts';
import { alternativeName } from '../../app/pki/subject.ts';
import { difference } from '../../app/xml/difference.ts';
import type { HostStep } from '../host/journal.ts';
import { type FileFacts, requestKey, type SetupFacts } from '../host/setup-facts.ts';
import { daemonOf, faultOf, hostPlaces, type Material, type Place, qemuSettings, socketsOf, systemClientPlaces, userClient, withListen } from './setup-places.ts';

/** What a plan is made of. */
export interface Ground {
  readonly facts: SetupFacts;
  /** What is at the paths that `pathsOf` names. */
  readonly files: ReadonlyMap<string, FileFacts>;
  /** Null for a wish without a certificate. */
  readonly material: Material | null;
  /** By which name this computer reaches the host. */
  readonly reachedAs: string;
  /** The folder for `pkipath=` of a client's certificate that Guestdeck keeps. */
  readonly ownFolder: string;
  /** A moment in UTC, as `YYYYMMDDTHHMMSSZ`: part of the name of what is kept of a file that is replaced. */
  readonly stamp: string;
}

/** A plan as it is shown, and what each step of it is; the steps of both stand in the same order. `verify`, where it is, comes last. */
export interface Planned {
  readonly plan: SetupPlan;
  readonly steps: readonly HostStep[];
  readonly asRoot: boolean;
  /** The port that is connected to at the end; null where nothing is. */
  readonly verify: { readonly name: string; readonly port: number } | null;
  /** Files that are needed no more once all is well. */
  readonly also: readonly string[];
}

type Content = (typeof fileContents)[number];
const contentWords: Readonly<Record<Content, string>> = { authority: 'authority’s certificate', revocations: 'revocation list', certificate: 'certificate', key: 'private key', settings: 'settings' };

/** Every place a wish may write to, with what is above it. */
export function pathsOf(facts: SetupFacts, wish: SetupWish, ownFolder: string): readonly string[] {
  const files = [...placesOf(facts, wish, ownFolder, true).map(({ path }) => path), ...facts.texts.keys()];
  const folders = (path: string): readonly string[] => (path === '/' ? [] : [...folders(dirname(path)), path]);
  return [...new Set(files.flatMap(folders))];
}

function placesOf(facts: SetupFacts, wish: SetupWish, ownFolder: string, canBeClient: boolean): readonly Place[] {
  if (wish.kind === 'host') return hostPlaces(facts, daemonOf(facts), wish.uses, canBeClient);
  if (wish.kind === 'settings') return [];
  return wish.place === 'system' ? systemClientPlaces : userClient(wish.place === 'user' ? `${facts.home}/.pki/libvirt` : ownFolder);
}

class Draft {
  readonly shown: PlannedStep[] = [];
  readonly steps: HostStep[] = [];
  readonly warnings: string[] = [];
  readonly #ground: Ground;
  readonly #asRoot: boolean;

  constructor(ground: Ground, asRoot: boolean) {
    this.#ground = ground;
    this.#asRoot = asRoot;
  }

  /** Folders above a path that are not there yet. */
  #folders(path: string, group: string): void {
    const folder = dirname(path);
    if (folder === '/' || this.#ground.files.has(folder) || this.steps.some((step) => step.kind === 'folder' && step.path === folder)) return;
    this.#folders(folder, 'root');
    const mode = this.#asRoot ? (group === 'root' ? '0755' : '0750') : '0700';
    const owner = this.#asRoot ? `root:${group}` : '';
    this.steps.push({ kind: 'folder', path: folder, owner, mode });
    this.shown.push({ kind: 'folder', title: `Make the folder ${folder}`, path: folder, owner: owner || this.#ground.facts.user, mode });
  }

  /** A file with this content, unless it is there as it is to be. */
  file(place: Omit<Place, 'content'>, content: Content, bytes: Uint8Array | null, before: string | null = null): void {
    const { path, mode, owner } = place;
    const there = this.#ground.files.get(path);
    if (there !== undefined && bytes !== null && isSame(there, place, bytes, this.#asRoot)) return;
    this.#folders(path, path.includes('/libvirt-') ? this.#ground.facts.qemuGroup : 'root');
    const real = there?.real ?? path;
    const backup = there === undefined ? null : `${real}.${this.#ground.stamp}.old`;
    this.steps.push({ kind: 'file', path: real, owner, mode, content: bytes ?? { from: requestKey }, backup });
    const text = bytes === null ? '' : Buffer.from(bytes).toString('utf8');
    this.shown.push({
      kind: 'file', title: `${there === undefined ? 'Write' : 'Replace'} ${real}: ${contentWords[content]}`, path: real, owner: owner || this.#ground.facts.user, mode, content, isMadeThere: bytes === null,
      fingerprint: content === 'certificate' || content === 'authority' ? new X509Certificate(text).fingerprint256 : null,
      backup, difference: before === null ? null : difference(before, text).map(({ kind, line }) => ({ kind, line: withoutSecret(line) })),
    });
  }

  /** A file of settings edited: owner and mode stay. */
  edit(path: string, after: string): void {
    const { facts, files } = this.#ground;
    const before = facts.texts.get(path) ?? '';
    if (after === before) return;
    const there = files.get(path);
    this.file({ path, mode: there === undefined ? '0644' : `0${there.mode}`, owner: there === undefined ? 'root:root' : `${there.owner}:${there.group}` }, 'settings', Buffer.from(after), before);
  }

  units(service: string, sockets: readonly string[], enable: string | null): void {
    this.steps.push({ kind: 'units', service, sockets, enable });
    this.shown.push({
      kind: 'units',
      title: enable === null ? `Restart ${service}` : `Have ${enable} listen, and restart ${service}`,
      command: enable === null ? `systemctl restart ${service}` : `systemctl enable ${enable}; systemctl stop ${service}; systemctl start ${enable}; systemctl restart ${service}`,
    });
  }
}

/** qemu.conf holds passwords of consoles, which stand near the settings that are changed. */
const withoutSecret = (line: string): string => line.replace(/^(\s*#?\s*\w*(?:password|secret)\w*\s*=\s*).*$/, '$1…');

const isSame = ({ sum, mode, owner, group }: FileFacts, place: Omit<Place, 'content'>, bytes: Uint8Array, asRoot: boolean): boolean =>
  sum === createHash('sha256').update(bytes).digest('hex') && mode.padStart(4, '0') === place.mode && (!asRoot || place.owner === `${owner}:${group}`);

/** @throws Refused `plan-invalid`, `unknown-certificate`. */
export function planOf(wish: SetupWish, ground: Ground): Planned {
  const { facts } = ground;
  const asRoot = wish.kind !== 'client' || wish.place === 'system';
  const draft = new Draft(ground, asRoot);
  const daemon = daemonOf(facts);
  let verify: Planned['verify'] = null;
  let isEmpty = false;
  if (wish.kind === 'settings') {
    if (daemon.kind === 'none') throw noDaemon();
    const { after, values } = settled(wish.changes, facts.texts.get(daemon.settingsPath) ?? '', daemon.settingsPath);
    draft.edit(daemon.settingsPath, after);
    draft.warnings.push(...settingWarnings(values).map(({ message }) => message));
    if (draft.steps.length > 0) draft.units(`${daemon.name}.service`, daemon.sockets, null);
    isEmpty = draft.steps.length === 0;
  } else {
    const { material } = ground;
    if (material === null) throw new Refused('unknown-certificate', 'There is no such certificate here.', { field: 'wish.certificate' });
    const keyOnHost = wish.kind === 'host' && wish.keyOnHost === true;
    const certificate = checked(material, keyOnHost, facts);
    if (wish.kind === 'host' && daemon.kind === 'none') throw noDaemon();
    const canBeClient = certificate.keyUsage === undefined || certificate.keyUsage.includes('1.3.6.1.5.5.7.3.2');
    for (const place of placesOf(facts, wish, ground.ownFolder, canBeClient)) {
      const text = material[place.content];
      if (place.content === 'key' && keyOnHost) draft.file(place, 'key', null);
      else if (text !== null) draft.file(place, place.content, Buffer.from(text));
    }
    if (wish.kind === 'host') {
      const name = wish.reachedAs?.name ?? ground.reachedAs;
      draft.warnings.push(...certificateWarnings(certificate, name));
      listen(draft, wish.uses, facts, draft.steps.length > 0);
      if (draft.steps.some(({ kind }) => kind === 'units')) draft.warnings.push('Connections through the daemon end when it is restarted; guests go on running.');
      if (wish.uses.includes('daemon')) {
        verify = { name, port: wish.reachedAs?.port ?? daemon.port };
        draft.shown.push({ kind: 'verify', title: `Connect to ${name} by TLS from this computer`, uri: `qemu+tls://${name.includes(':') ? `[${name}]` : name}:${verify.port}/system` });
      }
    }
  }
  if (isEmpty) throw new Refused('plan-invalid', 'The settings are like this already.', { field: 'wish.changes' });
  const pkipath = wish.kind === 'client' && wish.place === 'app' ? ground.ownFolder : null;
  const plan = { steps: draft.shown, warnings: draft.warnings, hints: wish.kind === 'host' && wish.uses.includes('daemon') ? firewallHints(facts, daemon.port) : [], pkipath };
  const also = wish.kind === 'host' && wish.keyOnHost === true ? [requestKey] : [];
  return { plan: { ...plan, basis: `${ground.stamp}.${createHash('sha256').update(JSON.stringify([wish, plan, [...ground.files]])).digest('hex')}` }, steps: draft.steps, asRoot, verify, also };
}

const noDaemon = (): Refused => new Refused('plan-invalid', 'The host has no libvirt daemon that systemd knows.', { remedy: 'Install libvirt there first.' });

/** The file of settings with the changes in it. @throws Refused `plan-invalid` at the change that breaks a rule. */
function settled(changes: Extract<SetupWish, { kind: 'settings' }>['changes'], before: string, path: string): { readonly after: string; readonly values: DaemonValues } {
  const fault = faultOf(path);
  const after = changes.reduce((text, { name, value }) => withSetting(text, name, value, fault), before);
  const values = readDaemonValues(parseSettings(after, fault));
  const [problem] = settingProblems(values);
  if (problem !== undefined) {
    const at = changes.findIndex(({ name }) => name === problem.name);
    throw new Refused('plan-invalid', problem.message, { field: at < 0 ? 'wish.changes' : `wish.changes.${at}.value` });
  }
  return { after, values };
}

/** The certificate, once it is one that can be used. @throws Refused `plan-invalid`. */
function checked({ certificate, key, authority }: Material, keyOnHost: boolean, facts: SetupFacts): X509Certificate {
  const invalid = (message: string, cause?: unknown): Refused => new Refused('plan-invalid', message, { field: 'wish.certificate' }, { cause });
  let read: X509Certificate;
  try {
    read = new X509Certificate(certificate);
    if (key !== null && !keyOnHost && !read.checkPrivateKey(createPrivateKey(key))) throw invalid('The key does not belong to the certificate.');
    if (!new X509Certificate(authority).ca) throw invalid('The authority’s certificate is not one of an authority.');
  } catch (error) {
    throw error instanceof Refused ? error : invalid('The certificate or its key cannot be read.', error);
  }
  if (keyOnHost && !facts.hasRequest) throw new Refused('plan-invalid', 'No key waits on the host for this certificate.', { field: 'wish.keyOnHost', remedy: 'Make the request on the host first.' });
  if (!keyOnHost && key === null) throw invalid('The key of this certificate is not here.');
  return read;
}

function certificateWarnings(certificate: X509Certificate, name: string): readonly string[] {
  const read = alternativeName(name);
  const isNamed = 'code' in read ? false : read.kind === 'ip' ? certificate.checkIP(read.address) !== undefined : certificate.checkHost(read.name) !== undefined;
  const now = Date.now();
  return [
    ...(isNamed ? [] : [`The certificate is not for ${name}, by which this computer reaches the host; connecting by that name will be refused.`]),
    ...(Date.parse(certificate.validTo) < now ? [`The certificate is out of date since ${certificate.validTo}.`] : []),
    ...(Date.parse(certificate.validFrom) > now ? [`The certificate holds only from ${certificate.validFrom} on.`] : []),
  ];
}

/** What has to be set and restarted so that the files are used. */
function listen(draft: Draft, uses: Extract<SetupWish, { kind: 'host' }>['uses'], facts: SetupFacts, isChanged: boolean): void {
  const daemon = daemonOf(facts);
  const qemuPath = '/etc/libvirt/qemu.conf';
  const wanted = (['vnc', 'spice'] as const).filter((use) => uses.includes(use)).map((use) => qemuSettings[use]);
  const qemu = wanted.reduce((text, name) => withSetting(text, name, 1, faultOf(qemuPath)), facts.texts.get(qemuPath) ?? '');
  if (wanted.length > 0) draft.edit(qemuPath, qemu);
  const usesQemu = uses.some((use) => use !== 'daemon');
  if (usesQemu && daemon.kind === 'modular' && facts.units.some(({ name }) => name === 'virtqemud.service')) draft.units('virtqemud.service', socketsOf(facts, 'virtqemud'), null);
  if (!uses.includes('daemon')) {
    if (usesQemu && daemon.kind === 'monolithic') draft.units('libvirtd.service', daemon.sockets, null);
    return;
  }
  if (daemon.listens === 'socket') {
    const socket = `${daemon.name}-tls.socket`;
    const isOn = facts.units.some(({ name, state, file }) => name === socket && state === 'active' && file === 'enabled');
    if (isChanged || !isOn || draft.steps.length > 0) draft.units(`${daemon.name}.service`, daemon.sockets, isOn ? null : socket);
    return;
  }
  const settings = facts.texts.get(daemon.settingsPath) ?? '';
  const values = readDaemonValues(parseSettings(settings, faultOf(daemon.settingsPath)));
  if (values.listen_tls === 0) draft.edit(daemon.settingsPath, withSetting(settings, 'listen_tls', 1, faultOf(daemon.settingsPath)));
  const { environment } = facts;
  const args = environment === null ? null : withListen(facts.texts.get(environment.file) ?? '', environment.variable);
  if (environment === null) draft.warnings.push(`How ${daemon.name} gets its arguments was not found out; it has to be started with --listen.`);
  else if (args !== null) draft.edit(environment.file, args);
  if (draft.steps.length > 0 || !daemon.isListening) draft.units(`${daemon.name}.service`, daemon.sockets, null);
}

const firewallHints = ({ firewall }: SetupFacts, port: number): SetupPlan['hints'] =>
  firewall === null ? [] : [{ label: `Open port ${port} in ${firewall}`, command: firewall === 'firewalld' ? `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload` : `sudo ufw allow ${port}/tcp` }];
