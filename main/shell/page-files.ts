// The built page as a fixed map, read once: a path that is not a key is not served, so no path can lead out of it.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Path below the origin, such as `/assets/index-1a2b.js` → file. `/` is not in it: the page itself is made anew each time. */
export interface PageFiles {
  readonly page: string;
  readonly files: ReadonlyMap<string, PageFile>;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/**
 * Reads the folder that the renderer was built into.
 * @throws when it is missing or holds a kind of file that has no content type here.
 */
export const readPageFiles = (folder: string): PageFiles => {
  const files = new Map<string, PageFile>();
  let page: string | undefined;
  const read = (below: string, urlPath: string): void => {
    for (const entry of readdirSync(below, { withFileTypes: true })) {
      const path = join(below, entry.name);
      const url = `${urlPath}/${entry.name}`;
      if (entry.isDirectory()) read(path, url);
      else if (url === '/index.html') page = readFileSync(path, 'utf8');
      else {
        const type = types[extname(entry.name)];
        if (type === undefined) throw new Error(`${path} is of a kind that page-files.ts does not know.`);
        files.set(url, { type, bytes: Uint8Array.from(readFileSync(path)) });
      }
    }
  };
  read(folder, '');
  if (page === undefined) throw new Error(`${folder} holds no index.html.`);
  if (!page.includes(emptyNonce)) throw new Error(`${folder}/index.html has no ${emptyNonce} to put the style nonce in.`);
  return { page, files };
};

const emptyNonce = '<meta property="csp-nonce" content="">';

/** The page with the nonce that its policy allows styles by. */
export const pageWith = (files: PageFiles, nonce: string): string =>
  files.page.replace(emptyNonce, `<meta property="csp-nonce" content="${nonce}">`);
