// Writes certificates and keys where libvirt's clients and daemons look for them.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Identity } from './certificates.ts';

/**
 * Writes a folder that `?pkipath=FOLDER` of a libvirt URI accepts: cacert.pem and, with an identity, clientcert.pem and clientkey.pem
 * (https://libvirt.org/remote.html). Keys are readable by their owner only.
 */
export async function writeClientFolder(folder: string, authorityPem: string, client?: Identity): Promise<void> {
  await writePrivately(join(folder, 'cacert.pem'), authorityPem, 0o644);
  if (client === undefined) return;
  await writePrivately(join(folder, 'clientkey.pem'), client.keyPem, 0o600);
  await writePrivately(join(folder, 'clientcert.pem'), client.certificatePem, 0o644);
}

/** Writes cacert.pem, servercert.pem and serverkey.pem for the ca_file, cert_file and key_file of a daemon's configuration. */
export async function writeHostFolder(folder: string, authorityPem: string, host: Identity): Promise<void> {
  await writePrivately(join(folder, 'cacert.pem'), authorityPem, 0o644);
  await writePrivately(join(folder, 'serverkey.pem'), host.keyPem, 0o600);
  await writePrivately(join(folder, 'servercert.pem'), host.certificatePem, 0o644);
}

/** Replaces a file in one step, so that a reader finds the old one or the new one, and nobody finds a key with a wider mode. */
async function writePrivately(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, content, { mode, flag: 'wx' });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
