// Revocation lists that openssl made, read: who signed them, whom they hold, until when.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, type TestAuthority } from '../transport/certificates.test-peer.ts';
import { readCertificate } from './read-certificate.ts';
import { readRevocationLists } from './read-revocations.ts';

let folder: string;
let ours: TestAuthority;
let theirs: TestAuthority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gd-lists-'));
  ours = makeAuthority(join(folder, 'ours'), 'Our Authority');
  theirs = makeAuthority(join(folder, 'theirs'), 'Their Authority');
  for (const name of ['one', 'two', 'three']) ours.sign(name, { common: name });
});
afterAll(() => rmSync(folder, { recursive: true }));

const certificate = (authority: TestAuthority, name: string) => readCertificate(readFileSync(join(authority.folder, `${name}cert.pem`)));
const list = (authority: TestAuthority): Buffer => readFileSync(join(authority.folder, 'cacrl.pem'));

describe('a revocation list', () => {
  it('tells its issuer, its dates, whom it holds, and whose signature it bears', () => {
    ours.list();
    const [empty] = readRevocationLists(list(ours));
    expect([empty?.revoked.size, empty?.issuer.text]).toEqual([0, 'CN=Our Authority']);
    ours.revoke('one');
    ours.revoke('two');
    const [read, ...more] = readRevocationLists(list(ours));
    expect(more).toEqual([]);
    expect(read?.revoked).toEqual(new Set([certificate(ours, 'one').serial, certificate(ours, 'two').serial]));
    expect(((read?.nextUpdate?.getTime() ?? 0) - (read?.thisUpdate.getTime() ?? 0)) / 86_400_000).toBe(30);
    expect([ours, theirs].map((authority) => read?.isSignedBy(certificate(authority, 'ca').certificate.publicKey))).toEqual([true, false]);
  });

  it('may stand with others in one file, with words around them', () => {
    theirs.list({ expired: true });
    const lists = readRevocationLists(Buffer.concat([Buffer.from('Ours:\n'), list(ours), Buffer.from('Theirs:\n'), list(theirs)]));
    expect(lists.map(({ issuer, nextUpdate }) => [issuer.text, nextUpdate !== null && nextUpdate < new Date()])).toEqual([['CN=Our Authority', false], ['CN=Their Authority', true]]);
  });

  it('that is none is said to be so', () => {
    expect(() => readRevocationLists(Buffer.from('rubbish'))).toThrow('there is no revocation list in it');
    expect(() => readRevocationLists(Buffer.from('-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n'))).toThrow();
  });
});
