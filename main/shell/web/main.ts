// The web shell: the whole program as one Node process, shown in a browser of the system. Exits when its window is closed.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linkAddress } from '../../../app/domain/deep-link.ts';
import { createMain } from '../../services/main.ts';
import { onClockJump } from '../clock-jump.ts';
import { makeDataFolder, type Surroundings } from '../data-folder.ts';
import { linkIn } from '../link-words.ts';
import { readPageFiles } from '../page-files.ts';
import { secretServiceOf } from '../secret-service.ts';
import { version } from '../version.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { instanceFileIn, newInstanceSecret, urlFrom } from './instance.ts';
import { instancePath, startWebServer, type WebServer } from './server.ts';

const words = process.argv.slice(2);
const { values: options } = parseArgs({ args: words, options: { 'no-open': { type: 'boolean', default: false }, open: { type: 'string' }, port: { type: 'string', default: '0' } }, allowPositionals: true });
const link = linkIn(words, (fault) => process.stderr.write(`guestdeck: ${fault}\n`));

const surroundings: Surroundings = { env: process.env, platform: process.platform, home: homedir() };
const dataFolder = makeDataFolder(surroundings);
const profile = join(dataFolder, 'browser');
const browser = options['no-open'] ? undefined : findBrowser(surroundings);
/** How long a browser may take to come with the address it was given, in milliseconds. */
const windowPatience = 60_000;
const instanceFile = instanceFileIn(dataFolder);

/** The shell itself as one who asks. */
const shell = { id: 'shell', gone: new AbortController().signal };

/** A page's address, at the guest that was named; what is after the `#` stays with the browser. */
const leading = (url: string): string => (link === null ? url : `${url}${linkAddress(link)}`);

/** One line for a person or a program that waits for it. */
const print = (url: string): void => void process.stdout.write(`Guestdeck: ${url}\n`);

const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
});

/** Shows a page of the instance that runs already; false when there is none. */
const showRunning = async (): Promise<boolean> => {
  const running = instanceFile.read();
  const url = running && (await urlFrom(running, instancePath));
  if (url === undefined) {
    instanceFile.clear(running);
    return false;
  }
  if (browser === undefined || (await openBrowser(browser, leading(url), profile).ended) !== 0) print(leading(url));
  return true;
};

/** Resolves when the window is closed; or, where none can be shown, never, after printing the address. */
const shown = async (server: WebServer): Promise<void> => {
  if (browser !== undefined) {
    const { process: window, ended } = openBrowser(browser, leading(server.newUrl(windowPatience)), profile);
    void stopped.then(() => window.kill());
    const code = await ended;
    // 0 before any page came: the browser gave the address to one of its processes that was running.
    if (code === 0 || server.wasVisited()) return server.deserted();
    process.stderr.write(`${browser} shows no window; open this address in a browser.\n`);
  }
  print(leading(server.newUrl()));
  return new Promise(() => undefined);
};

const run = async (): Promise<void> => {
  if (await showRunning()) return;
  let begin = (): void => undefined;
  const main = new Promise<void>((resolve) => (begin = resolve)).then(() =>
    createMain({ dataFolder, shell: 'web', version, home: surroundings.home, env: surroundings.env, safeStorage: secretServiceOf(surroundings) }));
  const secret = newInstanceSecret();
  const server = await startWebServer({ main, files: readPageFiles(join(import.meta.dirname, '..', 'renderer')), port: Number(options.port), instanceSecret: secret });
  const mine = { pid: process.pid, port: server.port, secret };
  try {
    // Only the one that holds the file opens the data behind it.
    if (!instanceFile.claim(mine)) return void (await showRunning());
    begin();
    const running = await main;
    const stopLooking = onClockJump(() => void running.answer('connections', 'awake', {}, shell));
    await Promise.race([shown(server), stopped]);
    stopLooking();
    instanceFile.clear(mine);
    await running.close();
  } finally {
    await server.close();
  }
};

await run();
