// The walls of the architecture, held against the tree; and each wall against something that breaks it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, layerFindings, type Sources } from './layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is in the tree, or about to be: everything that git does not ignore. */
const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], { cwd: root, encoding: 'utf8' }).trim().split('\n').filter((path) => existsSync(join(root, path)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the tree', () => {
  it('keeps to its walls', () => {
    // These two speak of what they forbid.
    const sources = new Map(paths.filter((path) => /^(app|main|renderer|e2e)\//.test(path) && /\.(ts|tsx|mjs)$/.test(path) && !path.startsWith('e2e/layers.')).map((path) => [path, read(path)]));
    expect(sources.size).toBeGreaterThan(100);
    expect(layerFindings(sources)).toEqual([]);
  });

  it('has at its top what belongs there and nothing else', () => {
    const top = new Set(paths.map((path) => path.split('/')[0]).filter((name) => name !== undefined && !name.startsWith('.')));
    expect(top).toEqual(new Set(['LICENSE', 'README.md', 'app', 'assets', 'e2e', 'electron-builder.yml', 'main', 'package-lock.json', 'package.json', 'renderer', 'tsconfig.json']));
  });

  it.each(['app', 'main', 'renderer', 'assets', 'e2e'])('tells in at most 15 lines what %s is', (folder) => {
    const lines = read(`${folder}/README.md`).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.length).toBeLessThanOrEqual(15);
  });
});

describe('a wall', () => {
  const against = (path: string, text: string): readonly string[] => layerFindings(new Map([[path, `// For the test.\n${text}`]]) satisfies Sources);

  it.each([
    ['app/domain/a.ts', "import { a } from '../xml/a.ts';", 'app/domain may import no other room'],
    ['app/domain/a.ts', "import { a } from '../contract/refusal.ts';", 'app/domain may import no other room'],
    ['app/tuning/a.ts', "import type { A } from '../contract/a.ts';", 'app/tuning may import only app/xml, app/domain'],
    ['app/domain/a.ts', "import { a } from '../../main/xdr/a.ts';", 'app/domain may import no other room'],
    ['app/domain/a.ts', "import { join } from 'node:path';", 'only main has Node'],
    ['renderer/ui/a.tsx', "import { a } from '../api/a.ts';", 'renderer/ui may import only app'],
    ['renderer/panels/a.tsx', "import { a } from '../screens/a.tsx';", 'renderer/panels may import only renderer/ui, renderer/api, app'],
    ['renderer/api/a.ts', "import { a } from '../../main/services/a.ts';", 'renderer/api may import only app'],
    ['main/xdr/a.ts', "import { a } from '../libvirt/a.ts';", 'main/xdr may import no other room'],
    ['main/transport/a.ts', "export { a } from '../libvirt/a.ts';", 'main/transport may import only main/auth, app'],
    ['main/libvirt/a.ts', "const a = await import('../transport/a.ts');", 'main/libvirt may import only main/xdr, app'],
    ['main/services/a.ts', "import { a } from '../shell/a.ts';", 'main/services may import only'],
    ['main/shell/web/a.ts', "import { a } from '../../libvirt/a.ts';", 'main/shell may import only main/services, app'],
    ['main/services/a.ts', "import { a } from '../../e2e/a.ts';", 'main/services may import only'],
    ['main/services/a.ts', "import { app } from 'electron';", 'only main/shell/electron may; the Bridge'],
    ['main/libvirt/a.ts', "import {\n  connect,\n} from 'node:net';", 'only main/transport and main/shell/web may'],
    ['main/services/a.ts', "import 'ssh2';", 'main/transport gives a Duplex'],
    ['main/services/a.ts', "import forge from 'node-forge';", 'main/pki makes certificates'],
    ['app/contract/a.ts', "import { Box } from '@mui/material';", 'only the renderer draws'],
    ['renderer/screens/a.tsx', "import { z } from 'zod';", 'sets jitless'],
    ['app/contract/a.ts', "import { z } from 'zod';", 'sets jitless'],
    ['main/services/a.ts', 'console.log(1);', 'writes to the console'],
    ['main/services/a.ts', 'try { a(); } catch (error) { }', 'swallows an error'],
    ['main/services/a.ts', '// @ts-ignore', 'silences a tool'],
    ['main/services/a.ts', '// @ts-expect-error', 'silences a tool'],
    ['main/services/a.ts', '// TODO later', 'leaves something undone'],
    ['main/services/a.ts', 'a();\n'.repeat(340), 'has 341 lines'],
    ['main/services/utils/a.ts', '', 'whose name says nothing'],
  ])('%#: stands in %s', (path, text, message) => {
    expect(against(path, text).join('\n')).toContain(message);
  });

  it.each([
    ['app/contract/a.ts', "import { a } from '../tuning/a.ts';"],
    ['main/services/a.ts', "import { a } from '../libvirt/a.ts';\nimport type { B } from '../../app/contract/b.ts';\nimport { join } from 'node:path';"],
    ['main/shell/electron/a.ts', "import { app } from 'electron';"],
    ['app/domain/a.ts', "import { Refused } from './refusal.ts';"],
    ['app/domain/a.test.ts', '// @ts-expect-error'],
    ['renderer/screens/a.tsx', "import { a } from '../panels/a.tsx';\nimport { Box } from '@mui/material';"],
    ['main/services/a.test.ts', "import { a } from '../../e2e/lab/a.ts';"],
  ])('%#: lets %s through its doors', (path, text) => {
    expect(against(path, text)).toEqual([]);
  });

  it('asks every file to say what it is for', () => {
    expect(layerFindings(new Map([['app/domain/a.ts', 'export const a = 1;']]))).toEqual(['app/domain/a.ts does not open with a one-line comment saying what it is for.']);
  });

  it('breaks circles, but for those of types alone', () => {
    const circle = (type: string): Sources => new Map([
      ['app/domain/a.ts', `// A.\nimport ${type}{ b } from './b.ts';`], ['app/domain/b.ts', "// B.\nimport { a } from './a.ts';"],
    ]);
    expect(layerFindings(circle(''))).toEqual(['app/domain/a.ts → app/domain/b.ts → app/domain/a.ts is a circle: what both need belongs in a file of its own.']);
    expect(layerFindings(circle('type '))).toEqual([]);
  });

  it('sees every way to import', () => {
    const text = "import a from 'a';\nimport type { B } from \"b\";\nexport * from 'c';\nimport {\n  d,\n} from 'd';\nimport 'e';\nconst f = import('f');\nexport const from = 'g';";
    expect(importsOf(text).map(({ from }) => from)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
