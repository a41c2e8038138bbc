// Logging in with what only a person knows, on ssh2's own server; and servers that are none.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type Server } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openSsh } from './ssh.ts';
import { makeKey } from './ssh-server.test-peer.ts';
import { refusalOf, stagehand, type Stagehand } from './stagehand.test-peer.ts';

const never = new AbortController().signal;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-login-'));
  makeKey(join(folder, 'host'));
  makeKey(join(folder, 'key'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const opened: { readonly server: Server | NetServer; readonly end: () => void }[] = [];
afterEach(async () => {
  for (const { server, end } of opened.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    end();
    await closed;
  }
});

/** A server that judges each try to log in, and has one socket to forward to, which repeats what it hears. */
async function sshServer(judge: (context: AuthContext) => void): Promise<number> {
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [readFileSync(join(folder, 'host'))] }, (client) => {
    clients.add(client);
    client.on('error', () => undefined).on('authentication', judge).on('close', () => clients.delete(client));
    client.on('openssh.streamlocal', (accept) => {
      const channel = accept();
      channel.pipe(channel);
    });
  });
  opened.push({ server, end: () => clients.forEach((client) => client.end()) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function plainServer(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    answer(socket);
  });
  opened.push({ server, end: () => sockets.forEach((socket) => socket.destroy()) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const uriOf = (port: number, parameters = ''): string => `qemu+ssh://ada@127.0.0.1:${port}/system?known_hosts_verify=ignore&${parameters}`;

async function logIn(port: number, answers: readonly QuestionAnswer[], parameters = ''): Promise<Stagehand> {
  const hand = stagehand({ home: folder }, answers);
  const link = await openSsh(parseConnectionUri(uriOf(port, parameters)), hand.surroundings, never);
  const stream = await link.open(never);
  stream.write('hello');
  const [chunk]: unknown[] = await once(stream, 'data');
  expect(String(chunk)).toBe('hello');
  link.close();
  return hand;
}

const password = (text: string): QuestionAnswer => ({ kind: 'password', password: text });
const byPassword = (context: AuthContext): void => {
  if (context.method === 'password' && context.username === 'ada' && context.password === 'lovelace') context.accept();
  else context.reject(['password']);
};

describe('a password', () => {
  it('is asked for, and again when it is wrong', async () => {
    const port = await sshServer(byPassword);
    const hand = await logIn(port, [password('byron'), password('lovelace')]);
    expect(hand.questions).toEqual([
      { kind: 'password', user: 'ada', host: '127.0.0.1', port, again: false },
      { kind: 'password', user: 'ada', host: '127.0.0.1', port, again: true },
    ]);
    expect(hand.stages()).toContain('login done: ada, by password');
  });

  it('is asked for three times at most, and never repeated in a refusal', async () => {
    const port = await sshServer(byPassword);
    const hand = stagehand({ home: folder }, Array.from({ length: 9 }, () => password('byron')));
    const refusal = await refusalOf(openSsh(parseConnectionUri(uriOf(port)), hand.surroundings, never));
    expect(refusal).toMatchObject({ code: 'login-failed', stage: 'login', message: '127.0.0.1 does not let ada in: tried: password. It accepts: password.' });
    expect(hand.questions).toHaveLength(3);
    expect(JSON.stringify(refusal)).not.toContain('byron');
  });

  it('that is not given ends the login; with no_tty it is not asked for', async () => {
    const port = await sshServer(byPassword);
    const hand = stagehand({ home: folder });
    expect(await refusalOf(openSsh(parseConnectionUri(uriOf(port)), hand.surroundings, never)))
      .toMatchObject({ code: 'login-failed', message: expect.stringContaining('the password was not given') });
    expect(hand.questions).toHaveLength(1);
    const silent = stagehand({ home: folder }, [password('lovelace')]);
    expect(await refusalOf(openSsh(parseConnectionUri(uriOf(port, 'no_tty=1')), silent.surroundings, never)))
      .toMatchObject({ code: 'login-failed', message: expect.stringContaining('nothing to try was at hand') });
    expect(silent.questions).toEqual([]);
  });

  it('that is still awaited when the caller gives up closes the session', async () => {
    const port = await sshServer(byPassword);
    const caller = new AbortController();
    const hand = stagehand({
      home: folder,
      ask: (_question, signal) => new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        caller.abort();
      }),
    });
    expect(await refusalOf(openSsh(parseConnectionUri(uriOf(port)), hand.surroundings, caller.signal))).toMatchObject({ code: 'cancelled', stage: 'login' });
  });
});

describe('the server’s questions', () => {
  it('are put as they are, with what may be shown, and answered in order', async () => {
    const port = await sshServer((context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else context.prompt([{ prompt: 'Code: ', echo: true }, { prompt: 'PIN: ', echo: false }], 'Token', 'Look at it', (answers) => {
        if (answers[0] === '123' && answers[1] === '9') context.accept();
        else context.reject(['keyboard-interactive']);
      });
    });
    const hand = await logIn(port, [{ kind: 'prompts', answers: ['1', '2'] }, { kind: 'prompts', answers: ['123', '9'] }]);
    expect(hand.questions[1]).toEqual({
      kind: 'prompts', user: 'ada', host: '127.0.0.1', port, name: 'Token', instructions: 'Look at it',
      prompts: [{ text: 'Code: ', echo: true }, { text: 'PIN: ', echo: false }],
    });
    expect(await refusalOf(openSsh(parseConnectionUri(uriOf(port)), stagehand({ home: folder }).surroundings, never)))
      .toMatchObject({ code: 'login-failed', message: expect.stringContaining('the server’s questions were not answered') });
  });
});

describe('several methods', () => {
  it('are taken one after the other when the server wants more than one', async () => {
    let hasKey = false;
    const port = await sshServer((context) => {
      if (context.method === 'publickey' && context.signature) hasKey = true;
      if (context.method === 'publickey' && !context.signature) context.accept();
      else if (context.method === 'password' && hasKey && context.password === 'lovelace') context.accept();
      else context.reject(hasKey ? ['password'] : ['publickey'], hasKey);
    });
    const hand = await logIn(port, [password('lovelace')], `keyfile=${folder}/key`);
    expect(hand.questions).toHaveLength(1);
  });

  it('are tried in the order of sshauth, and no others', async () => {
    const seen: string[] = [];
    const port = await sshServer((context) => {
      seen.push(context.method);
      context.reject(['publickey', 'password', 'keyboard-interactive']);
    });
    const hand = stagehand({ home: folder }, [password('x'), password('y'), password('z')]);
    await refusalOf(openSsh(parseConnectionUri(uriOf(port, `sshauth=password,privkey&keyfile=${folder}/key`)), hand.surroundings, never));
    expect(seen).toEqual(['none', 'password', 'password', 'password', 'publickey']);
  });
});

describe('what is no SSH server', () => {
  const refusalFor = async (port: number, stageLimit = 10_000) =>
    await refusalOf(openSsh(parseConnectionUri(uriOf(port)), stagehand({ home: folder, stageLimit }).surroundings, never));

  it('is told from one that answers', async () => {
    expect(await refusalFor(await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))).toMatchObject({ code: 'not-ssh', stage: 'hostKey' });
    expect(await refusalFor(await plainServer((socket) => socket.destroy()))).toMatchObject({ code: 'unreachable', stage: 'hostKey' });
    expect(await refusalFor(await plainServer((socket) => socket.write('SSH-2.0-x\r\n\0\0\0\x05garbage and more garbage')))).toMatchObject({ code: 'not-ssh', stage: 'hostKey' });
    expect(await refusalFor(await plainServer(() => undefined), 100)).toMatchObject({ code: 'timed-out', stage: 'hostKey' });
  });

  it('or is one of another time is told as well', async () => {
    const server = new ssh2.Server({ hostKeys: [readFileSync(join(folder, 'host'))], algorithms: { kex: ['diffie-hellman-group1-sha1'] } }, (client) => client.on('error', () => undefined));
    opened.push({ server, end: () => undefined });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await refusalFor((server.address() as AddressInfo).port)).toMatchObject({ code: 'ssh-algorithms', stage: 'hostKey' });
  });

  it('may also be nothing at all', async () => {
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    expect(await refusalFor(port)).toMatchObject({ code: 'unreachable', stage: 'port', message: `Nothing listens on port ${port} of 127.0.0.1.` });
    expect(await refusalOf(openSsh(parseConnectionUri('qemu+ssh://ada@no-such-host.invalid/system'), stagehand({ home: folder }).surroundings, never)))
      .toMatchObject({ code: 'name-unresolved', stage: 'name' });
  });
});
