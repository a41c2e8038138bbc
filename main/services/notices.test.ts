// What is told of without being asked for, and what is not because somebody here wanted it.
import { expect, it } from 'vitest';
import type { Connection, ConnectionState } from '../../app/contract/connections.ts';
import type { News } from '../../app/contract/contract.ts';
import type { KnownCertificate } from '../../app/contract/health.ts';
import type { Notice } from '../../app/contract/notices.ts';
import type { Preferences } from '../../app/contract/program.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Task } from '../../app/contract/tasks.ts';
import { remote } from '../libvirt/procedures.ts';
import { connectedMain, connectionOf, testFolder, uuidOf } from './demo-main.test-peer.ts';
import { noticeServices } from './notices.ts';

/** The titles of what the program under test was told, once there are so many. */
const told = async (news: readonly News[], count: number): Promise<readonly string[]> => {
  const titles = (): readonly string[] => news.flatMap((one) => (one.section === 'notices' && one.name === 'raised' ? [one.told.notice.title] : []));
  await expect.poll(() => titles().length).toBe(count);
  return titles();
};

it('a guest that somebody else stops is told of, one that is stopped here is not', async () => {
  const { ask, news } = await connectedMain();
  const connection = await connectionOf(ask);
  const [mine, theirs] = [await uuidOf(ask, 'web-01'), await uuidOf(ask, 'web-02')];
  await ask('guests', 'act', { host: 'demo', uuid: mine, action: 'destroy', confirm: 'web-01' });
  await connection.call(remote.domainDestroyFlags, { dom: { name: 'web-02', uuid: theirs, id: -1 }, flags: 0 });
  expect(await told(news, 1)).toEqual(['web-02 stopped']);
  expect(await ask('notices', 'list', {})).toMatchObject([{ kind: 'guestStopped', host: 'demo', uuid: theirs, read: false, text: 'On Demo host; nobody asked for it here.' }]);
  await ask('notices', 'read', { ids: ['another', (await ask('notices', 'list', {}))[0]?.id ?? ''] });
  expect(await ask('notices', 'list', {})).toMatchObject([{ read: true }]);
  await ask('notices', 'clear', {});
  expect(await ask('notices', 'list', {})).toEqual([]);
});

it('what was stopped here and started again is told of when it stops by itself', async () => {
  const { ask, news } = await connectedMain();
  const connection = await connectionOf(ask);
  const uuid = await uuidOf(ask, 'web-01');
  await ask('guests', 'act', { host: 'demo', uuid, action: 'destroy', confirm: 'web-01' });
  await ask('guests', 'act', { host: 'demo', uuid, action: 'start' });
  await connection.call(remote.domainDestroyFlags, { dom: { name: 'web-01', uuid, id: -1 }, flags: 0 });
  expect(await told(news, 1)).toEqual(['web-01 stopped']);
});

it('a task that ends is told of with what came of it, and not where it was switched off', async () => {
  const { ask, news } = await connectedMain();
  const uuid = await uuidOf(ask, 'web-01');
  await ask('guests', 'act', { host: 'demo', uuid, action: 'managedSave' });
  expect(await told(news, 1)).toEqual(['Save web-01 is done']);
  await ask('program', 'setPreferences', { preferences: { notices: { taskEnded: 'off', guestStopped: 'system' } } });
  await ask('guests', 'act', { host: 'demo', uuid, action: 'start' });
  await (await connectionOf(ask)).call(remote.domainDestroyFlags, { dom: { name: 'web-01', uuid, id: -1 }, flags: 0 });
  expect(await told(news, 2)).toEqual(['Save web-01 is done', 'web-01 stopped']);
  expect(news.flatMap((one) => (one.section === 'notices' && one.name === 'raised' ? [one.told.system] : []))).toEqual([true, true]);
});

const refusal = { code: 'connection-lost', message: 'The connection ended.' } as const;
const atlas: Connection = {
  id: 'atlas', name: 'atlas', uri: 'qemu:///system', transport: 'unix', group: '', color: null, tags: [], readOnly: false, autoConnect: true, allowPlain: false, warnings: [], state: { phase: 'off' },
};

/** The service by itself, among hosts, tasks and certificates as they are set. */
const alone = async (world: { states?: readonly ConnectionState[]; tasks?: readonly Task[]; warnings?: readonly KnownCertificate[]; preferences?: Preferences; folder?: string }) => {
  const raised: Notice[] = [];
  const complaints: unknown[] = [];
  let hear: (news: News) => void = () => undefined;
  let state: ConnectionState = { phase: 'off' };
  const { services, lookAtCertificates, close } = noticeServices({
    context: {
      tell: (section, name, what) => {
        const news = { section, name, told: what } as unknown as News;
        if (news.section === 'notices' && news.name === 'raised') raised.push(news.told.notice);
      },
      session: async () => await Promise.reject(new Refused('not-connected', 'No.')),
      hostName: (host) => host, complain: (error) => complaints.push(error),
    },
    dataFolder: world.folder ?? (await testFolder()),
    listen: (listener) => {
      hear = listener;
      return () => (hear = () => undefined);
    },
    connections: async () => [{ ...atlas, state }], tasks: async () => world.tasks ?? [], warnings: async () => world.warnings ?? [], preferences: async () => world.preferences ?? {},
  });
  for (const next of world.states ?? []) {
    state = next;
    hear({ section: 'connections', name: 'changed', told: { id: 'atlas' } });
    // What was looked at is told before the next state comes.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await lookAtCertificates();
  await close();
  expect(complaints).toEqual([]);
  return { titles: raised.map(({ title }) => title), services };
};
const lost: ConnectionState = { phase: 'lost', since: 1, refusal, nextTry: 2 };
const ready: ConnectionState = { phase: 'ready', since: 1 };
const connecting: ConnectionState = { phase: 'connecting', stages: [] };
const failed: ConnectionState = { phase: 'failed', refusal, stages: [] };

it.each([
  ['lost and back, each once however often it is tried', [ready, lost, connecting, lost, connecting, ready], ['atlas is lost', 'atlas is back']],
  ['lost for good', [ready, lost, connecting, failed], ['atlas is lost', 'atlas does not come back by itself']],
  ['disconnected by a person, also while it was lost', [ready, { phase: 'off' }, ready, lost, { phase: 'off' }, connecting, ready], ['atlas is lost']],
  ['never reached', [connecting, failed, connecting, ready], []],
] as const)('a host that is %s', async (_how, states, titles) => expect((await alone({ states })).titles).toEqual(titles));

it('a host that is being set up from here loses its daemon without being told of', async () => {
  const task: Task = { id: 't', kind: 'setup', title: '', host: 'atlas', uuid: null, at: 1, ended: null, outcome: null, progress: null, words: '', cancellable: false };
  expect((await alone({ states: [ready, lost], tasks: [task] })).titles).toEqual([]);
});

const certificate = (label: string, days: number, warning: number | null): KnownCertificate => ({
  fingerprint: label, kind: 'host', label, subject: `CN=${label}`, issuer: '', notBefore: 0, notAfter: 0, expiry: { state: days < 0 ? 'expired' : 'expiring', days: Math.abs(days) }, warning, places: [{ at: 'file', path: '/x' }],
});

it('certificates are told of once for each of the warning days, also over restarts', async () => {
  const folder = await testFolder();
  const look = async (...warnings: readonly KnownCertificate[]) => (await alone({ folder, warnings })).titles;
  expect(await look(certificate('a', 29, 30), certificate('b', 1, 7))).toEqual(['The certificate a expires in 29 days', 'The certificate b expires in 1 day']);
  expect(await look(certificate('a', 20, 30), certificate('b', 0, 7))).toEqual([]);
  expect(await look(certificate('a', 6, 7), certificate('b', -2, 0))).toEqual(['The certificate a expires in 6 days', 'The certificate b has expired']);
  expect((await alone({ folder: await testFolder(), warnings: [certificate('a', 5, 7)], preferences: { notices: { certificate: 'off' } } })).titles).toEqual([]);
});
