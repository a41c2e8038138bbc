// What is remembered, where it is written, and in which form.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Purpose } from '../../app/contract/credentials.ts';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { testFolder } from './folder.test-peer.ts';
import { noStorage, testStorage } from './remembering.test-peer.ts';
import { type SafeStorage, Secrets } from './secrets.ts';

const far: Purpose = { kind: 'password', user: 'ada', host: 'far', port: 22 };
const near: Purpose = { kind: 'passphrase', keyFile: '/home/ada/.ssh/id_ed25519' };
const sasl: Purpose = { kind: 'credentials', host: 'far', family: 'SCRAM' };
const password = (text: string): QuestionAnswer => ({ kind: 'password', password: text });
const passphrase: QuestionAnswer = { kind: 'passphrase', passphrase: 'my-passphrase' };
const login: QuestionAnswer = { kind: 'credentials', user: 'fred', password: 'my-sasl-word' };

interface Opened {
  readonly secrets: Secrets;
  readonly complaints: string[];
  readonly news: string[];
}
const open = async (folder: string, storage: SafeStorage = testStorage()): Promise<Opened> => {
  const complaints: string[] = [];
  const news: string[] = [];
  const secrets = await Secrets.open({ path: join(folder, 'secrets.json'), storage, tell: (section, name) => news.push(`${section}.${name}`), complain: (error) => complaints.push(String(error)) });
  return { secrets, complaints, news };
};
const textOf = async (folder: string): Promise<string> => await readFile(join(folder, 'secrets.json'), 'utf8');
const all = [[far, password('my-password')], [near, passphrase], [sasl, login]] as const;

describe('with a safe storage', () => {
  it('answers are there at the next start, each for its purpose, and the file is private and shows none of them', async () => {
    const folder = await testFolder();
    const { secrets, news } = await open(folder);
    for (const [of, answer] of all) await secrets.remember(of, answer);
    expect(news).toEqual(Array.from({ length: 3 }, () => 'credentials.changed'));
    const again = await open(folder);
    expect(await Promise.all(all.map(async ([of]) => await again.secrets.find(of)))).toEqual(all.map(([, answer]) => answer));
    expect(again.secrets.list().map(({ purpose, user, lasts }) => [purpose.kind, user, lasts]).toSorted()).toEqual([['credentials', 'fred', 'kept'], ['passphrase', null, 'kept'], ['password', 'ada', 'kept']]);
    expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
    for (const secret of ['my-password', 'my-passphrase', 'my-sasl-word']) {
      for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, -3), Buffer.from(secret).toString('hex')]) expect(await textOf(folder)).not.toContain(form);
      expect(JSON.stringify(again.secrets.list())).not.toContain(secret);
    }
    expect(await readdir(folder)).toEqual(['secrets.json']);
  });

  it('the last answer for a purpose counts; another user, port or mechanism is another purpose', async () => {
    const folder = await testFolder();
    const { secrets } = await open(folder);
    await secrets.remember(far, password('one'));
    await secrets.remember(far, password('two'));
    expect([await secrets.find({ host: 'far', port: 22, user: 'ada', kind: 'password' }), secrets.list().length]).toEqual([password('two'), 1]);
    const others: readonly Purpose[] = [{ ...far, port: 2222 }, { ...far, user: 'root' }, { ...far, host: 'farther' }, { ...sasl, family: 'PLAIN' }, { kind: 'password', user: 'ada', host: 'far' }];
    expect(await Promise.all(others.map(async (of) => await secrets.find(of)))).toEqual(others.map(() => null));
  });

  it('what is forgotten is gone from the file', async () => {
    const folder = await testFolder();
    const { secrets } = await open(folder);
    for (const [of, answer] of all) await secrets.remember(of, answer);
    await secrets.forgetFor(far);
    const [, one] = secrets.list();
    expect([await secrets.forget(one?.id ?? ''), await secrets.forget('no such id')]).toEqual([true, false]);
    expect((await open(folder)).secrets.list()).toEqual(secrets.list());
    expect([secrets.list().length, (JSON.parse(await textOf(folder)) as unknown[]).length]).toEqual([1, 1]);
  });

  it('two processes that remember at the same time both do', async () => {
    const folder = await testFolder();
    const [one, other] = [await open(folder), await open(folder)];
    await Promise.all([one.secrets.remember(far, password('one')), other.secrets.remember(sasl, login)]);
    expect((await open(folder)).secrets.list().length).toBe(2);
  });

  it('what another storage encrypted is not touched, and answers where that storage is', async () => {
    const folder = await testFolder();
    await (await open(folder)).secrets.remember(far, password('my-password'));
    for (const storage of [noStorage, testStorage('other keyring')]) {
      const { secrets, complaints } = await open(folder, storage);
      expect([await secrets.find(far), secrets.list().length, complaints]).toEqual([null, 1, []]);
    }
    expect(await (await open(folder)).secrets.find(far)).toEqual(password('my-password'));
  });
});

describe('what cannot be read', () => {
  it('a torn file is begun anew, and the log says so', async () => {
    const folder = await testFolder();
    await (await open(folder)).secrets.remember(far, password('my-password'));
    await writeFile(join(folder, 'secrets.json'), (await textOf(folder)).slice(0, -30));
    const { secrets, complaints } = await open(folder);
    expect([secrets.list(), complaints]).toEqual([[], ['secrets.json is torn; what it kept was forgotten.']]);
    await secrets.remember(sasl, login);
    expect(await (await open(folder)).secrets.find(sasl)).toEqual(login);
  });

  it('a damaged entry costs only itself', async () => {
    const folder = await testFolder();
    await (await open(folder)).secrets.remember(far, password('my-password'));
    await writeFile(join(folder, 'secrets.json'), JSON.stringify([...(JSON.parse(await textOf(folder)) as unknown[]), { id: 'x', sealed: 'my-other-password' }]));
    const { secrets, complaints } = await open(folder);
    expect([await secrets.find(far), complaints]).toEqual([password('my-password'), ['secrets.json: 1 damaged entries were forgotten.']]);
    await secrets.remember(sasl, login);
    expect((await open(folder)).complaints).toEqual([]);
  });

  it('an entry that does not decrypt, or was put in the place of another, is forgotten with a line that holds no secret', async () => {
    const folder = await testFolder();
    await (await open(folder)).secrets.remember(far, password('my-password'));
    const [entry] = JSON.parse(await textOf(folder)) as { sealed: string }[];
    const forged = [
      { ...entry, sealed: Buffer.from('garbage').toString('base64') },
      { ...entry, sealed: (await testStorage().encrypt('{"my-password')).toString('base64') },
      { ...entry, purpose: { ...far, host: 'evil' } },
    ];
    for (const one of forged) {
      await writeFile(join(folder, 'secrets.json'), JSON.stringify([one]));
      const { secrets, complaints } = await open(folder);
      const [kept] = secrets.list();
      if (kept === undefined) throw new Error('not listed');
      expect(await secrets.find(kept.purpose)).toBeNull();
      expect(complaints).toEqual([expect.stringMatching(/^secrets\.json: the password for (far|evil) could not be decrypted by test keyring and was forgotten\.$/)]);
      expect([secrets.list(), JSON.parse(await textOf(folder))]).toEqual([[], []]);
    }
  });
});

describe('a storage that cannot be used now', () => {
  it('costs nothing that it keeps, and the log says so', async () => {
    const folder = await testFolder();
    await (await open(folder)).secrets.remember(far, password('my-password'));
    const { secrets, complaints } = await open(folder, { ...testStorage(), decrypt: async () => Promise.reject(new Error('my-password')) });
    expect([await secrets.find(far), secrets.list().length, complaints]).toEqual([null, 1, ['test keyring cannot be used now; the password for far stays in secrets.json.']]);
    expect(await (await open(folder)).secrets.find(far)).toEqual(password('my-password'));
  });
});

describe('without a safe storage', () => {
  it('answers last as long as the program, and nothing is written', async () => {
    const folder = await testFolder();
    const { secrets } = await open(folder, noStorage);
    expect(secrets.lasts).toBe('session');
    await secrets.remember(far, password('my-password'));
    expect([await secrets.find(far), secrets.list().map(({ lasts }) => lasts), await readdir(folder)]).toEqual([password('my-password'), ['session'], []]);
    expect((await open(folder, noStorage)).secrets.list()).toEqual([]);
    await secrets.forgetFor(far);
    expect(await secrets.find(far)).toBeNull();
  });

  it('the same where the storage fails, and the log says so', async () => {
    const folder = await testFolder();
    const { secrets, complaints } = await open(folder, { ...testStorage(), encrypt: async (text) => Promise.reject(new Error(`cannot encrypt ${text}`)) });
    await secrets.remember(far, password('my-password'));
    expect([await secrets.find(far), secrets.list().map(({ lasts }) => lasts), await readdir(folder)]).toEqual([password('my-password'), ['session'], []]);
    expect(complaints).toEqual(['test keyring did not encrypt the password for far, which is remembered until Guestdeck is closed.']);
  });
});
