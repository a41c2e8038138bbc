// Real guests' consoles while their guest, their host or the way to it goes: how each ends, that it can be opened again, and that nothing of it is left anywhere.
import { getEventListeners } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleScene, consoleHome, wayTo } from '../../e2e/lab/console-scene.ts';
import { bytes, sceneIn } from '../../e2e/lab/console-scene.test-peer.ts';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import { held, heldBeyond } from '../../e2e/lab/faulty-host.ts';
import { faultyProxy } from '../../e2e/lab/faulty-proxy.ts';
import { freePorts } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { startTinyGuest, typewriter } from '../../e2e/lab/tiny-guests.ts';
import { VncClient } from '../../e2e/lab/vnc-client.ts';
import { connectionsTo, virsh } from '../../e2e/lab/witness.ts';
import type { Heard } from './page-channels.test-peer.ts';

const [name, otherName] = ['console-drills', 'console-drills-other'];
let lab: LabDaemon;
let other: LabDaemon;
let home: string;
let guest: string;
const scene = async (uri: string): Promise<ConsoleScene> => await sceneIn(home, uri);

beforeAll(async () => {
  [lab, other] = await Promise.all([extraDaemon(name), extraDaemon(otherName, { configuration: ['host_uuid = "6f1c2b8e-0f63-4a55-9d41-5a1c0de00001"'] })]);
  home = await consoleHome(lab);
  guest = await startTinyGuest(lab, 'typewriter', typewriter);
});
afterAll(async () => {
  await Promise.all([extraDaemonDown(name), extraDaemonDown(otherName)]);
  await rm(home, { recursive: true });
});

interface Open {
  readonly screens: readonly Heard[];
  readonly line: Heard;
  /** Connections to the guest's display, whoever made them, as the kernel counts them. */
  readonly viewers: () => Promise<number>;
}

/** A display of which a first picture has come. */
const watched = async (screen: ConsoleScene['screen']): Promise<Heard> => {
  const heard = screen(guest, (piece) => client.receive(piece));
  const client = new VncClient((said) => void heard.send(said));
  await client.ready;
  await client.update(false);
  return heard;
};

/** Two pictures and a serial line of the guest, all of them answering. */
const openAll = async ({ screen, serial }: ConsoleScene): Promise<Open> => {
  const port = 5900 + Number((await virsh(lab, 'vncdisplay', 'typewriter')).trim().split(':')[1]);
  const open: Open = { screens: [await watched(screen), await watched(screen)], line: serial(guest), viewers: async () => await connectionsTo(port) };
  await answers(open.line);
  expect(await open.viewers()).toBe(2);
  return open;
};

/** Types until the guest types back: one that starts anew hears nothing yet. */
const answers = async (line: Heard): Promise<void> => {
  const before = line.bytes().length;
  await expect.poll(async () => {
    if (line.ended() !== undefined) return line.ended();
    await line.send(bytes('.'));
    return line.bytes().length > before;
  }).toBe(true);
};
/** Has the host tried at once instead of after a pause, and waits until it is there. */
const isBack = async ({ ask, host }: ConsoleScene): Promise<void> => {
  await ask('connections', 'awake', {});
  await expect.poll(async () => (await ask('connections', 'list', {})).find(({ id }) => id === host)?.state.phase).toBe('ready');
};
const ends = ({ screens, line }: Open): readonly unknown[] => [...screens, line].map((one) => {
  const end = one.ended();
  return end?.code ?? end;
});

/** What is held on both sides beyond what was: by this process, by the page's signal, and by libvirtd. */
const counted = async ({ gone }: ConsoleScene): Promise<() => Promise<unknown>> => {
  const files = async (): Promise<number> => (await readdir(`/proc/${lab.pids.libvirtd}/fd`)).length;
  const [before, daemon, listeners] = [await held(), await files(), getEventListeners(gone.signal, 'abort').length];
  return async () => {
    // Whoever waits for this has a timer running for it.
    const { Timeout: _, ...here } = await heldBeyond(before);
    return { here, daemon: Math.max(0, (await files()) - daemon), listeners: getEventListeners(gone.signal, 'abort').length - listeners };
  };
};
const nothing = { here: {}, daemon: 0, listeners: 0 };

it('go on through a reset of the guest, end with it, and are there again when it is', async () => {
  const made = await scene(wayTo.ssh(lab));
  const left = await counted(made);
  const open = await openAll(made);
  await virsh(lab, 'reset', 'typewriter');
  await answers(open.line);
  expect(ends(open)).toEqual([undefined, undefined, undefined]);
  await virsh(lab, 'destroy', 'typewriter');
  await expect.poll(() => ends(open)).toEqual([null, null, null]);
  await expect.poll(left).toMatchObject({ here: {}, listeners: 0 });
  await virsh(lab, 'start', 'typewriter');
  const again = await openAll(made);
  for (const one of [...again.screens, again.line]) one.close();
  await expect.poll(again.viewers).toBe(0);
  await expect.poll(left).toMatchObject({ here: {}, listeners: 0 });
});

it.each(['ssh', 'tls'] as const)('end when the connection over %s is cut, and can be opened again once the host is back by itself', async (way) => {
  const proxy = await faultyProxy({ host: '127.0.0.1', port: lab[way].port });
  try {
    const made = await scene(wayTo[way](lab, proxy.place));
    const left = await counted(made);
    const open = await openAll(made);
    proxy.strike({ kind: 'reset' });
    // Over TLS a display has a connection of its own, which is closed with the host's.
    await expect.poll(() => ends(open)).toEqual(['connection-lost', 'connection-lost', 'connection-lost']);
    await expect.poll(open.viewers).toBe(0);
    proxy.heal();
    await isBack(made);
    const again = await openAll(made);
    for (const one of [...again.screens, again.line]) one.close();
    await expect.poll(left).toEqual(nothing);
  } finally {
    await proxy.close();
  }
});

it('end when libvirtd is killed, and can be opened again once it is back', async () => {
  const made = await scene(wayTo.unix(lab));
  const left = await counted(made);
  const open = await openAll(made);
  process.kill(lab.pids.libvirtd, 'SIGKILL');
  await expect.poll(() => ends(open)).toEqual(['connection-lost', 'connection-lost', 'connection-lost']);
  await expect.poll(open.viewers).toBe(0);
  lab = await restartLibvirtd(lab);
  await isBack(made);
  const again = await openAll(made);
  for (const one of [...again.screens, again.line]) one.close();
  await expect.poll(left).toMatchObject({ here: {}, listeners: 0 });
});

it('end when the guest is migrated away, and can be opened on the host that has it now', async () => {
  const made = await scene(wayTo.unix(lab));
  const far = await made.add(wayTo.unix(other));
  const left = await counted(made);
  const open = await openAll(made);
  const [port] = await freePorts(1);
  await virsh(lab, 'migrate', '--live', '--p2p', '--unsafe', '--migrateuri', `tcp://127.0.0.1:${port}`, 'typewriter', other.unix.uri);
  await expect.poll(() => ends(open)).toEqual([null, null, null]);
  await expect.poll(left).toEqual(nothing);
  await expect.poll(async () => (await made.ask('guests', 'list', { host: far })).map((one) => [one.name, one.state])).toEqual([['typewriter', 'running']]);
  const line = made.serial(guest, { host: far });
  await answers(line);
  line.close();
  await expect.poll(left).toEqual(nothing);
});
