// Holds the monitor's client to a real QEMU that refuses, answers and dies.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endProcesses, processFile } from '../processes.ts';
import { run } from './program.ts';
import { withMonitor } from './qmp.ts';

let folder: string;
let pid: number;
let socket: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-qmp-test-'));
  socket = join(folder, 'qmp.sock');
  const monitor = ['-qmp', `unix:${socket},server=on,wait=off`, '-pidfile', join(folder, 'pid'), '-daemonize'];
  await run('qemu-system-x86_64', ['-machine', 'none', '-nodefaults', '-display', 'none', ...monitor]);
  pid = Number.parseInt(await readFile(join(folder, 'pid'), 'utf8'), 10);
});
afterEach(async () => {
  await endProcesses(async () => ((await processFile(pid, 'cmdline')) ? [pid] : []));
  await rm(folder, { recursive: true });
});

describe('the monitor', () => {
  it('gives each command its own answer, and QEMU\'s reason when it refuses one', async () => {
    const answers = await withMonitor(socket, ({ execute }) => Promise.allSettled([execute('query-name'), execute('no-such-command'), execute('query-status')]));
    expect(answers).toMatchObject([
      { status: 'fulfilled', value: {} },
      { status: 'rejected', reason: { message: 'QEMU refused no-such-command: The command no-such-command has not been found' } },
      { status: 'fulfilled', value: { status: 'running' } },
    ]);
  });

  it('hears the event that is wanted', async () => {
    const stopped = await withMonitor(socket, async ({ execute, event }) => {
      const heard = event('STOP', () => true);
      await execute('stop');
      return heard;
    });
    expect(stopped).toEqual({});
  });

  it('fails whoever still waits, now and later, when QEMU is killed', async () => {
    const failures = await withMonitor(socket, async ({ event, execute, closed }) => {
      const waiting = Promise.allSettled([event('NEVER', () => true)]);
      process.kill(pid, 'SIGKILL');
      await closed;
      return [...(await waiting), ...(await Promise.allSettled([execute('query-name')]))];
    });
    expect(failures).toMatchObject(Array(2).fill({ status: 'rejected', reason: { message: 'QEMU ended' } }));
  });

  it('can be let go of and taken again', async () => {
    await withMonitor(socket, async () => undefined);
    await expect(withMonitor(socket, ({ execute }) => execute('query-name'))).resolves.toEqual({});
  });
});
