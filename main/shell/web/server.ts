// The web shell's only listener: 127.0.0.1, the built page from a fixed map, and one WebSocket for each page.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { Main } from '../../services/services.ts';
import { fileHeaders, newNonce, pageHeaders } from '../content-policy.ts';
import { type PageFiles, pageWith } from '../page-files.ts';
import { messageLimit } from './frames.ts';
import { type Gate, gateOf, sameSecret } from './gate.ts';
import { servePage } from './page.ts';

export interface WebServer {
  readonly port: number;
  /** A URL that opens one browser once, within `life` milliseconds (ten minutes when a person copies it). */
  newUrl(life?: number): string;
  /** Resolves when no page is connected and none is expected; pages that come meanwhile are waited for. */
  deserted(): Promise<void>;
  /** Whether a page ever connected. */
  wasVisited(): boolean;
  /** Lets every page go and stops listening. */
  close(): Promise<void>;
}

export interface WebServerOptions {
  /** Pages that come before main is there wait for it. */
  readonly main: Promise<Main>;
  readonly files: PageFiles;
  /** 0 for any that is free. */
  readonly port: number;
  /** What another start of Guestdeck by the same user shows to be given a URL. */
  readonly instanceSecret: string;
  /** How long a page may be away (a reload) before it counts as gone, in milliseconds. */
  readonly absence?: number;
}

/** The path under which another start of Guestdeck asks for a URL. */
export const instancePath = '/instance';

const tooLate = 'This address was already used or is too old. Guestdeck prints a new one at each start.\n';

/** Listens; rejects with the system's error when the port is taken. */
export const startWebServer = async ({ main, files, port, instanceSecret, absence = 3000 }: WebServerOptions): Promise<WebServer> => {
  // Until the port is known this one refuses everybody.
  let gate: Gate = gateOf(port);
  const urlOf = (nonce: string): string => `${gate.origin}/?nonce=${nonce}`;

  const say = (response: ServerResponse, status: number, text: string, more: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, { ...fileHeaders, 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': "default-src 'none'", ...more }).end(text);
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const foreign = gate.foreign(request.headers);
    if (foreign !== undefined) return say(response, 403, `${foreign}\n`);
    const url = new URL(request.url ?? '/', gate.origin);
    if (url.pathname === instancePath && request.method === 'POST') {
      const shown = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      return sameSecret(shown, instanceSecret) ? say(response, 200, urlOf(gate.newNonce())) : say(response, 403, 'Not the secret of this instance.\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'Only GET and HEAD.\n', { allow: 'GET, HEAD' });
    const nonce = url.searchParams.get('nonce');
    if (url.pathname === '/' && nonce !== null) {
      const cookie = gate.redeem(nonce);
      return cookie === undefined ? say(response, 403, tooLate) : say(response, 303, '', { location: '/', 'set-cookie': cookie });
    }
    if (!gate.isKnown(request.headers)) return say(response, 403, 'This page opens through the address that Guestdeck prints.\n');
    if (url.pathname === '/') {
      const style = newNonce();
      // Named as a WebSocket too: older browsers do not count it to 'self'.
      response.writeHead(200, pageHeaders(style, ["'self'", gate.origin.replace('http:', 'ws:')])).end(pageWith(files, style));
      return;
    }
    const file = files.files.get(url.pathname);
    if (file === undefined) return say(response, 404, 'There is no such file.\n');
    response.writeHead(200, { ...fileHeaders, 'content-type': file.type, 'content-length': file.bytes.length }).end(file.bytes);
  };

  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, answer);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageLimit, clientTracking: true, perMessageDeflate: false });

  let visited = false;
  let watch = (): void => undefined;
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/ws' || !gate.mayUpgrade(request.headers)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const accept = (ready: Main): void => sockets.handleUpgrade(request, socket, head, (page) => {
      visited = true;
      servePage(ready, page);
      page.on('close', () => watch());
    });
    // Whoever waits for main itself hears why there is none.
    void main.then(accept, () => socket.destroy());
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The web server has no port.');
  gate = gateOf(address.port);

  return {
    port: address.port,
    newUrl: (life) => urlOf(gate.newNonce(life)),
    wasVisited: () => visited,
    deserted: () => new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      watch = () => {
        clearTimeout(timer);
        // A page that was closed cannot be told from one that is being loaded again, but for the time it takes.
        timer = setTimeout(() => {
          if (sockets.clients.size > 0) return;
          if (gate.expectsSomeone()) return watch();
          watch = () => undefined;
          resolve();
        }, absence).unref();
      };
      watch();
    }),
    close: async () => {
      for (const page of sockets.clients) page.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};
