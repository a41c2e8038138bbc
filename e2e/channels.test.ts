// Channels of bytes over both shells, from the page's end to what main opened: order, back-pressure, every way to end, and pages that are none of ours.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import type { Bridge } from '../app/contract/contract.ts';
import { encode } from '../app/contract/frames.ts';
import { channelWindow, type FromMain, largestPiece, PageChannels } from '../app/contract/page-channels.ts';
import { type Refusal, Refused } from '../app/contract/refusal.ts';
import { bytesChannel } from '../main/shell/electron/channels.ts';
import { type AskChannel, type PageContents, serveWindows } from '../main/shell/electron/messages.ts';
import { pageUrl } from '../main/shell/electron/scheme.ts';
import { standIn, type StandIn } from '../main/shell/stand-in.test-main.ts';
import { startWebServer } from '../main/shell/web/server.ts';
import type { Line } from '../main/services/services.ts';
import { type Socket, webLink } from '../renderer/api/web-bridge.ts';

/** Far ends of lines, held by the test: what they say, what they were told, whether they were let go. */
class Far implements Line {
  readonly written: Uint8Array[] = [];
  /** How many pieces were taken from it. */
  pulled = 0;
  closed = false;
  /** Holds back what is written until it resolves. */
  hold: Promise<void> = Promise.resolve();
  readonly #says: readonly (Uint8Array | Error)[];
  readonly #lasting: boolean;
  #stop: () => void = () => undefined;
  readonly #stopped = new Promise<void>((resolve) => (this.#stop = resolve));
  constructor(says: readonly (Uint8Array | Error)[], lasting = true) {
    this.#says = says;
    this.#lasting = lasting;
  }
  readonly incoming = this.#say();
  async *#say(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const said of this.#says) {
      if (said instanceof Error) throw said;
      this.pulled += 1;
      yield said;
    }
    if (this.#lasting) await this.#stopped;
  }
  readonly write = async (bytes: Uint8Array): Promise<void> => {
    await this.hold;
    this.written.push(bytes);
  };
  readonly close = (): void => {
    this.closed = true;
    this.#stop();
  };
}

/** A page's end and what it heard. */
interface Page {
  readonly bridge: Bridge;
  readonly leave: () => void;
  /** Sends what no page of ours would; resolves to whether the page was let go for it. */
  readonly misbehave: (message: object) => Promise<boolean>;
}

const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A DOM WebSocket for the page, made of the one for Node. */
const domSocket = (socket: NodeSocket): Socket => {
  const events = new EventTarget();
  socket.binaryType = 'arraybuffer';
  socket.on('open', () => events.dispatchEvent(new Event('open')));
  socket.addEventListener('message', ({ data }) => events.dispatchEvent(new MessageEvent('message', { data })));
  socket.on('close', () => events.dispatchEvent(new Event('close')));
  return {
    addEventListener: (type: string, hear: EventListenerOrEventListenerObject) => events.addEventListener(type, hear), binaryType: 'arraybuffer',
    get readyState() {
      return socket.readyState;
    },
    send: (message) => socket.send(message),
  };
};

const overWeb = async (main: StandIn): Promise<Page> => {
  const server = await startWebServer({ main: Promise.resolve(main), files: { page: '', files: new Map() }, port: 0, instanceSecret: 'a-secret-of-this-instance-only-32-long', absence: 20 });
  ends.push(async () => await server.close());
  const response = await new Promise<IncomingMessage>((resolve) => request(server.newUrl(), { agent: false }).on('response', resolve).end());
  response.resume();
  const cookie = String(response.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  const connect = (): NodeSocket => new NodeSocket(`ws://127.0.0.1:${server.port}/ws`, { headers: { origin: `http://127.0.0.1:${server.port}`, cookie }, perMessageDeflate: false });
  const sockets: NodeSocket[] = [];
  const { bridge } = webLink(() => {
    // Once it was let go it would come back for ever.
    const socket = sockets[0] ?? connect();
    sockets.push(socket);
    return domSocket(socket);
  });
  const [socket] = sockets;
  if (socket === undefined) throw new Error('the page made no socket');
  await once(socket, 'open');
  return {
    bridge,
    leave: () => socket.terminate(),
    misbehave: async (message) => {
      const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
      socket.send(encode(message));
      socket.ping();
      return await Promise.race([closed, once(socket, 'pong').then(() => socket.readyState !== socket.OPEN)]);
    },
  };
};

const overElectron = async (main: StandIn): Promise<Page> => {
  let hear: Parameters<AskChannel['on']>[1] = () => undefined;
  const windows = serveWindows(main, { handle: () => undefined, on: (channel, listener) => { if (channel === bytesChannel) hear = listener; } });
  let destroy = (): void => undefined;
  const mainFrame = { url: pageUrl };
  // As Electron's IPC does it: in a later turn, and as a copy.
  const later = <T>(message: T, take: (copy: T) => void): void => void setImmediate((copy) => take(copy), structuredClone(message));
  const contents: PageContents = {
    mainFrame, isDestroyed: () => false,
    send: (channel, message) => { if (channel === bytesChannel) later(message as FromMain, (copy) => channels.heard(copy)); },
    on: (event, leave) => { if (event === 'destroyed') destroy = leave; },
  };
  const post = (message: object): void => later(message, (copy) => hear({ sender: contents, senderFrame: mainFrame }, copy));
  const channels = new PageChannels(post);
  windows.add(contents);
  return {
    bridge: { ask: async () => await Promise.reject(new Error('not asked here')), listen: () => () => undefined, open: (...wish) => channels.open(...wish) },
    leave: () => destroy(),
    misbehave: async (message) => {
      post(message);
      await new Promise((resolve) => setImmediate(resolve));
      return false;
    },
  };
};

const which = { host: 'h', uuid: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00001', device: 'serial0', kind: 'console', force: false };
const filled = (length: number, by = 0): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7 + by) % 251);
const joined = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces);

describe.each([['the web shell', overWeb], ["Electron's IPC", overElectron]] as const)('a channel over %s', (_, over) => {
  const start = async (open: (device: string) => Far | Promise<Far>): Promise<Page & { readonly main: StandIn; readonly gone: () => AbortSignal | undefined }> => {
    let signal: AbortSignal | undefined;
    const main = standIn(undefined, async ({ device }, { gone }) => {
      signal = gone;
      return await open(device);
    });
    return { ...(await over(main)), main, gone: () => signal };
  };
  /** Opens one and gathers what it hears; `takes`: bytes are told as taken. */
  const listening = (bridge: Bridge, takes: boolean, wish: unknown = which, [section, name] = ['consoles', 'serial']) => {
    const heard: Uint8Array[] = [];
    let ended: Refusal | null | undefined;
    let opened = false;
    const end = bridge.open(section ?? '', name ?? '', wish, {
      opened: () => (opened = true),
      bytes: (bytes) => {
        expect(bytes.length).toBeLessThanOrEqual(largestPiece);
        heard.push(bytes);
        if (takes) end.took(bytes.length);
      },
      ended: (refusal) => (ended = refusal),
    });
    return { end, heard, bytes: () => heard.reduce((sum, { length }) => sum + length, 0), ended: () => ended, opened: () => opened };
  };

  it('carries megabytes in their order, both ways, and ends with the far side', async () => {
    const far = new Far(Array.from({ length: 48 }, (_unused, at) => filled(65_000 + at, at)));
    const { bridge } = await start(() => far);
    const page = listening(bridge, true);
    const up = Array.from({ length: 20 }, (_unused, at) => filled(150_000, at));
    await Promise.all(up.map(async (bytes) => await page.end.send(bytes)));
    await expect.poll(() => page.bytes()).toBe(48 * 65_000 + (47 * 48) / 2);
    await expect.poll(() => joined(far.written).length).toBe(20 * 150_000);
    expect(joined(page.heard).equals(joined(Array.from({ length: 48 }, (_unused, at) => filled(65_000 + at, at))))).toBe(true);
    expect(joined(far.written).equals(joined(up))).toBe(true);
    expect([page.opened(), page.ended(), far.closed]).toEqual([true, undefined, false]);
    page.end.close();
    await expect.poll(() => far.closed).toBe(true);
  });

  it('stops whoever sends at the window while the page takes nothing, and loses nothing of it', async () => {
    const pieces = Array.from({ length: 64 }, (_unused, at) => filled(65_536, at));
    const far = new Far(pieces, false);
    const { bridge } = await start(() => far);
    const page = listening(bridge, false);
    await expect.poll(() => page.bytes()).toBe(channelWindow);
    expect(far.pulled).toBe(channelWindow / 65_536 + 1);
    let told = 0;
    while (page.ended() === undefined) {
      page.end.took(page.bytes() - told);
      told = page.bytes();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([page.ended(), joined(page.heard).equals(joined(pieces))]).toEqual([null, true]);
  });

  it('stops the page at the window while the far side takes nothing', async () => {
    const far = new Far([]);
    let release = (): void => undefined;
    far.hold = new Promise((resolve) => (release = resolve));
    const { bridge } = await start(() => far);
    const page = listening(bridge, true);
    let sent = false;
    const sending = page.end.send(filled(channelWindow + 1)).then(() => (sent = true));
    await expect.poll(() => page.opened()).toBe(true);
    expect([sent, far.written.length]).toEqual([false, 0]);
    release();
    await sending;
    await expect.poll(() => joined(far.written).length).toBe(channelWindow + 1);
  });

  it('is told apart from others that are open beside it', async () => {
    const fars = new Map([['one', new Far([filled(10, 1)])], ['two', new Far([filled(10, 2)])]]);
    const { bridge } = await start((device) => fars.get(device) ?? new Far([]));
    const [one, two] = [listening(bridge, true, { ...which, device: 'one' }), listening(bridge, true, { ...which, device: 'two' })];
    await Promise.all([one.end.send(filled(5, 3)), two.end.send(filled(5, 4))]);
    await expect.poll(() => [joined(one.heard), joined(two.heard)]).toEqual([Buffer.from(filled(10, 1)), Buffer.from(filled(10, 2))]);
    await expect.poll(() => [...fars.values()].map(({ written }) => joined(written))).toEqual([Buffer.from(filled(5, 3)), Buffer.from(filled(5, 4))]);
  });

  it.each([
    ['ends', new Far([filled(3)], false), null],
    ['fails', new Far([filled(3), new Refused('connection-lost', 'Gone.')]), { code: 'connection-lost', message: 'Gone.' }],
  ] as const)('is over, after all that came before, when the far side %s', async (_how, far, refusal) => {
    const { bridge } = await start(() => far);
    const page = listening(bridge, true);
    await expect.poll(() => page.ended()).toEqual(refusal);
    expect([joined(page.heard).length, far.closed]).toEqual([3, true]);
    // Too late is no fault of the page.
    await page.end.send(filled(10));
    expect(far.written).toEqual([]);
  });

  it('is given up at once, opened or not, when the page closes it or leaves', async () => {
    const never = new Promise<Far>(() => undefined);
    const { bridge, gone, leave } = await start(async (device) => (device === 'slow' ? await never : new Far([])));
    const slow = listening(bridge, true, { ...which, device: 'slow' });
    await expect.poll(gone).toBeDefined();
    slow.end.close();
    await expect.poll(() => gone()?.aborted).toBe(true);
    const far = new Far([]);
    const second = await start(() => far);
    const page = listening(second.bridge, true);
    await expect.poll(() => page.opened()).toBe(true);
    second.leave();
    await expect.poll(() => [far.closed, second.gone()?.aborted]).toEqual([true, true]);
    leave();
  });

  it('is refused with the reason, a fault of our own with none of its details', async () => {
    const { bridge, main } = await start((device) => {
      throw device === 'bug' ? new TypeError('the secret of the inside') : new Refused('not-connected', 'No.');
    });
    const [refused, broken] = [listening(bridge, true), listening(bridge, true, { ...which, device: 'bug' })];
    await expect.poll(() => [refused.ended(), broken.ended()]).toMatchObject([{ code: 'not-connected', message: 'No.' }, { code: 'bug', message: 'Guestdeck itself failed at this.' }]);
    expect(main.complaints).toEqual([new TypeError('the secret of the inside')]);
  });

  it.each([
    ['unknown section', which, 'nothing', 'serial', 'serial'], ['unknown name', which, 'consoles', 'nothing', 'nothing'], ['a name of the prototype', which, 'consoles', 'constructor', 'constructor'],
    ['a section without channels', which, 'guests', 'list', 'list'], ['nothing taken', null, 'consoles', 'serial', ''], ['a wrong field', { ...which, uuid: 'x' }, 'consoles', 'serial', 'uuid'],
    ['a field too many', { ...which, more: 1 }, 'consoles', 'serial', 'more'],
  ])('is refused for an %s, with the field', async (_what, wish, section, name, field) => {
    const { bridge, gone } = await start(() => new Far([]));
    const page = listening(bridge, true, wish, [section, name]);
    await expect.poll(() => page.ended()).toMatchObject({ code: 'bad-input', field });
    expect(gone()).toBeUndefined();
  });

  it('is ended when more is sent or taken than may be', async () => {
    const { bridge, misbehave } = await start(() => new Far([]));
    const [large, greedy] = [listening(bridge, true), listening(bridge, true)];
    await expect.poll(() => [large.opened(), greedy.opened()]).toEqual([true, true]);
    expect(await misbehave({ channel: 1, kind: 'bytes', bytes: filled(largestPiece + 1) })).toBe(false);
    expect(await misbehave({ channel: 2, kind: 'took', count: 1 })).toBe(false);
    await expect.poll(() => [large.ended(), greedy.ended()]).toMatchObject([{ code: 'bad-input', field: 'bytes' }, { code: 'bad-input', field: 'count' }]);
    // Bytes for a channel that was ended were under way.
    expect(await misbehave({ channel: 1, kind: 'bytes', bytes: filled(3) })).toBe(false);
  });

  it.each([
    { channel: 5, kind: 'bytes', bytes: filled(3) }, { channel: 1, kind: 'open', section: 'consoles', name: 'serial', takes: which }, { channel: 0, kind: 'close' }, { channel: 1, kind: 'bytes', bytes: 'text' },
    { channel: 1, kind: 'explode' }, { channel: 1, kind: 'took', count: -1 }, { channel: '1', kind: 'close' },
  ])('hears nothing of $kind for $channel where no page would send it', async (message) => {
    const far = new Far([]);
    const { bridge, misbehave, main } = await start(() => far);
    const page = listening(bridge, true);
    await expect.poll(() => page.opened()).toBe(true);
    const letGo = await misbehave(message);
    expect([letGo, far.written, main.complaints]).toEqual([over === overWeb, [], []]);
  });
});
