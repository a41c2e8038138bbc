// All certificates that are known: those kept here, in the folders of libvirt's clients and daemons on this computer, and those that connected hosts show.
import { readFile } from 'node:fs/promises';
import type { Connection } from '../../app/contract/connections.ts';
import type { CertificatePlace, KnownCertificate } from '../../app/contract/health.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, defaultPorts, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { expiryAt, warningOf } from '../../app/pki/expiry.ts';
import type { CertificateKind } from '../../app/pki/profiles.ts';
import { type CertificateFacts, readCertificate } from '../pki/read-certificate.ts';
import { readCertificates, readOrWhy } from '../pki/trust-path.ts';
import { certificatePlaces } from '../transport/tls-files.ts';
import { certificateShown } from '../transport/tls-observe.ts';
import type { Surroundings } from '../transport/transport.ts';
import type { Caller, Services } from './services.ts';

/** Where certificates are looked for. */
export interface KnownSources {
  readonly home: string;
  readonly isRoot: boolean;
  readonly certificates: Pick<Services['certificates'], 'list'>;
  readonly connections: Pick<Services['connections'], 'list'>;
  /** Of a connection beside a host's session, that asks nobody and reports nothing. */
  readonly quiet: (id: string) => Surroundings;
  /** What each connected host showed, by its id and since when it is connected: it shows the same until it is connected anew. */
  readonly shown: Map<string, { readonly since: number; readonly certificate: CertificateFacts | null }>;
}

/** A certificate as it was found once. */
type Found = Omit<KnownCertificate, 'places'> & { readonly place: CertificatePlace };

/** The one that ends first comes first. `failures`: what is there and cannot be read. */
export async function knownCertificates(sources: KnownSources, caller: Caller, signal: AbortSignal): Promise<{ certificates: KnownCertificate[]; failures: { place: string; message: string }[] }> {
  const saved = await sources.connections.list({}, caller);
  const failures: { place: string; message: string }[] = [];
  const [kept, files, hosts] = await Promise.all([keptOnes(sources, caller), fileOnes(sources, saved, failures), hostOnes(sources, saved, signal)]);
  const byFingerprint = new Map<string, KnownCertificate>();
  for (const { place, ...found } of [...kept, ...files, ...hosts]) {
    const before = byFingerprint.get(found.fingerprint);
    // One that was replaced is warned of where it is still in use.
    byFingerprint.set(found.fingerprint, before === undefined ? { ...found, places: [place] } : { ...before, warning: before.warning ?? found.warning, places: [...before.places, place] });
  }
  return { certificates: [...byFingerprint.values()].sort((one, other) => one.notAfter - other.notAfter), failures };
}

async function keptOnes({ certificates }: KnownSources, caller: Caller): Promise<readonly Found[]> {
  return (await certificates.list({}, caller)).certificates.map((one): Found => ({
    fingerprint: one.fingerprint, kind: one.kind, label: one.label, subject: one.subject, issuer: one.issuer, notBefore: one.notBefore, notAfter: one.notAfter,
    expiry: one.expiry, warning: one.replacedBy === null && one.revokedAt === null ? warningOf(one.expiry) : null, place: { at: 'kept', id: one.id },
  }));
}

const foundAs = (facts: CertificateFacts, kind: CertificateKind, place: CertificatePlace): Found => {
  const expiry = expiryAt(facts, new Date());
  return {
    fingerprint: facts.fingerprint, kind: facts.isAuthority ? 'authority' : kind, label: facts.subject.parts.find(({ attribute }) => attribute === 'CN')?.value ?? facts.subject.text,
    subject: facts.subject.text, issuer: facts.issuer.text, notBefore: facts.notBefore.getTime(), notAfter: facts.notAfter.getTime(), expiry, warning: warningOf(expiry), place,
  };
};

/** Where the daemon of this computer has its own. */
const serverFile = '/etc/pki/libvirt/servercert.pem';
const anyHost: ConnectionUri = { driver: 'qemu', transport: 'tls', path: '/system', parameters: [] };

async function fileOnes({ home, isRoot }: KnownSources, saved: readonly Connection[], failures: { place: string; message: string }[]): Promise<readonly Found[]> {
  const uris = saved.filter(({ transport }) => transport === 'tls').map(({ uri }) => parseConnectionUri(uri));
  const places = [...certificatePlaces(anyHost, { isRoot: false, home }), ...uris.flatMap((uri) => certificatePlaces(uri, { isRoot, home }))];
  const kinds = new Map<string, CertificateKind>([[serverFile, 'host'], ...places.flatMap(({ authority, certificate }) => [[authority, 'authority'], [certificate, 'client']] as const)]);
  const found = await Promise.all([...kinds].map(async ([path, kind]) => {
    const pem = await contentOf(path).catch((error: unknown) => {
      if (error instanceof Refused) return error;
      throw error;
    });
    if (pem === null) return [];
    const read = pem instanceof Refused ? pem.refusal.message : readOrWhy(() => readCertificates(pem));
    if (typeof read !== 'string') return read.map((facts) => foundAs(facts, kind, { at: 'file', path }));
    failures.push({ place: path, message: pem instanceof Refused ? read : `${path} cannot be understood: ${read}.` });
    return [];
  }));
  return found.flat();
}

/** More than any file of certificates has. */
const mostBytes = 1_048_576;

async function contentOf(path: string): Promise<Buffer | null> {
  try {
    const content = await readFile(path);
    if (content.length > mostBytes) throw new Refused('storage', `${path} is too large for a file of certificates.`);
    return content;
  } catch (error) {
    if (error instanceof Refused) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Refused('storage', `${path} cannot be read (${code}).`, {}, { cause: error });
  }
}

/** Hosts that are connected over TLS are asked once for each connection. */
async function hostOnes({ quiet, shown }: KnownSources, saved: readonly Connection[], signal: AbortSignal): Promise<readonly Found[]> {
  const connected = saved.flatMap(({ id, transport, uri, state }) => (transport === 'tls' && state.phase === 'ready' ? [{ id, uri: parseConnectionUri(uri), since: state.since }] : []));
  for (const id of shown.keys()) if (!connected.some((one) => one.id === id)) shown.delete(id);
  const found = await Promise.all(connected.map(async ({ id, uri, since }) => {
    const before = shown.get(id);
    if (before === undefined || before.since !== since) shown.set(id, { since, certificate: await shownBy(uri, quiet(id), signal) });
    const certificate = shown.get(id)?.certificate ?? null;
    return certificate === null ? [] : [foundAs(certificate, 'host', { at: 'host', host: id })];
  }));
  return found.flat();
}

async function shownBy(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<CertificateFacts | null> {
  try {
    const shown = await certificateShown({ host: uri.host ?? 'localhost', port: uri.port ?? defaultPorts.tls }, surroundings, signal);
    const read = shown === null ? null : readOrWhy(() => readCertificate(shown));
    return typeof read === 'string' ? null : read;
  } catch (error) {
    // A host that goes away in that moment says so by its state.
    if (error instanceof Refused && !signal.aborted) return null;
    throw error;
  }
}
