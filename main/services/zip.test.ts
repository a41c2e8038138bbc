import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { testFolder } from './folder.test-peer.ts';
import { zip } from './zip.ts';

const execute = promisify(execFile);

it('an archive is tested and unpacked by another program with names, contents and modes', async () => {
  const folder = await testFolder();
  const path = join(folder, 'a.zip');
  const long = Buffer.from('x'.repeat(70_000));
  await writeFile(path, zip([{ name: 'für/key.pem', content: Buffer.from('secret'), mode: 0o600 }, { name: 'README.txt', content: long, mode: 0o644 }], new Date(2026, 1, 3, 4, 5, 6)));
  const script = 'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None\nfor i in z.infolist(): print(i.filename, oct(i.external_attr>>16), i.date_time, i.file_size)';
  expect((await execute('python3', ['-c', script, path])).stdout).toBe("für/key.pem 0o100600 (2026, 2, 3, 4, 5, 6) 6\nREADME.txt 0o100644 (2026, 2, 3, 4, 5, 6) 70000\n");
  await execute('python3', ['-m', 'zipfile', '-e', path, folder]);
  expect([await readFile(join(folder, 'für/key.pem'), 'utf8'), await readFile(join(folder, 'README.txt'))]).toEqual(['secret', long]);
  expect((await stat(path)).size).toBeGreaterThan(70_000);
});
