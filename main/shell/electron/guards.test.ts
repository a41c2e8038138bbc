// What windows may not do; Electron itself is stood in for.
import { expect, it } from 'vitest';
import { guardContents, type GuardedContents, type GuardedSession, guardSession } from './guards.ts';

const prevented = (hear: ((event: { preventDefault(): void }, url: string) => void) | undefined, url = ''): boolean => {
  let was = false;
  if (hear === undefined) throw new Error('nobody listens');
  hear({ preventDefault: () => { was = true; } }, url);
  return was;
};

type Hear = (event: { preventDefault(): void }, url: string) => void;

const contents = () => {
  const hearers = new Map<string, Hear>();
  const opened: string[] = [];
  let open: ((wish: { readonly url: string }) => { action: 'deny' }) | undefined;
  const guarded: GuardedContents = { on: (event: string, hear: Hear) => hearers.set(event, hear), setWindowOpenHandler: (handler) => { open = handler; } };
  guardContents(guarded, (url) => opened.push(url));
  return { hearers, opened, open: (url: string) => open?.({ url }) };
};

it.each(['will-navigate', 'will-redirect'])('%s leads nowhere but to the page itself', (event) => {
  const { hearers } = contents();
  const to = (url: string): boolean => prevented(hearers.get(event), url);
  expect([to('guestdeck://app/'), to('guestdeck://app/#/hosts/a')]).toEqual([false, false]);
  for (const url of ['https://evil.example/', 'guestdeck://app.evil/', 'guestdeck://app/assets/a.js', 'javascript:alert(1)', 'file:///', 'data:text/html,x']) expect([url, to(url)]).toEqual([url, true]);
});

it('opens no window but for the page itself, which the shell makes, and attaches no webview', () => {
  const { hearers, open, opened } = contents();
  const wishes = ['guestdeck://app/#/guests/a/b/console/alone', 'https://evil.example/', 'guestdeck://app/assets/a.js', 'about:blank', 'file:///'];
  expect(wishes.map(open)).toEqual(wishes.map(() => ({ action: 'deny' })));
  expect(opened).toEqual(wishes.slice(0, 1));
  expect(prevented(hearers.get('will-attach-webview'))).toBe(true);
});

it('grants no permission but to copy text to and from guests and to fill the screen, and saves nothing but what the page made', () => {
  const handlers: Partial<{ request: Parameters<GuardedSession['setPermissionRequestHandler']>[0]; check: Parameters<GuardedSession['setPermissionCheckHandler']>[0]; device: () => boolean; download: (event: { preventDefault(): void }, item: { getURL(): string }) => void; media: null }> = {};
  guardSession({
    setPermissionRequestHandler: (handler) => { handlers.request = handler; },
    setPermissionCheckHandler: (handler) => { handlers.check = handler; },
    setDevicePermissionHandler: (handler) => { handlers.device = handler; },
    setDisplayMediaRequestHandler: (handler) => { handlers.media = handler; },
    on: (_event, hear) => { handlers.download = hear; },
  });
  const granted: string[] = [];
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem', 'clipboard-sanitized-write', 'fullscreen']) {
    handlers.request?.(null, permission, (yes) => { if (yes) granted.push(`asked ${permission}`); });
    if (handlers.check?.(null, permission) === true) granted.push(`checked ${permission}`);
  }
  expect(granted).toEqual(['asked clipboard-read', 'checked clipboard-read', 'asked clipboard-sanitized-write', 'checked clipboard-sanitized-write', 'asked fullscreen', 'checked fullscreen']);
  const saves = (url: string): boolean => !prevented((event) => handlers.download?.(event, { getURL: () => url }));
  expect([handlers.device?.(), handlers.media]).toEqual([false, null]);
  expect(['blob:guestdeck://app/7f3c', 'blob:https://evil.example/7f3c', 'https://evil.example/a.exe', 'data:text/html,x'].map(saves)).toEqual([true, false, false, false]);
});
