// Requests for certificates made by the programs of a host: what each program is told, and what openssl reads of the result.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rootJournal } from './journal.ts';
import { certtoolRequest, type HostRequest, makeRequest, opensslRequest } from './make-request.ts';
import { readSaslSettings } from './sasl-users.ts';
import { requestKey } from './setup-facts.ts';
import { shellHere } from './shell.test-peer.ts';

const request: HostRequest = { names: [{ kind: 'dns', name: 'node.example' }, { kind: 'ip', address: 'fe80::1' }], organization: 'A "b" $HOME #1 Łódź', keyBits: 2048 };
const signal = new AbortController().signal;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gd-request-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** This machine's shell, in which root's folder of changes is one of the test's own. */
const shell = shellHere(() => process.env, (command) => command.replaceAll(rootJournal, join(folder, 'state')));
const key = (): string => requestKey.replace(rootJournal, join(folder, 'state'));

describe('a request made on a host', () => {
  it.each(['openssl', 'certtool'] as const)('by %s has the names and the organization, and leaves the key there', async (maker) => {
    const pem = await makeRequest(shell, maker, request, signal);
    writeFileSync(join(folder, 'request.pem'), pem);
    const text = execFileSync('openssl', ['req', '-in', join(folder, 'request.pem'), '-noout', '-verify', '-text', '-nameopt', 'RFC2253,-esc_msb,utf8'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(text).toContain(String.raw`O=A \"b\" $HOME #1 Łódź`);
    expect(text).toMatch(/CN=node\.example[\s\S]*DNS:node\.example, IP Address:FE80:0:0:0:0:0:0:1/);
    expect(pem).not.toContain('PRIVATE');
    const modulus = (kind: string, file: string): string => execFileSync('openssl', [kind, '-in', file, '-noout', '-modulus'], { encoding: 'utf8' });
    expect(modulus('rsa', key())).toBe(modulus('req', join(folder, 'request.pem')));
  }, 60_000);

  it('that fails leaves nothing behind', async () => {
    await expect(makeRequest(shell, 'openssl', { ...request, keyBits: 1 }, signal)).rejects.toMatchObject({ refusal: { code: 'command-refused' } });
    expect([existsSync(key()), existsSync(join(folder, 'state'))]).toEqual([false, false]);
  });

  it('writes what each program reads literally', () => {
    expect(opensslRequest({ ...request, organization: undefined })).toContain('[name]\nCN = node.example\n');
    expect(certtoolRequest(request)).toBe('organization = "A \\"b\\" $HOME #1 Łódź"\ncn = "node.example"\ndns_name = "node.example"\nip_address = "fe80::1"\n');
  });
});

describe('the configuration of SASL', () => {
  it('names the database and the logins that are offered', () => {
    expect(readSaslSettings('# mech_list: none\nmech_list: scram-sha-256 digest-md5\n sasldb_path: /srv/users.db \n')).toEqual({ database: '/srv/users.db', mechanisms: ['scram-sha-256', 'digest-md5'] });
    expect(readSaslSettings('')).toEqual({ database: '/etc/libvirt/passwd.db', mechanisms: [] });
  });
});
