// The settings of a daemon as they are edited: what was read, what is to be, and which of them differ.
import type { Connection } from '../../../app/contract/connections.ts';
import type { Gives, Takes } from '../../../app/contract/contract.ts';
import { type DaemonSettingName, daemonSettingNames, type DaemonValues, settingProblems, settingWarnings } from '../../../app/daemon/daemon-settings.ts';
import type { SettingValue } from '../../../app/daemon/settings-file.ts';
import { firstHost } from '../certificates/draft.ts';

export type ShownSetting = Gives<'setup', 'settings'>['settings'][number];
export type SettingChange = Extract<Takes<'setup', 'plan'>['wish'], { kind: 'settings' }>['changes'][number];
/** What was edited; null = it is to be taken out of the file, so that the default counts. */
export type DaemonEdits = ReadonlyMap<DaemonSettingName, SettingValue | null>;

export const noEdits: DaemonEdits = new Map();

/** Settings that belong together, in the order they are shown. */
export const settingGroups = [
  { title: 'Over TLS', names: ['listen_tls', 'auth_tls', 'tls_allowed_dn_list'] },
  { title: 'Over plain TCP', names: ['listen_tcp', 'auth_tcp'] },
  { title: 'Login by SASL', names: ['sasl_allowed_username_list'] },
  { title: 'How much at once', names: ['max_clients', 'min_workers', 'max_workers', 'prio_workers', 'max_client_requests'] },
] as const satisfies readonly { readonly title: string; readonly names: readonly DaemonSettingName[] }[];

/** The saved connection by which files of a host can be read: its own, over SSH or on this computer, or one over SSH to the same machine; null = there is none. */
export const loginFor = (connection: Connection, connections: readonly Connection[]): string | null => {
  if (connection.transport === 'unix') return connection.id;
  return firstHost(connection.id, connections) || null;
};

const isSame = (one: SettingValue | null, other: SettingValue | null): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A setting that is to be: as it was edited, or as it is in the file. */
export const valueNow = ({ name, value }: ShownSetting, edits: DaemonEdits): SettingValue | null => edits.get(name) ?? (edits.has(name) ? null : value);

/** The edits with one more; one that says what is in the file already is none. */
export const withEdit = (edits: DaemonEdits, { name, value: before }: ShownSetting, value: SettingValue | null): DaemonEdits => {
  const next = new Map(edits);
  if (isSame(before, value)) next.delete(name);
  else next.set(name, value);
  return next;
};

const writable = (value: SettingValue | null): SettingChange['value'] => (typeof value === 'object' && value !== null ? [...value] : value);

/** What is asked of main, in the order of the settings. */
export const changesOf = (edits: DaemonEdits): SettingChange[] => daemonSettingNames.flatMap((name) => {
  const value = edits.get(name);
  return value === undefined ? [] : [{ name, value: writable(value) }];
});

const valuesNow = (settings: readonly ShownSetting[], edits: DaemonEdits): DaemonValues => Object.fromEntries(settings.map((one) => [one.name, valueNow(one, edits)]));

/** What is wrong or worth knowing, by setting: the rules main goes by before it writes. */
export const findingsOf = (settings: readonly ShownSetting[], edits: DaemonEdits): { readonly problems: ReadonlyMap<DaemonSettingName, string>; readonly warnings: ReadonlyMap<DaemonSettingName, string> } => {
  const values = valuesNow(settings, edits);
  const byName = (findings: ReturnType<typeof settingProblems>): ReadonlyMap<DaemonSettingName, string> => new Map(findings.toReversed().map(({ name, message }) => [name, message]));
  return { problems: byName(settingProblems(values)), warnings: byName(settingWarnings(values)) };
};

/** A number as it is typed; what is none stays a text, which is told at the field. Nothing = the default. */
export const countOf = (text: string): SettingValue | null => {
  const typed = text.trim();
  if (typed === '') return null;
  return /^\d{1,9}$/.test(typed) ? Number(typed) : typed;
};

/** A value for reading. Null, where nothing else counts, lets everybody in. */
export const valueWords = (value: SettingValue | null): string => {
  if (value === null) return 'everybody';
  if (typeof value === 'object') return value.length === 0 ? 'nobody' : value.join(', ');
  return `${value}`;
};
