// The icon beside the system's clock: running guests of each host, the way to them, and the end of the program.
import type { MenuItemConstructorOptions } from 'electron';
import type { Connection } from '../../../app/contract/connections.ts';
import { connection } from '../../../app/contract/connections.ts';
import { type GuestSummary, guestSummary } from '../../../app/contract/guests.ts';
import { z } from '../../../app/contract/schema.ts';
import type { DeepLink } from '../../../app/domain/deep-link.ts';
import { isActive } from '../../../app/domain/guest.ts';
import type { Main } from '../../services/services.ts';

/** Running guests that are listed of one host. */
const mostGuests = 20;
/** Storms of news are answered by one menu: news is gathered for this long, in milliseconds. */
const gathering = 1000;

/** The part of Electron's Tray that is used, with its menu made of a template. */
export interface TrayIcon {
  setToolTip(text: string): void;
  setMenu(template: readonly MenuItemConstructorOptions[]): void;
  on(event: 'click', hear: () => void): unknown;
}

export interface TrayOwner {
  /** Brings the window to the front, at a guest where one is named. */
  readonly lead: (to: DeepLink | null) => void;
  readonly quit: () => void;
}

/** A host with its guests; null where it does not answer. */
interface Seen {
  readonly host: Pick<Connection, 'id' | 'name' | 'state'>;
  readonly guests: readonly Pick<GuestSummary, 'uuid' | 'name' | 'state'>[] | null;
}

const phaseWords: Readonly<Record<Connection['state']['phase'], string>> = { off: 'not connected', connecting: 'connecting', ready: 'connected', lost: 'lost', failed: 'connection failed' };

/** A label as it is read: in menus an ampersand marks the next letter. */
const plain = (label: string): string => label.replaceAll('&', '&&');

/** The menu for these hosts. */
export const trayMenu = (seen: readonly Seen[], { lead, quit }: TrayOwner): readonly MenuItemConstructorOptions[] => [
  ...seen.map(({ host, guests }): MenuItemConstructorOptions => {
    if (guests === null) return { label: plain(`${host.name}: ${phaseWords[host.state.phase]}`), enabled: false };
    const running = guests.filter(({ state }) => isActive(state)).toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const more = running.length - mostGuests;
    return {
      label: plain(`${host.name}: ${running.length} running`),
      enabled: running.length > 0,
      submenu: [
        ...running.slice(0, mostGuests).map(({ uuid, name }): MenuItemConstructorOptions => ({ label: plain(name), click: () => lead({ host: host.id, guest: uuid, tab: null }) })),
        ...(more > 0 ? [{ label: `${more} more…`, click: () => lead(null) }] : []),
      ],
    };
  }),
  ...(seen.length > 0 ? [{ type: 'separator' } as const] : []),
  { label: 'Open Guestdeck', click: () => lead(null) },
  { label: 'Quit', click: quit },
];

/** Keeps the icon true until the returned function is called. @param complain where bugs go. */
export const keepTray = (main: Pick<Main, 'answer' | 'listen'>, tray: TrayIcon, owner: TrayOwner, complain: (error: unknown) => void): (() => void) => {
  const gone = new AbortController();
  const caller = { id: 'tray', gone: gone.signal };
  const ask = async <T>(section: string, name: string, takes: unknown, form: z.ZodType<T>): Promise<T | null> => {
    const answer = await main.answer(section, name, takes, caller);
    return answer.ok ? form.parse(answer.value) : null;
  };
  const look = async (): Promise<void> => {
    const hosts = (await ask('connections', 'list', {}, z.array(connection))) ?? [];
    const seen = await Promise.all(hosts.map(async (host): Promise<Seen> => ({ host, guests: host.state.phase === 'ready' ? await ask('guests', 'list', { host: host.id }, z.array(guestSummary)) : null })));
    if (gone.signal.aborted) return;
    tray.setMenu(trayMenu(seen, owner));
    const running = seen.flatMap(({ guests }) => guests ?? []).filter(({ state }) => isActive(state)).length;
    tray.setToolTip(`Guestdeck: ${running} ${running === 1 ? 'guest' : 'guests'} running`);
  };
  let timer: NodeJS.Timeout | null = null;
  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      void look().catch(complain);
    }, gathering);
  };
  tray.on('click', () => owner.lead(null));
  const silence = main.listen((news) => {
    if ((news.section === 'connections' || news.section === 'guests') && news.name === 'changed') later();
  });
  void look().catch(complain);
  return () => {
    gone.abort();
    silence();
    if (timer !== null) clearTimeout(timer);
  };
};
