// Whose clients a server takes: out of a handshake of OpenSSL's own server, and out of bytes that are none.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type AddressInfo } from 'node:net';
import { connect, createServer as createTlsServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readName } from '../pki/names.ts';
import { readValue, tag } from '../pki/der.ts';
import { makeAuthority } from './certificates.test-peer.ts';
import { authoritiesAskedFor } from './certificate-request.ts';

it('are the authorities that a server names in the clear by TLS 1.2', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gd-request-'));
  const [one, other] = [makeAuthority(join(folder, 'one'), 'One Authority'), makeAuthority(join(folder, 'other'), 'Other Authority')];
  one.sign('host', { common: 'localhost', names: 'DNS:localhost' });
  const pem = (file: string): Buffer => readFileSync(join(one.folder, file));
  const server = createTlsServer({ ca: [pem('cacert.pem'), readFileSync(join(other.folder, 'cacert.pem'))], cert: pem('hostcert.pem'), key: pem('hostkey.pem'), requestCert: true, rejectUnauthorized: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // In the middle stands what writes down all that the server says.
  const heard: Buffer[] = [];
  const middle = createServer((near) => {
    const far = dial((server.address() as AddressInfo).port, '127.0.0.1');
    far.on('data', (chunk) => heard.push(chunk));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(middle, 'listening');
  try {
    const client = connect({ host: '127.0.0.1', port: (middle.address() as AddressInfo).port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    await once(client, 'secureConnect');
    client.destroy();
    await once(client, 'close');
    const names = authoritiesAskedFor(Buffer.concat(heard)) ?? [];
    expect(names.map((der) => readName(readValue(der, tag.sequence)).text)).toEqual(['CN=One Authority', 'CN=Other Authority']);
  } finally {
    middle.close();
    server.close();
    await Promise.all([once(middle, 'close'), once(server, 'close')]);
    rmSync(folder, { recursive: true });
  }
});

it('are none in whatever else comes, and nothing of it breaks the reading', () => {
  const record = (message: Uint8Array): Buffer => Buffer.concat([Buffer.from([22, 3, 3, message.length >> 8, message.length & 0xff]), message]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    for (const sent of [Buffer.from(bytes), record(bytes), record(Buffer.concat([Buffer.from([13, 0, 0, bytes.length]), bytes]))]) {
      const names = authoritiesAskedFor(sent);
      expect(names === null || names.every((name) => name.length <= bytes.length)).toBe(true);
    }
  }));
  expect(authoritiesAskedFor(record(Buffer.from([13, 0, 0, 6, 1, 1, 0, 0, 0, 0])))).toEqual([]);
});
