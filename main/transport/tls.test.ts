// The TLS transport against servers that do, and do not do, what libvirtd does.
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { makeAuthority, type TestAuthority } from './certificates.test-peer.ts';
import { certificatePlaces, readCertificateFiles } from './tls-files.ts';
import { refusalOf, stagehand, type Stagehand } from './stagehand.test-peer.ts';
import { openTls } from './tls.ts';

const never = new AbortController().signal;
let folder: string;
let ours: TestAuthority;
let theirs: TestAuthority;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-tls-'));
  ours = makeAuthority(join(folder, 'ours'), 'Our Authority');
  theirs = makeAuthority(join(folder, 'theirs'), 'Their Authority');
  ours.sign('client', { common: 'client' });
  ours.sign('server', { common: 'server', names: 'DNS:localhost,IP:127.0.0.1' });
  ours.sign('named', { common: 'localhost', names: 'DNS:node.example,DNS:*.node.example,IP:192.0.2.1' });
  ours.sign('old', { common: 'localhost' });
  ours.sign('address', { common: '127.0.0.1' });
  ours.sign('expired', { common: 'localhost', from: '20200101000000Z', to: '20210101000000Z' });
  ours.sign('early', { common: 'localhost', from: '20900101000000Z', to: '20910101000000Z' });
  ours.sign('clientonly', { common: 'localhost', usage: 'clientAuth' });
  theirs.sign('server', { common: 'server', names: 'DNS:localhost' });
  theirs.sign('client', { common: 'client' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  }
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A daemon: asks for a client certificate, lets in whom its authority signed with one byte, hangs up on others without a word. */
function daemon(certificate = 'server', authority = ours, welcome: (socket: TLSSocket) => void = (socket) => socket.write('\x01')): Promise<number> {
  const server = createTlsServer({
    ca: readFileSync(join(ours.folder, 'cacert.pem')),
    cert: readFileSync(join(authority.folder, `${certificate}cert.pem`)),
    key: readFileSync(join(authority.folder, `${certificate}key.pem`)),
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    if (!socket.authorized) socket.destroy();
    else {
      welcome(socket);
      socket.pipe(socket);
    }
  });
  return listen(server);
}

const uriOf = (port: number, parameters: string, host = 'localhost'): string => `qemu+tls://${host}:${port}/system?${parameters}`;
const pki = (path = ours.folder): string => `pkipath=${encodeURIComponent(path)}`;

/** Connects, has words repeated by the daemon, and closes; the stages with what was seen. */
async function roundTrip(uri: string, hand: Stagehand = stagehand({ home: folder })): Promise<readonly string[]> {
  const link = await openTls(parseConnectionUri(uri), hand.surroundings, never);
  try {
    const stream = await link.open(never);
    stream.write('hello');
    const [chunk]: unknown[] = await once(stream, 'data');
    expect(String(chunk)).toBe('hello');
  } finally {
    link.close();
  }
  return hand.stages();
}

describe('the TLS transport', () => {
  it('goes through its stages, waits for the welcome and gives what follows to the reader', async () => {
    const port = await daemon();
    expect(await roundTrip(uriOf(port, pki()))).toEqual([
      'certificate started', `certificate done: ${folder}/ours/cacert.pem, ${folder}/ours/clientcert.pem, ${folder}/ours/clientkey.pem`,
      'name started', expect.stringContaining('127.0.0.1'),
      'port started', `port done: 127.0.0.1 port ${port}`,
      'tls started', expect.stringMatching(/^tls done: TLSv1\.3 /),
      'certificate started', expect.stringMatching(/^certificate done: localhost, 127\.0\.0\.1, valid to /),
    ]);
    const eager = await daemon('server', ours, (socket) => socket.write('\x01hello'));
    await roundTrip(uriOf(eager, pki()));
  });

  it.each([
    ['a name among the alternative ones', 'server', 'localhost'],
    ['an address among the alternative ones', 'server', '127.0.0.1'],
    ['a common name where there are no alternative ones', 'old', 'localhost'],
    ['an address as common name where there are no alternative ones', 'address', '127.0.0.1'],
  ])('accepts %s', async (_what, certificate, host) => {
    await roundTrip(uriOf(await daemon(certificate), pki(), host));
  });

  const refusalFor = async (port: number, parameters = pki(), host = 'localhost', limit?: number) => {
    const link = await openTls(parseConnectionUri(uriOf(port, parameters, host)), stagehand({ home: folder, ...(limit && { stageLimit: limit }) }).surroundings, never);
    const refusal = await refusalOf(link.open(never));
    link.close();
    return refusal;
  };

  it('refuses a certificate for other names, and says for which', async () => {
    expect(await refusalFor(await daemon('named'))).toMatchObject({
      code: 'certificate-name', stage: 'certificate',
      message: 'The certificate is not for localhost but for node.example, *.node.example, 192.0.2.1.',
    });
  });

  it.each([
    ['signed by a foreign authority', 'server', () => theirs, '/ours/cacert.pem. It was issued by Their Authority'],
    ['out of date', 'expired', () => ours, 'is out of date. It was issued by Our Authority and is valid from Jan  1 00:00:00 2020 GMT to Jan  1 00:00:00 2021 GMT.'],
    ['not valid yet', 'early', () => ours, 'is not valid yet'],
    ['made for clients only', 'clientonly', () => ours, 'may not be used for a server'],
  ])('refuses a certificate %s, and takes it with no_verify', async (_what, certificate, authority, words) => {
    const port = await daemon(certificate, authority());
    expect(await refusalFor(port)).toMatchObject({ code: 'certificate-untrusted', stage: 'certificate', message: expect.stringContaining(words) });
    expect((await roundTrip(uriOf(port, `${pki()}&no_verify=1`))).at(-1)).toBe('certificate done: not checked (no_verify)');
  });

  it('names in full the file whose authority did not sign a certificate', async () => {
    expect(await refusalFor(await daemon('server', theirs))).toMatchObject({
      message: expect.stringContaining(`was not signed by the authority in ${ours.folder}/cacert.pem.`), remedy: expect.stringContaining(`${ours.folder}/cacert.pem`),
    });
  });

  describe('with a revocation list', () => {
    let third: TestAuthority;
    let client: string;
    beforeAll(() => {
      third = makeAuthority(join(folder, 'third'), 'Third');
      third.sign('server', { common: 'localhost' });
      third.sign('other', { common: 'localhost' });
      third.revoke('other');
      client = join(folder, 'third-client');
      mkdirSync(client);
      copyFileSync(join(third.folder, 'cacert.pem'), join(client, 'cacert.pem'));
      for (const file of ['clientcert.pem', 'clientkey.pem']) copyFileSync(join(ours.folder, file), join(client, file));
    });
    const listed = (from: TestAuthority): void => copyFileSync(join(from.folder, 'cacrl.pem'), join(client, 'cacrl.pem'));

    it('takes a certificate that is not on it, and refuses one that is', async () => {
      third.list();
      listed(third);
      const hand = stagehand({ home: folder });
      await roundTrip(uriOf(await daemon('server', third), `pkipath=${client}&no_sanity=1`), hand);
      expect(hand.stages()[1]).toContain(`${client}/cacrl.pem`);
      const port = await daemon('other', third);
      expect(await refusalFor(port, `pkipath=${client}&no_sanity=1`)).toMatchObject({
        code: 'certificate-untrusted', stage: 'certificate', remedy: expect.stringContaining('revoked by mistake'),
        message: expect.stringContaining(`was revoked by its authority, as the revocation list ${client}/cacrl.pem says`),
      });
      await roundTrip(uriOf(port, `pkipath=${client}&no_sanity=1&no_verify=1`));
    });

    it.each([
      ['out of date', () => {
        third.list({ expired: true });
        listed(third);
      }, 'certificate-untrusted', 'is out of date', 'present revocation list'],
      ['of another authority', () => {
        theirs.list();
        listed(theirs);
      }, 'certificate-untrusted', 'is not of its authority', 'take that file away'],
      ['of rubbish', () => writeFileSync(join(client, 'cacrl.pem'), 'rubbish'), 'certificate-missing', 'cannot be understood', 'PEM'],
    ])('%s lets nobody in, and says which file that is', async (_, write, code, words, remedy) => {
      write();
      const hand = stagehand({ home: folder });
      const refusal = await refusalOf(openTls(parseConnectionUri(uriOf(await daemon('server', third), `pkipath=${client}&no_sanity=1`)), hand.surroundings, never).then(async (link) => await link.open(never).finally(() => link.close())));
      expect(refusal).toMatchObject({ code, stage: 'certificate', message: expect.stringContaining(`revocation list ${client}/cacrl.pem`), remedy: expect.stringContaining(remedy) });
      expect(refusal).toMatchObject({ message: expect.stringContaining(words) });
    });
  });

  it('tells when the host ends the connection because of our certificate, or for the lack of one', async () => {
    const port = await daemon();
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    copyFileSync(join(ours.folder, 'cacert.pem'), join(bare, 'cacert.pem'));
    expect(await refusalFor(port, pki(bare))).toMatchObject({ code: 'certificate-refused', stage: 'certificate' });
    for (const file of ['clientcert.pem', 'clientkey.pem']) copyFileSync(join(theirs.folder, file), join(bare, file));
    expect(await refusalFor(port, `${pki(bare)}&no_sanity=1`)).toMatchObject({ code: 'certificate-refused', stage: 'certificate' });
    expect(await refusalFor(await daemon('server', ours, (socket) => socket.end()))).toMatchObject({ code: 'certificate-refused' });
  });

  it('speaks only what tls_priority= leaves, and refuses one it cannot keep to', async () => {
    const stages = await roundTrip(uriOf(await daemon(), `${pki()}&tls_priority=NORMAL:-VERS-TLS1.3:-CIPHER-ALL:%2bAES-128-GCM`));
    expect(stages.find((line) => line.startsWith('tls done'))).toBe('tls done: TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256');
    expect(await refusalOf(openTls(parseConnectionUri(uriOf(1, `${pki()}&tls_priority=NONE`)), stagehand({ home: folder }).surroundings, never))).toMatchObject({ code: 'bad-uri', stage: 'uri', field: 'uri' });
  });

  it('refuses what is not TLS, what is not libvirtd, and what keeps silent', async () => {
    const plain = await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await refusalFor(plain)).toMatchObject({ code: 'not-tls', stage: 'tls' });
    const hangsUp = await listen(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await refusalFor(hangsUp)).toMatchObject({ code: 'not-tls', stage: 'tls' });
    const resets = await listen(createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    expect(await refusalFor(resets)).toMatchObject({ code: 'not-tls', stage: 'tls' });
    const other = await daemon('server', ours, (socket) => socket.write('HTTP/1.1 400\r\n'));
    expect(await refusalFor(other)).toMatchObject({ code: 'not-libvirt', stage: 'certificate' });
    const silent = await listen(createServer());
    expect(await refusalFor(silent, pki(), 'localhost', 100)).toMatchObject({ code: 'timed-out', stage: 'tls', message: 'Agreeing on TLS with localhost took longer than 0.1 s.' });
    const halfway = await daemon('server', ours, () => undefined);
    expect(await refusalFor(halfway, pki(), 'localhost', 200)).toMatchObject({ code: 'timed-out', stage: 'certificate' });
  });

  it('leaves no connection behind when it is given up half way', async () => {
    const server = createServer();
    const port = await listen(server);
    const link = await openTls(parseConnectionUri(uriOf(port, pki())), stagehand({ home: folder }).surroundings, never);
    const caller = new AbortController();
    const refused = refusalOf(link.open(caller.signal));
    const [socket]: [Socket] = await once(server, 'connection') as [Socket];
    socket.resume();
    const gone = once(socket, 'close');
    caller.abort();
    expect(await refused).toMatchObject({ code: 'cancelled' });
    await gone;
  });
});

describe('the certificate files', () => {
  const uri = parseConnectionUri('qemu+tls://node/system');
  const system = { authority: '/etc/pki/CA/cacert.pem', revocations: '/etc/pki/CA/cacrl.pem', certificate: '/etc/pki/libvirt/clientcert.pem', key: '/etc/pki/libvirt/private/clientkey.pem' };
  const inFolder = (path: string) => ({ authority: `${path}/cacert.pem`, revocations: `${path}/cacrl.pem`, certificate: `${path}/clientcert.pem`, key: `${path}/clientkey.pem` });

  it('lie where libvirt looks for them', () => {
    expect(certificatePlaces(uri, { home: '/home/a', isRoot: false })).toEqual([inFolder('/home/a/.pki/libvirt'), system]);
    expect(certificatePlaces(uri, { home: '/root', isRoot: true })).toEqual([system]);
    expect(certificatePlaces(parseConnectionUri('qemu+tls://node/system?pkipath=/own/'), { home: '/home/a', isRoot: false })).toEqual([inFolder('/own')]);
  });

  it('come piece by piece from the first place, certificate and key only together', async () => {
    const mine = join(folder, 'mine');
    mkdirSync(mine);
    copyFileSync(join(ours.folder, 'clientcert.pem'), join(mine, 'clientcert.pem'));
    const files = await readCertificateFiles(uri, [inFolder(mine), inFolder(ours.folder)]);
    expect(files.seen).toBe(`${ours.folder}/cacert.pem, ${ours.folder}/clientcert.pem, ${ours.folder}/clientkey.pem`);
  });

  it('are missed by their names, refused when they are rubbish or do not belong together', async () => {
    const bad = join(folder, 'bad');
    mkdirSync(bad);
    const attempt = (parameters = '') => refusalOf(openTls(parseConnectionUri(`qemu+tls://localhost/system?${pki(bad)}${parameters}`), stagehand({ home: folder }).surroundings, never));
    expect(await attempt()).toMatchObject({ code: 'certificate-missing', stage: 'certificate', message: `There is no authority certificate at ${bad}/cacert.pem.` });
    copyFileSync(join(ours.folder, 'cacert.pem'), join(bad, 'cacert.pem'));
    copyFileSync(join(ours.folder, 'clientcert.pem'), join(bad, 'clientcert.pem'));
    copyFileSync(join(theirs.folder, 'clientkey.pem'), join(bad, 'clientkey.pem'));
    expect(await attempt()).toMatchObject({ code: 'certificate-missing', message: 'The client certificate and the client key do not belong together.' });
    writeFileSync(join(bad, 'clientcert.pem'), 'rubbish');
    expect(await attempt()).toMatchObject({ code: 'certificate-missing', message: expect.stringContaining('cannot be understood') });
  });
});
