// One list of everything that takes its time: runs on many guests, saving and restoring guests, setting hosts up.
import { randomUUID } from 'node:crypto';
import type { Run } from '../../app/contract/bulk.ts';
import type { News } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Task } from '../../app/contract/tasks.ts';
import { remote } from '../libvirt/procedures.ts';
import { type Context, domOf, guestOf } from './context.ts';
import type { Services, Tell } from './services.ts';

/** Tasks that are over and still told of. */
const mostOver = 30;

interface Held {
  readonly task: Task;
  readonly cancel: (() => Promise<unknown>) | null;
}

/** What is told of a task as it goes on. */
type Change = Partial<Pick<Task, 'ended' | 'outcome' | 'progress' | 'words' | 'cancellable'>>;

/** The list itself. */
export class TaskList {
  readonly #tell: Tell;
  readonly #held = new Map<string, Held>();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Newest first. */
  list(): Task[] {
    return [...this.#held.values()].map(({ task }) => task).toReversed();
  }

  /** Puts a task in, or what became of it in its place. @param cancel stops it; null = nothing does. */
  put(task: Task, cancel: Held['cancel']): void {
    this.#held.set(task.id, { task, cancel });
    for (const { id } of this.list().filter(({ ended }) => ended !== null).slice(mostOver)) this.#held.delete(id);
    this.#tell('tasks', 'changed', { id: task.id, isOver: task.ended !== null });
  }

  change(id: string, change: Change): void {
    const held = this.#held.get(id);
    if (held !== undefined && held.task.ended === null) this.put({ ...held.task, ...change }, held.cancel);
  }

  /** @throws Refused `unknown-entry`, or `bad-input` where nothing stops it any more. */
  async cancel(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (held === undefined) throw new Refused('unknown-entry', 'There is no such task any more.', { field: 'id' });
    if (!held.task.cancellable || held.cancel === null) throw new Refused('bad-input', `${held.task.title} cannot be cancelled.`, { field: 'id' });
    this.change(id, { cancellable: false });
    await held.cancel();
  }

  /** Work as a task for as long as it takes. What it throws is thrown on, and was cancelled where somebody asked for that. */
  async during<T>(about: Pick<Task, 'kind' | 'title' | 'host' | 'uuid'>, cancel: Held['cancel'], work: () => Promise<T>): Promise<T> {
    const id = randomUUID();
    let isCancelled = false;
    const stop = cancel === null ? null : async (): Promise<void> => {
      isCancelled = true;
      await cancel();
    };
    const end = (outcome: Task['outcome'], words: string): void => this.change(id, { ended: Date.now(), outcome, words, cancellable: false });
    this.put({ id, ...about, at: Date.now(), ended: null, outcome: null, progress: null, words: '', cancellable: stop !== null }, stop);
    try {
      const value = await work();
      end('done', '');
      return value;
    } catch (error) {
      end(isCancelled ? 'cancelled' : 'failed', error instanceof Refused ? error.refusal.message : 'Guestdeck itself failed at this.');
      throw error;
    }
  }
}

/** A run on many guests as a task. */
export const taskOfRun = (run: Run): Task => {
  const count = (...states: readonly Run['guests'][number]['state'][]): number => run.guests.filter(({ state }) => states.includes(state)).length;
  const [over, failed, left] = [count('done', 'failed', 'left'), count('failed'), count('left')];
  const hosts = new Set(run.guests.map(({ host }) => host));
  const [first] = run.guests;
  return {
    id: run.id, kind: 'bulk', title: run.title, at: run.at, ended: run.ended,
    host: hosts.size === 1 ? (first?.host ?? null) : null, uuid: run.guests.length === 1 ? (first?.uuid ?? null) : null,
    outcome: run.ended === null ? null : failed > 0 ? 'failed' : run.cancelled && left > 0 ? 'cancelled' : 'done',
    progress: { done: over, total: run.guests.length },
    words: [`${count('done')} of ${run.guests.length} done`, ...(failed > 0 ? [`${failed} failed`] : []), ...(left > 0 ? [`${left} not begun`] : [])].join(' · '),
    cancellable: run.ended === null && !run.cancelled,
  };
};

/** What tasks are made of. */
export interface TaskOptions {
  readonly context: Context;
  readonly listen: (hear: (news: News) => void) => () => void;
}

/** Services of which some asks take their time: the same ones, with those in the list. */
export interface WithTasks {
  readonly services: Services['tasks'];
  readonly guests: (guests: Services['guests']) => Services['guests'];
  readonly setup: (setup: Services['setup']) => Services['setup'];
  readonly memory: (memory: Services['memory']) => Services['memory'];
  /** Follows the runs on many guests. */
  readonly bulk: (bulk: Services['bulk']) => void;
}

export const taskServices = ({ context, listen }: TaskOptions): WithTasks => {
  const list = new TaskList(context.tell);
  const nobody = { id: 'tasks', gone: new AbortController().signal };
  return {
    services: {
      list: async () => list.list(),
      cancel: async ({ id }) => {
        await list.cancel(id);
        return null;
      },
    },

    guests: (guests) => ({
      ...guests,
      act: async (takes, caller) => {
        const { host, uuid, action } = takes;
        const session = await context.session(host);
        const guest = guestOf(session, uuid);
        const work = async (): Promise<null> => await guests.act(takes, caller);
        // Saving ends when the job is stopped, and the guest runs on.
        if (action === 'managedSave') return await list.during({ kind: 'save', title: `Save ${guest.name}`, host, uuid }, async () => await session.reached.connection.call(remote.domainAbortJob, { dom: domOf(guest) }), work);
        if (action === 'start' && guest.managedSave) return await list.during({ kind: 'restore', title: `Restore ${guest.name}`, host, uuid }, null, work);
        return await work();
      },
    }),

    setup: (setup) => ({
      ...setup,
      // What was begun is brought to its end or put back: in between nothing stops it.
      install: async (takes, caller) => await list.during({ kind: 'setup', title: `Set up ${nameOf(context, takes.host)}`, host: takes.host, uuid: null }, null, async () => await setup.install(takes, caller)),
      putBack: async (takes, caller) => await list.during({ kind: 'setup', title: `Put back on ${nameOf(context, takes.host)}`, host: takes.host, uuid: null }, null, async () => await setup.putBack(takes, caller)),
    }),

    memory: (memory) => ({
      ...memory,
      allocatePages: async (takes, caller) => await list.during({ kind: 'pages', title: `Allocate hugepages on ${context.hostName(takes.host)}`, host: takes.host, uuid: null }, null, async () => await memory.allocatePages(takes, caller)),
    }),

    bulk: (bulk) => {
      const cancelOf = (id: string) => async (): Promise<unknown> => await bulk.cancel({ id }, nobody);
      const changed = new Set<string>();
      const look = async (): Promise<void> => {
        const runs = await bulk.runs({}, nobody);
        for (const run of runs) if (changed.delete(run.id)) list.put(taskOfRun(run), cancelOf(run.id));
        changed.clear();
      };
      listen((news) => {
        if (news.section !== 'bulk' || news.name !== 'changed') return;
        changed.add(news.told.id);
        // What many guests tell in one turn is counted once.
        if (changed.size === 1) setImmediate(() => void look().catch(context.complain));
      });
    },
  };
};

const nameOf = (context: Context, host: string | null): string => (host === null ? 'this computer' : context.hostName(host));
