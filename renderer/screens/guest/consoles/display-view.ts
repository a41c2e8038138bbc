// A guest's display as noVNC draws it, over a channel instead of a WebSocket; it keeps the last picture when it ends.
import RFB, { type RawChannel } from '@novnc/novnc';
import type { ChannelEnd } from '../../../../app/contract/page-channels.ts';
import { type Key, modifiers } from '../../../../app/domain/keyboard.ts';
import { isKeyboardFree } from '../../../ui/focus.ts';
import { type Fit, pictureSize } from './picture-size.ts';

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

/** What a person set; it holds for the next connection as well. */
export interface DisplaySettings {
  readonly fit: Fit;
  readonly viewOnly: boolean;
  /** The guest is asked to take on the size of its place. */
  readonly resizeGuest: boolean;
  /** Text that is copied goes from the one to the other. */
  readonly shareClipboard: boolean;
}

const maySend = ({ shareClipboard, viewOnly }: DisplaySettings): boolean => shareClipboard && !viewOnly;

/** Where it is drawn. */
export interface DisplayPlaces {
  /** All the room there is; it scrolls where the picture is larger. */
  readonly room: HTMLElement;
  /** The picture's own, inside it. */
  readonly picture: HTMLElement;
  /** Where the last picture is kept when a connection ends. */
  readonly still: HTMLCanvasElement;
}

/** noVNC asks for as many pixels as CSS has; on a screen that has more of them, the guest is to have those. */
class SharpRfb extends RFB {
  #asking = false;

  override _requestRemoteResize(): void {
    this.#asking = true;
    super._requestRemoteResize();
    this.#asking = false;
  }
  override _screenSize(): { readonly w: number; readonly h: number } {
    const { w, h } = super._screenSize();
    return this.#asking ? { w: Math.floor(w * devicePixelRatio), h: Math.floor(h * devicePixelRatio) } : { w, h };
  }
}

export class DisplayView {
  readonly #places: DisplayPlaces;
  #settings: DisplaySettings;
  #current: { readonly rfb: RFB; readonly socket: ChannelSocket } | null = null;
  #wasThere = false;
  /** What went to the guest's clipboard last, or came from it. */
  #shared = '';
  /** @param clipboardRefused told when this computer's clipboard may not be used. */
  readonly #clipboardRefused: (why: string) => void;

  constructor(places: DisplayPlaces, settings: DisplaySettings, clipboardRefused: (why: string) => void) {
    this.#places = places;
    this.#settings = settings;
    this.#clipboardRefused = clipboardRefused;
  }

  /** Keeps the picture at its size while its place, its own pixels or the screen's change, until the returned function is called. */
  attend(): () => void {
    const { room, picture } = this.#places;
    const arrange = (): void => this.#arrange();
    const sizes = new ResizeObserver(arrange);
    sizes.observe(room);
    const pixels = new MutationObserver(arrange);
    pixels.observe(picture, { subtree: true, childList: true, attributes: true, attributeFilter: ['width', 'height'] });
    // Another ratio of pixels, as on another screen.
    window.addEventListener('resize', arrange);
    return () => {
      sizes.disconnect();
      pixels.disconnect();
      window.removeEventListener('resize', arrange);
      this.ended();
    };
  }

  /** A channel was opened: it is drawn from here on. */
  open(end: ChannelEnd): void {
    const socket = new ChannelSocket(end);
    const rfb = new SharpRfb(this.#places.picture, socket, { shared: true });
    rfb.background = 'transparent';
    rfb.showDotCursor = true;
    // Whatever its size is, its place has it already.
    rfb.scaleViewport = true;
    rfb.addEventListener('clipboard', ({ detail: { text } }) => {
      if (!this.#settings.shareClipboard) return;
      this.#shared = text;
      navigator.clipboard.writeText(text).catch(this.#refusedClipboard);
    });
    rfb.addEventListener('connect', () => {
      this.#places.still.hidden = true;
      // One that comes back leaves the keyboard to whom has it by now.
      if (!this.#wasThere || isKeyboardFree()) rfb.focus({ preventScroll: true });
      this.#wasThere = true;
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
    const couldSend = maySend(this.#settings);
    this.#settings = settings;
    const rfb = this.#current?.rfb;
    if (rfb === undefined) return;
    rfb.resizeSession = settings.resizeGuest;
    rfb.viewOnly = settings.viewOnly;
    this.#arrange();
    // Otherwise it goes with the keys, which the guest has by now.
    if (!couldSend && this.#places.picture.contains(document.activeElement)) void this.sendClipboard();
  }

  /** What was copied on this computer goes to the guest, where that is wanted and something was. */
  async sendClipboard(): Promise<void> {
    if (!maySend(this.#settings)) return;
    try {
      const text = await navigator.clipboard.readText();
      if (text === '' || text === this.#shared) return;
      this.#shared = text;
      this.#current?.rfb.clipboardPasteFrom(text);
    } catch (error) {
      this.#refusedClipboard(error);
    }
  }

  readonly #refusedClipboard = (error: unknown): void => this.#clipboardRefused(error instanceof Error ? error.message : String(error));

  #arrange(): void {
    const { room, picture } = this.#places;
    const { fit, resizeGuest } = this.#settings;
    const canvas = this.#canvas();
    room.style.overflow = { fit: 'hidden', one: 'auto', fill: 'scroll' }[fit];
    const known = canvas !== null && canvas.width > 0 && !(fit === 'fit' || resizeGuest);
    const size = known ? pictureSize(fit, canvas, { width: room.clientWidth, height: room.clientHeight }, devicePixelRatio) : null;
    // The guest can only take on the size of all there is.
    picture.style.width = size === null ? '100%' : `${size.width}px`;
    picture.style.height = size === null ? '100%' : `${size.height}px`;
    if (canvas !== null) canvas.style.imageRendering = fit === 'one' ? 'pixelated' : 'auto';
  }

  #canvas(): HTMLCanvasElement | null {
    return this.#places.picture.querySelector('canvas');
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
    const canvas = this.#canvas();
    const { still } = this.#places;
    if (canvas === null || canvas.width === 0) return;
    still.width = canvas.width;
    still.height = canvas.height;
    still.getContext('2d')?.drawImage(canvas, 0, 0);
    still.hidden = false;
  }
}
