// What a host's daemon has for TLS, seen by a shell there: its settings, its files, who listens for it. Changes nothing, asks for no password, reads no key.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { parseSettings, type SettingsOfFile } from '../../app/daemon/settings-file.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import type { Unit } from './look.ts';
import { type FileFacts, lookAtFiles, lookForSetup, readCertificates } from './setup-facts.ts';
import type { Shell } from './shell.ts';

export interface TlsThere {
  readonly user: string;
  readonly daemon: 'libvirtd' | 'virtproxyd';
  /** The configuration of the daemon, and what it says; a text: why that is not known. */
  readonly configuration: string;
  readonly settings: SettingsOfFile | string;
  /** The socket unit for TLS of this daemon; none where systemd does not listen for it. */
  readonly units: readonly Unit[];
  readonly paths: Readonly<Record<TlsFile, string>>;
  /** By path. A file that is not there, or may not be seen, is left out. */
  readonly files: ReadonlyMap<string, FileFacts>;
  /** What stands in the files that are no keys, by path; those that may not be read are left out. */
  readonly texts: ReadonlyMap<string, string>;
  /** The public half of the key, made there; null where it could not be had. */
  readonly publicKey: KeyObject | null;
  /** Whether everything may be seen: a file that was not found is not there. */
  readonly seesAll: boolean;
}

export type TlsFile = 'authority' | 'revocations' | 'certificate' | 'key';

/** Setting and default of each file (https://libvirt.org/kbase/tlscerts.html). */
const places: Readonly<Record<TlsFile, { readonly setting: string; readonly usual: string }>> = {
  authority: { setting: 'ca_file', usual: '/etc/pki/CA/cacert.pem' },
  revocations: { setting: 'crl_file', usual: '/etc/pki/CA/cacrl.pem' },
  certificate: { setting: 'cert_file', usual: '/etc/pki/libvirt/servercert.pem' },
  key: { setting: 'key_file', usual: '/etc/pki/libvirt/private/serverkey.pem' },
};

/** Looks as the user of the shell, and as root where that needs no password. Throws Refused as the shell does. */
export async function lookAtTlsThere(shell: Shell, signal: AbortSignal): Promise<TlsThere> {
  const asUser = await lookForSetup(shell, signal);
  const most: Shell = asUser.rights === 'sudo' ? async (command, options) => await shell(`sudo -n sh -c ${shellWord(command)}`, options) : shell;
  const facts = asUser.rights === 'sudo' ? await lookForSetup(most, signal) : asUser;
  const isModular = facts.units.some(({ name, state }) => name.startsWith('virtproxyd') && state === 'active') && !facts.units.some(({ name, state }) => name === 'libvirtd.service' && state === 'active');
  const daemon = isModular ? 'virtproxyd' : 'libvirtd';
  const configuration = `/etc/libvirt/${daemon}.conf`;
  const seesAll = asUser.rights === 'root' || asUser.rights === 'sudo';
  const settings = settingsOf(configuration, facts.texts.get(configuration), seesAll, asUser.user);
  const path = (file: TlsFile): string => (typeof settings === 'string' ? undefined : settings.get(places[file].setting)?.[0]?.text) || places[file].usual;
  const paths = { authority: path('authority'), revocations: path('revocations'), certificate: path('certificate'), key: path('key') };
  const files = await lookAtFiles(most, Object.values(paths), signal);
  return {
    user: asUser.user, daemon, configuration, settings, paths, files, seesAll,
    units: facts.units.filter(({ name }) => name === `${daemon}-tls.socket`),
    texts: await readCertificates(most, [paths.authority, paths.revocations, paths.certificate], signal),
    publicKey: files.has(paths.key) ? await publicKeyOf(most, paths.key, signal) : null,
  };
}

function settingsOf(path: string, text: string | undefined, seesAll: boolean, user: string): SettingsOfFile | string {
  if (text === undefined) return seesAll ? new Map() : `${user} may not read ${path} of the host.`;
  try {
    return parseSettings(text, (line, expected) => new Refused('storage', `${path} of the host cannot be understood in line ${line}: ${expected}.`));
  } catch (error) {
    if (error instanceof Refused) return error.refusal.message;
    throw error;
  }
}

/** By OpenSSL or GnuTLS on the host; what they print of the key is its public half only. */
async function publicKeyOf(shell: Shell, path: string, signal: AbortSignal): Promise<KeyObject | null> {
  const file = shellWord(path);
  const { stdout } = await shell(`openssl pkey -in ${file} -pubout 2>/dev/null || certtool --load-privkey ${file} --pubkey-info 2>/dev/null`, { signal });
  const [pem] = /-----BEGIN PUBLIC KEY-----[^]*?-----END PUBLIC KEY-----/.exec(stdout.toString('latin1')) ?? [];
  return pem === undefined ? null : createPublicKey(pem);
}
