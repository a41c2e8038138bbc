// Real guests' serial lines over every way to their host: a shell runs a command, who has the line, and one that prints without end.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Flood } from '../../e2e/flood.ts';
import { consoleHome, type ConsoleScene, wayTo } from '../../e2e/lab/console-scene.ts';
import { bytes, sceneIn } from '../../e2e/lab/console-scene.test-peer.ts';
import { startToShell, stopGuest } from '../../e2e/lab/guests.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { startTinyGuest, typewriter } from '../../e2e/lab/tiny-guests.ts';
import { connectionsTo, virsh } from '../../e2e/lab/witness.ts';

let lab: Lab;
let home: string;
let tiny: string;
const scene = async (uri: string): Promise<ConsoleScene> => await sceneIn(home, uri);
const guest = (): string => lab.guests.find(({ name }) => name === 'lab-one')?.uuid ?? '';

beforeAll(async () => {
  lab = await labUp();
  home = await consoleHome(lab);
  [tiny] = await Promise.all([startTinyGuest(lab, 'typewriter', typewriter), startToShell(lab, 'lab-one')]);
});
afterAll(async () => {
  await Promise.all([stopGuest(lab, 'lab-one'), stopGuest(lab, 'typewriter')]);
  await virsh(lab, 'undefine', 'typewriter');
  await rm(home, { recursive: true });
});

describe.each(Object.entries(wayTo))('a serial line over %s', (way, uri) => {
  it('runs a command in the guest, is taken over by force, and is given back when the page goes', async () => {
    const { serial, gone } = await scene(uri(lab));
    const line = serial(guest());
    await expect.poll(() => line.opened()).toBe(true);
    await line.send(bytes('echo $((6*7))-$(hostname)\n'));
    await line.until('42-lab-one');
    if (way.startsWith('ssh')) expect(await connectionsTo(lab.ssh.port)).toBe(1);

    const other = await scene(wayTo.unix(lab));
    const refused = other.serial(guest());
    await expect.poll(() => refused.ended()).toMatchObject({ code: 'console-taken' });
    const taking = other.serial(guest(), { force: true });
    await expect.poll(() => [taking.opened(), line.ended()]).toMatchObject([true, { code: 'connection-lost' }]);
    taking.close();
    const again = serial(guest(), { force: true });
    await expect.poll(() => again.opened()).toBe(true);
    gone.abort();
    // The daemon learns of it in its own time; nothing forces it here.
    let last = other.serial(guest());
    await expect.poll(() => {
      if (last.ended() !== undefined) last = other.serial(guest());
      return last.opened();
    }).toBe(true);
  });
});

it('shows what a guest prints without end, every byte in its order until it is stopped, and leaves the host free for others', async () => {
  const { serial, ask, host } = await scene(wayTo.ssh(lab));
  const flood = new Flood();
  const line = serial(tiny, { hear: flood.hear });
  await expect.poll(() => line.opened()).toBe(true);
  await line.send(bytes('{'));
  // Something else is asked of the host all the while.
  while (flood.length < 256 * 1024) await ask('guests', 'describe', { host, uuid: tiny });
  await line.send(bytes('}'));
  await flood.over;
  expect(flood).toMatchObject({ wrongAt: null, told: flood.length });
  line.close();
});

it('ends with the guest', async () => {
  const { serial } = await scene(wayTo.unix(lab));
  const line = serial(tiny);
  await expect.poll(() => line.opened()).toBe(true);
  await virsh(lab, 'destroy', 'typewriter');
  await expect.poll(() => line.ended()).toBeNull();
});
