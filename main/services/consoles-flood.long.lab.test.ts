// A real guest that prints without end, twenty seconds over each of three ways: memory stays flat, and no byte is missing.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Flood } from '../../e2e/flood.ts';
import { consoleHome, type ConsoleScene, wayTo } from '../../e2e/lab/console-scene.ts';
import { bytes, sceneIn } from '../../e2e/lab/console-scene.test-peer.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { startTinyGuest, typewriter } from '../../e2e/lab/tiny-guests.ts';

const name = 'flood';
let lab: LabDaemon;
let home: string;
let guest: string;
const scene = async (uri: string): Promise<ConsoleScene> => await sceneIn(home, uri);
const megabyte = 1024 * 1024;
const minute = 60_000;
/** What main itself may come to hold besides its windows, in bytes: the collector takes its time. */
const slack = 48 * megabyte;

beforeAll(async () => {
  lab = await extraDaemon(name);
  home = await consoleHome(lab);
  guest = await startTinyGuest(lab, 'typewriter', typewriter);
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(home, { recursive: true });
});

it.each(['unix', 'ssh', 'tls'] as const)('over %s', async (way) => {
  const { serial, ask, host } = await scene(wayTo[way](lab));
  const flood = new Flood();
  const line = serial(guest, { hear: flood.hear });
  await expect.poll(() => line.opened()).toBe(true);
  await line.send(bytes('{'));
  const held: number[] = [];
  const until = performance.now() + minute / 3;
  for (let at = 0; performance.now() < until; at += 1) {
    await ask('guests', 'describe', { host, uuid: guest });
    const { heapUsed, external } = process.memoryUsage();
    if (at % 50 === 0) held.push(heapUsed + external);
  }
  await line.send(bytes('}'));
  await flood.over;
  expect(flood).toMatchObject({ wrongAt: null, told: flood.length });
  const half = held.length >> 1;
  const [early, late] = [Math.max(...held.slice(0, half)), Math.max(...held.slice(half))];
  process.stdout.write(`over ${way}: ${(flood.length / megabyte).toFixed(1)} MiB came; memory at most ${Math.round(early / megabyte)} MiB in the first half, ${Math.round(late / megabyte)} MiB in the second\n`);
  expect(late).toBeLessThan(early + slack);
}, 3 * minute);
