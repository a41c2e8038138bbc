import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookAtCpus } from './cpus.ts';
import type { Shell } from './shell.ts';

const saying = (stdout: string): Shell => async () => ({ code: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) });
const here: Shell = async (command) =>
  await new Promise((resolve) => execFile('sh', ['-c', command], (_, stdout, stderr) => resolve({ code: 0, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) })));
const { signal } = new AbortController();

describe('the kinds of a host’s CPUs', () => {
  it('are read as cpusets, and what is none is none', async () => {
    expect(await lookAtCpus(saying('isolated=4-7,12\nnohzFull=  (null)\nperformance=0-7\nefficient=8-15\n'), signal)).toEqual({ isolated: '4-7,12', nohzFull: '', performance: '0-7', efficient: '8-15' });
    expect(await lookAtCpus(saying('Welcome!\n'), signal)).toEqual({ isolated: '', nohzFull: '', performance: '', efficient: '' });
  });

  it.runIf(process.platform === 'linux')('of this machine are its kernel’s', async () => {
    expect((await lookAtCpus(here, signal)).isolated).toBe(readFileSync('/sys/devices/system/cpu/isolated', 'utf8').trim());
  });
});
