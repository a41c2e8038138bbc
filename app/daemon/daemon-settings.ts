// The settings of libvirtd.conf and virtproxyd.conf for access from afar: what each is, its default, and the rules between them.
import type { SettingsOfFile, SettingValue } from './settings-file.ts';
import { isWritable } from './settings-file.ts';

/** What a setting holds. Numbers have their range, both ends included. */
export type SettingForm =
  | { readonly kind: 'flag' }
  | { readonly kind: 'count'; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly among: readonly string[] }
  | { readonly kind: 'list' };

export interface DaemonSetting {
  readonly form: SettingForm;
  /** What counts where the file is silent; null for a list = anybody. */
  readonly usual: SettingValue | null;
  /** What it does, a sentence or two. */
  readonly explains: string;
}

const most = 100_000;

/** Each setting, https://libvirt.org/manpages/libvirtd.html and the comments of the file that libvirt installs. */
export const daemonSettings = {
  listen_tls: { form: { kind: 'flag' }, usual: 1, explains: 'Whether the daemon listens for TLS itself. It counts only where the daemon is started with --listen; with socket activation the unit that ends in -tls.socket decides.' },
  listen_tcp: { form: { kind: 'flag' }, usual: 0, explains: 'Whether the daemon listens for plain TCP itself, which encrypts nothing. It counts only where the daemon is started with --listen; with socket activation the unit that ends in -tcp.socket decides.' },
  auth_tls: { form: { kind: 'choice', among: ['none', 'sasl'] }, usual: 'none', explains: 'Which login is asked for over TLS, besides the client’s certificate: none, or user and password by SASL.' },
  auth_tcp: { form: { kind: 'choice', among: ['sasl', 'none'] }, usual: 'sasl', explains: 'Which login is asked for over plain TCP. With none, everybody who reaches the port has full rights.' },
  tls_allowed_dn_list: { form: { kind: 'list' }, usual: null, explains: 'Names of client certificates that are let in, written as in the certificate, * standing for any text. Without the setting every certificate of the authority is let in; an empty list lets nobody in.' },
  sasl_allowed_username_list: { form: { kind: 'list' }, usual: null, explains: 'Users who are let in after a SASL login, * standing for any text. Without the setting all are; an empty list lets nobody in.' },
  max_clients: { form: { kind: 'count', least: 1, most }, usual: 5000, explains: 'Most connections at once over all sockets. Others wait until one ends.' },
  min_workers: { form: { kind: 'count', least: 1, most }, usual: 5, explains: 'Threads for calls that are started with the daemon.' },
  max_workers: { form: { kind: 'count', least: 1, most }, usual: 20, explains: 'Most threads for calls. More than this many slow calls at once keep others waiting.' },
  prio_workers: { form: { kind: 'count', least: 0, most }, usual: 5, explains: 'Threads kept for calls that never wait for a guest, such as ending it, so that they work while all others hang.' },
  max_client_requests: { form: { kind: 'count', least: 1, most }, usual: 5, explains: 'Most calls of one connection that are worked on at once. One that sends more waits; with 1, one slow call holds up keepalive answers too.' },
} as const satisfies Readonly<Record<string, DaemonSetting>>;

export type DaemonSettingName = keyof typeof daemonSettings;
export const daemonSettingNames = Object.keys(daemonSettings) as readonly DaemonSettingName[];

/** Values by setting; null = the file does not set it. */
export type DaemonValues = Readonly<Partial<Record<DaemonSettingName, SettingValue | null>>>;

/** What a rule says is wrong, or worth knowing, and where. */
export interface SettingFinding {
  readonly name: DaemonSettingName;
  readonly message: string;
}

const isList = (value: SettingValue): value is readonly string[] => typeof value === 'object';
const textOf = (value: SettingValue): string => (isList(value) ? value.join(', ') : String(value));

/** What is wrong with one value for this setting; null when nothing is. */
export function settingProblem(name: DaemonSettingName, value: SettingValue): string | null {
  const form: SettingForm = daemonSettings[name].form;
  switch (form.kind) {
    case 'flag':
      return value === 0 || value === 1 ? null : 'is 0 or 1';
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= form.least && value <= form.most ? null : `is a whole number from ${form.least} to ${form.most}`;
    case 'choice':
      return typeof value === 'string' && form.among.includes(value) ? null : `is one of ${form.among.join(', ')}`;
    case 'list':
      return isList(value) && value.every((text) => isWritable(text) && text !== '') ? null : 'is a list of texts, none of them empty, each on one line and without both kinds of quotes';
  }
}

/** The values of a file. A number where a text is expected, or the other way round, is kept as it stands: the daemon will not start with it. */
export function readDaemonValues(file: SettingsOfFile): DaemonValues {
  const read = (name: DaemonSettingName): SettingValue | null => {
    const texts = file.get(name)?.map(({ text }) => text);
    const { kind } = daemonSettings[name].form;
    if (texts === undefined) return null;
    if (kind === 'list') return texts;
    const [text = ''] = texts;
    return kind !== 'choice' && /^-?\d+$/.test(text) ? Number(text) : text;
  };
  const values: Partial<Record<DaemonSettingName, SettingValue | null>> = {};
  for (const name of daemonSettingNames) values[name] = read(name);
  return values;
}

/** The value that counts. */
const valueOf = (values: DaemonValues, name: DaemonSettingName): SettingValue | null => values[name] ?? daemonSettings[name].usual;
const numberOf = (values: DaemonValues, name: DaemonSettingName): number => {
  const value = valueOf(values, name);
  return typeof value === 'number' ? value : 0;
};

/** What forbids these values. The daemon does not start with them, or nobody gets through. */
export function settingProblems(values: DaemonValues): readonly SettingFinding[] {
  const alone = daemonSettingNames.flatMap((name) => {
    const value = values[name] ?? null;
    const problem = value === null ? null : settingProblem(name, value);
    return problem === null || value === null ? [] : [{ name, message: `${name} ${problem}, not ${textOf(value)}.` }];
  });
  const [least, greatest] = [numberOf(values, 'min_workers'), numberOf(values, 'max_workers')];
  return [
    ...alone,
    ...(least > greatest ? [{ name: 'min_workers', message: `min_workers (${least}) is greater than max_workers (${greatest}).` } as const] : []),
  ];
}

/** What is allowed, and yet worth knowing before it is set. */
export function settingWarnings(values: DaemonValues): readonly SettingFinding[] {
  const warn = (name: DaemonSettingName, holds: boolean, message: string): readonly SettingFinding[] => (holds ? [{ name, message }] : []);
  const isEmpty = (name: DaemonSettingName): boolean => {
    const value = values[name];
    return Array.isArray(value) && value.length === 0;
  };
  return [
    ...warn('auth_tcp', valueOf(values, 'auth_tcp') === 'none', 'With auth_tcp = "none" everybody who reaches the TCP port has full rights over the host.'),
    ...warn('listen_tcp', valueOf(values, 'listen_tcp') === 1, 'Plain TCP encrypts nothing unless the SASL mechanism does.'),
    ...warn('tls_allowed_dn_list', isEmpty('tls_allowed_dn_list'), 'An empty tls_allowed_dn_list lets nobody in over TLS.'),
    ...warn('sasl_allowed_username_list', isEmpty('sasl_allowed_username_list'), 'An empty sasl_allowed_username_list lets nobody in by SASL.'),
    ...warn('max_client_requests', numberOf(values, 'max_client_requests') === 1, 'With max_client_requests = 1 a slow call holds up keepalive answers, and the connection may be taken for dead.'),
    ...warn('prio_workers', numberOf(values, 'prio_workers') === 0, 'Without prio_workers a guest cannot be ended while all workers hang.'),
  ];
}
