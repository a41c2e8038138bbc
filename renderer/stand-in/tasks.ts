// Tasks in every state, for the stand-in.
import type { Task } from '../../app/contract/tasks.ts';

export const tasksAt = (now: number): readonly Task[] => [
  { id: 't1', kind: 'save', title: 'Save web-02', host: 'atlas', uuid: null, at: now - 20_000, ended: null, outcome: null, progress: null, words: '', cancellable: true },
  { id: 't2', kind: 'setup', title: 'Set up borealis', host: 'borealis', uuid: null, at: now - 90_000, ended: now - 60_000, outcome: 'failed', progress: null, words: 'The host refused this step: no space left on device.', cancellable: false },
  { id: 't3', kind: 'restore', title: 'Restore ci-4711', host: 'atlas', uuid: null, at: now - 300_000, ended: now - 290_000, outcome: 'done', progress: null, words: '', cancellable: false },
];
