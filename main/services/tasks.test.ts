// The list of what takes its time: how it goes on, how it ends, and what stops it.
import { expect, it } from 'vitest';
import type { Task } from '../../app/contract/tasks.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { applied } from './bulk.test-peer.ts';
import { connectedMain, type DemoMain, intercept, uuidOf } from './demo-main.test-peer.ts';
import { taskOfRun } from './tasks.ts';

const listed = async ({ ask }: DemoMain): Promise<readonly Task[]> => await ask('tasks', 'list', {});
/** The newest task once it is so. */
const once = async (demo: DemoMain, isSo: (task: Task) => boolean): Promise<Task> => await new Promise((resolve, reject) => {
  const look = (): void => void listed(demo).then(([task]) => {
    if (task === undefined || !isSo(task)) return;
    stop();
    resolve(task);
  }, reject);
  const stop = demo.main.listen((news) => {
    if (news.section === 'tasks') look();
  });
  look();
});

it('a guest that is saved is a task until it is saved', async () => {
  const demo = await connectedMain();
  const uuid = await uuidOf(demo.ask, 'web-01');
  const saved = demo.ask('guests', 'act', { host: 'demo', uuid, action: 'managedSave' });
  expect(await once(demo, ({ kind }) => kind === 'save')).toMatchObject({ title: 'Save web-01', host: 'demo', uuid, ended: null, outcome: null, cancellable: true });
  await saved;
  expect((await listed(demo))[0]).toMatchObject({ outcome: 'done', cancellable: false });
  await demo.ask('guests', 'act', { host: 'demo', uuid, action: 'start' });
  expect((await listed(demo)).map(({ title, outcome }) => [title, outcome])).toEqual([['Restore web-01', 'done'], ['Save web-01', 'done']]);
});

it('saving that is cancelled ends the job on the host, and is not told as a failure', async () => {
  const demo = await connectedMain();
  let abort: () => void = () => undefined;
  let begun: () => void = () => undefined;
  const saving = new Promise<void>((resolve) => (begun = resolve));
  const { called } = intercept({
    domainManagedSave: async () => await new Promise((_resolve, reject) => {
      abort = () => reject(new Refused('libvirt', 'operation aborted'));
      begun();
    }),
    domainAbortJob: async () => abort(),
  });
  const uuid = await uuidOf(demo.ask, 'web-01');
  const saved = demo.ask('guests', 'act', { host: 'demo', uuid, action: 'managedSave' }).catch((error: unknown) => error);
  await saving;
  const { id } = await once(demo, ({ kind }) => kind === 'save');
  await demo.ask('tasks', 'cancel', { id });
  expect(await saved).toBeInstanceOf(Refused);
  expect([called.filter((name) => name === 'domainAbortJob').length, (await listed(demo))[0]]).toMatchObject([1, { outcome: 'cancelled', words: 'operation aborted' }]);
  await expect(demo.ask('tasks', 'cancel', { id })).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  await expect(demo.ask('tasks', 'cancel', { id: 'nothing' })).rejects.toMatchObject({ refusal: { code: 'unknown-entry' } });
});

it('what fails says why', async () => {
  const demo = await connectedMain();
  intercept({ domainManagedSave: async () => await Promise.reject(new Refused('libvirt', 'No space left.')) });
  const uuid = await uuidOf(demo.ask, 'web-01');
  await expect(demo.ask('guests', 'act', { host: 'demo', uuid, action: 'managedSave' })).rejects.toBeInstanceOf(Refused);
  expect((await listed(demo))[0]).toMatchObject({ outcome: 'failed', words: 'No space left.', cancellable: false });
});

it('a run on many guests is in the list under its own id', async () => {
  const demo = await connectedMain();
  const guests = await Promise.all(['web-01', 'web-02'].map(async (name) => ({ host: 'demo', uuid: await uuidOf(demo.ask, name) })));
  const plans = await demo.ask('bulk', 'plan', { guests, changes: [{ aim: { knob: 'cpuShares', units: null, field: null }, operation: { how: 'set', to: 321 }, occasion: 'possible' }] });
  const run = await applied(demo, 'CPU shares = 321', plans);
  expect(await once(demo, ({ ended }) => ended !== null)).toEqual(taskOfRun(run));
  expect(taskOfRun(run)).toMatchObject({ id: run.id, kind: 'bulk', host: 'demo', uuid: null, outcome: 'done', progress: { done: 2, total: 2 }, words: '2 of 2 done' });
});

it('a run says how far it is, and how it ended', () => {
  const run = { id: 'r', kind: 'restart', title: 'Restart', at: 1, ended: null, cancelled: false } as const;
  const guest = (state: 'waiting' | 'working' | 'done' | 'failed' | 'left', host = 'a') => ({ host, uuid: state, name: state, state, words: '', entry: null });
  expect(taskOfRun({ ...run, guests: [guest('done'), guest('working', 'b'), guest('waiting')] })).toMatchObject({ host: null, outcome: null, progress: { done: 1, total: 3 }, cancellable: true });
  expect(taskOfRun({ ...run, ended: 2, cancelled: true, guests: [guest('done'), guest('left')] })).toMatchObject({ outcome: 'cancelled', words: '1 of 2 done · 1 not begun', cancellable: false });
  expect(taskOfRun({ ...run, ended: 2, cancelled: true, guests: [guest('failed'), guest('left')] })).toMatchObject({ outcome: 'failed' });
});
