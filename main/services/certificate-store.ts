// The certificates Guestdeck keeps, a folder each in the data folder: certificate or request, key, and what is known beside them.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keyStates, revocationReasons } from '../../app/contract/certificates.ts';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { certificateKinds } from '../../app/pki/profiles.ts';
import { DerFault } from '../pki/der.ts';
import { keyBlockIn } from '../pki/key-file.ts';
import { type CertificateFacts, readCertificate } from '../pki/read-certificate.ts';
import { readRequest, type RequestFacts } from '../pki/signing-request.ts';
import { changeJson, readJson } from './files.ts';

const moment = z.number();
/** What is not in the certificate itself. */
const record = z.strictObject({
  kind: z.enum(certificateKinds),
  madeAt: moment,
  key: z.enum(keyStates),
  /** For a host that is a client of other hosts too. */
  clientAuth: z.boolean(),
  replacedBy: z.string().nullable(),
  installedOn: z.string().nullable(),
  /** Of an authority: others that are trusted along with it. */
  alsoTrusts: z.array(z.string()),
  /** Every serial that an authority ever gave, so that none comes twice. */
  serials: z.array(z.string()),
  revoked: z.array(z.strictObject({ serial: z.string(), at: moment, reason: z.enum(revocationReasons) })),
  crl: z.strictObject({ number: z.number(), thisUpdate: moment, nextUpdate: moment, pem: z.string() }).nullable(),
});
export type CertificateRecord = z.infer<typeof record>;

/** A record with nothing in it yet. */
export const freshRecord = (of: Pick<CertificateRecord, 'kind' | 'key'> & Partial<CertificateRecord>): CertificateRecord => ({
  madeAt: Date.now(), clientAuth: false, replacedBy: null, installedOn: null, alsoTrusts: [], serials: [], revoked: [], crl: null, ...of,
});

interface Entry {
  readonly id: string;
  readonly record: CertificateRecord;
  /** The common name, or the whole name of one without. */
  readonly label: string;
  /** Where its key is; there may be none. */
  readonly keyFile: string;
}
export interface Kept extends Entry {
  readonly facts: CertificateFacts;
}
export interface KeptRequest extends Entry {
  readonly facts: RequestFacts;
  readonly pem: string;
}

/** What is put into the store. */
export interface Addition {
  readonly record: CertificateRecord;
  readonly certificatePem?: string;
  readonly requestPem?: string;
  readonly keyPem?: string | undefined;
}

export interface Damage {
  readonly place: string;
  readonly refusal: Refusal;
}
export interface Holding {
  readonly certificates: readonly Kept[];
  readonly requests: readonly KeptRequest[];
  readonly damaged: readonly Damage[];
}

const files = { certificate: 'certificate.pem', request: 'request.pem', key: 'key.pem', record: 'record.json' } as const;
/** What is being written or deleted begins with a dot; one this old (milliseconds) was left by a process that died. */
const abandoned = 60_000;
const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/;

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** The common name of a name, or all of it. */
export const labelOf = ({ parts, text }: CertificateFacts['subject']): string => parts.findLast(({ attribute }) => attribute === 'CN')?.value ?? text;

/** No certificate of this id is kept. */
export const unknownCertificate = (field: string): Refused => new Refused('unknown-certificate', 'There is no such certificate here.', { field });

export class CertificateStore {
  readonly #folder: string;

  /** @param folder made when the first certificate is kept. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Everything there is, the oldest first; what is damaged is left as it is. @throws Refused `storage` when the folder cannot be read. */
  async list(): Promise<Holding> {
    const read = await Promise.all((await this.#ids()).map(async (id) => await this.#read(id)));
    const byAge = <T extends Entry>(one: T, other: T): number => one.record.madeAt - other.record.madeAt || (one.id < other.id ? -1 : 1);
    return {
      certificates: read.flatMap(({ kept }) => kept ?? []).sort(byAge),
      requests: read.flatMap(({ request }) => request ?? []).sort(byAge),
      damaged: read.flatMap(({ damage }) => damage ?? []),
    };
  }

  /** One certificate. @throws Refused `unknown-certificate` at the field; `storage` when it is damaged. */
  async find(id: string, field = 'id'): Promise<Kept> {
    const { kept, damage } = await this.#there(id, field);
    if (kept !== undefined) return kept;
    throw damage === undefined ? unknownCertificate(field) : new Refused(damage.refusal.code, damage.refusal.message, { ...damage.refusal, field });
  }

  /** One request, or undefined. @throws Refused `storage` when it is damaged. */
  async findRequest(id: string): Promise<KeptRequest | undefined> {
    return (await this.#there(id, 'id')).request;
  }

  /** The key as it is kept; encrypted where the record says so. @throws Refused `storage` */
  async keyText(entry: Entry): Promise<string> {
    try {
      return await readFile(entry.keyFile, 'utf8');
    } catch (error) {
      throw storage(`The key ${entry.keyFile} cannot be read`, error);
    }
  }

  /** Keeps all of them or none. @returns their ids, in the same order. @throws Refused `storage` */
  async add(additions: readonly Addition[]): Promise<readonly string[]> {
    const drafts = additions.map((addition) => {
      const id = newId(addition);
      return { id, addition, draft: join(this.#folder, `.new-${id}`) };
    });
    const placed: string[] = [];
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      for (const { addition: { record: about, certificatePem, requestPem, keyPem }, draft } of drafts) {
        await mkdir(draft, { mode: 0o700 });
        const contents = { [files.certificate]: certificatePem, [files.request]: requestPem, [files.key]: keyPem, [files.record]: `${JSON.stringify(about, null, 2)}\n` };
        for (const [name, content] of Object.entries(contents)) if (content !== undefined) await writeSynced(join(draft, name), content);
      }
      for (const { id, draft } of drafts) {
        await rename(draft, join(this.#folder, id));
        placed.push(id);
      }
      return placed;
    } catch (error) {
      await Promise.all([...drafts.map(({ draft }) => draft), ...placed.map((id) => join(this.#folder, id))].map(async (path) => await rm(path, { recursive: true, force: true })));
      throw storage('The certificate cannot be kept', error);
    }
  }

  /** Changes what is known beside a certificate; processes take turns. @returns what is known now. @throws Refused `storage`, `unknown-certificate`. */
  async change(id: string, edit: (held: CertificateRecord) => CertificateRecord): Promise<CertificateRecord> {
    return await changeJson(this.#path(id, files.record), record, (held) => {
      if (held === null) throw unknownCertificate('id');
      return edit(held);
    });
  }

  /** Deletes a certificate or request with its key. @throws Refused `storage` */
  async remove(id: string): Promise<void> {
    const gone = join(this.#folder, `.gone-${id}-${randomBytes(4).toString('hex')}`);
    try {
      // In one step for every reader, whatever happens afterwards.
      await rename(this.#path(id), gone);
      await rm(gone, { recursive: true, force: true });
    } catch (error) {
      throw hasCode(error, 'ENOENT') ? unknownCertificate('id') : storage('The certificate cannot be deleted', error);
    }
  }

  /** Deletes what a process that died left half written or half deleted, keys among it. @throws Refused `storage` */
  async tidy(): Promise<void> {
    try {
      for (const name of await readdir(this.#folder)) {
        const path = join(this.#folder, name);
        if (/^\.(new|gone)-/.test(name) && Date.now() - (await stat(path)).mtimeMs > abandoned) await rm(path, { recursive: true, force: true });
      }
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw storage(`${this.#folder} cannot be tidied`, error);
    }
  }

  /** Profiles beside the certificates. */
  get profilesFile(): string {
    return join(this.#folder, 'profiles.json');
  }

  /** Makes sure that there is a folder. @throws Refused `storage` */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw storage(`${this.#folder} cannot be made`, error);
    });
  }

  #path(id: string, ...rest: readonly string[]): string {
    // An id comes from outside: nothing but a name leads out of the folder.
    if (!idForm.test(id)) throw unknownCertificate('id');
    return join(this.#folder, id, ...rest);
  }

  async #ids(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#folder, { withFileTypes: true })).filter((one) => one.isDirectory() && idForm.test(one.name)).map(({ name }) => name);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw storage(`${this.#folder} cannot be read`, error);
    }
  }

  async #there(id: string, field: string): Promise<ReadEntry> {
    if (!idForm.test(id) || !(await this.#ids()).includes(id)) throw unknownCertificate(field);
    return await this.#read(id);
  }

  /** Reads one folder; what is wrong with it is part of the answer, for the others are to be seen all the same. */
  async #read(id: string): Promise<ReadEntry> {
    const place = this.#path(id);
    const damage = (what: string): Damage => ({ place, refusal: { code: 'storage', message: `${place}: ${what}.`, remedy: 'Put the folder back from a backup, or move it away.' } });
    try {
      const about = await readJson(join(place, files.record), record);
      if (about === null) return { damage: damage('record.json is missing') };
      const keyFile = join(place, files.key);
      const [certificatePem, requestPem, keyPem] = await Promise.all([files.certificate, files.request, files.key].map(async (name) => await readIfThere(join(place, name))));
      const hasKey = keyPem !== undefined && keyBlockIn(keyPem) !== undefined;
      const harm = about.key === 'none' || hasKey ? {} : { damage: damage(`its key ${keyPem === undefined ? 'is missing' : 'is damaged'}`) };
      const entry = { id, record: hasKey ? about : { ...about, key: 'none' as const }, keyFile };
      if (certificatePem !== undefined) {
        const facts = readCertificate(certificatePem);
        return { ...harm, kept: { ...entry, facts, label: labelOf(facts.subject) } };
      }
      if (requestPem === undefined) return { damage: damage('its certificate is missing') };
      const facts = readRequest(requestPem);
      return { ...harm, request: { ...entry, facts, pem: requestPem, label: labelOf(facts.subject) } };
    } catch (error) {
      if (error instanceof DerFault) return { damage: damage(error.message) };
      if (error instanceof Refused) return { damage: { place, refusal: error.refusal } };
      throw error;
    }
  }
}

interface ReadEntry {
  readonly kept?: Kept;
  readonly request?: KeptRequest;
  readonly damage?: Damage;
}

/** Readable in paths and questions, and never the same twice. */
function newId({ certificatePem, requestPem }: Addition): string {
  const label = certificatePem === undefined ? labelOf(readRequest(requestPem ?? '').subject) : labelOf(readCertificate(certificatePem).subject);
  const slug = label.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 40);
  return `${slug === '' ? 'certificate' : slug}-${randomBytes(4).toString('hex')}`.replace('--', '-');
}

async function writeSynced(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw storage(`${path} cannot be read`, error);
  }
}

const storage = (doing: string, error: unknown): Refused =>
  new Refused('storage', `${doing}: ${error instanceof Error ? error.message : String(error)}.`, { remedy: 'Check free space and permissions of the data folder.' }, { cause: error });
