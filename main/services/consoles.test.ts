// Serial lines of the demo host's guests, as a page opens them: typing, taking over, ending, and what is let go with them.
import { expect, it, onTestFinished, vi } from 'vitest';
import { Fault } from '../demo/fault.ts';
import { Connection } from '../libvirt/connection.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { connectedMain, uuidOf } from './demo-main.test-peer.ts';
import { opening } from './page-channels.test-peer.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const start = async () => {
  const { main, ask } = await connectedMain();
  const uuid = await uuidOf(ask, 'mail');
  const open = opening(main);
  return { main, ask, uuid, serial: (force = false, device = 'serial0') => open('consoles', 'serial', { host: 'demo', uuid, device, kind: 'console', force }) };
};

it('is a shell that answers what is typed', async () => {
  const { serial } = await start();
  const line = serial();
  await line.until('mail:~# ');
  await line.send(bytes('echo grüße\r'));
  await line.until('\r\ngrüße\r\n');
  line.close();
});

it('passes on what is printed without a pause in few messages, with nothing missing', async () => {
  const { main, uuid } = await start();
  const heard: Uint8Array[] = [];
  const line = opening(main)('consoles', 'serial', { host: 'demo', uuid, device: 'serial0', kind: 'console', force: false }, (piece) => heard.push(piece));
  const text = (): string => Buffer.concat(heard).toString();
  await expect.poll(text).toContain('# ');
  const [before, typed] = [heard.length, Array.from({ length: 500 }, (_, at) => `${at} `)];
  // Each comes back by itself, as it was typed.
  for (const word of typed) await line.send(bytes(word));
  await expect.poll(text).toContain(typed.join(''));
  expect(heard.length - before).toBeLessThan(typed.length / 5);
  line.close();
});

it('is refused to a second one, who may take it over; the first then ends', async () => {
  const { serial } = await start();
  const first = serial();
  await first.until('# ');
  const second = serial();
  await expect.poll(() => second.ended()).toMatchObject({ code: 'console-taken', libvirt: { code: 9 } });
  const third = serial(true);
  await third.until('# ');
  await expect.poll(() => first.ended()).toBeNull();
});

it('can be opened again as soon as it was closed, however often', async () => {
  const { serial } = await start();
  for (let round = 0; round < 5; round += 1) {
    const line = serial();
    await line.until('# ');
    line.close();
  }
});

it('is opened again after its connection broke as soon as its daemon has noticed, and nobody is said to have taken it', async () => {
  const { serial, ask } = await start();
  const line = serial();
  await line.until('# ');
  await ask('connections', 'disconnect', { id: 'demo' });
  await expect.poll(() => line.ended()).toMatchObject({ code: 'connection-lost' });
  await ask('connections', 'connect', { id: 'demo' });
  const opened = vi.spyOn(Connection.prototype, 'stream');
  onTestFinished(() => opened.mockRestore());
  const held = new LibvirtError(new Fault('operationFailed', 'qemu', 'Active console session exists for this domain').error, 'domainOpenConsole');
  opened.mockRejectedValueOnce(held).mockRejectedValueOnce(held);
  await serial().until('# ');
  expect(opened).toHaveBeenCalledTimes(3);
  // From now on it is somebody else who has it.
  opened.mockRejectedValueOnce(held);
  const other = serial();
  await expect.poll(() => other.ended()).toMatchObject({ code: 'console-taken' });
});

it('ends with the guest, and with its host, and says which', async () => {
  const { serial, ask, uuid } = await start();
  const line = serial();
  await line.until('# ');
  await ask('guests', 'act', { host: 'demo', uuid, action: 'destroy', confirm: 'mail' });
  await expect.poll(() => line.ended()).toBeNull();
  const off = serial();
  await expect.poll(() => off.ended()).toMatchObject({ code: 'libvirt', libvirt: { code: 55 } });
  await ask('guests', 'act', { host: 'demo', uuid, action: 'start' });
  const back = serial();
  await back.until('# ');
  await ask('connections', 'disconnect', { id: 'demo' });
  await expect.poll(() => back.ended()).toMatchObject({ code: 'connection-lost' });
  const away = serial();
  await expect.poll(() => away.ended()).toMatchObject({ code: 'not-connected' });
});

it('is refused where there is no such guest or line', async () => {
  const { main, serial } = await start();
  const nowhere = serial(false, 'serial9');
  await expect.poll(() => nowhere.ended()).toMatchObject({ code: 'libvirt' });
  const nobody = opening(main)('consoles', 'serial', { host: 'demo', uuid: '7d1e0001-4b5c-4d6e-8f70-ffffffffffff', device: 'serial0', kind: 'console', force: false });
  await expect.poll(() => nobody.ended()).toMatchObject({ code: 'unknown-guest' });
});
