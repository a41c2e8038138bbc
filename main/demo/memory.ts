// Memory: what a guest has and may have, its limits, and how often its balloon is asked.
import { affect, memoryFlag, memoryStatTag } from '../libvirt/constants.ts';
import { param, type TypedParam } from '../libvirt/objects.ts';
import type { Clock } from './clock.ts';
import type { Definition } from './definition.ts';
import type { Events } from './events.ts';
import { badArgument, checkFlags, Fault, invalidArgument, refusedByDriver } from './fault.ts';
import type { Guest } from './guest.ts';
import { editBoth, impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { type Allowed, answerParameters, checkParameters, stringOkay, whole } from './parameters.ts';
import type { Handlers } from './serve.ts';
import { balloonOf } from './statistics.ts';
import type { Element } from './xml.ts';

/** "No limit", in KiB. */
const unlimited = 9_007_199_254_740_991n;
const limits = ['hard_limit', 'soft_limit', 'swap_hard_limit'] as const;
const allowed: Allowed = Object.fromEntries(limits.map((name) => [name, 'ullong']));

const writeMemory = (root: Element, name: 'memory' | 'currentMemory', kib: bigint | number): void => {
  root.ensure(name).set('unit', 'KiB').text = String(kib);
};

const setMemory = (events: Events, clock: Clock, guest: Guest, memory: bigint, flags: number): void => {
  checkFlags(flags, affect.live | affect.config | memoryFlag.maximum);
  if (memory === 0n) throw badArgument('memory in virDomainSetMemoryFlags must not be zero');
  const { live, saved } = impactOf(guest, flags, memoryFlag.maximum);
  if ((flags & memoryFlag.maximum) !== 0) {
    if (saved?.root.at('cpu', 'numa') !== undefined) throw refusedByDriver('initial memory size of a domain with NUMA nodes cannot be modified with this API');
    if (live !== null) throw refusedByDriver('cannot resize the maximum memory on an active domain');
    saved?.edit((root) => {
      writeMemory(root, 'memory', memory);
      if (BigInt(saved.shape.currentMemory) > memory) writeMemory(root, 'currentMemory', memory);
    });
    return;
  }
  for (const definition of [live, saved]) {
    if (definition !== null && memory > BigInt(definition.shape.memory)) throw invalidArgument('cannot set memory higher than max memory');
  }
  if (live !== null && live.root.at('devices', 'memballoon') === undefined) throw refusedByDriver('Unable to change memory of active domain without the balloon device and guest OS balloon driver');
  saved?.edit((root) => writeMemory(root, 'currentMemory', memory));
  if (live !== null) moveBalloon(guest, live, Number(memory), events, clock);
};

/** In how many moves a balloon comes to what it was asked for, and milliseconds between them. */
const moves = 4;
const pause = 150;

/** The guest's driver gives memory back, or takes it, part by part; each part is told. A later request takes the earlier one's place. */
const moveBalloon = (guest: Guest, live: Definition, target: number, events: Events, clock: Clock): void => {
  const from = live.shape.currentMemory;
  const token = {};
  targets.set(guest, token);
  const move = (part: number): void => {
    if (guest.live !== live || targets.get(guest) !== token) return;
    const now = Math.round(from + ((target - from) * part) / moves);
    live.edit((root) => writeMemory(root, 'currentMemory', now));
    events.balloonChange(guest.object, BigInt(now));
    if (part < moves) clock.after(pause, () => move(part + 1));
  };
  if (target !== from) move(1);
};
/** What each guest's balloon is on its way for. */
const targets = new WeakMap<Guest, object>();

const limitOf = (root: Element, name: (typeof limits)[number]): bigint => {
  const text = root.at('memtune', name)?.text;
  return text === undefined ? unlimited : BigInt(text);
};

const setLimits = (guest: Guest, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const impact = impactOf(guest, flags);
  if (values.has('hard_limit') || values.has('swap_hard_limit')) {
    // libvirt compares with what the guest has now, also when only its definition changes.
    const of = (name: 'hard_limit' | 'swap_hard_limit'): bigint => whole(values, name) ?? limitOf(guest.current.root, name);
    if (of('hard_limit') > of('swap_hard_limit')) {
      throw badArgument('invalid argument: memory hard_limit tunable value must be lower than or equal to swap_hard_limit');
    }
  }
  editBoth(impact, (root) => {
    const tune = root.ensure('memtune');
    for (const name of values.keys()) {
      const value = whole(values, name) ?? unlimited;
      if (value >= unlimited) tune.remove(tune.at(name));
      else tune.ensure(name).set('unit', 'KiB').text = String(value);
    }
    root.prune('memtune');
  });
};

const setPeriod = (guest: Guest, period: number, flags: number): void => {
  checkFlags(flags, affect.live | affect.config);
  if (period < 0) throw badArgument('period in virDomainSetMemoryStatsPeriod must be zero or greater');
  const impact = impactOf(guest, flags);
  for (const definition of [impact.live, impact.saved]) {
    const model = definition?.root.at('devices', 'memballoon')?.get('model');
    if (definition !== null && (model === undefined || model === 'none')) throw refusedByDriver('Memory balloon model must be virtio to set the collection period');
  }
  editBoth(impact, (root) => {
    const balloon = root.ensure('devices', 'memballoon');
    if (period === 0) balloon.remove(balloon.at('stats'));
    else balloon.ensure('stats').set('period', String(period));
  });
};

export const memoryHandlers = (inventory: Inventory, events: Events, clock: Clock): Handlers => ({
  domainSetMemory: ({ dom, memory }) => {
    const guest = inventory.find(dom);
    guest.mustRun();
    setMemory(events, clock, guest, memory, affect.live);
  },
  domainSetMaxMemory: ({ dom, memory }) => setMemory(events, clock, inventory.find(dom), memory, memoryFlag.maximum),
  domainSetMemoryFlags: ({ dom, memory, flags }) => setMemory(events, clock, inventory.find(dom), memory, flags),
  domainSetMemoryStatsPeriod: ({ dom, period, flags }) => setPeriod(inventory.find(dom), period, flags),
  domainSetMemoryParameters: ({ dom, params, flags }) => setLimits(inventory.find(dom), params, flags),
  domainGetMemoryParameters: ({ dom, nparams, flags }) => {
    const { definition } = readImpact(inventory.find(dom), flags, stringOkay);
    return answerParameters(limits.map((name) => param.ullong(name, limitOf(definition.root, name))), nparams, flags);
  },
  domainMemoryStats: ({ dom, maxStats, flags }) => {
    checkFlags(flags, 0);
    const guest = inventory.find(dom);
    guest.mustRun();
    const balloon = balloonOf(guest, clock.now());
    const stats = [
      { tag: memoryStatTag.actualBalloon, val: BigInt(guest.current.shape.currentMemory) },
      { tag: memoryStatTag.unused, val: balloon.unused },
      { tag: memoryStatTag.available, val: balloon.available },
      { tag: memoryStatTag.usable, val: balloon.usable },
      { tag: memoryStatTag.diskCaches, val: balloon.caches },
      { tag: memoryStatTag.lastUpdate, val: BigInt(Math.floor(clock.now() / 1000)) },
      { tag: memoryStatTag.rss, val: balloon.rss },
    ];
    if (maxStats > 1024) throw new Fault('rpc', 'remote', 'maxStats is too large');
    return { stats: stats.slice(0, maxStats) };
  },
});
