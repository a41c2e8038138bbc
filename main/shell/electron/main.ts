// The Electron shell: one instance, one sandboxed window with our page, and main behind it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, Menu, nativeImage, Notification, powerMonitor, protocol, safeStorage, screen, session, Tray } from 'electron';
import { type DeepLink, linkScheme } from '../../../app/domain/deep-link.ts';
import { createMain } from '../../services/main.ts';
import { makeDataFolder, type Surroundings } from '../data-folder.ts';
import { linkIn } from '../link-words.ts';
import { readPageFiles } from '../page-files.ts';
import { version } from '../version.ts';
import { guardContents, guardSession } from './guards.ts';
import { handOver, hearLinks, pageAt } from './links.ts';
import { menuTemplate } from './menu.ts';
import { serveWindows, tellWindow } from './messages.ts';
import { guestOf, showNotices } from './notices.ts';
import { safeStorageOf } from './safe-storage.ts';
import { answerPage, scheme } from './scheme.ts';
import { keepTray, type TrayIcon } from './tray.ts';
import { firstSize, readWindowState, writeWindowState } from './window-state.ts';

const surroundings: Surroundings = { env: process.env, platform: process.platform, home: homedir() };
const dataFolder = makeDataFolder(surroundings);
const built = join(__dirname, '..');
const stateFile = join(dataFolder, 'window.json');

app.setPath('userData', join(dataFolder, 'electron'));
app.enableSandbox();
let openAnother = (_url: string): void => undefined;
app.on('web-contents-created', (_event, contents) => guardContents(contents, (url) => openAnother(url)));
protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);

/** A window with our page at this address. */
const pageWindow = (place: Electron.BrowserWindowConstructorOptions, url: string, add: (contents: Electron.WebContents) => void): BrowserWindow => {
  const window = new BrowserWindow({
    ...place,
    minWidth: 720, minHeight: 480, show: false, title: 'Guestdeck', icon: join(built, 'electron', 'icon.png'),
    webPreferences: {
      preload: join(built, 'preload', 'preload.cjs'), sandbox: true, contextIsolation: true, nodeIntegration: false,
      nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false, webSecurity: true, webviewTag: false, spellcheck: false, navigateOnDragDrop: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  add(window.webContents);
  void window.loadURL(url);
  return window;
};

const openWindow = (add: (contents: Electron.WebContents) => void, to: DeepLink | null): BrowserWindow => {
  const state = readWindowState(stateFile, screen.getAllDisplays().map((display) => display.workArea));
  const window = pageWindow(state === undefined ? firstSize : { x: state.x, y: state.y, width: state.width, height: state.height }, pageAt(to), add);
  if (state?.maximized === true) window.maximize();
  window.on('close', () => writeWindowState(stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() }));
  return window;
};

/** The icon beside the clock, on platforms that have a place for it; 22 pixels are what most of them show. */
const trayIcon = (): TrayIcon => {
  const tray = new Tray(nativeImage.createFromPath(join(built, 'electron', 'icon.png')).resize({ width: 22, height: 22 }));
  return {
    setToolTip: (text) => tray.setToolTip(text),
    setMenu: (template) => tray.setContextMenu(Menu.buildFromTemplate([...template])),
    on: (event, hear) => tray.on(event, hear),
  };
};

const complain = (error: unknown): void => void process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);

const run = async (): Promise<void> => {
  await app.whenReady();
  const files = readPageFiles(join(built, 'renderer'));
  protocol.handle(scheme, (request) => answerPage(files, request));
  guardSession(session.defaultSession);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, app.isPackaged)));

  const main = await createMain({ dataFolder, shell: 'electron', version, home: surroundings.home, env: surroundings.env, safeStorage: await safeStorageOf(safeStorage, process.platform) });
  // That the network is back is told by the page: only there Electron has word of it.
  powerMonitor.on('resume', () => void main.answer('connections', 'awake', {}, { id: 'shell', gone: new AbortController().signal }));
  const windows = serveWindows(main, ipcMain);
  openAnother = (url) => void pageWindow({ width: 1100, height: 800 }, url, windows.add);
  let window = openWindow(windows.add, first);
  lead = (to) => {
    if (window.isDestroyed()) window = openWindow(windows.add, to);
    else if (to !== null && window.webContents.isLoading()) void window.loadURL(pageAt(to));
    else if (to !== null) tellWindow(window.webContents, { section: 'program', name: 'linked', told: to });
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  app.on('activate', () => lead(null));
  showNotices(main, {
    isLookedAt: () => BrowserWindow.getFocusedWindow() !== null,
    make: Notification.isSupported() ? (told) => new Notification(told) : null,
    choose: (notice) => {
      const to = guestOf(notice);
      lead(to);
      if (to === null) tellWindow(window.webContents, { section: 'notices', name: 'chosen', told: { id: notice.id } });
    },
  });
  const leaveTray = keepTray(main, trayIcon(), { lead: (to) => lead(to), quit: () => app.quit() }, complain);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    leaveTray();
    void main.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
};

/** Where the first window goes. */
let first = linkIn(process.argv.slice(app.isPackaged ? 1 : 2), (fault) => process.stderr.write(`guestdeck: ${fault}\n`));
/** Brings the window to the front and, where a link is given, to its guest. */
let lead = (to: DeepLink | null): void => {
  first = to ?? first;
};

if (app.requestSingleInstanceLock(handOver(first))) {
  hearLinks(app, (to) => lead(to));
  // Elsewhere the package says so.
  if (process.platform === 'win32' && app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  run().catch((error: unknown) => {
    complain(error);
    app.exit(1);
  });
} else app.quit();
