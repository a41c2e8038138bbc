// A line in the history for everything that is done with certificates: before it is done, and again when its end is known.
import { randomUUID } from 'node:crypto';
import type { Entry } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Context } from './context.ts';

/** What is begun, as the history has it until its end is known. */
export const begunEntry = (title: string, user: string, more: Partial<Entry> = {}): Entry => ({
  id: randomUUID(), at: Date.now(), user, host: null, guest: null, kind: 'certificate', title, outcome: 'interrupted', steps: [], changes: [], savedBefore: null, savedAfter: null, undoes: null, ...more,
});

/** Does what the title says, with a line in the history before and after. The title holds names, serials and nothing secret. */
export type Audited = <T>(title: string, work: () => Promise<T>) => Promise<T>;

export const audited = ({ history, tell, user, complain }: Pick<Context, 'history' | 'tell' | 'user' | 'complain'>): Audited => async (title, work) => {
  const entry = begunEntry(title, user);
  // Done is done: an end that cannot be written down is for the log, and the line from before tells that it was begun.
  const end = async (ended: Partial<Entry>): Promise<void> => {
    await history.append({ ...entry, ...ended }).catch(complain);
    tell('history', 'changed', { id: entry.id });
  };
  await history.append(entry);
  try {
    const result = await work();
    await end({ outcome: 'complete' });
    return result;
  } catch (error) {
    const refusal = error instanceof Refused ? error.refusal : ({ code: 'bug', message: 'Guestdeck itself failed at this.' } as const);
    await end({ outcome: 'put-back', steps: [{ title, virsh: '', scope: 'saved', outcome: 'failed', refusal }] });
    throw error;
  }
};
