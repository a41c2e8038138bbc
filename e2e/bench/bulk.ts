// Three settings planned for two hundred guests of the demo host at once, as the dialog for many guests asks for them.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Takes } from '../../app/contract/contract.ts';
import { asking } from '../../main/services/asking.test-peer.ts';
import { createMain } from '../../main/services/main.ts';
import { LabError } from '../lab/state.ts';
import { timed, type Run } from './measure.ts';

const changes: Takes<'bulk', 'plan'>['changes'] = [
  { aim: { knob: 'cpuShares', units: null, field: null }, operation: { how: 'times', factor: 2 }, occasion: 'possible' },
  { aim: { knob: 'memory', units: null, field: null }, operation: { how: 'add', amount: 2 * 1024 ** 2 }, occasion: 'possible' },
  { aim: { knob: 'cpuQuota', units: ['vcpu'], field: 'quota' }, operation: { how: 'set', to: 50_000 }, occasion: 'possible' },
];

/** @param count guests that are planned for. */
export const bulkRuns = async (home: string, count: number): Promise<{ readonly ours: Run; readonly close: () => Promise<void> }> => {
  const dataFolder = await mkdtemp(join(home, 'bulk-'));
  await writeFile(join(dataFolder, 'connections.json'), JSON.stringify([{ id: 'demo', name: 'Demo host', uri: 'demo:///', autoConnect: false }]));
  const main = await createMain({ dataFolder, shell: 'web', version: 'bench', home, env: { GUESTDECK_DEMO_SCALE: `${count}` } });
  const ask = asking(main);
  await ask('connections', 'connect', { id: 'demo' });
  const guests = (await ask('guests', 'list', { host: 'demo' })).filter(({ name }) => name.startsWith('vm-')).slice(0, count).map(({ host, uuid }) => ({ host, uuid }));
  return {
    ours: async () => await timed(async () => {
      const plans = await ask('bulk', 'plan', { guests, changes });
      const short = plans.filter((plan) => plan.outcome !== 'planned' || plan.changes.length < changes.length).length;
      if (plans.length !== count || short > 0) throw new LabError(`${count - plans.length + short} of ${count} guests were not planned`);
    }),
    close: async () => await main.close(),
  };
};
