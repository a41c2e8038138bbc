// Logging in to VNC servers that are played here: every version, every kind of login, and servers that refuse or are none.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { makeAuthority, type TestAuthority } from './certificates.test-peer.ts';
import { take } from './take.ts';
import { certificatePlaces, readCertificateFiles } from './tls-files.ts';
import { contextOf, judge } from './tls.ts';
import { logInToVnc, vncResponse } from './vnc-login.ts';

const never = new AbortController().signal;
let folder: string;
let ours: TestAuthority;
let theirs: TestAuthority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-vnc-'));
  [ours, theirs] = [makeAuthority(join(folder, 'ours'), 'Our Authority'), makeAuthority(join(folder, 'theirs'), 'Their Authority')];
  for (const authority of [ours, theirs]) authority.sign('server', { common: 'server', names: 'DNS:localhost,IP:127.0.0.1' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const reason = (text: string): Buffer => Buffer.concat([number(text.length), Buffer.from(text)]);
const challenge = Buffer.from('0123456789abcdef');

type Server = (socket: Duplex) => Promise<unknown>;

/** Logs in to a server that does this. What is asked for is noted; the password is `secret`. */
const logIn = async (serve: Server): Promise<{ readonly outcome: unknown; readonly asked: readonly boolean[]; readonly next: string | null }> => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    // What the client does in the end shows there.
    serve(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  const asked: boolean[] = [];
  const uri = parseConnectionUri(`qemu+tls://localhost/system?pkipath=${ours.folder}`);
  try {
    const through = await logInToVnc(socket, {
      host: 'localhost', signal: never,
      ask: async (withUser) => {
        asked.push(withUser);
        return { user: 'ann', password: 'secret' };
      },
      secure: async () => {
        const files = await readCertificateFiles(uri, certificatePlaces(uri, { isRoot: false, home: folder }));
        return { secureContext: contextOf(files, {}), judge: (tls) => void judge(tls, 'localhost', files) };
      },
    });
    return { outcome: 'in', asked, next: (await take(through, 4, never)).toString() };
  } catch (error) {
    return { outcome: error instanceof Refused ? error.refusal : error, asked, next: null };
  }
};

/** A server of version 3.8 that offers these kinds of login; how it goes on with the one that is chosen. */
const offering = (kinds: readonly number[], go: (socket: Duplex, kind: number | undefined) => Promise<unknown>): Server => async (socket) => {
  socket.write('RFB 003.008\n');
  expect((await take(socket, 12, never)).toString()).toBe('RFB 003.008\n');
  socket.write(Buffer.from([kinds.length, ...kinds]));
  await go(socket, (await take(socket, 1, never))[0]);
};
const welcome = (socket: Duplex): void => void socket.write(Buffer.concat([number(0), Buffer.from('next')]));

it.each(['003.003', '003.005', '003.007', '003.008', '003.889'])('is let in by a server of version %s that asks for nothing', async (version) => {
  const minor = Number(version.slice(4));
  const { outcome, asked, next } = await logIn(async (socket) => {
    socket.write(`RFB ${version}\n`);
    const chosen = (await take(socket, 12, never)).toString();
    expect(chosen).toBe(`RFB 003.00${minor < 7 ? 3 : Math.min(minor, 8)}\n`);
    socket.write(minor < 7 ? number(1) : Buffer.from([1, 1]));
    if (minor >= 7) expect([...(await take(socket, 1, never))]).toEqual([1]);
    socket.write(minor >= 8 ? Buffer.concat([number(0), Buffer.from('next')]) : 'next');
  });
  expect([outcome, asked, next]).toEqual(['in', [], 'next']);
});

it('answers a challenge with the password, and no other one', async () => {
  const serve = (right: string): Server => offering([2, 16], async (socket, kind) => {
    expect(kind).toBe(2);
    socket.write(challenge);
    const answer = await take(socket, 16, never);
    if (answer.equals(vncResponse(right, challenge))) welcome(socket);
    else socket.write(Buffer.concat([number(1), reason('wrong, that was')]));
  });
  expect(await logIn(serve('secret'))).toMatchObject({ outcome: 'in', asked: [false], next: 'next' });
  expect(await logIn(serve('Secret'))).toMatchObject({ outcome: { code: 'auth-failed', message: 'The display refuses: wrong, that was' } });
});

it('takes eight characters of a password, as VNC does, each with its bits reversed', () => {
  expect(vncResponse('longer than eight', challenge)).toEqual(vncResponse('longer t', challenge));
  // FIPS 81's example: the key 0123456789abcdef is these bytes with their bits reversed.
  const key = Buffer.from('80c4a2e691d5b3f7', 'hex').toString('latin1');
  expect(vncResponse(key, Buffer.from('Now is the time ')).subarray(0, 8).toString('hex')).toBe('3fa40e8a984d4815');
});

it.each([
  [260, [], async () => undefined],
  [261, [false], async (tls: Duplex) => {
    tls.write(challenge);
    expect(await take(tls, 16, never)).toEqual(vncResponse('secret', challenge));
  }],
  [262, [true], async (tls: Duplex) => expect((await take(tls, 8 + 3 + 6, never)).toString('latin1')).toBe('\0\0\0\x03\0\0\0\x06annsecret')],
] as const)('logs in inside TLS by VeNCrypt %i, and goes on inside it', async (kind, questions, go) => {
  const serve = (authority: TestAuthority): Server => offering([19], async (socket) => {
    socket.write(Buffer.from([0, 2]));
    expect([...(await take(socket, 2, never))]).toEqual([0, 2]);
    socket.write(Buffer.concat([Buffer.from([0, 2]), number(256), number(kind)]));
    expect((await take(socket, 4, never)).readUInt32BE()).toBe(kind);
    socket.write(Buffer.from([1]));
    const tls = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert: readFileSync(join(authority.folder, 'servercert.pem')), key: readFileSync(join(authority.folder, 'serverkey.pem')) }) });
    tls.on('error', () => undefined);
    await go(tls);
    welcome(tls);
  });
  expect(await logIn(serve(ours))).toMatchObject({ outcome: 'in', asked: questions, next: 'next' });
  expect(await logIn(serve(theirs))).toMatchObject({ outcome: { code: 'certificate-untrusted' }, asked: [] });
});

it.each<readonly [string, Server, object]>([
  ['that turns clients away', async (socket) => void socket.write(Buffer.concat([Buffer.from('RFB 003.008\n\0'), reason('Too many')])), { code: 'auth-failed', message: 'The display refuses: Too many' }],
  ['that wants what is not known', offering([5, 30], async () => undefined), { code: 'auth-unsupported' }],
  ['that is none', async (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'), { code: 'protocol' }],
  ['that hangs up at once', async (socket) => void socket.end(), { code: 'connection-lost' }],
  ['that hangs up in the midst', async (socket) => void socket.end('RFB 003.008\n\x02\x01'), { code: 'connection-lost' }],
  ['that offers TLS without a certificate only', offering([19], async (socket) => {
    socket.write(Buffer.from([0, 2]));
    await take(socket, 2, never);
    socket.write(Buffer.concat([Buffer.from([0, 2]), number(257), number(258)]));
  }), { code: 'auth-unsupported' }],
])('is refused by a server %s', async (_what, serve, refusal) => {
  expect((await logIn(serve)).outcome).toMatchObject(refusal);
});
