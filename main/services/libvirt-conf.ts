// libvirt's client configuration, libvirt.conf: its aliases for connection URIs, and the URI that is meant when none is given.
import { readFile } from 'node:fs/promises';
import { parseSettings, type SettingsOfFile } from '../../app/daemon/settings-file.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, parseConnectionUri, uriParameter } from '../../app/domain/connection-uri.ts';
import { describeUriParameter } from '../../app/domain/uri-parameters.ts';

const unreadable = (path: string, words: string, cause?: unknown): Refused =>
  new Refused('storage', `libvirt’s configuration ${path} ${words}.`, { stage: 'uri', remedy: 'Correct the file; https://libvirt.org/uri.html#uri-aliases shows its form.' }, { cause });

/** What a file of this computer says. @throws Refused `storage` naming the line. */
export const readSettings = (content: string, path: string): SettingsOfFile => parseSettings(content, (line, expected) => unreadable(path, `cannot be understood in line ${line}: ${expected}`));

/** Who asks, and where the user's files are. */
export interface ConfigurationPlaces {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The user's file, then the computer's, each with what it says; those that do not exist are left out. `failures`: those that cannot be read. */
export const readConfiguration = async ({ home, env }: ConfigurationPlaces): Promise<{
  readonly files: readonly { readonly path: string; readonly settings: SettingsOfFile }[];
  readonly failures: readonly { readonly place: string; readonly refused: Refused }[];
}> => {
  const files: { readonly path: string; readonly settings: SettingsOfFile }[] = [];
  const failures: { readonly place: string; readonly refused: Refused }[] = [];
  for (const path of [`${env['XDG_CONFIG_HOME'] || `${home}/.config`}/libvirt/libvirt.conf`, '/etc/libvirt/libvirt.conf']) {
    try {
      const content = await contentOf(path);
      if (content !== null) files.push({ path, settings: readSettings(content, path) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      failures.push({ place: path, refused: error });
    }
  }
  return { files, failures };
};

const contentOf = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(path, `cannot be read (${String(code)})`, error);
  }
};

/** One entry of `uri_aliases`. */
export interface Alias {
  readonly name: string;
  readonly uri: string;
  readonly place: string;
  /** Why it cannot be used; null = it can. */
  readonly refused: Refused | null;
}

/** The aliases of the files, the first of a name counting. */
export const aliasesOf = (files: readonly { readonly path: string; readonly settings: SettingsOfFile }[]): readonly Alias[] => {
  const found = files.flatMap(({ path, settings }) => (settings.get('uri_aliases') ?? []).map(({ text, line }): Alias => {
    const [, name, uri] = /^([A-Za-z0-9_-]+)=(.*)$/s.exec(text) ?? [];
    if (name !== undefined && uri !== undefined) return { name, uri, place: path, refused: refusalOf(uri) };
    return { name: '', uri: '', place: path, refused: unreadable(path, `has an alias in line ${line} that is not of the form name=URI, its name of letters, digits, _ and -`) };
  }));
  return found.filter(({ name }, at) => name === '' || found.findIndex((one) => one.name === name) === at);
};

/** Why a URI is not understood; null when it is. */
export const refusalOf = (uri: string): Refused | null => {
  try {
    parseConnectionUri(uri);
    return null;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
};

/**
 * The URI that a text stands for: itself, or that of the alias it names.
 * @throws Refused `bad-uri` when it is neither; `storage` when a configuration that might have it cannot be read.
 */
export const resolveAlias = async (text: string, places: ConfigurationPlaces): Promise<{ readonly uri: string; readonly alias: string | null }> => {
  if (/^[A-Za-z0-9_-]+$/.test(text)) {
    const { files, failures: [failure] } = await readConfiguration(places);
    const alias = aliasesOf(files).find(({ name }) => name === text);
    if (alias !== undefined && alias.refused === null) return { uri: alias.uri, alias: text };
    throw alias?.refused ?? failure?.refused ?? new Refused('bad-uri', 'This is neither a connection URI nor an alias of libvirt.conf.', {
      stage: 'uri', field: 'uri', remedy: 'Write it like qemu+ssh://user@host/system, or add the alias to uri_aliases in ~/.config/libvirt/libvirt.conf.',
    });
  }
  parseConnectionUri(text);
  return { uri: text, alias: null };
};

/** Setting → the parameter of a URI that it stands in for. */
const standIns = { remote_mode: 'mode', remote_proxy: 'proxy', tls_priority: 'tls_priority' } as const;

/**
 * The URI with what the configuration says for parameters it leaves out.
 * @throws Refused `storage` when a file cannot be read or has a value that does not exist, as libvirt's own clients refuse then.
 */
export const withConfigured = async (uri: ConnectionUri, places: ConfigurationPlaces): Promise<ConnectionUri> => {
  const missing = Object.entries(standIns).filter(([, name]) => describeUriParameter(name)?.transports.includes(uri.transport) === true && uriParameter(uri, name) === undefined);
  if (missing.length === 0) return uri;
  const { files, failures: [failure] } = await readConfiguration(places);
  if (failure !== undefined) throw failure.refused;
  const added = missing.flatMap(([setting, name]) => {
    const file = files.find(({ settings }) => settings.get(setting)?.[0] !== undefined);
    const placed = file?.settings.get(setting)?.[0];
    if (file === undefined || placed === undefined) return [];
    const problem = describeUriParameter(name)?.problem(placed.text) ?? null;
    if (problem !== null) throw unreadable(file.path, `cannot be understood in line ${placed.line}: ${setting} ${problem}`);
    return [{ name, value: placed.text }];
  });
  // A way that the URI names in other words comes before a general wish.
  const isWayNamed = uriParameter(uri, 'netcat') !== undefined || uriParameter(uri, 'socket') !== undefined;
  return { ...uri, parameters: [...uri.parameters, ...added.filter(({ name }) => name !== 'proxy' || !isWayNamed)] };
};
