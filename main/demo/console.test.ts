// The serial console of a demo guest.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Connection } from '../libvirt/connection.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { createDemoHost, type DemoHost } from './demo-host.ts';

let host: DemoHost;
let connection: Connection;
beforeEach(async () => {
  host = createDemoHost();
  ({ connection } = await openConnection(host.connect(), { name: 'qemu:///system' }));
});
afterEach(() => host.close());

const find = async (name: string) => (await connection.call(remote.domainLookupByName, { name })).dom;
const openConsole = async (name: string, flags = 0) => (await connection.stream(remote.domainOpenConsole, { dom: await find(name), dev_name: null, flags })).stream;
/** Reads until the text has come; the stream stays open. */
const readUntil = async (pieces: AsyncGenerator<{ readonly kind: string; readonly data?: Buffer }>, text: string): Promise<string> => {
  let all = '';
  while (!all.includes(text)) {
    const { value, done } = await pieces.next();
    if (done === true) break;
    all += value.data?.toString() ?? '';
  }
  return all;
};

it('greets, echoes what is typed and answers commands', async () => {
  const stream = await openConsole('mail');
  const pieces = stream[Symbol.asyncIterator]();
  await readUntil(pieces, 'mail:~# ');
  await stream.write(Buffer.from('ecx\u007fho grüße\r'));
  expect(await readUntil(pieces, '# ')).toBe('ecx\b \bho grüße\r\ngrüße\r\nmail:~# ');
  await stream.write(Buffer.from('toString\r'));
  expect(await readUntil(pieces, '# ')).toContain('toString: command not found');
  await stream.finish();
});

it('is for one at a time, unless taken by force', async () => {
  const first = await openConsole('mail');
  await expect(openConsole('mail')).rejects.toMatchObject({ error: { code: 9 } });
  const second = await openConsole('mail', 1);
  expect(await readUntil(first[Symbol.asyncIterator](), 'never')).not.toContain('never');
  await second.write(Buffer.from('hostname\r'));
  expect(await readUntil(second[Symbol.asyncIterator](), 'hostname\r\nmail\r\n')).toContain('hostname\r\nmail\r\n');
  await second.abort();
  await (await openConsole('mail')).abort();
});

it('ends with the guest, and is not there without one running', async () => {
  const stream = await openConsole('mail');
  const dom = await find('mail');
  await connection.call(remote.domainDestroyFlags, { dom, flags: 0 });
  expect(await readUntil(stream[Symbol.asyncIterator](), 'never')).not.toContain('never');
  await expect(openConsole('mail')).rejects.toMatchObject({ error: { code: 55 } });
});
