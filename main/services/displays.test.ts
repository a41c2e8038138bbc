// The display of a demo guest as a page has it: the picture that libvirt gives as well, keys that show on it, and its end with the guest.
import { expect, it } from 'vitest';
import { pngPixels } from '../../e2e/lab/png.ts';
import { connectedMain, uuidOf } from './demo-main.test-peer.ts';
import { type Heard, opening } from './page-channels.test-peer.ts';

const [width, height] = [640, 400];
/** Until the name of the guest, and the head of an update with one rectangle. */
const [greeted, head] = [12 + 2 + 4 + 24, 16];
const whole = Buffer.from([3, 0, 0, 0, 0, 0, width >> 8, width & 255, height >> 8, height & 255]);

/** Waits for so many bytes in all. */
const grown = async (screen: Heard, length: number): Promise<Buffer> => {
  await expect.poll(() => screen.ended() ?? screen.bytes().length).toBeGreaterThanOrEqual(length);
  return screen.bytes();
};

it('is seen as libvirt has it, typed into, and ends with its guest', async () => {
  const { main, ask } = await connectedMain();
  const uuid = await uuidOf(ask, 'mail');
  const screen = opening(main)('consoles', 'screen', { host: 'demo', uuid, display: 0 });
  await screen.send(new Uint8Array([...Buffer.from('RFB 003.008\n'), 1, 1]));
  let at = greeted + 'QEMU (mail)'.length;
  expect((await grown(screen, at)).subarray(greeted).toString()).toBe('QEMU (mail)');
  // Red first.
  await screen.send(new Uint8Array([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]));
  const picture = async (): Promise<Buffer> => {
    await screen.send(new Uint8Array(whole));
    const update = (await grown(screen, at + head + width * height * 4)).subarray(at);
    at += head + width * height * 4;
    const pixels = Buffer.alloc(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel += 1) update.copy(pixels, pixel * 3, head + pixel * 4, head + pixel * 4 + 3);
    return pixels;
  };
  const byLibvirt = async (): Promise<Buffer> => {
    const { mime, bytes } = await ask('consoles', 'screenshot', { host: 'demo', uuid, screen: 0 });
    expect(mime).toBe('image/png');
    return pngPixels(Buffer.from(bytes)).pixels;
  };
  const before = await picture();
  expect(before.equals(await byLibvirt())).toBe(true);
  await screen.send(new Uint8Array(Array.from('nproc\r', (sign) => [4, 1, 0, 0, 0, 0, ...(sign === '\r' ? [0xff, 0x0d] : [0, sign.charCodeAt(0)])]).flat()));
  const after = await picture();
  expect(after.equals(before)).toBe(false);
  expect(after.equals(await byLibvirt())).toBe(true);
  await ask('guests', 'act', { host: 'demo', uuid, action: 'destroy', confirm: 'mail' });
  await expect.poll(() => screen.ended()).toBeNull();
  await expect(ask('consoles', 'screenshot', { host: 'demo', uuid, screen: 0 })).rejects.toMatchObject({ refusal: { code: 'libvirt' } });
});
