// @vitest-environment happy-dom
// What a display does with the clipboard and the keyboard of this computer; noVNC and the clipboard are stood in for.
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type DisplaySettings, DisplayView } from './display-view.ts';

const { made, Rfb } = vi.hoisted(() => {
  const all: FakeRfb[] = [];
  class FakeRfb extends EventTarget {
    readonly pasted: string[] = [];
    constructor() {
      super();
      all.push(this);
    }
    focused = 0;
    focus(): void {
      this.focused += 1;
    }
    clipboardPasteFrom(text: string): void {
      this.pasted.push(text);
    }
    disconnect(): void {
      this.dispatchEvent(new Event('disconnect'));
    }
  }
  return { made: all, Rfb: FakeRfb };
});
vi.mock('@novnc/novnc', () => ({ default: Rfb }));

const apart: DisplaySettings = { fit: 'fit', viewOnly: false, resizeGuest: false, shareClipboard: false };
const copied = (text: string): Event => new CustomEvent('clipboard', { detail: { text } });
let clipboard: { readonly readText: ReturnType<typeof vi.fn<() => Promise<string>>>; readonly writeText: ReturnType<typeof vi.fn<(text: string) => Promise<void>>> };

const start = (settings: DisplaySettings) => {
  const refused: string[] = [];
  const picture = document.createElement('div');
  const view = new DisplayView({ room: document.createElement('div'), picture, still: document.createElement('canvas') }, settings, (why) => refused.push(why));
  view.open({ send: async () => undefined, took: () => undefined, close: () => undefined });
  onTestFinished(() => view.ended());
  const rfb = made.at(-1);
  if (rfb === undefined) throw new Error('nothing was opened');
  return { view, rfb, refused, picture };
};

beforeEach(() => {
  clipboard = { readText: vi.fn(async () => 'from here'), writeText: vi.fn(async () => undefined) };
  vi.stubGlobal('navigator', { clipboard });
  onTestFinished(() => void vi.unstubAllGlobals());
});

it('neither reads nor writes it while it is not shared, or when only looking for what would be sent', async () => {
  const { view, rfb } = start(apart);
  rfb.dispatchEvent(copied('from the guest'));
  await view.sendClipboard();
  view.settings = { ...apart, shareClipboard: true, viewOnly: true };
  await view.sendClipboard();
  expect([clipboard.readText.mock.calls, clipboard.writeText.mock.calls, rfb.pasted]).toEqual([[], [], []]);
});

it('takes what the guest copies, and sends what was copied here once, but not what came from the guest', async () => {
  const { view, rfb } = start({ ...apart, shareClipboard: true });
  rfb.dispatchEvent(copied('from the guest'));
  expect(clipboard.writeText.mock.calls).toEqual([['from the guest']]);
  clipboard.readText.mockResolvedValueOnce('from the guest');
  await view.sendClipboard();
  await view.sendClipboard();
  await view.sendClipboard();
  expect(rfb.pasted).toEqual(['from here']);
});

it('sends what was copied here as soon as that is wanted, where the guest has the keys already', async () => {
  const { view, rfb, picture } = start(apart);
  view.settings = { ...apart, shareClipboard: true };
  const canvas = document.body.appendChild(picture).appendChild(document.createElement('button'));
  onTestFinished(() => picture.remove());
  canvas.focus();
  view.settings = { ...apart, viewOnly: true, shareClipboard: true };
  expect(clipboard.readText).not.toHaveBeenCalled();
  view.settings = { ...apart, shareClipboard: true };
  await expect.poll(() => rfb.pasted).toEqual(['from here']);
});

it('says when this computer does not let it', async () => {
  const { view, rfb, refused } = start({ ...apart, shareClipboard: true });
  clipboard.readText.mockRejectedValueOnce(new Error('Read permission denied.'));
  await view.sendClipboard();
  expect([refused, rfb.pasted]).toEqual([['Read permission denied.'], []]);
});

it('takes the keyboard when it is opened, and when it comes back only from nobody', () => {
  const { view, rfb } = start(apart);
  const field = document.body.appendChild(document.createElement('input'));
  onTestFinished(() => field.remove());
  field.focus();
  rfb.dispatchEvent(new Event('connect'));
  expect(rfb.focused).toBe(1);
  const again = (): number => {
    view.ended();
    view.open({ send: async () => undefined, took: () => undefined, close: () => undefined });
    made.at(-1)?.dispatchEvent(new Event('connect'));
    return made.at(-1)?.focused ?? -1;
  };
  expect(again()).toBe(0);
  field.blur();
  expect(again()).toBe(1);
});
