// Connections that other programs of this user know: libvirt's aliases and default, and virt-manager's list.
import { execFile } from 'node:child_process';
import type { Importable } from '../../app/contract/connections.ts';
import type { Refusal, Refused } from '../../app/contract/refusal.ts';
import { isSameConnection, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { usualName } from './connection-exchange.ts';
import type { Saved } from './connection-list.ts';
import { aliasesOf, type ConfigurationPlaces, readConfiguration, refusalOf } from './libvirt-conf.ts';

type Found = Pick<Importable, 'source' | 'place' | 'uri' | 'autoConnect'> & { readonly name?: string; readonly refused?: Refused | null };

/** What there is to import; `list` tells what is saved already. Never fails: what cannot be read is told beside what can. */
export const findImportable = async (places: ConfigurationPlaces, list: readonly Saved[]): Promise<{ entries: Importable[]; failures: { place: string; refusal: Refusal }[] }> => {
  const [{ files, failures }, ofManager] = await Promise.all([readConfiguration(places), fromVirtManager(places)]);
  const aliases = aliasesOf(files);
  const saved = list.map(({ id, uri }) => ({ id, uri: parseConnectionUri(uri) }));
  const complete = ({ name, refused, ...found }: Found): Importable => {
    const refusal = refused === undefined ? refusalOf(found.uri) : refused;
    const uri = refusal === null ? parseConnectionUri(found.uri) : null;
    return {
      ...found,
      name: name ?? (uri === null ? found.uri : usualName(uri)),
      savedAs: uri === null ? null : (saved.find((one) => isSameConnection(one.uri, uri))?.id ?? null),
      refusal: refusal === null ? null : refusal.refusal,
    };
  };
  const fromAliases = aliases.map(({ name, uri, place, refused }): Found => ({ source: 'uri_aliases', place, name, uri, autoConnect: false, refused }));
  const standard = defaultOf(files, places);
  // It may name an alias.
  const alias = aliases.find(({ name }) => name === standard?.uri);
  const fromDefault: readonly Found[] = standard === undefined ? [] : [{ source: 'uri_default', autoConnect: false, ...standard, ...(alias !== undefined && { name: alias.name, uri: alias.uri }) }];
  return {
    entries: [...fromAliases, ...fromDefault, ...ofManager].map(complete),
    failures: failures.map(({ place, refused }) => ({ place, refusal: refused.refusal })),
  };
};

/** $LIBVIRT_DEFAULT_URI comes before `uri_default` of the files. */
const defaultOf = (files: Awaited<ReturnType<typeof readConfiguration>>['files'], { env }: ConfigurationPlaces): { readonly place: string; readonly uri: string } | undefined => {
  const named = env['LIBVIRT_DEFAULT_URI'];
  if (named !== undefined && named !== '') return { place: 'LIBVIRT_DEFAULT_URI', uri: named };
  return files.flatMap(({ path, settings }) => (settings.get('uri_default') ?? []).map(({ text }) => ({ place: path, uri: text })))[0];
};

const schema = 'org.virt-manager.virt-manager.connections';

/** Virt-manager keeps its list in GSettings. Where neither of the programs that read it is there, or it was never used, there is none. */
const fromVirtManager = async (places: ConfigurationPlaces): Promise<readonly Found[]> => {
  const [uris, autoConnected] = await Promise.all([setting('uris', places), setting('autoconnect', places)]);
  return uris.map((uri) => ({ source: 'virt-manager', place: schema, uri, autoConnect: autoConnected.includes(uri) }));
};

/** `gsettings` knows a setting where virt-manager is installed; `dconf` also knows what was left behind by one that was. */
const setting = async (key: string, places: ConfigurationPlaces): Promise<readonly string[]> =>
  textsOf((await outputOf('gsettings', ['get', schema, key], places)) ?? (await outputOf('dconf', ['read', `/${schema.replaceAll('.', '/')}/${key}`], places)) ?? '');

/** What a program prints; undefined when it is not there or fails. Programs of a desktop may wait for a bus that does not answer: 5 s. */
const outputOf = (program: string, words: readonly string[], { env }: ConfigurationPlaces): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(program, words, { env: { ...env }, timeout: 5_000, windowsHide: true }, (error, stdout) => resolve(error === null ? stdout : undefined)).stdin?.end();
  });

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** The texts of a list as GVariant prints it: `['one', "it's"]`, with backslashes before quotes and for codes; none of anything else. */
export const textsOf = (printed: string): readonly string[] => {
  const found = [...printed.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs)];
  return found.map(([, single, double]) => (single ?? double ?? '').replaceAll(/\\(?:u([0-9a-f]{4})|U00((?:0[0-9a-f]|10)[0-9a-f]{4})|(.))/gs, (_, short?: string, long?: string, letter?: string) =>
    letter !== undefined ? (escapes[letter] ?? letter) : String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16))));
};
