// The walls between rooms, as data, and what is found against them. Messages name the right door.
import { posix } from 'node:path';

/** Path from the root → text. */
export type Sources = ReadonlyMap<string, string>;

/** Room → rooms, or files of them, that it may import besides itself. A room is the longest prefix here that a path starts with. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'app/contract': ['app/tuning', 'app/advice', 'app/pki', 'app/daemon', 'app/domain'],
  'app/advice': ['app/tuning', 'app/domain'],
  'app/tuning': ['app/xml', 'app/domain'],
  'app/pki': ['app/domain'],
  'app/daemon': ['app/domain'],
  'app/xml': ['app/domain'],
  'app/domain': [],
  'main/xdr': [],
  'main/libvirt': ['main/xdr', 'app'],
  'main/auth': ['app'],
  'main/transport': ['main/auth', 'app'],
  'main/pki': ['app'],
  'main/host': ['app'],
  'main/demo': ['main/libvirt', 'main/xdr', 'app'],
  'main/services': ['main/libvirt', 'main/transport', 'main/auth', 'main/pki', 'main/host', 'main/demo', 'app'],
  'main/shell': ['main/services', 'app'],
  'renderer/ui': ['app'],
  'renderer/api': ['app'],
  'renderer/panels': ['renderer/ui', 'renderer/api', 'app'],
  'renderer/screens': ['renderer/panels', 'renderer/ui', 'renderer/api', 'app'],
  renderer: ['renderer/screens', 'renderer/panels', 'renderer/ui', 'renderer/api', 'app'],
  e2e: ['app', 'main', 'renderer'],
};

/** Packages with one door: who may import them, and what others use instead. */
const doors: readonly { readonly packages: RegExp; readonly only: readonly string[]; readonly instead: string }[] = [
  { packages: /^electron$/, only: ['main/shell/electron'], instead: 'the Bridge of app/contract reaches every shell' },
  { packages: /^ssh2$/, only: ['main/transport', 'main/auth'], instead: 'main/transport gives a Duplex for a target' },
  { packages: /^node:(net|tls)$/, only: ['main/transport', 'main/shell/web'], instead: 'main/transport gives a Duplex for a target' },
  { packages: /^node:(http|https|http2)$/, only: ['main/shell/web'], instead: 'main/shell/web is the only server' },
  { packages: /^ws$/, only: ['main/shell/web'], instead: 'renderer/api carries the contract to the page' },
  { packages: /^node-forge$/, only: ['main/pki'], instead: 'main/pki makes certificates' },
  { packages: /^(@mui|@emotion)\//, only: ['renderer'], instead: 'only the renderer draws' },
  { packages: /^(react|react-dom)(\/|$)/, only: ['renderer'], instead: 'only the renderer draws' },
  { packages: /^@tanstack\/react-query$/, only: ['renderer'], instead: "renderer/api's queries know what makes them stale" },
  { packages: /^uplot/, only: ['renderer/ui'], instead: "renderer/ui's TimeChart is it with keys, words and colours" },
  { packages: /^zod/, only: ['app/contract/schema.ts', 'app/domain/schema.ts'], instead: 'app/contract/schema.ts (app/domain/schema.ts below it) sets jitless before any schema' },
  { packages: /^@xmldom\/xmldom$/, only: ['app/xml'], instead: 'app/xml keeps what it does not understand' },
  { packages: /^@mui\/icons-material/, only: [], instead: 'paths of @mdi/js are 174 MB lighter' },
];

/** Folder names that say nothing about what is inside. */
const empty = /(^|\/)(utils?|common|helpers?|lib|libs|types|misc|managers?|dispatchers?|stores?)\//;
const tables = new Set(['main/libvirt/procedures.ts', 'main/libvirt/constants.ts']);
const isTest = (path: string): boolean => /\.(test|test-[\w-]+)\.(ts|tsx|mjs)$/.test(path);
const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path);

const roomOf = (path: string): string | undefined =>
  Object.keys(rooms).filter((room) => path === room || path.startsWith(`${room}/`)).sort((one, other) => other.length - one.length)[0];
const isIn = (path: string, places: readonly string[]): boolean => places.some((place) => path === place || path.startsWith(`${place}/`));

/** What a file imports, as written. `isType` is left out at run time. */
export const importsOf = (text: string): readonly { readonly from: string; readonly isType: boolean }[] =>
  [...text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)].map(([, type, plain, dynamic]) => ({
    from: plain ?? dynamic ?? '', isType: type !== undefined,
  }));

const importFindings = (path: string, from: string): readonly string[] => {
  if (from.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(path), from));
    const [here, there] = [roomOf(path), roomOf(target)];
    if (here === undefined || here === there || target.startsWith('out/')) return [];
    const allowed = rooms[here] ?? [];
    if (isIn(target, allowed)) return [];
    return [`${path} imports ${target}: ${here} may import ${allowed.length === 0 ? 'no other room' : `only ${allowed.join(', ')}`}.`];
  }
  if (from.startsWith('node:') && !path.startsWith('main/') && !path.startsWith('e2e/')) return [`${path} imports ${from}: only main has Node; ask it through app/contract.`];
  return doors.filter(({ packages, only }) => packages.test(from) && !isIn(path, only) && !path.startsWith('e2e/'))
    .map(({ only, instead }) => `${path} imports ${from}: ${only.length === 0 ? 'nobody may' : `only ${only.join(' and ')} may`}; ${instead}.`);
};

const textFindings = (path: string, text: string): readonly string[] => {
  const lines = text.trimEnd().split('\n');
  const limit = isTest(path) ? 450 : 330;
  const found: string[] = [];
  const first = lines[0]?.startsWith('#!') === true ? lines[1] : lines[0];
  if (!isTest(path) && !/^(\/\/|\/\*\*?) \S/.test(first ?? '')) found.push(`${path} does not open with a one-line comment saying what it is for.`);
  if (lines.length > limit && !tables.has(path)) found.push(`${path} has ${lines.length} lines: split it by nouns, about 300 are enough.`);
  if (/\bconsole\.(log|debug|info|warn|error)\(/.test(text)) found.push(`${path} writes to the console: main/services has a log, refusals go to the person.`);
  // A test may hold that something does not compile.
  if (/@ts-(ignore|nocheck)|(oxlint|eslint)-disable/.test(text) || (!isTest(path) && text.includes('@ts-expect-error'))) found.push(`${path} silences a tool: mend what it complains about.`);
  if (/catch\s*(\([^)]*\))?\s*\{\s*\}/.test(text)) found.push(`${path} swallows an error: name the one that is expected and pass on the rest.`);
  if (/\/\/.*\b(TODO|FIXME|XXX|HACK)\b/.test(text)) found.push(`${path} leaves something undone: do it or file an issue.`);
  return found;
};

/** Files that need each other to be evaluated first. */
const cycleFindings = (sources: Sources): readonly string[] => {
  const targets = new Map([...sources].filter(([path]) => isCode(path)).map(([path, text]) => [path, importsOf(text)
    .filter(({ from, isType }) => !isType && from.startsWith('.'))
    .map(({ from }) => posix.normalize(posix.join(posix.dirname(path), from)))]));
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) return void found.push(`${[...trail.slice(trail.indexOf(path)), path].join(' → ')} is a circle: what both need belongs in a file of its own.`);
    if (done.has(path)) return;
    for (const target of targets.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) walk(path, []);
  return found;
};

/** Everything found against the walls; tests may reach across them. */
export const layerFindings = (sources: Sources): readonly string[] => [
  ...[...sources].filter(([path]) => isCode(path)).flatMap(([path, text]) => [
    ...(isTest(path) ? [] : importsOf(text).flatMap(({ from }) => importFindings(path, from))),
    ...textFindings(path, text),
  ]),
  ...[...sources.keys()].filter((path) => empty.test(path)).map((path) => `${path} is in a folder whose name says nothing: name it by what is inside.`),
  ...cycleFindings(sources),
];
