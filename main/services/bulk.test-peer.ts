// Runs over many guests, for tests: what of plans is to be applied, and the run when it is over.
import type { PlannedGuest, Run } from '../../app/contract/bulk.ts';
import type { Takes } from '../../app/contract/contract.ts';
import type { Asking } from './asking.test-peer.ts';
import type { Main } from './services.ts';

export type Changes = Takes<'bulk', 'plan'>['changes'];

/** Where runs are begun and heard of. */
export interface BulkPlace {
  readonly main: Pick<Main, 'listen'>;
  readonly ask: Asking;
}

/** The plans that can be applied, as applying takes them. */
export const applicable = (plans: readonly PlannedGuest[]): Takes<'bulk', 'apply'>['guests'] =>
  plans.flatMap((plan) => (plan.outcome === 'planned' ? [{ host: plan.host, uuid: plan.uuid, wanted: plan.wanted, basis: plan.basis }] : []));

/** The run as it is at the first moment that it is so. */
export const runOnce = async ({ main, ask }: BulkPlace, id: string, isSo: (run: Run) => boolean): Promise<Run> => {
  const find = async (): Promise<Run | undefined> => (await ask('bulk', 'runs', {})).find((run) => run.id === id && isSo(run));
  return await new Promise((resolve, reject) => {
    const look = (): void => void find().then((run) => {
      if (run === undefined) return;
      stop();
      resolve(run);
    }, reject);
    const stop = main.listen((news) => {
      if (news.section === 'bulk') look();
    });
    look();
  });
};

/** The run as it is when it is over. */
export const ended = async (place: BulkPlace, id: string): Promise<Run> => await runOnce(place, id, (run) => run.ended !== null);

/** Begins to apply what can be of these plans; the run when it is over. */
export const applied = async (place: BulkPlace, title: string, plans: readonly PlannedGuest[], stopAtFailure = false): Promise<Run> =>
  await ended(place, (await place.ask('bulk', 'apply', { title, guests: applicable(plans), stopAtFailure })).id);
