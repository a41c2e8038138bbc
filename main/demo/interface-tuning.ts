// Bandwidth of a guest's network interfaces (virDomainSetInterfaceParameters).
import { param, type TypedParam } from '../libvirt/objects.ts';
import type { Definition } from './definition.ts';
import { badArgument, Fault } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { type Allowed, answerParameters, checkParameters, stringOkay, whole } from './parameters.ts';
import type { Handlers } from './serve.ts';
import { Element } from './xml.ts';

/** KiB a second and, for bursts, KiB; only what comes in can have a floor. */
const directions = { inbound: ['average', 'peak', 'burst', 'floor'], outbound: ['average', 'peak', 'burst'] } as const;
const fields = Object.entries(directions).flatMap(([direction, names]) => names.map((name) => ({ direction, name, field: `${direction}.${name}` })));
const allowed: Allowed = Object.fromEntries(fields.map(({ field }) => [field, 'uint']));

/** Kinds that libvirt can limit. */
const limited = ['network', 'bridge', 'ethernet', 'direct'];

/** By MAC address, and by its name on the host while it runs. */
const nicOf = (definition: Definition, device: string): Element => {
  const found = definition.root.at('devices')?.all('interface').find((nic) => nic.at('mac')?.get('address') === device.toLowerCase() || nic.at('target')?.get('dev') === device);
  if (found === undefined) throw badArgument(`invalid argument: '${device}' is not a known interface`);
  return found;
};

/** A direction that a call names is set anew: what it leaves out is none. Without average or floor there is nothing to shape. */
const write = (nic: Element, values: ReadonlyMap<string, number | bigint | string>): void => {
  const bandwidth = nic.ensure('bandwidth');
  for (const [direction, names] of Object.entries(directions)) {
    if (!names.some((name) => values.has(`${direction}.${name}`))) continue;
    bandwidth.remove(bandwidth.at(direction));
    const given = names.flatMap((name): [string, string][] => {
      const value = whole(values, `${direction}.${name}`) ?? 0n;
      return value === 0n ? [] : [[name, String(value)]];
    });
    if (given.some(([name]) => name === 'average' || name === 'floor')) bandwidth.add(new Element(direction, Object.fromEntries(given)));
  }
  nic.prune('bandwidth');
};

const set = (guest: Guest, device: string, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const { live, saved } = impactOf(guest, flags);
  const nics = [live, saved].map((definition) => ({ definition, nic: definition === null ? null : nicOf(definition, device) }));
  for (const { nic } of nics) {
    const type = nic?.get('type') ?? 'bridge';
    if (!limited.includes(type)) throw new Fault('configUnsupported', 'qemu', `unsupported configuration: setting bandwidth on interfaces of type '${type}' is not implemented yet`);
  }
  for (const { definition, nic } of nics) if (nic !== null) definition?.edit(() => write(nic, values));
};

export const interfaceTuningHandlers = (inventory: Inventory): Handlers => ({
  domainSetInterfaceParameters: ({ dom, device, params, flags }) => set(inventory.find(dom), device, params, flags),
  domainGetInterfaceParameters: ({ dom, device, nparams, flags }) => {
    const { definition } = readImpact(inventory.find(dom), flags, stringOkay);
    const nic = nparams === 0 ? undefined : nicOf(definition, device);
    return answerParameters(fields.map(({ direction, name, field }) => param.uint(field, Number(nic?.at('bandwidth', direction)?.get(name) ?? 0))), nparams, flags);
  },
});
