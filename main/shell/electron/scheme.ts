// The page's own scheme, guestdeck://app/: the built files from a fixed map, the page with its policy, nothing else.
import { linkScheme } from '../../../app/domain/deep-link.ts';
import { fileHeaders, newNonce, pageHeaders } from '../content-policy.ts';
import { type PageFiles, pageWith } from '../page-files.ts';

/** Links from outside have it too; the system hands them over as words, and no window loads them. */
export const scheme = linkScheme;
export const pageUrl = `${scheme}://app/`;

/** Whether a URL is our page: only its fragment may differ. */
export const isPage = (url: string): boolean => url === pageUrl || url.startsWith(`${pageUrl}#`);

/** Answers one request of the page. */
export const answerPage = (files: PageFiles, request: { readonly url: string; readonly method: string }): Response => {
  const say = (status: number, text: string): Response => new Response(text, { status, headers: { ...fileHeaders, 'content-type': 'text/plain; charset=utf-8' } });
  if (request.method !== 'GET') return say(405, 'Only GET.');
  if (!request.url.startsWith(pageUrl)) return say(403, 'Only the application itself.');
  const { pathname } = new URL(request.url);
  if (pathname === '/') {
    const nonce = newNonce();
    // The page talks through its preload, so it has to connect nowhere.
    return new Response(pageWith(files, nonce), { headers: pageHeaders(nonce, []) });
  }
  const file = files.files.get(pathname);
  return file === undefined ? say(404, 'There is no such file.') : new Response(file.bytes, { headers: { ...fileHeaders, 'content-type': file.type } });
};
