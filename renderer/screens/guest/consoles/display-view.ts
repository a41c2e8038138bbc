// A guest's display as noVNC draws it, over a channel instead of a WebSocket; it keeps the last picture when it ends.
import RFB, { type RawChannel } from '@novnc/novnc';
import type { ChannelEnd } from '../../../../app/contract/page-channels.ts';
import { type Key, modifiers } from '../../../../app/domain/keyboard.ts';

/** A channel as noVNC wants to see it. It is open from the start. */
class ChannelSocket implements RawChannel {
  binaryType = 'arraybuffer';
  readonly protocol = '';
  readyState = 'open';
  onopen: RawChannel['onopen'] = null;
  onmessage: RawChannel['onmessage'] = null;
  onerror: RawChannel['onerror'] = null;
  onclose: RawChannel['onclose'] = null;
  readonly #end: ChannelEnd;

  constructor(end: ChannelEnd) {
    this.#end = end;
  }

  send(data: Uint8Array): void {
    // A copy: it is a view of a buffer that noVNC fills again.
    void this.#end.send(new Uint8Array(data));
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.#end.close();
    // In a later turn, as a WebSocket does: noVNC waits for it only from then on.
    queueMicrotask(() => this.onclose?.({ code: 1000, reason: '' }));
  }
}

/** How the picture fits its place: as large as it gets, or one to one. */
export type Fit = 'fit' | 'one';

/** What a person set; it holds for the next connection as well. */
export interface DisplaySettings {
  readonly fit: Fit;
  readonly viewOnly: boolean;
  /** The guest is asked to take on the size of its place. */
  readonly resizeGuest: boolean;
}

export class DisplayView {
  readonly #place: HTMLElement;
  readonly #still: HTMLCanvasElement;
  #settings: DisplaySettings;
  #current: { readonly rfb: RFB; readonly socket: ChannelSocket } | null = null;

  /** @param still where the last picture is kept when a connection ends. */
  constructor(place: HTMLElement, still: HTMLCanvasElement, settings: DisplaySettings) {
    this.#place = place;
    this.#still = still;
    this.#settings = settings;
  }

  /** A channel was opened: it is drawn from here on. */
  open(end: ChannelEnd): void {
    const socket = new ChannelSocket(end);
    const rfb = new RFB(this.#place, socket, { shared: true });
    rfb.background = 'transparent';
    rfb.showDotCursor = true;
    rfb.addEventListener('connect', () => {
      this.#still.hidden = true;
      rfb.focus({ preventScroll: true });
    });
    this.#current = { rfb, socket };
    this.settings = this.#settings;
  }

  /** @returns once noVNC has dealt with them, as far as it can before it draws. */
  receive(bytes: Uint8Array): void {
    const data = new Uint8Array(bytes).buffer;
    this.#current?.socket.onmessage?.({ data });
  }

  /** The channel is over. */
  ended(): void {
    const rfb = this.#current?.rfb;
    this.#current = null;
    if (rfb === undefined) return;
    this.#keepPicture();
    // It closes the socket, and is content with that.
    rfb.disconnect();
  }

  set settings(settings: DisplaySettings) {
    this.#settings = settings;
    const rfb = this.#current?.rfb;
    if (rfb === undefined) return;
    rfb.scaleViewport = settings.fit === 'fit';
    rfb.resizeSession = settings.resizeGuest;
    rfb.viewOnly = settings.viewOnly;
  }

  /** Presses all in their order and releases them in the other. */
  press(strokes: readonly Key[]): void {
    for (const { keysym, code } of strokes) this.#current?.rfb.sendKey(keysym, code, true);
    for (const { keysym, code } of strokes.toReversed()) this.#current?.rfb.sendKey(keysym, code, false);
  }

  focus(): void {
    this.#current?.rfb.focus({ preventScroll: true });
  }
  /** Gives the keyboard back to the page; the guest sees what was held down for it released. */
  release(): void {
    for (const { keysym, code } of modifiers) this.#current?.rfb.sendKey(keysym, code, false);
    this.#current?.rfb.blur();
  }

  /** The picture as PNG; null when nothing is shown. */
  async picture(): Promise<Blob | null> {
    const rfb = this.#current?.rfb;
    return rfb === undefined ? null : await new Promise((resolve) => rfb.toBlob(resolve, 'image/png'));
  }

  #keepPicture(): void {
    const canvas = this.#place.querySelector('canvas:not([hidden])');
    if (!(canvas instanceof HTMLCanvasElement) || canvas === this.#still || canvas.width === 0) return;
    this.#still.width = canvas.width;
    this.#still.height = canvas.height;
    this.#still.getContext('2d')?.drawImage(canvas, 0, 0);
    this.#still.hidden = false;
  }
}
