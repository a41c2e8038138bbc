// Somebody else with virsh on the guest that is tuned on a real libvirtd, in the midst of an apply: what they did is seen, and never overwritten.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Applied } from '../../app/contract/tuning.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { intercept, type Intercepted } from './demo-main.test-peer.ts';
import { createMain } from './main.ts';

const name = 'meanwhile';
const guest = 'light-0001';
let lab: LabDaemon;
let folder: string;
let definition: string;

beforeAll(async () => {
  lab = await extraDaemon(name);
  await defineLightGuests(lab, 2);
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-meanwhile-'));
  definition = join(folder, 'guest.xml');
  await writeFile(definition, await virsh(lab, 'dumpxml', guest, '--inactive'));
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});
/** Every test begins with the guest as it was defined, shut off. */
beforeEach(async () => {
  const listed = async (...which: readonly string[]): Promise<readonly string[]> =>
    (await virsh(lab, 'list', '--name', ...which)).split('\n').filter((one) => one === guest || one === 'renamed');
  for (const one of await listed()) await virsh(lab, 'destroy', one);
  for (const one of await listed('--inactive')) await virsh(lab, 'undefine', one);
  await virsh(lab, 'define', definition);
});

interface Scene {
  readonly ask: Asking;
  readonly host: string;
  readonly uuid: string;
  /** Applies; `meanwhile` is done once the first of the setters was answered. */
  readonly apply: (wanted: Wanted, meanwhile: () => Promise<unknown>) => Promise<Applied>;
}
const scene = async (): Promise<Scene> => {
  const main = await createMain({ dataFolder: await mkdtemp(join(folder, 'data-')), shell: 'web', version: 'test', home: folder, env: {} });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const { id: host } = await ask('connections', 'add', { uri: `qemu:///system?socket=${lab.unix.socket}`, autoConnect: false });
  await ask('connections', 'connect', { id: host });
  const uuid = (await ask('guests', 'list', { host })).find((one) => one.name === guest)?.uuid ?? '';
  return {
    ask, host, uuid,
    apply: async (wanted, meanwhile) => {
      const { basis } = await ask('tuning', 'read', { host, uuid });
      let isDue = true;
      const first = async ({ pass }: Intercepted): Promise<unknown> => {
        const answer = await pass();
        if (isDue) {
          isDue = false;
          await meanwhile();
        }
        return answer;
      };
      intercept({ domainPinVcpuFlags: first, domainSetSchedulerParametersFlags: first });
      return await ask('tuning', 'apply', { host, uuid, wanted, basis });
    },
  };
};
const told = ({ outcome, steps }: Applied): readonly string[] => [outcome, ...steps.map((step) => step.outcome)];
const saved = async (of = guest): Promise<string> => await virsh(lab, 'dumpxml', of, '--inactive');
const both = { vcpuPinning: { '0': '0' }, cpuShares: { '': 512 } };
/** One call, then a definition as a whole. */
const defining: Wanted = { saved: { cpuShares: { '': 512 }, partition: { '': '/machine/later' } } };

it('what virsh sets in mid-apply stops the step that would overwrite it, and what was done is put back', async () => {
  await virsh(lab, 'start', guest);
  const before = await saved();
  const { apply } = await scene();
  const applied = await apply({ live: both, saved: both }, async () => await virsh(lab, 'schedinfo', guest, '--set', 'cpu_shares=300', '--config'));
  expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
  expect(applied.steps[1]?.refusal).toMatchObject({ code: 'changed-meanwhile', message: expect.stringContaining('300') });
  const after = await saved();
  expect(after).toContain('<shares>300</shares>');
  expect(after.replace(/\s*<cputune>[^]*<\/cputune>/, '')).toBe(before);
});

it('what virsh edits in a definition is kept when the definition is written anew', async () => {
  const { apply } = await scene();
  const edited = join(folder, 'edited.xml');
  const applied = await apply(defining, async () => {
    await writeFile(edited, (await saved()).replace('</uuid>', '</uuid>\n  <description>theirs</description>'));
    await virsh(lab, 'define', edited);
  });
  expect(told(applied)).toEqual(['complete', 'done', 'done']);
  const after = await saved();
  expect([after.includes('<description>theirs</description>'), after.includes('<shares>512</shares>'), after.includes('<partition>/machine/later</partition>')]).toEqual([true, true, true]);
});

it('a guest that virsh renames is defined under its new name', async () => {
  const { apply } = await scene();
  const applied = await apply(defining, async () => await virsh(lab, 'domrename', guest, 'renamed'));
  expect(told(applied)).toEqual(['complete', 'done', 'done']);
  expect(await saved('renamed')).toContain('<partition>/machine/later</partition>');
  expect((await virsh(lab, 'list', '--all', '--name')).split('\n')).not.toContain(guest);
});

it('a guest that virsh undefines is not brought back', async () => {
  const { apply } = await scene();
  const applied = await apply(defining, async () => await virsh(lab, 'undefine', guest));
  expect([applied.outcome, applied.steps.at(-1)?.refusal?.code]).toEqual(['partial', 'unknown-guest']);
  expect((await virsh(lab, 'list', '--all', '--name')).split('\n')).not.toContain(guest);
});

it('a running guest that virsh undefines stays without a definition', async () => {
  await virsh(lab, 'start', guest);
  const { apply } = await scene();
  const applied = await apply({ live: { vcpuPinning: { '0': '0' } }, saved: { partition: { '': '/machine/later' } } }, async () => await virsh(lab, 'undefine', guest));
  expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
  expect(applied.steps[1]?.refusal).toMatchObject({ code: 'changed-meanwhile' });
  expect(await virsh(lab, 'dominfo', guest)).toMatch(/Persistent:\s+no/);
});

it('a guest that virsh shuts off has its saved half put back', async () => {
  await virsh(lab, 'start', guest);
  const before = await saved();
  const { apply } = await scene();
  const applied = await apply({ live: both, saved: both }, async () => await virsh(lab, 'destroy', guest));
  expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
  expect([await saved(), (await virsh(lab, 'domstate', guest)).trim()]).toEqual([before, 'shut off']);
});
