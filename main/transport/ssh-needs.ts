// Whether a route needs the system's ssh program, and why.
import { access } from 'node:fs/promises';
import { defaultIdentityFiles, publicKeyOf, readIdentityFile } from '../auth/identity-files.ts';
import { keyTypeOf, namesHost, readKnownHosts } from '../auth/known-hosts.ts';
import { codeOf } from './sockets.ts';
import type { SshHop, SshRoute } from './ssh-route.ts';

/** A noun for a sentence; undefined when ssh2 can do all that is asked for. Files that cannot be read are no reason: who uses them complains. */
export async function reasonForProgram(route: SshRoute, home: string): Promise<string | undefined> {
  if (route.needsProgram !== undefined) return route.needsProgram;
  for (const hop of route.hops) {
    const reason = (await identityReason(hop, home)) ?? (await authorityReason(hop));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** A certificate beside a key, and keys that live in a device. */
async function identityReason({ keyFiles }: SshHop, home: string): Promise<string | undefined> {
  const paths = keyFiles.from === 'defaults' ? defaultIdentityFiles(home) : keyFiles.paths;
  let plain = 0;
  for (const path of paths) {
    const file = await ifReadable(() => readIdentityFile(path));
    if (file === undefined) continue;
    if (await isThere(`${path}-cert.pub`)) return `the certificate ${path}-cert.pub`;
    const key = publicKeyOf(file);
    if (key !== undefined && keyTypeOf(key).startsWith('sk-')) return `the security key ${path}`;
    plain++;
  }
  if (keyFiles.from !== 'defaults' || plain > 0) return undefined;
  for (const name of ['id_ed25519_sk', 'id_ecdsa_sk']) if (await isThere(`${home}/.ssh/${name}`)) return `the security key ${home}/.ssh/${name}`;
  return undefined;
}

/** A host that is known by an authority alone shows a certificate. */
async function authorityReason({ knownAs, knownHostsFiles, policy }: SshHop): Promise<string | undefined> {
  if (policy === 'ignore') return undefined;
  const lines = ((await ifReadable(() => readKnownHosts(knownHostsFiles))) ?? []).filter(({ names }) => namesHost(names, knownAs));
  const authority = lines.find(({ marker }) => marker === 'cert-authority');
  return authority === undefined || lines.some(({ marker }) => marker === undefined) ? undefined : `the certificate authority in ${authority.file} line ${authority.line}`;
}

async function ifReadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) !== '') return undefined;
    throw error;
  }
}

const isThere = async (path: string): Promise<boolean> => (await ifReadable(async () => (await access(path), true))) ?? false;
