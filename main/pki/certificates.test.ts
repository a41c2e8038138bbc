import { execFile } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distinguishedNameText, type DistinguishedName } from '../../app/pki/subject.ts';
import { createAuthority, createClientCertificate, createHostCertificate, type Identity } from './certificates.ts';
import { writeClientFolder, writeHostFolder } from './folder.ts';

const execute = promisify(execFile);
const authoritySubject: DistinguishedName = [{ attribute: 'O', value: 'Prüfstelle Łódź' }, { attribute: 'CN', value: 'Prüfstelle, Nord 日本' }];
const clientSubject: DistinguishedName = [
  { attribute: 'C', value: 'GB' },
  { attribute: 'DC', value: 'example' },
  { attribute: 'O', value: 'proto org' },
  { attribute: 'OU', value: 'a_b & c@d' },
  { attribute: 'CN', value: 'Zoë' },
  { attribute: 'UID', value: 'zoe' },
];

// In CI the witnesses are required; elsewhere a machine may lack them.
const isCi = process.env['CI'] !== undefined;
const [hasOpenssl, hasCerttool] = await Promise.all([has('openssl', 'version'), has('certtool', '--version')]);

let folder: string;
let authority: Identity;
let host: Identity;
let client: Identity;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-pki-'));
  authority = await createAuthority({ subject: authoritySubject, keyBits: 2048 });
  [host, client] = await Promise.all([
    createHostCertificate(authority, {
      subject: [{ attribute: 'O', value: 'Prüfstelle' }, { attribute: 'CN', value: 'host.example' }],
      names: [{ kind: 'dns', name: 'host.example' }, { kind: 'dns', name: 'localhost' }, { kind: 'ip', address: '127.0.0.1' }, { kind: 'ip', address: 'fe80::1' }],
      keyBits: 2048,
    }),
    createClientCertificate(authority, { subject: clientSubject, keyBits: 2048 }),
  ]);
  await writeHostFolder(join(folder, 'host'), authority.certificatePem, host);
  await writeClientFolder(join(folder, 'client'), authority.certificatePem, client);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const certificateFile = { host: 'host/servercert.pem', client: 'client/clientcert.pem', authority: 'host/cacert.pem' } as const;
const file = (name: keyof typeof certificateFile): string => join(folder, certificateFile[name]);

describe.runIf(hasOpenssl || isCi)('openssl', () => {
  it.each([['host', 'sslserver'], ['client', 'sslclient']] as const)('verifies the %s certificate strictly, for its purpose only', async (name, purpose) => {
    const verify = (wanted: string): Promise<unknown> => execute('openssl', ['verify', '-x509_strict', '-purpose', wanted, '-CAfile', file('authority'), file(name)]);
    await expect(verify(purpose)).resolves.toMatchObject({ stdout: `${file(name)}: OK\n` });
    await expect(verify(purpose === 'sslserver' ? 'sslclient' : 'sslserver')).rejects.toMatchObject({ stderr: expect.stringContaining('unsuitable certificate purpose') });
  });

  it('reads the subject in the order given, with its full characters', async () => {
    const subject = async (name: keyof typeof certificateFile): Promise<string> => (await execute('openssl', ['x509', '-in', file(name), '-noout', '-subject', '-nameopt', 'sep_comma_plus,utf8'])).stdout.trim();
    expect(await subject('client')).toBe(`subject=${distinguishedNameText(clientSubject)}`);
    expect(await subject('authority')).toBe('subject=O=Prüfstelle Łódź,CN=Prüfstelle, Nord 日本');
  });

  it('encodes each value in the string type its attribute asks for', async () => {
    const { stdout } = await execute('openssl', ['x509', '-in', file('client'), '-noout', '-subject', '-nameopt', 'show_type,sep_multiline,sname,utf8']);
    expect(stdout.trim().split('\n').slice(1).map((line) => line.trim())).toEqual([
      'C=PRINTABLESTRING:GB',
      'DC=IA5STRING:example',
      'O=PRINTABLESTRING:proto org',
      'OU=UTF8STRING:a_b & c@d',
      'CN=UTF8STRING:Zoë',
      'UID=PRINTABLESTRING:zoe',
    ]);
  });

  it('finds exactly the extensions libvirt looks at', async () => {
    const extensions = async (name: keyof typeof certificateFile): Promise<string> =>
      (await execute('openssl', ['x509', '-in', file(name), '-noout', '-ext', 'basicConstraints,keyUsage,extendedKeyUsage,subjectAltName'])).stdout.replaceAll(/\s*\n\s*/g, '\n').trim();
    expect(await extensions('authority')).toBe('X509v3 Basic Constraints: critical\nCA:TRUE\nX509v3 Key Usage: critical\nCertificate Sign, CRL Sign');
    expect(await extensions('host')).toBe([
      'X509v3 Basic Constraints: critical', 'CA:FALSE',
      'X509v3 Key Usage: critical', 'Digital Signature, Key Encipherment',
      'X509v3 Extended Key Usage:', 'TLS Web Server Authentication',
      'X509v3 Subject Alternative Name:', 'DNS:host.example, DNS:localhost, IP Address:127.0.0.1, IP Address:FE80:0:0:0:0:0:0:1',
    ].join('\n'));
    expect(await extensions('client')).toBe([
      'X509v3 Basic Constraints: critical', 'CA:FALSE',
      'X509v3 Key Usage: critical', 'Digital Signature, Key Encipherment',
      'X509v3 Extended Key Usage:', 'TLS Web Client Authentication',
    ].join('\n'));
  });

  it('finds each certificate naming the key that signed it and its own', async () => {
    const identifier = async (name: keyof typeof certificateFile, extension: string): Promise<string | undefined> =>
      (await execute('openssl', ['x509', '-in', file(name), '-noout', '-ext', extension])).stdout.trim().split('\n')[1]?.trim();
    const [own, ofHost, hostsAuthority] = [await identifier('authority', 'subjectKeyIdentifier'), await identifier('host', 'subjectKeyIdentifier'), await identifier('host', 'authorityKeyIdentifier')];
    expect(hostsAuthority).toBe(own);
    expect(ofHost).not.toBe(own);
  });
});

describe.runIf(hasCerttool || isCi)('certtool', () => {
  it.each(['authority', 'host', 'client'] as const)('reads the %s certificate without a complaint', async (name) => {
    const { stdout, stderr } = await execute('certtool', ['-i', '--infile', file(name)]);
    expect(stdout).toContain('Signature Algorithm: RSA-SHA256');
    expect(`${stdout}${stderr}`).not.toMatch(/warning|error|invalid/i);
  });

  it('verifies the chain', async () => {
    const chain = join(folder, 'chain.pem');
    await writeFile(chain, `${client.certificatePem}${authority.certificatePem}`);
    expect((await execute('certtool', ['--verify-chain', '--infile', chain])).stdout).toContain('Chain verification output: Verified.');
  });
});

describe('making certificates', () => {
  it.each([2048, 3072, 4096] as const)('makes RSA keys of %i bits that belong to their certificates', { timeout: 60_000 }, async (keyBits) => {
    const { certificatePem, keyPem } = await createAuthority({ subject: authoritySubject, keyBits });
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: keyBits });
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('gives every certificate its own positive serial of 127 bits', () => {
    const serials = [authority, host, client].map(({ certificatePem }) => new X509Certificate(certificatePem).serialNumber);
    expect(new Set(serials).size).toBe(3);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('holds a leaf inside the life of its authority', async () => {
    const now = new Date('2030-05-05T05:05:05Z');
    const brief = await createAuthority({ subject: authoritySubject, keyBits: 2048, days: 10, now });
    const leaf = new X509Certificate((await createClientCertificate(brief, { subject: clientSubject, keyBits: 2048, now })).certificatePem);
    expect([leaf.validFrom, leaf.validTo]).toEqual(['May  5 04:05:05 2030 GMT', 'May 15 05:05:05 2030 GMT']);
  });

  it('refuses what would not be accepted, before it makes a key', async () => {
    await expect(createAuthority({ subject: [] })).rejects.toThrow(new RangeError('The subject cannot be used: empty'));
    await expect(createAuthority({ subject: authoritySubject, days: 7301 })).rejects.toThrow(new RangeError('Days of validity must be 1 to 7300'));
    await expect(createClientCertificate(authority, { subject: clientSubject, days: 0.5 })).rejects.toThrow(RangeError);
    await expect(createHostCertificate(authority, { subject: clientSubject, names: [] })).rejects.toThrow(/at least one DNS name/);
  });

  it('refuses an authority whose key is another one', async () => {
    const mixed = { certificatePem: authority.certificatePem, keyPem: client.keyPem };
    await expect(createClientCertificate(mixed, { subject: clientSubject, keyBits: 2048 })).rejects.toThrow(/does not belong/);
  });

  it('makes what a mutual TLS handshake accepts on both sides', async () => {
    const server = createServer({ ca: authority.certificatePem, cert: host.certificatePem, key: host.keyPem, requestCert: true, rejectUnauthorized: true }, (socket) => {
      socket.end(socket.authorized ? 'accepted' : 'refused');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port');
    const said = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: address.port, ca: authority.certificatePem, cert: client.certificatePem, key: client.keyPem });
      let heard = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk)).on('error', reject).on('close', () => resolve(heard));
    });
    await new Promise((closed) => server.close(closed));
    expect(said).toBe('accepted');
  });
});

describe('the folders', () => {
  it('hold nothing but the files libvirt names, keys for their owner only', async () => {
    expect(await readdir(join(folder, 'host'))).toEqual(['cacert.pem', 'servercert.pem', 'serverkey.pem']);
    expect(await readdir(join(folder, 'client'))).toEqual(['cacert.pem', 'clientcert.pem', 'clientkey.pem']);
    const modes = await Promise.all(['host/serverkey.pem', 'client/clientkey.pem', 'host/servercert.pem'].map(async (name) => (await stat(join(folder, name))).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600, 0o644]);
  });

  it('without an identity hold the authority alone', async () => {
    await writeClientFolder(join(folder, 'anonymous'), authority.certificatePem);
    expect(await readdir(join(folder, 'anonymous'))).toEqual(['cacert.pem']);
  });
});

async function has(program: string, argument: string): Promise<boolean> {
  return execute(program, [argument]).then(() => true, () => false);
}
