// Saved connections and the questions that only a person can answer.
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { createDemoHost } from '../demo/demo-host.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import { Connections } from './connections.ts';
import { connectedMain, demoMain, testFolder, uuidOf } from './demo-main.test-peer.ts';
import { createMain } from './main.ts';
import { remembersNothing } from './remembering.test-peer.ts';
import { asking } from './asking.test-peer.ts';

const caller = { id: 'test', gone: new AbortController().signal };

/** A connection of which nothing is said beside where it leads. */
const unmarked = { autoConnect: true, group: '', color: null, tags: [], readOnly: false, allowPlain: false, warnings: [], state: { phase: 'off' } };

/** Connections of their own folder over a transport of the test's. */
const connectionsOver = async (openTransport: OpenTransport, isInteractive = true): Promise<{ readonly connections: Connections; readonly news: string[]; readonly complaints: unknown[] }> => {
  const folder = await testFolder();
  await writeFile(join(folder, 'connections.json'), JSON.stringify([{ id: 'a', name: 'A', uri: 'demo:///', autoConnect: false }]));
  const news: string[] = [];
  const complaints: unknown[] = [];
  const connections = await Connections.open({
    dataFolder: folder, tell: (section, name, told) => news.push(`${section}.${name} ${JSON.stringify(told)}`), openTransport,
    surroundings: { home: folder, env: {}, isRoot: false }, isInteractive, remembering: await remembersNothing(folder), complain: (error) => complaints.push(error),
  });
  onTestFinished(async () => {
    await connections.close();
    expect(complaints).toEqual([]);
  });
  return { connections, news, complaints };
};
/** A transport that asks for a password before it gives the demo host. */
const guarded = (given: QuestionAnswer[]): OpenTransport => async (_uri, { ask }: Surroundings, signal) => {
  const answer = await ask({ kind: 'password', user: 'me', host: 'there', again: false }, signal);
  given.push(answer);
  if (answer.kind === 'declined') throw new Refused('login-failed', 'No.', { stage: 'login', remedy: 'Try.' });
  const demo = createDemoHost();
  return { open: async () => demo.connect(), closed: new Promise(() => undefined), close: () => demo.close() };
};
const newsOf = async (news: readonly string[], what: string): Promise<void> => await expect.poll(() => news.filter((one) => one.startsWith(what)).length).toBeGreaterThan(0);

describe('the list of connections', () => {
  it('has the demo host at the first start, and this computer where its libvirt answers', async () => {
    const folder = await testFolder();
    // For a command line nothing is connected by itself.
    const main = await createMain({ dataFolder: folder, shell: 'cli', version: 'test', home: folder, env: {} });
    onTestFinished(async () => await main.close());
    const local = existsSync('/run/libvirt/libvirt-sock') || existsSync('/run/libvirt/virtqemud-sock') ? ['qemu:///system'] : [];
    expect((await asking(main)('connections', 'list', {})).map(({ uri, state }) => [uri, state.phase])).toEqual([...local, 'demo:///'].map((uri) => [uri, 'off']));
    expect((await stat(join(folder, 'connections.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps what is added, changed and removed', async () => {
    const { main, ask, folder } = await demoMain();
    const { id } = await ask('connections', 'add', { uri: ' qemu+ssh://me@far/system ', autoConnect: false });
    const { id: other } = await ask('connections', 'add', { uri: 'qemu:///system', name: ' Here ' });
    await ask('connections', 'update', { id, name: 'Far' });
    await ask('connections', 'update', { id, name: '', uri: 'qemu+tls://far/system' });
    await ask('connections', 'remove', { id: 'demo' });
    const saved = [
      { ...unmarked, id, name: 'Far', uri: 'qemu+tls://far/system', transport: 'tls', autoConnect: false },
      { ...unmarked, id: other, name: 'Here', uri: 'qemu:///system', transport: 'unix' },
    ];
    expect(await ask('connections', 'list', {})).toEqual(saved);
    await main.close();
    const again = await createMain({ dataFolder: folder, shell: 'cli', version: 'test', home: folder, env: {} });
    onTestFinished(async () => await again.close());
    expect(await asking(again)('connections', 'list', {})).toEqual(saved);
  });

  it('loses no change made at the same time, in this process or another', async () => {
    const one = await demoMain();
    const other = await demoMain({ dataFolder: one.folder });
    await Promise.all(Array.from({ length: 20 }, async (_, index) => await (index % 2 === 0 ? one : other).ask('connections', 'add', { uri: `qemu+tcp://host-${index}/system`, autoConnect: false })));
    const list = JSON.parse(await readFile(join(one.folder, 'connections.json'), 'utf8')) as readonly { readonly uri: string }[];
    expect(list.map(({ uri }) => uri).toSorted()).toEqual(['demo:///', ...Array.from({ length: 20 }, (_, index) => `qemu+tcp://host-${index}/system`)].toSorted());
    expect(existsSync(join(one.folder, 'connections.json.lock'))).toBe(false);
  });

  it('takes over the lock of a process that died', async () => {
    const { ask, folder } = await demoMain();
    const lock = join(folder, 'preferences.json.lock');
    await writeFile(lock, '');
    await utimes(lock, 1, 1);
    await ask('program', 'setPreferences', { preferences: { appearance: 'dark' } });
    expect([await ask('program', 'preferences', {}), existsSync(lock)]).toEqual([{ appearance: 'dark' }, false]);
  });

  it.each(['', '{', '[{"id":1}]', '[{"id":"a","name":"A","uri":"demo:///","autoConnect":true,"more":1}]', '[{"id":"a","name":"A","uri":"nonsense","autoConnect":true}]'])('is refused when its file is damaged, which stays as it is: %s', async (text) => {
    const folder = await testFolder();
    const path = join(folder, 'connections.json');
    await writeFile(path, text);
    await expect(createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} })).rejects.toMatchObject({ refusal: { code: 'storage', remedy: expect.stringContaining('Repair') } });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it.each([['connections', 'connect'], ['connections', 'disconnect'], ['connections', 'remove'], ['connections', 'update']])('knows no host but those in it: %s.%s', async (section, name) => {
    const { main } = await demoMain();
    expect(await main.answer(section, name, { id: 'nobody' }, caller)).toMatchObject({ ok: false, refusal: { code: 'unknown-host', field: 'id' } });
  });

  it('refuses a URI that cannot be understood before anything is saved', async () => {
    const { ask } = await demoMain();
    await expect(ask('connections', 'add', { uri: 'nonsense' })).rejects.toMatchObject({ refusal: { code: 'bad-uri', field: 'uri' } });
    await expect(ask('connections', 'update', { id: 'demo', uri: 'qemu+carrier-pigeon:///' })).rejects.toMatchObject({ refusal: { code: 'bad-uri' } });
    expect((await ask('connections', 'list', {})).map(({ uri }) => uri)).toEqual(['demo:///']);
  });
});

describe('a connection', () => {
  it('that is removed while connected is closed and forgotten', async () => {
    const { ask, main } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-01');
    await ask('connections', 'remove', { id: 'demo' });
    expect(await ask('connections', 'list', {})).toEqual([]);
    expect(await main.answer('guests', 'describe', { host: 'demo', uuid }, caller)).toMatchObject({ ok: false, refusal: { code: 'unknown-host' } });
  });

  it('takes a new URI with the next connect, and stays on the old one until then', async () => {
    const { ask } = await connectedMain();
    await ask('connections', 'update', { id: 'demo', uri: 'qemu+unix:///system?socket=/nowhere/libvirt-sock' });
    expect((await ask('guests', 'list', { host: 'demo' })).length).toBeGreaterThan(10);
    await ask('connections', 'disconnect', { id: 'demo' });
    await expect(ask('connections', 'connect', { id: 'demo' })).rejects.toMatchObject({ refusal: { code: 'socket-missing', stage: 'socket' } });
    expect((await ask('connections', 'list', {}))[0]?.state).toMatchObject({
      phase: 'failed', refusal: { code: 'socket-missing', stage: 'socket', remedy: expect.stringContaining('libvirtd') }, stages: [{ stage: 'socket', outcome: 'failed' }],
    });
    await expect(ask('guests', 'list', { host: 'demo' })).rejects.toMatchObject({ refusal: { code: 'not-connected', message: expect.stringContaining('No libvirt daemon listens') } });
  });

  it('says which stage failed when what answers is no libvirt', async () => {
    const { connections } = await connectionsOver(async () => {
      const [near, far] = duplexPair();
      far.once('data', () => far.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      return { open: async () => near, closed: new Promise(() => undefined), close: () => near.destroy() };
    });
    const refusal = { code: 'not-libvirt', stage: 'libvirt', remedy: expect.stringContaining('port') };
    await expect(connections.services.connect({ id: 'a' }, caller)).rejects.toMatchObject({ refusal });
    expect((await connections.services.list({}, caller))[0]?.state).toMatchObject({ phase: 'failed', refusal, stages: [{ stage: 'libvirt', outcome: 'failed', refusal }] });
  });
});

describe('a question', () => {
  it('is told, waits for its answer, and takes only one of its kind', async () => {
    const given: QuestionAnswer[] = [];
    const { connections, news } = await connectionsOver(guarded(given));
    const { services } = connections;
    const connected = services.connect({ id: 'a' }, caller);
    await newsOf(news, 'connections.asked');
    const [question] = await services.questions({}, caller);
    expect(question).toMatchObject({ host: 'a', question: { kind: 'password', user: 'me' } });
    const id = question?.id ?? '';
    await expect(services.answer({ id, answer: { kind: 'passphrase', passphrase: 'x' } }, caller)).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'answer.kind' } });
    await services.answer({ id, answer: { kind: 'password', password: 'open sesame' } }, caller);
    await connected;
    expect(given).toEqual([{ kind: 'password', password: 'open sesame' }]);
    expect(await services.questions({}, caller)).toEqual([]);
    expect(news.filter((one) => one.startsWith('connections.asked')).length).toBe(2);
    expect(news.join('\n')).not.toContain('sesame');
    await expect(services.answer({ id, answer: { kind: 'declined' } }, caller)).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'id' } });
  });

  it('is declined when connecting is given up, and nobody is left waiting', async () => {
    const given: QuestionAnswer[] = [];
    const { connections, news } = await connectionsOver(guarded(given));
    const { services } = connections;
    const connected = expect(services.connect({ id: 'a' }, caller)).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await newsOf(news, 'connections.asked');
    await services.disconnect({ id: 'a' }, caller);
    await connected;
    expect([given, await services.questions({}, caller)]).toEqual([[{ kind: 'declined' }], []]);
    expect((await services.list({}, caller))[0]?.state).toEqual({ phase: 'off' });
  });

  it('is declined by a command line, which has nobody to ask', async () => {
    const given: QuestionAnswer[] = [];
    const { connections } = await connectionsOver(guarded(given), false);
    await expect(connections.session('a')).rejects.toMatchObject({ refusal: { code: 'login-failed', stage: 'login' } });
    expect(given).toEqual([{ kind: 'declined' }]);
  });

  it('of several prompts takes as many answers', async () => {
    const given: QuestionAnswer[] = [];
    const { connections, news } = await connectionsOver(async (_uri, { ask }, signal) => {
      given.push(await ask({ kind: 'prompts', user: 'me', host: 'h', name: '', instructions: '', prompts: [{ text: 'One', echo: true }, { text: 'Two', echo: false }] }, signal));
      throw new Refused('login-failed', 'No.', { stage: 'login' });
    });
    const { services } = connections;
    const connected = expect(services.connect({ id: 'a' }, caller)).rejects.toMatchObject({ refusal: { code: 'login-failed', remedy: expect.stringMatching(/./) } });
    await newsOf(news, 'connections.asked');
    const id = (await services.questions({}, caller))[0]?.id ?? '';
    await expect(services.answer({ id, answer: { kind: 'prompts', answers: ['1'] } }, caller)).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'answer.answers' } });
    await services.answer({ id, answer: { kind: 'prompts', answers: ['1', '2'] } }, caller);
    await connected;
    expect(given).toEqual([{ kind: 'prompts', answers: ['1', '2'] }]);
  });
});

describe('when the network or the machine is back', () => {
  it('tries what was lost, and what is to be there and was not; leaves alone what nobody wanted', async () => {
    const tried: string[] = [];
    let obstacle: Refused | null = new Refused('unreachable', 'No.', { stage: 'port', remedy: 'Try.' });
    const demo = createDemoHost();
    onTestFinished(() => demo.close());
    const { connections } = await connectionsOver(async ({ host }) => {
      tried.push(host ?? '');
      if (obstacle !== null) throw obstacle;
      return { open: async () => demo.connect(), closed: new Promise(() => undefined), close: () => undefined };
    });
    const { services } = connections;
    const ids: Record<string, string> = {};
    for (const [name, autoConnect] of [['wanted', true], ['unwanted', false], ['untouched', true]] as const) {
      ids[name] = (await services.add({ uri: `qemu+tcp://${name}/system`, allowPlain: true, autoConnect }, caller)).id;
    }
    await Promise.allSettled(['wanted', 'unwanted'].map(async (name) => await services.connect({ id: ids[name] ?? '' }, caller)));
    const phases = async (): Promise<readonly string[]> => (await services.list({}, caller)).slice(1).map(({ state }) => state.phase);
    expect([tried.splice(0), await phases()]).toEqual([['wanted', 'unwanted'], ['failed', 'failed', 'off']]);
    await services.awake({}, caller);
    await expect.poll(phases).toEqual(['failed', 'failed', 'off']);
    obstacle = null;
    await services.awake({}, caller);
    await expect.poll(phases).toEqual(['ready', 'failed', 'off']);
    expect(tried).toEqual(['wanted', 'wanted']);
  });
});
