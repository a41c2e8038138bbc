// What a window may not do: leave our page, open any but itself, embed foreign content, or be given a permission.
import { isPage, pageUrl } from './scheme.ts';

interface Preventable {
  preventDefault(): void;
}

/** The part of Electron's WebContents that is guarded. */
export interface GuardedContents {
  on(event: 'will-navigate' | 'will-redirect', refuse: (event: Preventable, url: string) => void): unknown;
  on(event: 'will-attach-webview', refuse: (event: Preventable) => void): unknown;
  setWindowOpenHandler(handler: (wish: { readonly url: string }) => { action: 'deny' }): void;
}

/** The part of Electron's Session that is guarded. */
export interface GuardedSession {
  setPermissionRequestHandler(handler: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void): void;
  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setDisplayMediaRequestHandler(handler: null): void;
  on(event: 'will-download', refuse: (event: Preventable, item: { getURL(): string }) => void): unknown;
}

/** What our page uses: "Copy" writes plain text to the clipboard, a guest that shares it is sent what is in it, and a guest's display may fill the screen. */
const granted: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'clipboard-read', 'fullscreen']);

/**
 * Applied to every WebContents there will ever be, whoever made it.
 * @param another shows our page at this address in a window of its own, guarded in turn; no window is made in any other way.
 */
export const guardContents = (contents: GuardedContents, another: (url: string) => void): void => {
  const unlessPage = (event: Preventable, url: string): void => {
    if (!isPage(url)) event.preventDefault();
  };
  const never = (event: Preventable): void => event.preventDefault();
  contents.on('will-navigate', unlessPage);
  contents.on('will-redirect', unlessPage);
  contents.on('will-attach-webview', never);
  contents.setWindowOpenHandler(({ url }) => {
    if (isPage(url)) another(url);
    return { action: 'deny' };
  });
};

export const guardSession = (session: GuardedSession): void => {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(granted.has(permission)));
  session.setPermissionCheckHandler((_contents, permission) => granted.has(permission));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  // What the page itself made, such as an exported list of hosts, may be saved; Electron asks where.
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${pageUrl}`)) event.preventDefault();
  });
};
