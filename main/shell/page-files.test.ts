// The fixed map of the built page.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pageWith, readPageFiles } from './page-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<meta property="csp-nonce" content="">');
  writeFileSync(join(folder, 'assets', 'a.js'), '1');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('holds every built file but the page, by its path and with its type', () => {
  const { files } = readPageFiles(folder);
  expect([...files].map(([path, { type }]) => [path, type])).toEqual([['/assets/a.js', 'text/javascript; charset=utf-8']]);
});

it('puts the nonce into the page', () => {
  expect(pageWith(readPageFiles(folder), 'abc')).toBe('<meta property="csp-nonce" content="abc">');
});

it('refuses a page that has no place for the nonce, a folder without a page, and files of unknown kind', () => {
  writeFileSync(join(folder, 'assets', 'a.exe'), '');
  expect(() => readPageFiles(folder)).toThrow('a.exe is of a kind');
  rmSync(join(folder, 'assets', 'a.exe'));
  writeFileSync(join(folder, 'index.html'), '<p>');
  expect(() => readPageFiles(folder)).toThrow('to put the style nonce in');
  rmSync(join(folder, 'index.html'));
  expect(() => readPageFiles(folder)).toThrow('holds no index.html');
});
