// Consoles: a guest's serial lines as libvirt's streams, each on a connection of its own so that a slow page slows down nobody else; and its displays.
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestSummary } from '../../app/contract/guests.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { displaysOf, displayWithPassword, longestPassword } from '../../app/xml/displays.ts';
import { virshGuest } from '../../app/domain/virsh.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import type { Connection } from '../libvirt/connection.ts';
import { affect, channelFlag, consoleFlag, errorCode, errorDomain } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { leave } from '../libvirt/leave.ts';
import type { Domain } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import type { LibvirtStream } from '../libvirt/stream.ts';
import type { Surroundings } from '../transport/transport.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { openDisplay } from './display.ts';
import { gathered } from './gathered.ts';
import { recorded } from './guests.ts';
import type { HostSession } from './host-session.ts';
import type { ChannelServices, Services } from './services.ts';
import { viewerService } from './viewer.ts';

type SerialWish = Parameters<ChannelServices['consoles']['serial']>[0];

async function* dataOf(stream: LibvirtStream): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of stream) if (piece.kind === 'data') yield piece.data;
  } catch (error) {
    // So it ends for whoever is thrown out; libvirt has no other word for it.
    if (!(error instanceof LibvirtError) || error.error.code !== errorCode.rpc || error.error.domain !== errorDomain.streams) throw error;
    throw new Refused('connection-lost', 'The host ended this console: somebody else took it over, or the guest stopped.', {}, { cause: error });
  }
}

/** Opens it so that nobody else can have it beside us, where the driver can promise that. */
const openStream = async (connection: Connection, dom: Domain, { device, kind, force }: SerialWish, signal: AbortSignal): Promise<LibvirtStream> => {
  if (kind === 'channel') return (await connection.stream(remote.domainOpenChannel, { dom, name: device, flags: force ? channelFlag.force : 0 }, { signal })).stream;
  const open = async (flags: number): Promise<LibvirtStream> => (await connection.stream(remote.domainOpenConsole, { dom, dev_name: device, flags }, { signal })).stream;
  const flags = force ? consoleFlag.force : 0;
  return await open(flags | consoleFlag.safe).catch(async (error: unknown) => {
    // Drivers for containers and for Xen do not know the flag.
    if (!(error instanceof LibvirtError) || error.error.code !== errorCode.invalidArg) throw error;
    return await open(flags);
  });
};

/** What libvirt says when somebody has the line is a failure like others; of these calls, it is the only one of its number. */
const isTaken = (error: unknown): error is LibvirtError => error instanceof LibvirtError && error.error.code === errorCode.operationFailed;
const taken = (error: unknown): never => {
  if (!isTaken(error)) throw error;
  throw new Refused('console-taken', 'Somebody else has this console open.', { remedy: 'Taking it over ends their session.', libvirt: { code: error.error.code, domain: error.error.domain } }, { cause: error });
};

/** So long, in milliseconds, a daemon may take to notice that a connection broke (https://libvirt.org/manpages/libvirtd.html: five times five seconds, and one more). */
const unnoticed = 30_000;
/** Between two tries meanwhile. */
const pause = 250;

/**
 * What a line prints within so many milliseconds after something else comes together: a guest that prints without end leaves the page its time, and what is
 * typed is echoed at once. Nobody reads ten screens a second, so that more than a screen is waited for longer: each costs the page a drawing.
 */
const pace = (bytes: number): number => (bytes < 80 * 24 ? 40 : 100);

/** What displays need besides. */
interface ConsoleContext extends Context {
  readonly uriOf: (host: string) => string;
  readonly surroundings: (host: string) => Surroundings;
}

export const consoleChannels = (context: ConsoleContext): ChannelServices['consoles'] => {
  /** Lines that were closed here, and that their daemon may count as open until these resolve. */
  const closing = new Map<string, Promise<void>>();
  /** Lines whose connection broke, and until when their daemon may count them as open, on the clock of `performance`. */
  const broken = new Map<string, number>();

  return {
    serial: async (wish, { gone }) => {
      const session = await context.session(wish.host);
      const dom = domOf(guestOf(session, wish.uuid));
      const key = [wish.host, wish.uuid, wish.device].join(' ');
      await closing.get(key);
      const connection = await session.dedicated(gone);
      const open = async (): Promise<LibvirtStream> => await openStream(connection, dom, wish, gone).catch(async (error: unknown) => {
        // Nobody is to be asked about taking over what was ours.
        if (!isTaken(error) || performance.now() > (broken.get(key) ?? 0)) throw error;
        await delay(pause, undefined, { signal: gone });
        return await open();
      });
      const stream = await open().catch(async (error: unknown) => {
        await leave(connection);
        return taken(error);
      });
      broken.delete(key);
      let left = false;
      void connection.closed.then(() => left || broken.set(key, performance.now() + unnoticed));
      const close = (): void => {
        if (!connection.isOpen) return;
        left = true;
        const closed = stream.abort().then(async () => await leave(connection));
        closing.set(key, closed);
        void closed.then(() => void (closing.get(key) === closed && closing.delete(key)));
      };
      return { incoming: gathered(dataOf(stream), () => stream.unread > 0, async (given) => await delay(pace(given), undefined, { signal: gone })), write: async (bytes) => await stream.write(bytes), close };
    },

    screen: async ({ host, uuid, display }, { gone }) => {
      const session = await context.session(host);
      const guest = guestOf(session, uuid);
      const { live } = await session.reached.facts.definitions(domOf(guest));
      const found = displaysOf(live === null ? null : DomainXml.parse(live))[display];
      if (found?.type !== 'vnc') throw new Refused('bad-input', `${guest.name} has no such display that speaks VNC.`, { field: 'display' });
      return await openDisplay({ session, guest: guest.name, hostName: context.hostName(host), place: found.place, uri: parseConnectionUri(context.uriOf(host)), surroundings: context.surroundings(host) }, gone);
    },
  };
};

export const consoleServices = (context: Context & { readonly env: Surroundings['env'] }): Services['consoles'] => ({
  openViewer: viewerService(context),

  pressKeys: async ({ host, uuid, keys }) => {
    const session = await context.session(host);
    await session.reached.connection.call(remote.domainSendKey, { dom: domOf(guestOf(session, uuid)), codeset: linuxKeys, holdtime: 100, keycodes: keys, flags: 0 });
    return null;
  },

  setDisplayPassword: async (wish) => {
    const session = await context.session(wish.host);
    const guest = guestOf(session, wish.uuid);
    const calls = await passwordCalls(session, guest, wish);
    // What is written down names the password nowhere.
    const step = { title: `Set the password of display ${wish.display}`, virsh: `virsh update-device ${virshGuest(guest.name)} display.xml --live${calls.length > 1 ? ' --config' : ''}`, scope: 'live' } as const;
    await recorded(context, session, guest, step, async () => {
      for (const call of calls) await session.reached.connection.call(remote.domainUpdateDeviceFlags, { dom: domOf(guest), ...call }).catch((error: unknown) => notNow(error, call.flags, calls.length > 1));
    });
    session.forget(guest.uuid);
    context.tell('guests', 'changed', { host: wish.host, uuids: [guest.uuid] });
    return null;
  },

  screenshot: takenInTurn(context),
});

/** Pictures of one host are taken one after the other: a page may want a dozen, and each has a connection of its own. */
const takenInTurn = (context: Context): Services['consoles']['screenshot'] => {
  const turns = new Map<string, Promise<void>>();
  const take: Services['consoles']['screenshot'] = async ({ host, uuid, screen }, { gone }) => {
    if (gone.aborted) throw new Refused('cancelled', 'Nobody waits for this picture any more.');
    const session = await context.session(host);
    const connection = await session.dedicated(gone);
    try {
      const { ret, stream } = await connection.stream(remote.domainScreenshot, { dom: domOf(guestOf(session, uuid)), screen, flags: 0 }, { signal: gone });
      const pieces: Uint8Array[] = [];
      for await (const piece of dataOf(stream)) pieces.push(piece);
      return { mime: ret.mime ?? 'application/octet-stream', bytes: new Uint8Array(Buffer.concat(pieces)) };
    } finally {
      void leave(connection);
    }
  };
  return async (wish, caller) => {
    const taken = (turns.get(wish.host) ?? Promise.resolve()).then(async () => await take(wish, caller));
    // How one ended is its caller's affair, not the next one's.
    turns.set(wish.host, taken.then(() => undefined, () => undefined));
    return await taken;
  };
};

type PasswordWish = Parameters<Services['consoles']['setDisplayPassword']>[0];

/** The calls that set it: the display with all that it has, as libvirt takes changes of it. */
const passwordCalls = async (session: HostSession, guest: GuestSummary, wish: PasswordWish): Promise<readonly { readonly xml: string; readonly flags: number }[]> => {
  const { live, saved } = await session.reached.facts.definitions(domOf(guest), true);
  const now = live === null ? null : DomainXml.parse(live);
  const displays = displaysOf(now);
  const type = displays[wish.display]?.type ?? '';
  if (now === null || (type !== 'vnc' && type !== 'spice')) throw new Refused('bad-input', `${guest.name} has no such display that takes a password.`, { field: 'display' });
  const most = longestPassword[type];
  if (most !== undefined && wish.password.length > most) throw new Refused('bad-input', `A password of ${type.toUpperCase()} has at most ${most} characters.`, { field: 'password' });
  const place = displays.slice(0, wish.display).filter((one) => one.type === type).length;
  const xmlIn = (xml: DomainXml): string | null => displayWithPassword(xml, { type, place, password: wish.password, until: wish.until });
  // First what counts after a restart: a display that was started without a password takes none now.
  const calls = [...(wish.saved && saved !== null ? [{ xml: xmlIn(DomainXml.parse(saved)), flags: affect.config }] : []), { xml: xmlIn(now), flags: affect.live }];
  return calls.flatMap(({ xml, flags }) => (xml === null ? [] : [{ xml, flags }]));
};

const notNow = (error: unknown, flags: number, isSaved: boolean): never => {
  if (!(error instanceof LibvirtError) || flags !== affect.live) throw error;
  const { code, domain } = error.error;
  const remedy = `A display that was started without a password takes none before a restart.${isSaved ? ' The saved definition has it now.' : ''}`;
  throw new Refused('libvirt', error.message, { remedy, libvirt: { code, domain } }, { cause: error });
};

/** VIR_KEYCODE_SET_LINUX. */
const linuxKeys = 0;
