// The certificates that are put on hosts, taken from those kept here, and the folder of one for a single connection.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { writeClientFolder } from '../pki/folder.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import type { Caller, Services } from './services.ts';
import type { Material } from './setup-places.ts';

/** The PEM of a certificate kept here, and of its key where that is here too. @throws Refused `unknown-certificate`, `bad-input`. */
export async function materialOf(certificates: Pick<Services['certificates'], 'export'>, id: string, caller: Caller): Promise<Material> {
  const exported = await certificates.export({ id, as: 'pem' }, caller);
  if (exported.as !== 'pem') throw new TypeError('PEM was asked for');
  const named = (ending: RegExp): string | null => exported.files.find(({ name }) => ending.test(name))?.content ?? null;
  const [authority, certificate] = [named(/^cacert\.pem$/), named(/^(server|client)cert\.pem$/)];
  if (authority === null || certificate === null) throw new Refused('unknown-certificate', 'The authority of this certificate is not kept here.', { field: 'certificate', remedy: 'Import the authority’s certificate.' });
  return { authority, certificate, key: named(/^(server|client)key\.pem$/), revocations: named(/^cacrl\.pem$/) };
}

/** What is connected to and with what. */
export interface TlsTarget {
  readonly name: string;
  readonly port: number;
  /** What the host has from now on. */
  readonly host: Material;
  /** Null = without a certificate of a client. */
  readonly client: Material | null;
}

const inUri = (name: string): string => (name.includes(':') ? `[${name}]` : name);

/**
 * Connects up to the byte by which the daemon lets a client in; answers what was seen. Without a certificate of a client the daemon's
 * refusal is what is expected: by then it has shown its own. @throws Refused with the stage that failed.
 */
export async function connectByTls({ name, port, host, client }: TlsTarget, folder: string, openTransport: OpenTransport, surroundings: Surroundings, signal: AbortSignal): Promise<string> {
  const files = await mkdtemp(join(folder, 'verify-'));
  try {
    const own = client?.key == null ? undefined : { certificatePem: client.certificate, keyPem: client.key };
    await writeClientFolder(files, host.authority, own);
    const uri: ConnectionUri = parseConnectionUri(`qemu+tls://${inUri(name)}:${port}/system?pkipath=${encodeURIComponent(files)}`);
    const seen: string[] = [];
    const link = await openTransport(uri, {
      ...surroundings, ask: async () => ({ kind: 'declined' }),
      report: (report) => {
        if (report.outcome === 'done' && (report.stage === 'tls' || (report.stage === 'certificate' && !report.seen.includes(files)))) seen.push(report.seen);
      },
    }, signal);
    try {
      (await link.open(signal)).destroy();
      return seen.join('; ');
    } catch (error) {
      if (own === undefined && error instanceof Refused && error.refusal.code === 'certificate-refused') return [...seen, 'the daemon asks for the certificate of a client'].join('; ');
      throw error;
    } finally {
      link.close();
    }
  } finally {
    await rm(files, { recursive: true, force: true });
  }
}
