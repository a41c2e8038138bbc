// CPU shares and bandwidth (virDomainSetSchedulerParametersFlags), with the ranges of a host that has cgroup v2.
import { param, type TypedParam } from '../libvirt/objects.ts';
import type { Events } from './events.ts';
import { badArgument, Fault, invalidArgument } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { type Allowed, checkParameters, stringOkay, whole } from './parameters.ts';
import type { Handlers } from './serve.ts';
import type { Element } from './xml.ts';

/** The shares of a guest that sets none: cgroup v2's default weight. */
export const defaultShares = 100n;
const shareRange = { least: 1n, most: 10_000n };
const periodRange = { least: 1000n, most: 1_000_000n };
const quotaRange = { least: 1000n, most: 17_592_186_044_415n };
/** Microseconds: cgroup v2's default period. */
const defaultPeriod = 100_000n;

const sets = ['vcpu', 'emulator', 'global', 'iothread'] as const;
const allowed: Allowed = {
  cpu_shares: 'ullong',
  ...Object.fromEntries(sets.flatMap((set): [string, 'ullong' | 'llong'][] => [[`${set}_period`, 'ullong'], [`${set}_quota`, 'llong']])),
};
/** Where a parameter stands in `<cputune>`. */
const elementOf = (name: string): string => (name === 'cpu_shares' ? 'shares' : name.replace(/^vcpu_/, ''));

/** libvirt takes 0 (nothing changes) and negative quotas (no limit) besides the range. */
const inRange = (name: string, value: bigint): void => {
  const { least, most } = name.endsWith('_period') ? periodRange : quotaRange;
  if ((value > 0n && value < least) || value > most) throw invalidArgument(`value of '${name}' is out of range [${least}, ${most}]`);
};

/** In a definition 0 takes period and quota away. */
const write = (root: Element, name: string, value: bigint): void => {
  const tune = root.ensure('cputune');
  if (value === 0n && name !== 'cpu_shares') tune.remove(tune.at(elementOf(name)));
  else tune.ensure(elementOf(name)).text = String(value);
  root.prune('cputune');
};

const set = (events: Events, guest: Guest, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const impact = impactOf(guest, flags);
  for (const name of values.keys()) {
    const value = whole(values, name) ?? 0n;
    if (name !== 'cpu_shares') inRange(name, value);
    else if (impact.live !== null && (value < shareRange.least || value > shareRange.most)) {
      throw new Fault('invalidArg', 'cgroup', `invalid argument: shares '${value}' must be in range [${shareRange.least}, ${shareRange.most}]`);
    }
  }
  const changed: TypedParam[] = [];
  for (const name of values.keys()) {
    const value = whole(values, name) ?? 0n;
    impact.saved?.edit((root) => write(root, name, value));
    // Of a running guest 0 changes nothing; for shares it was refused above.
    if (impact.live === null || value === 0n) continue;
    impact.live.edit((root) => write(root, name, value));
    changed.push(allowed[name] === 'llong' ? param.llong(`cputune.${name}`, value) : param.ullong(`cputune.${name}`, value));
  }
  events.tunable(guest.object, changed);
};

const read = (root: Element, name: string): bigint | null => {
  const text = root.at('cputune', elementOf(name))?.text;
  return text === undefined ? null : BigInt(text);
};

const get = (guest: Guest, nparams: number, flags: number): { readonly params: readonly TypedParam[] } => {
  if (nparams <= 0) throw badArgument('params in virDomainGetSchedulerParametersFlags must not be NULL');
  const { definition, isLive } = readImpact(guest, flags, stringOkay);
  const { root } = definition;
  const value = (name: string, absent: bigint): bigint => {
    const set = read(root, name) ?? (isLive ? absent : 0n);
    return isLive && set < 0n ? -1n : set;
  };
  const params = [
    param.ullong('cpu_shares', value('cpu_shares', defaultShares)),
    ...sets.flatMap((name) => [param.ullong(`${name}_period`, value(`${name}_period`, defaultPeriod)), param.llong(`${name}_quota`, value(`${name}_quota`, -1n))]),
  ];
  return { params: params.slice(0, nparams) };
};

export const schedulerHandlers = (inventory: Inventory, events: Events): Handlers => ({
  domainGetSchedulerType: ({ dom }) => {
    inventory.find(dom);
    return { type: 'posix', nparams: 1 + 2 * sets.length };
  },
  domainGetSchedulerParameters: ({ dom, nparams }) => get(inventory.find(dom), nparams, 0),
  domainGetSchedulerParametersFlags: ({ dom, nparams, flags }) => get(inventory.find(dom), nparams, flags),
  domainSetSchedulerParameters: ({ dom, params }) => set(events, inventory.find(dom), params, 0),
  domainSetSchedulerParametersFlags: ({ dom, params, flags }) => set(events, inventory.find(dom), params, flags),
});
