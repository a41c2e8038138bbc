// The facts about a host's own files and settings, from what a shell there tells.
import { Refused } from '../../app/contract/refusal.ts';
import { defaultPorts } from '../../app/domain/connection-uri.ts';
import type { FileFound, FilesThere, Revocations } from '../../app/pki/health-facts.ts';
import { lookAtTlsThere, type TlsFile, type TlsThere } from '../host/tls-look.ts';
import type { Shell } from '../host/shell.ts';
import type { CertificateFacts } from '../pki/read-certificate.ts';
import { type RevocationList, readRevocationLists } from '../pki/read-revocations.ts';
import { pathToTrust, readCertificates, readOrWhy } from '../pki/trust-path.ts';

/** What the host's files are compared with. */
interface Compared {
  /** Our certificate, and what stands above it in the same file. */
  readonly client: readonly CertificateFacts[];
  /** What the host shows. */
  readonly shown: CertificateFacts | undefined;
  readonly keptAs: ReadonlyMap<string, string>;
}

/** Looks at the host. A text: why that was not possible. */
export async function lookThere(shell: Shell, compared: Compared, signal: AbortSignal): Promise<FilesThere | string> {
  try {
    return factsOf(await lookAtTlsThere(shell, signal), compared);
  } catch (error) {
    if (!(error instanceof Refused) || signal.aborted) throw error;
    return `The host’s files could not be looked at: ${error.refusal.message}`;
  }
}

const needed: readonly TlsFile[] = ['authority', 'certificate', 'key'];

function factsOf(there: TlsThere, { client, shown, keptAs }: Compared): FilesThere {
  const { paths, files, texts, seesAll, daemon, user } = there;
  const certificates = (path: string): readonly CertificateFacts[] => {
    const text = texts.get(path);
    const read = text === undefined ? [] : readOrWhy(() => readCertificates(text));
    return typeof read === 'string' ? [] : read;
  };
  const trusted = certificates(paths.authority);
  const [own] = certificates(paths.certificate);
  const [ours, ...above] = client;
  const lists = texts.get(paths.revocations);
  const absent = needed.map((file) => paths[file]).filter((path) => !files.has(path));
  return {
    daemon,
    found: Object.entries(paths).flatMap(([file, path]): readonly FileFound[] => {
      const found = files.get(path);
      return found === undefined ? [] : [{ path, owner: found.owner, isOwn: found.owner === 'root' || found.owner === user, mode: Number.parseInt(found.mode, 8), isKey: file === 'key' }];
    }),
    missing: seesAll ? absent : [],
    unread: seesAll ? [] : absent,
    keyMatches: own === undefined || there.publicKey === null ? null : own.certificate.publicKey.equals(there.publicKey),
    isShown: own === undefined || shown === undefined ? null : own.fingerprint === shown.fingerprint,
    authorityFile: paths.authority,
    signsClient: ours === undefined || trusted.length === 0 ? null : pathToTrust(ours, above, trusted) !== null,
    revocations: lists === undefined ? null : revocationsOf(readOrWhy(() => readRevocationLists(Buffer.from(lists))), paths.revocations, { trusted, host: shown, client: ours, keptAs }),
    settings: settingsOf(there),
    units: there.units,
  };
}

function settingsOf({ settings, configuration }: TlsThere): FilesThere['settings'] {
  if (typeof settings === 'string') return settings;
  const one = (name: string): string | undefined => settings.get(name)?.[0]?.text;
  return {
    path: configuration,
    allowedNames: settings.get('tls_allowed_dn_list')?.map(({ text }) => text) ?? null,
    listenTls: one('listen_tls') !== '0',
    port: Number(one('tls_port') ?? defaultPorts.tls),
    address: one('listen_addr') ?? null,
    verifiesClients: one('tls_no_verify_certificate') !== '1',
  };
}

/** What a list of revocations is looked at with: who is trusted where it lies, and whom it may turn away. */
interface Concerned {
  readonly trusted: readonly CertificateFacts[];
  readonly host: CertificateFacts | undefined;
  readonly client: CertificateFacts | undefined;
  readonly keptAs: ReadonlyMap<string, string>;
}

/** The lists of one file as one: the first that ends counts. */
export function revocationsOf(lists: readonly RevocationList[] | string | null, path: string, { trusted, host, client, keptAs }: Concerned): Revocations | string | null {
  if (lists === null) return null;
  if (typeof lists === 'string') return `${path} cannot be understood: ${lists}.`;
  const signerOf = (list: RevocationList): CertificateFacts | undefined => trusted.find((one) => one.subject.der.equals(list.issuer.der) && list.isSignedBy(one.certificate.publicKey));
  const revokes = (one: CertificateFacts | undefined): boolean => one !== undefined && lists.some((list) => list.issuer.der.equals(one.issuer.der) && list.revoked.has(one.serial));
  const [first] = [...lists].sort((one, other) => (one.nextUpdate?.getTime() ?? Infinity) - (other.nextUpdate?.getTime() ?? Infinity));
  const signer = first === undefined ? undefined : signerOf(first);
  return {
    path, nextUpdate: first?.nextUpdate ?? null, isSigned: lists.every((list) => signerOf(list) !== undefined),
    revokesHost: revokes(host), revokesClient: revokes(client), kept: signer === undefined ? null : (keptAs.get(signer.fingerprint) ?? null),
  };
}
