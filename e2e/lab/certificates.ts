// The lab's TLS folders, made by the application's own pki code.
import { join } from 'node:path';
import { createAuthority, createClientCertificate, createHostCertificate, type Identity } from '../../main/pki/certificates.ts';
import { writeClientFolder, writeHostFolder } from '../../main/pki/folder.ts';
import type { DistinguishedName } from '../../app/pki/subject.ts';
import type { LabDaemon } from './state.ts';
import { mkdir, writeFile } from 'node:fs/promises';

const organisation = 'Guestdeck lab';
const clientSubject: DistinguishedName = [
  { attribute: 'C', value: 'GB' },
  { attribute: 'O', value: organisation },
  { attribute: 'CN', value: 'lab client' },
];

/** Makes the daemon's authority and certificate, and client folders that are right and wrong in the ways a test needs. */
export async function makeCertificates(dir: string): Promise<Pick<LabDaemon['tls'], 'pkiDir' | 'foreignPkiDir' | 'strangerPkiDir' | 'anonymousPkiDir' | 'authority'>> {
  const [ours, foreign] = await Promise.all([makeAuthority(), makeAuthority()]);
  const [host, client, stranger] = await Promise.all([
    createHostCertificate(ours, {
      subject: [{ attribute: 'O', value: organisation }, { attribute: 'CN', value: 'localhost' }],
      names: [{ kind: 'dns', name: 'localhost' }, { kind: 'ip', address: '127.0.0.1' }, { kind: 'ip', address: '::1' }],
      keyBits: 2048,
    }),
    createClientCertificate(ours, { subject: clientSubject, keyBits: 2048 }),
    createClientCertificate(foreign, { subject: clientSubject, keyBits: 2048 }),
  ]);
  const folder = (name: string): string => join(dir, 'pki', name);
  const authority = { certificateFile: join(folder('authority'), 'cacert.pem'), keyFile: join(folder('authority'), 'cakey.pem') };
  await mkdir(folder('authority'), { recursive: true, mode: 0o700 });
  await Promise.all([
    writeFile(authority.certificateFile, ours.certificatePem),
    writeFile(authority.keyFile, ours.keyPem, { mode: 0o600 }),
    writeHostFolder(folder('host'), ours.certificatePem, host),
    writeClientFolder(folder('client'), ours.certificatePem, client),
    writeClientFolder(folder('foreign'), foreign.certificatePem, stranger),
    writeClientFolder(folder('stranger'), ours.certificatePem, stranger),
    writeClientFolder(folder('anonymous'), ours.certificatePem),
  ]);
  return { pkiDir: folder('client'), foreignPkiDir: folder('foreign'), strangerPkiDir: folder('stranger'), anonymousPkiDir: folder('anonymous'), authority };
}

function makeAuthority(): Promise<Identity> {
  return createAuthority({ subject: [{ attribute: 'CN', value: organisation }], keyBits: 2048 });
}
