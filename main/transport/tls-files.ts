// The certificate files a TLS connection uses, by libvirt's rules of where they lie.
import { readFile } from 'node:fs/promises';
import { Refused } from '../../app/contract/refusal.ts';
import { uriFlag, uriParameter, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import { codeOf, wordsOf } from './sockets.ts';

/** One place where files may lie; a client's certificate and key are taken from one place together. */
export interface CertificatePlace {
  readonly authority: string;
  readonly revocations: string;
  readonly certificate: string;
  readonly key: string;
}

/** What was read, each with the file it came from. */
export interface CertificateFiles {
  readonly authority?: Buffer;
  readonly authorityFile?: string;
  readonly revocations?: Buffer;
  readonly revocationsFile?: string;
  /** Missing when no place holds both: the server then decides whether it lets us in. */
  readonly own?: { readonly certificate: Buffer; readonly key: Buffer };
  /** For a person: which files were found. */
  readonly seen: string;
}

const inFolder = (folder: string): CertificatePlace => ({
  authority: `${folder}/cacert.pem`,
  revocations: `${folder}/cacrl.pem`,
  certificate: `${folder}/clientcert.pem`,
  key: `${folder}/clientkey.pem`,
});

const systemPlace: CertificatePlace = {
  authority: '/etc/pki/CA/cacert.pem',
  revocations: '/etc/pki/CA/cacrl.pem',
  certificate: '/etc/pki/libvirt/clientcert.pem',
  key: '/etc/pki/libvirt/private/clientkey.pem',
};

/**
 * Where to look, first place first (https://libvirt.org/kbase/tlscerts.html): `pkipath=` alone when given, else the user's own
 * folder (not for root) and the system's.
 */
export function certificatePlaces(uri: ConnectionUri, user: { readonly isRoot: boolean; readonly home: string }): readonly CertificatePlace[] {
  const folder = uriParameter(uri, 'pkipath');
  if (folder !== undefined) return [inFolder(folder.replace(/\/+$/, ''))];
  return user.isRoot ? [systemPlace] : [inFolder(`${user.home}/.pki/libvirt`), systemPlace];
}

/**
 * Reads the files. Only the authority's certificate is required, and not even that with `no_verify=1`.
 * @throws Refused `certificate-missing` when it is nowhere, or when a file that is there cannot be read.
 */
export async function readCertificateFiles(uri: ConnectionUri, places: readonly CertificatePlace[]): Promise<CertificateFiles> {
  const authority = await firstOf(places.map((place) => [place.authority]));
  if (authority === undefined && !uriFlag(uri, 'no_verify')) {
    throw new Refused('certificate-missing', `There is no authority certificate at ${places.map((place) => place.authority).join(' or ')}.`, {
      stage: 'certificate',
      remedy: 'Make certificates for this host, or copy the authority’s cacert.pem there, or name its folder with pkipath=.',
    });
  }
  const revocations = await firstOf(places.map((place) => [place.revocations]));
  const pair = await firstOf(places.map((place) => [place.certificate, place.key]));
  const [certificate, key] = pair ?? [];
  const found = [authority, revocations, pair].flatMap((files) => files?.map(({ path }) => path) ?? []);
  return {
    ...(authority?.[0] && { authority: authority[0].bytes, authorityFile: authority[0].path }),
    ...(revocations?.[0] && { revocations: revocations[0].bytes, revocationsFile: revocations[0].path }),
    ...(certificate && key && { own: { certificate: certificate.bytes, key: key.bytes } }),
    seen: `${found.join(', ') || 'no files'}${pair === undefined ? '; no client certificate' : ''}`,
  };
}

interface FileRead {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The first group whose files are all there. */
async function firstOf(groups: readonly (readonly string[])[]): Promise<readonly FileRead[] | undefined> {
  for (const group of groups) {
    const files = await Promise.all(group.map(readIfThere));
    const there = files.filter((file) => file !== undefined);
    if (there.length === group.length) return there;
  }
  return undefined;
}

async function readIfThere(path: string): Promise<FileRead | undefined> {
  try {
    return { path, bytes: await readFile(path) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    const denied = codeOf(error) === 'EACCES';
    throw new Refused('certificate-missing', denied ? `This user may not read ${path}.` : `${path} cannot be read: ${wordsOf(error)}.`, {
      stage: 'certificate',
      remedy: denied ? 'Let this user read the file, or keep an own copy in ~/.pki/libvirt.' : 'Correct the file, or name another folder with pkipath=.',
    }, { cause: error });
  }
}
