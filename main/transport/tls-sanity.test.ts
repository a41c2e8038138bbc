// The look at one's own certificate files, against certificates that openssl made.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { makeAuthority, type TestAuthority } from './certificates.test-peer.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { refusalOf, stagehand } from './stagehand.test-peer.ts';
import { checkSanity } from './tls-sanity.ts';
import { openTls } from './tls.ts';

let folder: string;
let ours: TestAuthority;
let theirs: TestAuthority;
const day = 86_400_000;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-sanity-'));
  ours = makeAuthority(join(folder, 'ours'), 'Our Authority');
  theirs = makeAuthority(join(folder, 'theirs'), 'Their Authority');
  ours.sign('client', { common: 'client' });
  ours.sign('expired', { common: 'client', from: '20200101000000Z', to: '20210101000000Z' });
  ours.sign('early', { common: 'client', from: '20900101000000Z', to: '20910101000000Z' });
  theirs.sign('client', { common: 'client' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (authority: TestAuthority, name: string): Buffer => readFileSync(join(authority.folder, `${name}cert.pem`));
const check = (authority: Buffer | undefined, client: Buffer | undefined, now?: number): void =>
  checkSanity({ ...(authority && { authority }), ...(client && { own: { certificate: client, key: Buffer.alloc(0) } }), seen: '' }, now);
const refusalFor = (authority: Buffer | undefined, client: Buffer | undefined, now?: number): unknown => {
  try {
    check(authority, client, now);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  return null;
};

describe('the client’s own files', () => {
  it('are taken when they can be used, and where there is none to judge', () => {
    check(read(ours, 'ca'), read(ours, 'client'));
    check(read(ours, 'ca'), undefined);
    check(undefined, read(theirs, 'client'));
    check(Buffer.concat([read(theirs, 'ca'), read(ours, 'ca')]), read(ours, 'client'));
    // A chain: what comes after the client's certificate leads to the authority.
    check(read(ours, 'ca'), Buffer.concat([read(ours, 'client'), read(ours, 'ca')]));
  });

  it.each([
    ['out of date', () => read(ours, 'expired'), 'The client certificate is out of date since Jan  1 00:00:00 2021 GMT'],
    ['not valid yet', () => read(ours, 'early'), 'The client certificate is not valid before Jan  1 00:00:00 2090 GMT'],
    ['of another authority', () => read(theirs, 'client'), 'The client certificate was not signed by the authority in cacert.pem'],
    ['an authority’s', () => read(ours, 'ca'), 'The client certificate is one of an authority, not of a client'],
    ['rubbish', () => Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), 'A certificate file cannot be understood'],
  ])('are refused when the certificate is %s', (_, client, words) => {
    expect(refusalFor(read(ours, 'ca'), client())).toMatchObject({ code: 'certificate-refused', stage: 'certificate', message: expect.stringContaining(words), remedy: expect.stringContaining('no_sanity=1') });
  });

  it('are refused when the authority’s certificate is out of date, or none of an authority', () => {
    expect(refusalFor(read(ours, 'ca'), undefined, Date.now() + 40 * day)).toMatchObject({ message: expect.stringContaining('The authority certificate in cacert.pem is out of date') });
    expect(refusalFor(read(ours, 'client'), undefined)).toMatchObject({ message: expect.stringContaining('is not one of an authority') });
  });

  it('are not looked at with no_sanity', async () => {
    const pki = join(folder, 'pki');
    mkdirSync(pki);
    copyFileSync(join(ours.folder, 'cacert.pem'), join(pki, 'cacert.pem'));
    writeFileSync(join(pki, 'clientcert.pem'), read(theirs, 'client'));
    copyFileSync(join(theirs.folder, 'clientkey.pem'), join(pki, 'clientkey.pem'));
    const open = async (parameters: string) => await openTls(parseConnectionUri(`qemu+tls://localhost/system?pkipath=${pki}${parameters}`), stagehand({ home: folder }).surroundings, new AbortController().signal);
    expect(await refusalOf(open(''))).toMatchObject({ code: 'certificate-refused' });
    (await open('&no_sanity=1')).close();
  });
});
