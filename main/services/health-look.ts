// Gathers the facts that the health of a TLS connection is judged by: the files of this computer, what the host shows, and what a shell there tells.
import { createPrivateKey } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, defaultPorts, uriFlag } from '../../app/domain/connection-uri.ts';
import type { Authority, ClientShown, FileFound, FilesHere, HealthFacts, HostShown, Judged } from '../../app/pki/health-facts.ts';
import type { Shell } from '../host/shell.ts';
import { readValue, tag } from '../pki/der.ts';
import { readName } from '../pki/names.ts';
import { type CertificateFacts, readCertificate } from '../pki/read-certificate.ts';
import { type RevocationList, readRevocationLists } from '../pki/read-revocations.ts';
import { pathToTrust, readCertificates, readOrWhy } from '../pki/trust-path.ts';
import { certificatePlaces, type CertificateFiles, readCertificateFiles } from '../transport/tls-files.ts';
import { type Observed, observeTls } from '../transport/tls-observe.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import { lookAtPort } from './doctor-look.ts';
import { lookThere, revocationsOf } from './health-there.ts';

/** What is looked at, and with what. */
export interface Examination {
  /** Over TLS. */
  readonly uri: ConnectionUri;
  /** What a connection to the host needs; asks nobody. */
  readonly surroundings: Surroundings;
  readonly openTransport: OpenTransport;
  /** A shell on the host; null = nobody has one. A text: why it could not be had. */
  readonly shell: Shell | string | null;
  /** The id of a certificate by its fingerprint, where it is kept here. */
  readonly keptAs: ReadonlyMap<string, string>;
}

const anyPurpose = '2.5.29.37.0';

const judgedOf = (certificate: CertificateFacts, keptAs: ReadonlyMap<string, string>): Judged => ({
  certificate, kept: keptAs.get(certificate.fingerprint) ?? null, anyPurpose: certificate.certificate.keyUsage?.includes(anyPurpose) ?? false,
});

/** What was read of the files of this computer. */
interface Own {
  readonly files: CertificateFiles;
  readonly problem: string | null;
  readonly authorities: readonly CertificateFacts[];
  readonly client: readonly CertificateFacts[];
  readonly hasItsKey: boolean;
  readonly lists: readonly RevocationList[] | string | null;
}

/** Looks at everything. What is found wrong is a fact; it throws Refused only when the signal aborts. */
export async function gatherFacts(examination: Examination, signal: AbortSignal): Promise<HealthFacts> {
  const { uri, surroundings } = examination;
  const target = { host: uri.host ?? 'localhost', port: uri.port ?? defaultPorts.tls };
  const own = await readOwn(uri, surroundings);
  const { reach, observed } = await begin(examination, target, own, signal);
  const chain = observed?.shown?.chain.map((one) => readOrWhy(() => readCertificate(one))).filter((one) => typeof one !== 'string') ?? [];
  const [leaf, ...between] = chain;
  const [client, ...above] = own.client;
  const hostPath = leaf === undefined ? null : pathToTrust(leaf, between, own.authorities);
  const clientPath = client === undefined ? null : pathToTrust(client, above, own.authorities);
  const used = new Set([...(hostPath ?? []), ...(clientPath ?? [])].map(({ fingerprint }) => fingerprint));
  const shown: HostShown | null = leaf === undefined || observed?.shown == null ? null : {
    ...judgedOf(leaf, examination.keptAs), isSigned: hostPath !== null, isNamed: observed.shown.isNamed, verdict: observed.shown.verdict,
  };
  const files: FilesHere = {
    authorityFile: own.files.authorityFile ?? 'cacert.pem',
    problem: own.problem,
    authorities: own.authorities.map((one): Authority => ({ ...judgedOf(one, examination.keptAs), isUsed: used.has(one.fingerprint) })),
    client: client === undefined ? null : { ...judgedOf(client, examination.keptAs), isSigned: clientPath !== null, hasItsKey: own.hasItsKey } satisfies ClientShown,
    revocations: revocationsOf(own.lists, own.files.revocationsFile ?? 'cacrl.pem', { trusted: own.authorities, host: leaf, client, keptAs: examination.keptAs }),
    found: await filesFound(own.files, uri, surroundings),
  };
  const there = examination.shell === null || typeof examination.shell === 'string' ? examination.shell : await lookThere(examination.shell, { client: own.client, shown: leaf, keptAs: examination.keptAs }, signal);
  return {
    now: new Date(), ...target, unverified: uriFlag(uri, 'no_verify'), reach, shown, files, there,
    handshake: observed?.handshake ?? null,
    accepts: acceptance(observed, own.client),
    welcome: observed?.welcome ?? null,
    refused: observed?.welcome === 'welcomed' ? await refusalAsUsual(examination, signal) : null,
  };
}

async function readOwn(uri: ConnectionUri, surroundings: Surroundings): Promise<Own> {
  const nothing: Own = { files: { seen: '' }, problem: null, authorities: [], client: [], hasItsKey: false, lists: null };
  try {
    const files = await readCertificateFiles(uri, certificatePlaces(uri, surroundings));
    const authorities = readOrWhy(() => readCertificates(files.authority ?? ''));
    const client = readOrWhy(() => readCertificates(files.own?.certificate ?? ''));
    const lists = files.revocations === undefined ? null : readOrWhy(() => readRevocationLists(files.revocations ?? Buffer.alloc(0)));
    const empty = files.authority !== undefined && typeof authorities !== 'string' && authorities.length === 0 ? 'there is no certificate in it' : null;
    const unread = typeof authorities === 'string' ? authorities : empty;
    const problem = unread !== null ? `${files.authorityFile ?? 'cacert.pem'} cannot be understood: ${unread}.` : typeof client === 'string' ? `clientcert.pem cannot be understood: ${client}.` : null;
    const chain = typeof client === 'string' ? [] : client;
    return { files, problem, authorities: typeof authorities === 'string' ? [] : authorities, client: chain, hasItsKey: belongs(chain[0], files.own?.key), lists };
  } catch (error) {
    if (error instanceof Refused) return { ...nothing, problem: error.refusal.message };
    throw error;
  }
}

function belongs(certificate: CertificateFacts | undefined, key: Buffer | undefined): boolean {
  if (certificate === undefined || key === undefined) return false;
  try {
    return certificate.certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    // What is no key, or is locked by a passphrase, serves as little as another's.
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Dials and begins TLS. Where nothing answers, a closer look tells how each address and port behaves. */
async function begin({ uri, surroundings }: Examination, target: { readonly host: string; readonly port: number }, own: Own, signal: AbortSignal): Promise<{ readonly reach: HealthFacts['reach']; readonly observed: Observed | null }> {
  const showing = {
    authorities: own.authorities.map(({ pem }) => pem).join(''),
    revocations: typeof own.lists === 'string' ? null : (own.files.revocations ?? null),
    own: own.hasItsKey ? (own.files.own ?? null) : null,
  };
  try {
    return { reach: { isOpen: true, seen: `Port ${target.port} of ${target.host} is open.`, remedies: [] }, observed: await observeTls(target, showing, surroundings, signal) };
  } catch (error) {
    if (!(error instanceof Refused) || signal.aborted) throw error;
    const closer = error.refusal.stage === 'port' ? await lookAtPort(uri, target, signal) : { findings: [], remedies: [] };
    return { reach: { isOpen: false, seen: [error.refusal.message, ...closer.findings].join(' '), remedies: closer.remedies }, observed: null };
  }
}

/** Whether the host takes clients of ours: one of the names it gave is above our certificate. */
function acceptance(observed: Observed | null, client: readonly CertificateFacts[]): HealthFacts['accepts'] {
  if (observed?.accepts == null) return null;
  const names = observed.accepts.map((der) => ({ der, text: readOrWhy(() => readName(readValue(der, tag.sequence)).text) }));
  return { names: names.map(({ text }) => text), ours: names.some(({ der }) => client.some(({ issuer }) => issuer.der.equals(der))) };
}

async function filesFound(files: CertificateFiles, uri: ConnectionUri, surroundings: Surroundings): Promise<readonly FileFound[]> {
  const place = files.own === undefined ? undefined : certificatePlaces(uri, surroundings).find(({ certificate }) => files.seen.split(/, |; /).includes(certificate));
  const paths = [files.authorityFile, files.revocationsFile, place?.certificate, place?.key].filter((path) => path !== undefined);
  const { uid, username } = userInfo();
  return await Promise.all(paths.map(async (path): Promise<FileFound> => {
    const found = await stat(path);
    const owner = found.uid === 0 ? 'root' : found.uid === uid ? username : `user ${found.uid}`;
    return { path, owner, isOwn: found.uid === 0 || found.uid === uid, mode: found.mode & 0o7777, isKey: path === place?.key };
  }));
}

/** Connects as always is connected: what that is refused for; null when it is not. */
async function refusalAsUsual({ openTransport, uri, surroundings }: Examination, signal: AbortSignal): Promise<string | null> {
  try {
    const link = await openTransport(uri, surroundings, signal);
    try {
      (await link.open(signal)).destroy();
      return null;
    } finally {
      link.close();
    }
  } catch (error) {
    if (!(error instanceof Refused) || signal.aborted) throw error;
    return error.refusal.message;
  }
}
