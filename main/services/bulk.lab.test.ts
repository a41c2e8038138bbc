// Many guests of the lab's real libvirtd: changed at once, one of them refused by the host, cancelled, tried again, taken back and restarted, with virsh as witness.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGuest, stopGuest } from '../../e2e/lab/guests.ts';
import { labMain, type LabMain } from '../../e2e/lab/lab-main.ts';
import { mustRun } from '../../e2e/lab/processes.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { applicable, applied, type Changes, ended, runOnce } from './bulk.test-peer.ts';

/** Guests without a system inside, the first two of them running. */
const few = ['many-1', 'many-2', 'many-3', 'many-4'] as const;
const running: readonly string[] = few.slice(0, 2);
/** Beside them enough that a run over all can be cancelled in its midst. */
const all = [...few, ...Array.from({ length: 28 }, (_, index) => `many-${index + 5}`)];

const guestXml = (lab: Lab, name: string, mebibytes: number): string => `<domain type='${lab.accelerator === 'kvm' ? 'kvm' : 'qemu'}'>
  <name>${name}</name>
  <memory unit='MiB'>${mebibytes}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices><controller type='usb' model='none'/><controller type='scsi' model='virtio-scsi'/><memballoon model='none'/></devices>
</domain>
`;

let started: LabMain;
let image: string;

beforeAll(async () => {
  started = await labMain(async (lab, folder) => {
    const files = await Promise.all(all.map(async (name, index) => {
      const file = join(folder, `${name}.xml`);
      await writeFile(file, guestXml(lab, name, 32 + 8 * (index % 4)));
      return file;
    }));
    await mustRun('virsh', ['-q', '-c', lab.virshUri], { input: files.map((file) => `define ${file}\n`).join('') });
    for (const name of running) {
      await stopGuest(lab, name);
      await virsh(lab, 'start', name);
    }
    await stopGuest(lab, 'lab-one');
    await startGuest(lab, 'lab-one');
  });
  image = join(started.lab.dir, 'images', 'shared.qcow2');
});
afterAll(async () => {
  await started.close();
  for (const name of running) await stopGuest(started.lab, name);
  await mustRun('virsh', ['-q', '-c', started.lab.virshUri], { input: all.map((name) => `undefine ${name}\n`).join('') });
  await stopGuest(started.lab, 'lab-one');
  await rm(image, { force: true });
});

const which = (names: readonly string[]) => names.map((name) => ({ host: started.host, uuid: started.uuidOf(name) }));
const plansFor = async (names: readonly string[], changes: Changes) => await started.ask('bulk', 'plan', { guests: which(names), changes });
const whole = (knob: Changes[number]['aim']['knob'], operation: Changes[number]['operation'], occasion: Changes[number]['occasion'] = 'possible'): Changes[number] => ({ aim: { knob, units: null, field: null }, operation, occasion });
/** What virsh prints of each guest. */
const seen = async (names: readonly string[], print: (name: string) => readonly string[], pattern: RegExp): Promise<readonly (string | null)[]> =>
  await Promise.all(names.map(async (name) => pattern.exec(await virsh(started.lab, ...print(name)))?.[1] ?? null));
const savedShares = async (names: readonly string[]) => await seen(names, (name) => ['dumpxml', '--inactive', name], /<shares>(\d+)</);
const liveShares = async () => await seen(running, (name) => ['schedinfo', name, '--live'], /cpu_shares\s*:\s*(\d+)/);
const savedMemory = async (names: readonly string[]) => await seen(names, (name) => ['dumpxml', '--inactive', name], /<memory unit='KiB'>(\d+)</);

describe('many guests of a real libvirtd', () => {
  it('are set to one value and multiplied from what each has, and taken back', async () => {
    const usual = await liveShares();
    const run = await applied(started, 'shares and memory', await plansFor(few, [whole('cpuShares', { how: 'set', to: 512 }), whole('memory', { how: 'times', factor: 1.5 }, 'saved'), whole('memory', { how: 'add', amount: 4096 }, 'saved')]));
    expect(run.guests.map(({ name, state, outcome }) => [name, state, outcome])).toEqual(few.map((name) => [name, 'done', 'complete']));
    expect([await savedShares(few), await liveShares()]).toEqual([['512', '512', '512', '512'], ['512', '512']]);
    expect(await savedMemory(few)).toEqual([32, 40, 48, 56].map((mebibytes) => `${mebibytes * 1024 * 1.5 + 4096}`));

    const back = await started.ask('bulk', 'undo', { id: run.id });
    expect((await applied(started, 'back', back)).guests.map(({ outcome }) => outcome)).toEqual(few.map(() => 'complete'));
    expect([await savedShares(few), await liveShares(), await savedMemory(few)]).toEqual([[null, null, null, null], usual, [32, 40, 48, 56].map((mebibytes) => `${mebibytes * 1024}`)]);
  });

  it('go on without the ones that the host refuses, which are tried again once it does not', async () => {
    const disk = { target: 'sda', device: 'disk', source: image, format: 'qcow2', bus: 'scsi', readonly: true };
    // Only a guest that runs needs the image to be there.
    const run = await applied(started, 'a disk', await plansFor(few.slice(1), [whole('diskList', { how: 'set', to: [disk] })]));
    expect(run.guests.map(({ name, state, outcome, refusal }) => [name, state, outcome, refusal?.message ?? ''])).toEqual([
      ['many-2', 'failed', 'put-back', expect.stringContaining('No such file or directory')], ['many-3', 'done', 'complete', ''], ['many-4', 'done', 'complete', ''],
    ]);
    const disks = async () => await seen(few, (name) => ['dumpxml', '--inactive', name], /<disk[^]*?<source file='([^']+)'/);
    expect(await disks()).toEqual([null, null, image, image]);

    await mustRun('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16M']);
    const again = await started.ask('bulk', 'again', { id: run.id });
    expect(again.map(({ name, outcome }) => [name, outcome])).toEqual([['many-2', 'planned']]);
    const second = await applied(started, 'again', again);
    expect(second.guests).toMatchObject([{ name: 'many-2', state: 'done', outcome: 'complete' }]);
    expect(await disks()).toEqual([null, image, image, image]);
    expect(await virsh(started.lab, 'domblklist', 'many-2')).toContain(image);

    for (const { id } of [second, run]) await applied(started, 'back', await started.ask('bulk', 'undo', { id }));
    expect(await disks()).toEqual([null, null, null, null]);
    expect(await virsh(started.lab, 'domblklist', 'many-2')).not.toContain(image);
  });

  it('of a run that is cancelled are done whole or not begun, and those that were left can be done after', async () => {
    const plans = await plansFor(all, [whole('cpuShares', { how: 'set', to: 2048 }, 'saved')]);
    const { id } = await started.ask('bulk', 'apply', { title: 'cancelled', guests: applicable(plans), stopAtFailure: false });
    await runOnce(started, id, ({ guests }) => guests.some(({ state }) => state === 'done'));
    await started.ask('bulk', 'cancel', { id });
    const run = await ended(started, id);
    expect(new Set(run.guests.map(({ state }) => state))).toEqual(new Set(['done', 'left']));
    expect(await savedShares(run.guests.map(({ name }) => name))).toEqual(run.guests.map(({ state }) => (state === 'done' ? '2048' : null)));

    const rest = await applied(started, 'the rest', await started.ask('bulk', 'again', { id }));
    expect(rest.guests.map(({ name }) => name)).toEqual(run.guests.filter(({ state }) => state === 'left').map(({ name }) => name));
    expect(await savedShares(all)).toEqual(all.map(() => '2048'));
    for (const one of [rest, run]) await applied(started, 'back', await started.ask('bulk', 'undo', { id: one.id }));
    expect(await savedShares(all)).toEqual(all.map(() => null));
  });
});

it('a guest with a system inside shuts down and starts with what was saved', async () => {
  const [guest] = which(['lab-one']);
  if (guest === undefined) throw new Error('no guest');
  const vcpus = async () => (await virsh(started.lab, 'vcpucount', 'lab-one', '--maximum', '--live')).trim();
  const read = async () => await started.ask('tuning', 'read', guest);
  const save = async (current: number, maximum: number) => await started.ask('tuning', 'apply', { ...guest, wanted: { saved: { vcpus: { '': { current, maximum } } } }, basis: (await read()).basis });
  const id = async () => (await virsh(started.lab, 'domid', 'lab-one')).trim();
  const [first, before] = [await id(), await vcpus()];
  await save(1, 3);
  const run = await started.ask('bulk', 'restart', { title: 'restart', guests: [guest], stopAtFailure: false });
  expect((await ended(started, run.id)).guests).toMatchObject([{ state: 'done', words: 'Restarted: nothing waits any more.' }]);
  expect([before, await vcpus(), (await id()) === first]).toEqual(['4', '3', false]);
  await save(2, 4);
}, 180_000);
