// What the page's own scheme serves.
import { expect, it } from 'vitest';
import type { PageFiles } from '../page-files.ts';
import { answerPage, pageUrl } from './scheme.ts';

const files: PageFiles = {
  page: '<meta property="csp-nonce" content="">',
  files: new Map([['/assets/a.js', { type: 'text/javascript; charset=utf-8', bytes: new Uint8Array([49]) }]]),
};
const get = (url: string, method = 'GET'): Response => answerPage(files, { url, method });

it('serves the page with a policy that lets it connect nowhere, and a style nonce that is new each time', async () => {
  const [one, other] = [get(pageUrl), get(pageUrl)];
  const policy = one.headers.get('content-security-policy') ?? '';
  const nonce = /content="([\w-]{22})"/.exec(await one.text())?.[1];
  expect(policy).toContain(`'nonce-${nonce}'`);
  expect(policy).toContain("connect-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(await other.text()).not.toContain(nonce);
});

it('serves built files with their type', async () => {
  const file = get(`${pageUrl}assets/a.js`);
  expect([file.status, file.headers.get('content-type'), file.headers.get('x-content-type-options'), await file.text()]).toEqual([200, 'text/javascript; charset=utf-8', 'nosniff', '1']);
});

it.each([
  [`${pageUrl}../package.json`, 'GET', 404],
  [`${pageUrl}..%2f..%2fpackage.json`, 'GET', 404],
  [`${pageUrl}assets/`, 'GET', 404],
  ['guestdeck://other/assets/a.js', 'GET', 403],
  ['guestdeck://app.evil/', 'GET', 403],
  [pageUrl, 'POST', 405],
])('answers %s %s with %i', (url, method, status) => {
  expect(get(url, method).status).toBe(status);
});
