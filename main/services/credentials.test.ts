// Keys made by main and installed on Debian's own sshd, over a connection that logs in with another key; and answers remembered over it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { makeKey, publicKey, startSshServer, type SshServer } from '../transport/ssh-server.test-peer.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { testFolder } from './folder.test-peer.ts';
import { createMain } from './main.ts';
import { testStorage } from './remembering.test-peer.ts';

const user = userInfo().username;
let folder: string;
/** The user's home here, and on the host. */
let home: string;
let farHome: string;
let server: SshServer;
let ask: Asking;
let questions: Question[];
let answer: (question: Question) => { readonly answer: QuestionAnswer; readonly remember?: boolean };

beforeEach(async () => {
  folder = await testFolder();
  [home, farHome] = [join(folder, 'home'), join(folder, 'far')];
  for (const path of [join(home, '.ssh'), farHome, join(folder, 'data')]) mkdirSync(path, { recursive: true });
  server = await startSshServer(join(folder, 'server'), [
    `SetEnv HOME=${farHome}`, `AuthorizedKeysCommand /bin/cat ${farHome}/.ssh/authorized_keys`, `AuthorizedKeysCommandUser ${user}`,
  ]);
  onTestFinished(async () => await server.close());
  makeKey(join(folder, 'first'), 'ed25519', 'first-passphrase');
  writeFileSync(join(folder, 'server', 'authorized_keys'), `${publicKey(join(folder, 'first.pub'))}\n`);
  writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${server.port} ${publicKey(join(folder, 'server', 'host_ed25519.pub'))}\n`);
  questions = [];
  answer = () => ({ answer: { kind: 'passphrase', passphrase: 'first-passphrase' } });
  ask = await start();
});

/** Main as a window meets it, at each start of the program. */
const start = async (env: Readonly<Record<string, string>> = {}): Promise<Asking> => {
  const main = await createMain({ dataFolder: join(folder, 'data'), shell: 'web', version: 'test', home, env: { PATH: process.env['PATH'], ...env }, safeStorage: testStorage() });
  onTestFinished(async () => await main.close());
  const asks = asking(main);
  main.listen((news) => {
    if (news.section !== 'connections' || news.name !== 'asked') return;
    void asks('connections', 'questions', {}).then(async ([open]) => {
      if (open === undefined) return;
      questions.push(open.question);
      await asks('connections', 'answer', { id: open.id, ...answer(open.question) });
    });
  });
  return asks;
};
const add = async (parameters = ''): Promise<string> =>
  (await ask('connections', 'add', { uri: `qemu+ssh://${user}@127.0.0.1:${server.port}/system?keyfile=${folder}/first&no_sanity=1${parameters}`, autoConnect: false })).id;
const authorized = (): string => readFileSync(join(farHome, '.ssh', 'authorized_keys'), 'utf8');

describe('a key made here', { timeout: 20_000 }, () => {
  it('is installed by the login there is, and logs in alone', async () => {
    const key = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: 'ada’s “new” key' });
    expect(key).toEqual({ file: join(home, '.ssh', 'id_new'), type: 'ssh-ed25519', comment: 'ada’s “new” key', encrypted: false, fingerprint: execFileSync('ssh-keygen', ['-lf', `${key.file}.pub`], { encoding: 'utf8' }).split(' ')[1] });
    const id = await add('&sshauth=agent,privkey');
    const plan = await ask('credentials', 'installation', { id, keyFile: key.file });
    expect(plan).toMatchObject({ line: readFileSync(`${key.file}.pub`, 'utf8').trim(), file: '~/.ssh/authorized_keys', uri: `qemu+ssh://${user}@127.0.0.1:${server.port}/system?no_sanity=1&keyfile=${key.file}&sshauth=agent,privkey` });
    expect(existsSync(join(farHome, '.ssh'))).toBe(false);
    expect(await ask('credentials', 'installKey', { id, keyFile: key.file })).toEqual({ line: 'added', login: null });
    expect(authorized()).toBe(`${plan.line}\n`);
    // The connection itself is the window's to change.
    expect((await ask('connections', 'list', {})).find((one) => one.id === id)?.uri).toContain(`${folder}/first`);
    expect(await ask('credentials', 'installKey', { id, keyFile: key.file })).toEqual({ line: 'present', login: null });
    expect(authorized()).toBe(`${plan.line}\n`);
    await expect.poll(() => server.sessions()).toBe(0);
  });

  it('with a passphrase is asked for it when it is tried', async () => {
    const key = await ask('credentials', 'makeKey', { name: 'id_locked', type: 'ed25519', comment: '', passphrase: 'new-passphrase' });
    answer = (question) => ({ answer: { kind: 'passphrase', passphrase: question.kind === 'passphrase' && question.keyFile === key.file ? 'new-passphrase' : 'first-passphrase' } });
    expect(await ask('credentials', 'installKey', { id: await add(), keyFile: key.file })).toEqual({ line: 'added', login: null });
    expect(questions.map((question) => question.kind === 'passphrase' && question.keyFile)).toEqual([`${folder}/first`, key.file]);
  });

  it('is installed by the ssh program where that logs in', async () => {
    const { file } = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' });
    expect(await ask('credentials', 'installKey', { id: await add('&command=ssh'), keyFile: file })).toEqual({ line: 'added', login: null });
    expect(questions).toMatchObject([{ kind: 'passphrase', keyFile: `${folder}/first` }]);
    await expect.poll(() => server.sessions()).toBe(0);
  });

  it('that the host does not let in, though it was added, is told with the refusal of the login, whatever else would have let in', async () => {
    const agent = spawn('ssh-agent', ['-D', '-a', join(folder, 'agent')], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(async () => {
      const ended = once(agent, 'exit');
      agent.kill();
      await ended;
    });
    await once(agent.stdout, 'data');
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'first-passphrase', '-N', '', '-f', join(folder, 'first')]);
    execFileSync('ssh-add', ['-q', join(folder, 'first')], { env: { SSH_AUTH_SOCK: join(folder, 'agent') } });
    ask = await start({ SSH_AUTH_SOCK: join(folder, 'agent') });
    const { file } = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' });
    // The far side looks for keys elsewhere.
    const other = await startSshServer(join(folder, 'other'), [`SetEnv HOME=${farHome}`]);
    onTestFinished(async () => await other.close());
    writeFileSync(join(folder, 'other', 'authorized_keys'), `${publicKey(join(folder, 'first.pub'))}\n`);
    const { id } = await ask('connections', 'add', { uri: `qemu+ssh://${user}@127.0.0.1:${other.port}/system?known_hosts_verify=auto`, autoConnect: false });
    expect(await ask('credentials', 'installKey', { id, keyFile: file })).toMatchObject({ line: 'added', login: { code: 'login-failed', stage: 'login' } });
  });

  it('is not written where the host forbids it, which is told', async () => {
    const { file } = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' });
    writeFileSync(join(farHome, '.ssh'), 'in the way');
    await expect(ask('credentials', 'installKey', { id: await add(), keyFile: file })).rejects.toMatchObject({ refusal: { code: 'command-refused', message: expect.stringMatching(/^The host did not add the key to ~\/\.ssh\/authorized_keys: .*File exists/) } });
    expect(readFileSync(join(farHome, '.ssh'), 'utf8')).toBe('in the way');
    await expect.poll(() => server.sessions()).toBe(0);
  });

  it('is one of ~/.ssh, and its host one of SSH', async () => {
    const { file } = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' });
    await expect(ask('credentials', 'installation', { id: await add(), keyFile: '/etc/shadow' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'keyFile' } });
    const { id } = await ask('connections', 'add', { uri: 'qemu+tls://far/system', autoConnect: false });
    await expect(ask('credentials', 'installKey', { id, keyFile: file })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'id' } });
    for (const name of ['../up', 'a/b', '.hidden', '-flag', 'x.pub', '']) {
      await expect(ask('credentials', 'makeKey', { name, type: 'ed25519', comment: '' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'name' } });
    }
    await expect(ask('credentials', 'makeKey', { name: 'lines', type: 'ed25519', comment: 'a\nssh-rsa b' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'comment' } });
    await expect(ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'name' } });
    expect((await ask('credentials', 'keys', {})).map((key) => key.file)).toEqual([file]);
  });
});

describe('a passphrase', { timeout: 20_000 }, () => {
  it('that was remembered is not asked for at the next start, until it is forgotten', async () => {
    const { file } = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' });
    answer = () => ({ answer: { kind: 'passphrase', passphrase: 'first-passphrase' }, remember: true });
    const id = await add();
    await ask('credentials', 'installKey', { id, keyFile: file });
    await expect.poll(async () => await ask('credentials', 'list', {})).toMatchObject([{ purpose: { kind: 'passphrase', keyFile: `${folder}/first` }, user: null, lasts: 'kept' }]);
    ask = await start();
    await ask('credentials', 'installKey', { id, keyFile: file });
    expect(questions.length).toBe(1);
    const [remembered] = await ask('credentials', 'list', {});
    await ask('credentials', 'forget', { id: remembered?.id ?? '' });
    await expect(ask('credentials', 'forget', { id: remembered?.id ?? '' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'id' } });
    ask = await start();
    await ask('credentials', 'installKey', { id, keyFile: file });
    expect(questions.length).toBe(2);
  });

  it('of a key that was changed is forgotten when it opens it no more, and a person is told that it was wrong', async () => {
    const { file } = await ask('credentials', 'makeKey', { name: 'id_new', type: 'ed25519', comment: '' });
    answer = () => ({ answer: { kind: 'passphrase', passphrase: 'first-passphrase' }, remember: true });
    const id = await add();
    await ask('credentials', 'installKey', { id, keyFile: file });
    await expect.poll(async () => (await ask('credentials', 'list', {})).length).toBe(1);
    for (const name of ['first', 'first.pub']) rmSync(join(folder, name));
    makeKey(join(folder, 'first'), 'ed25519', 'second-passphrase');
    writeFileSync(join(folder, 'server', 'authorized_keys'), `${publicKey(join(folder, 'first.pub'))}\n`);
    answer = () => ({ answer: { kind: 'passphrase', passphrase: 'second-passphrase' } });
    expect((await ask('credentials', 'installKey', { id, keyFile: file })).line).toBe('present');
    expect(questions).toMatchObject([{ again: false }, { again: true }]);
    expect(await ask('credentials', 'list', {})).toEqual([]);
  });
});

it('says whether there is a safe storage', async () => {
  expect(await ask('credentials', 'storage', {})).toEqual({ available: true, name: 'test keyring' });
});
