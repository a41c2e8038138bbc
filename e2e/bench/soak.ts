// Guests that start and stop, windows that come and go, hosts that are lost and reached again, for as long as is asked: what of main grows meanwhile.
import { createHook } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { News } from '../../app/contract/contract.ts';
import { ranges } from '../../app/contract/live.ts';
import { z } from '../../app/contract/schema.ts';
import { isActive } from '../../app/domain/guest.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { LibvirtError } from '../../main/libvirt/errors.ts';
import { remote } from '../../main/libvirt/procedures.ts';
import { asking } from '../../main/services/asking.test-peer.ts';
import { createMain } from '../../main/services/main.ts';
import { LabError } from '../lab/state.ts';
import { connectOurs } from './ours.ts';

/** What was there at one time, after garbage was collected. */
export interface Grown {
  /** Minutes since it began. */
  readonly minute: number;
  readonly heap: number;
  /** Memory outside of the heap that belongs to it: the rings of what is kept. */
  readonly buffers: number;
  readonly resident: number;
  readonly timers: number;
  /** Sockets, files and all else that the process holds, without timers. */
  readonly handles: number;
  /** On a window that stays, on the process, and on what is heard of news. */
  readonly listeners: number;
}

export interface Soaked {
  readonly seen: readonly Grown[];
  readonly ticks: number;
  readonly starts: number;
  /** What was said of each start or stop that did not come about, or not in time. */
  readonly missed: readonly string[];
  readonly windows: number;
  readonly reconnects: number;
}

const host = 'soak';
const groups = ['cpu', 'memory', 'disk', 'disks', 'network', 'nics', 'vcpu', 'balloon'] as const;
/** Rounds of one tick each, between one and the next. */
const every = { window: 5, reconnect: 20, look: 15 } as const;

const collector = (): (() => void) => {
  setFlagsFromString('--expose_gc');
  return z.custom<() => void>((value) => typeof value === 'function').parse(runInNewContext('gc'));
};

/** Every timer that waits, those included that keep nothing running. */
const timerCounter = (): { readonly count: () => number; readonly stop: () => void } => {
  const waiting = new Set<number>();
  const hook = createHook({
    init: (id, type) => void (type === 'Timeout' && waiting.add(id)),
    destroy: (id) => void waiting.delete(id),
  }).enable();
  return { count: () => waiting.size, stop: () => void hook.disable() };
};

/** Starts what does not run and stops what does, as somebody else would. A guest that is on its way, or whose host is too busy, is left alone: answers what was said of it then. */
const turnOver = async (connection: Awaited<ReturnType<typeof connectOurs>>['connection'], name: string): Promise<string | null> => {
  try {
    const { dom } = await connection.call(remote.domainLookupByName, { name });
    const { active } = await connection.call(remote.domainIsActive, { dom });
    if (active === 1) await connection.call(remote.domainDestroyFlags, { dom, flags: 0 });
    else await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 });
    return null;
  } catch (error) {
    const isBusy = error instanceof LibvirtError || (error instanceof Refused && error.refusal.code === 'timed-out');
    if (!isBusy) throw error;
    return error.message;
  }
};

/** @param uri a host with guests that may be started and stopped. @param ticksEach ticks from one start or stop to the next. @param onSeen hears of each look at once. */
export const soak = async (uri: string, home: string, { minutes, ticksEach }: { readonly minutes: number; readonly ticksEach: number }, onSeen: (grown: Grown) => void): Promise<Soaked> => {
  const collect = collector();
  const timers = timerCounter();
  const dataFolder = await mkdtemp(join(home, 'soak-'));
  await writeFile(join(dataFolder, 'connections.json'), JSON.stringify([{ id: host, name: 'Soak', uri, autoConnect: false }]), { mode: 0o600 });
  const main = await createMain({ dataFolder, shell: 'web', version: 'soak', home, env: {} });
  const other = await connectOurs(uri, home);
  const stays = new AbortController();
  const ask = asking(main, stays.signal);
  const hearers = new Set<(news: News) => void>();
  main.listen((news) => {
    for (const hear of hearers) hear(news);
  });
  const sample = async (): Promise<void> => await new Promise((resolve) => {
    const hear = (news: News): void => {
      if (news.section !== 'live') return;
      hearers.delete(hear);
      resolve();
    };
    hearers.add(hear);
  });
  try {
    await ask('connections', 'connect', { id: host });
    const guests = await ask('guests', 'list', { host });
    const lights = guests.filter(({ name }) => /^(vm|light)-/.test(name));
    const uuids = guests.map(({ uuid }) => uuid);
    const began = performance.now();
    const seen: Grown[] = [];
    const missed: string[] = [];
    let [ticks, turns, windows, reconnects] = [0, 0, 0, 0];
    let leaves = new AbortController();
    await ask('live', 'watch', { interests: [{ host, groups: ['cpu', 'memory', 'disk', 'network', 'hostCpu', 'hostMemory'], uuids: null }] });
    while (performance.now() - began < minutes * 60_000) {
      await sample();
      ticks += 1;
      const guest = lights[turns % lights.length];
      if (guest !== undefined && ticks % ticksEach === 0) {
        const said = await turnOver(other.connection, guest.name);
        turns += 1;
        if (said !== null) missed.push(said);
      }
      if (ticks % every.window === 0) {
        leaves.abort();
        leaves = new AbortController();
        windows += 1;
        const shown = uuids.slice(windows % uuids.length).slice(0, 30);
        await main.answer('live', 'watch', { interests: [{ host, groups: [...groups], uuids: shown }] }, { id: `window-${windows}`, gone: leaves.signal });
        for (const range of ranges) for (const uuid of [null, ...shown.slice(0, 3)]) await ask('live', 'past', { host, uuid, range, after: null });
      }
      if (ticks % every.reconnect === 0) {
        reconnects += 1;
        await ask('connections', 'disconnect', { id: host });
        await ask('connections', 'connect', { id: host });
      }
      if (ticks % every.look === 0) {
        collect();
        collect();
        const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
        const held = process.getActiveResourcesInfo();
        const grown = {
          minute: (performance.now() - began) / 60_000, heap: heapUsed, buffers: arrayBuffers, resident: rss, timers: timers.count(), handles: held.filter((kind) => kind !== 'Timeout' && kind !== 'Immediate' && !kind.endsWith('Req') && !kind.endsWith('Callback')).length,
          listeners: getEventListeners(stays.signal, 'abort').length + process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0) + hearers.size,
        };
        seen.push(grown);
        onSeen(grown);
      }
    }
    const running = (await ask('guests', 'list', { host })).filter(({ state }) => isActive(state)).length;
    if (running === 0) throw new LabError('no guest runs at the end: nothing was measured');
    leaves.abort();
    return { seen, ticks, starts: turns - missed.length, missed, windows, reconnects };
  } catch (error) {
    throw error instanceof Refused ? new LabError(error.message) : error;
  } finally {
    timers.stop();
    stays.abort();
    await other.close();
    await main.close();
  }
};

/** How much a number grows a minute, by the line that fits best. @throws LabError when there are fewer than two. */
export const slopeOf = (seen: readonly Grown[], of: (grown: Grown) => number): number => {
  if (seen.length < 2) throw new LabError('it was looked at too few times to see a slope');
  const middle = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [minutes, values] = [seen.map(({ minute }) => minute), seen.map(of)];
  const [minute, value] = [middle(minutes), middle(values)];
  const spread = minutes.reduce((sum, one) => sum + (one - minute) ** 2, 0);
  return minutes.reduce((sum, one, place) => sum + (one - minute) * ((values[place] ?? value) - value), 0) / spread;
};
