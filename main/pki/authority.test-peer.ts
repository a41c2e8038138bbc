// An authority of ours and a client that it signed, with a folder for files that other programs are to read; for tests.
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DistinguishedName } from '../../app/pki/subject.ts';
import { createAuthority, createClientCertificate, type Identity, type Signer } from './certificates.ts';

export const execute = promisify(execFile);
export const cn = (value: string): DistinguishedName => [{ attribute: 'CN', value }];
/** From a minute ago for a day. */
export const shortly = (): { readonly notBefore: Date; readonly notAfter: Date } => ({ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) });

export interface TestPki {
  readonly authority: Identity;
  readonly client: Identity;
  readonly signer: Signer;
  /** A path in the folder, where ca.pem and client.pem are already. */
  readonly at: (name: string) => string;
  /** Writes a file; answers its path. */
  readonly keep: (name: string, text: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

export async function testPki(): Promise<TestPki> {
  const folder = await mkdtemp(join(tmpdir(), 'guestdeck-pki-'));
  const at = (name: string): string => join(folder, name);
  const keep = async (name: string, text: string): Promise<string> => {
    await writeFile(at(name), text);
    return at(name);
  };
  const authority = await createAuthority({ subject: cn('Prüf CA'), keyBits: 2048 });
  const client = await createClientCertificate(authority, { subject: cn('client'), keyBits: 2048 });
  await Promise.all([keep('ca.pem', authority.certificatePem), keep('client.pem', client.certificatePem)]);
  const signer = { certificatePem: authority.certificatePem, key: createPrivateKey(authority.keyPem) };
  return { authority, client, signer, at, keep, remove: async () => await rm(folder, { recursive: true }) };
}
