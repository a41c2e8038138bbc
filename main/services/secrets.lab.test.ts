// Every kind of secret, wrong and right, typed and remembered, against real servers: afterwards none of them is in any file, refusal, piece of news or process list.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Purpose } from '../../app/contract/credentials.ts';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { mustRun } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { type PromptingServer, startPromptingServer } from '../transport/prompting-server.test-peer.ts';
import { publicKey } from '../transport/ssh-server.test-peer.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import { testStorage } from './remembering.test-peer.ts';

const name = 'leaks';
const prompted = 'kbd-7c1f-right';
const madeWith = 'made-93ab-passphrase';
const wrong = 'wrong-55e0-secret';
/** Of a key of this test's own: other labs, which may start meanwhile, tell ssh-keygen theirs. */
const passphrase = 'key-2b8a-passphrase';
const sasl = { user: 'leaky', password: 'sasl-1d4e-right' };
let lab: LabDaemon;
let folder: string;
let server: PromptingServer;

beforeAll(async () => {
  lab = await extraDaemon(name);
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-leaks-'));
  await mustRun('saslpasswd2', ['-p', '-c', '-a', 'libvirt', '-f', join(lab.dir, 'sasl', 'users.db'), sasl.user], { input: sasl.password });
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  await mustRun('ssh-keygen', ['-q', '-a', '1', '-t', 'ed25519', '-N', passphrase, '-f', join(folder, 'locked')]);
  appendFileSync(join(dirname(lab.ssh.keyFile), 'authorized_keys'), readFileSync(join(folder, 'locked.pub'), 'utf8'));
  server = await startPromptingServer(join(folder, 'host'), 'Password: ', prompted);
  writeFileSync(join(folder, 'known'), `[127.0.0.1]:${server.port} ${publicKey(join(folder, 'host.pub'))}\n`);
}, 120_000);
afterAll(async () => {
  await server.close();
  await extraDaemonDown(name);
  rmSync(folder, { recursive: true });
});

const overSsh = (user: string, more: string): string => `qemu+ssh://${user}@127.0.0.1:${lab.ssh.port}/system?known_hosts=${lab.ssh.knownHosts}&${more}`;
const kinds: readonly { readonly way: string; readonly uri: () => string; readonly purpose: Purpose['kind']; readonly secret: () => string }[] = [
  { way: 'an SSH password', uri: () => overSsh(lab.ssh.passwordUser, 'sshauth=password'), purpose: 'password', secret: () => lab.ssh.password },
  { way: 'an SSH password, by the ssh program', uri: () => overSsh(lab.ssh.passwordUser, 'command=ssh'), purpose: 'password', secret: () => lab.ssh.password },
  { way: 'a passphrase', uri: () => overSsh('root', `keyfile=${folder}/locked&sshauth=privkey`), purpose: 'passphrase', secret: () => passphrase },
  { way: 'a passphrase, by the ssh program', uri: () => overSsh('root', `keyfile=${folder}/locked&command=ssh`), purpose: 'passphrase', secret: () => passphrase },
  { way: 'an answer to a server’s own question', uri: () => `qemu+ssh://ada@127.0.0.1:${server.port}/system?known_hosts=${folder}/known`, purpose: 'prompt', secret: () => prompted },
  { way: 'a SASL password', uri: () => `qemu+tcp://127.0.0.1:${lab.tcp.port}/system`, purpose: 'credentials', secret: () => sasl.password },
];

const answerOf = (question: Question, secret: string): QuestionAnswer =>
  question.kind === 'password' ? { kind: 'password', password: secret }
  : question.kind === 'passphrase' ? { kind: 'passphrase', passphrase: secret }
  : question.kind === 'credentials' ? { kind: 'credentials', user: sasl.user, password: secret }
  : question.kind === 'prompts' ? { kind: 'prompts', answers: [secret] }
  : { kind: 'declined' };

interface Run {
  readonly ask: Asking;
  readonly questions: Question[];
  readonly close: () => Promise<void>;
  /** News, states and refusals as text. */
  readonly heard: string[];
}
/** Main as a window meets it; `secrets` are what a person types, in order, ticking remember. */
const run = async (dataFolder: string, secrets: string[]): Promise<Run> => {
  const main = await createMain({ dataFolder, shell: 'web', version: 'test', home: folder, env: { PATH: process.env['PATH'] }, safeStorage: testStorage() });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const heard: string[] = [];
  const questions: Question[] = [];
  main.listen((news) => {
    heard.push(JSON.stringify(news));
    if (news.section !== 'connections' || news.name !== 'asked') return;
    void ask('connections', 'questions', {}).then(async ([open]) => {
      if (open === undefined) return;
      questions.push(open.question);
      heard.push(JSON.stringify(open));
      const secret = secrets.shift();
      await ask('connections', 'answer', { id: open.id, answer: secret === undefined ? { kind: 'declined' } : answerOf(open.question, secret), remember: true });
    });
  });
  return { ask, questions, heard, close: async () => await main.close() };
};

/** Connects and tells how that went; who may log in need not be allowed to use libvirt. */
const connect = async ({ ask, heard }: Run, id: string): Promise<string> => {
  const outcome = await ask('connections', 'connect', { id }).then(() => 'ready', (error: unknown) => {
    if (!(error instanceof Refused)) throw error;
    heard.push(JSON.stringify(error.refusal), String(error.stack), String(error.cause));
    return error.refusal.stage ?? 'nowhere';
  });
  heard.push(JSON.stringify(await ask('connections', 'list', {})), JSON.stringify(await ask('credentials', 'list', {})), JSON.stringify(await ask('history', 'list', {})));
  return outcome;
};

/** What the processes of this machine are told in words and environment, looked at again and again until stopped; each text once. */
const watchProcesses = (): { readonly stop: () => Promise<ReadonlySet<string>> } => {
  const seen = new Set<string>();
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      for (const process of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
        for (const file of ['cmdline', 'environ']) {
          try {
            seen.add(readFileSync(join('/proc', process, file), 'utf8'));
          } catch (error) {
            if (!(error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code)))) throw error;
          }
        }
      }
      await setImmediate();
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await watching;
      return seen;
    },
  };
};
const filesIn = (path: string): readonly string[] => readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));

it.each(kinds)('$way is asked for, remembered, given by itself, and nowhere to be read', async ({ uri, purpose, secret }) => {
  const data = await mkdtemp(join(folder, 'data-'));
  const processes = watchProcesses();
  const first = await run(data, [wrong, secret()]);
  const { id } = await first.ask('connections', 'add', { uri: uri(), autoConnect: false });
  const outcome = await connect(first, id);
  expect(first.questions.map((question) => 'again' in question && question.again)).toEqual(purpose === 'prompt' ? [false, false] : [false, true]);
  await first.close();

  const second = await run(data, []);
  expect(await connect(second, id)).toBe(outcome);
  expect([second.questions, (await second.ask('credentials', 'list', {})).map((one) => one.purpose.kind)]).toEqual([[], [purpose]]);
  await second.close();

  const seen = await processes.stop();
  const places = { files: filesIn(data), heard: [...first.heard, ...second.heard], processes: [...seen] };
  for (const [place, texts] of Object.entries(places)) {
    // That the place was really looked at.
    expect([place, texts.some((text) => text.includes(place === 'processes' ? (uri().includes('command=ssh') ? 'ControlMaster' : 'vitest') : '127.0.0.1'))]).toEqual([place, true]);
    for (const text of [wrong, secret()]) {
      for (const form of [text, Buffer.from(text).toString('base64').replace(/=+$/, ''), Buffer.from(text).toString('hex')]) expect([place, texts.filter((one) => one.includes(form))]).toEqual([place, []]);
    }
  }
});

it('the passphrase of a key made here is nowhere to be read', async () => {
  const data = await mkdtemp(join(folder, 'data-'));
  const processes = watchProcesses();
  const main = await run(data, []);
  const { file } = await main.ask('credentials', 'makeKey', { name: 'id_made', type: 'ed25519', comment: 'leaks', passphrase: madeWith });
  await expect(main.ask('credentials', 'makeKey', { name: 'id_made', type: 'ed25519', comment: 'leaks', passphrase: madeWith })).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  await main.close();
  const seen = await processes.stop();
  for (const text of [...filesIn(data), ...filesIn(join(folder, '.ssh')), ...main.heard, ...seen]) expect(text).not.toContain(madeWith);
  expect(await mustRun('ssh-keygen', ['-l', '-f', file])).toContain('leaks');
});
