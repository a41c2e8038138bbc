// How fast a guest writes to its memory, as QEMU measures it: started by a call, read from the statistics when its time is over.
import { param, type TypedParam } from '../libvirt/objects.ts';
import type { Clock } from './clock.ts';
import { checkFlags, invalidArgument } from './fault.ts';
import type { Guest } from './guest.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';

/** QEMU's bounds of a measurement, in seconds. */
const [shortest, longest] = [1, 60] as const;
const status = { unstarted: 0, measuring: 1, measured: 2 } as const;

/** What was started last of each guest. */
const started = new WeakMap<Guest, { readonly at: number; readonly seconds: number }>();

/** The statistics of the group `dirtyrate`. */
export const dirtyRateOf = (guest: Guest, now: number): readonly TypedParam[] => {
  const run = started.get(guest);
  if (!guest.isActive || run === undefined) return guest.isActive ? [param.int('dirtyrate.calc_status', status.unstarted)] : [];
  const isOver = now - run.at >= run.seconds * 1000;
  return [
    param.int('dirtyrate.calc_status', isOver ? status.measured : status.measuring),
    param.llong('dirtyrate.calc_start_time', BigInt(Math.floor(run.at / 1000))),
    param.int('dirtyrate.calc_period', run.seconds),
    ...(isOver ? [param.string('dirtyrate.calc_mode', 'page-sampling'), param.llong('dirtyrate.megabytes_per_second', BigInt(Math.round(guest.load * 180)))] : []),
  ];
};

export const dirtyRateHandlers = (inventory: Inventory, clock: Clock): Handlers => ({
  domainStartDirtyRateCalc: ({ dom, seconds, flags }) => {
    checkFlags(flags, 0);
    const guest = inventory.find(dom);
    if (seconds < shortest || seconds > longest) throw invalidArgument(`seconds=${seconds} is invalid, please choose value within [${shortest}, ${longest}].`);
    guest.mustRun();
    started.set(guest, { at: clock.now(), seconds });
  },
});
