// Fifty saved hosts of which ten are dead: the living are there as if the dead were not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deadPorts, type DeadPorts } from '../../e2e/lab/dead-ports.ts';
import { deadHosts, livingHosts, startWith } from '../../e2e/lab/many-hosts.ts';
import { makeNetwork } from '../../e2e/lab/network.ts';
import type { ScaleDaemon } from '../../e2e/lab/state.ts';
import { scaleDaemon } from '../../e2e/lab/tier1.ts';

const [living, dead] = [40, 10];
let lab: ScaleDaemon;
let folder: string;
const network = await makeNetwork();
if (typeof network === 'string') process.stderr.write(`No firewall among the dead hosts: ${network}\n`);
let ports: DeadPorts;

beforeAll(async () => {
  lab = await scaleDaemon(20);
  ports = await deadPorts(dead, typeof network === 'string' ? undefined : network);
  folder = await mkdtemp(join(tmpdir(), 'gd-many-'));
});
afterAll(async () => {
  await ports.close();
  if (typeof network !== 'string') await network.close();
  await rm(folder, { recursive: true });
});

it('are read, all that live, while the dead are still waited for', async () => {
  const { ask, milliseconds, guests, close } = await startWith([...deadHosts(lab, ports), ...livingHosts(lab, living)], folder);
  try {
    const states = await ask('connections', 'list', {});
    process.stdout.write(`${living} of ${states.length} hosts were read within ${milliseconds.toFixed(0)} ms of the start\n`);
    expect(new Map([...guests].toSorted())).toEqual(new Map(livingHosts(lab, living).map(({ id }) => [id, lab.guestNames.length] as const).toSorted()));
    const phases = (prefix: string): readonly string[] => states.filter(({ id }) => id.startsWith(prefix)).map(({ state }) => state.phase);
    expect(new Set(phases('living'))).toEqual(new Set(['ready']));
    // Refused are those to whose port nobody listens; whoever never answers is waited for, and nobody waited with it.
    expect(phases('dead')).toEqual(ports.places.map((_, index) => (index % 3 === 0 ? 'failed' : 'connecting')));
  } finally {
    await close();
  }
});
