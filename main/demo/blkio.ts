// Weights and limits of a guest's block I/O as a whole and by host device (virDomainSetBlkioParameters).
import { param, type TypedParam } from '../libvirt/objects.ts';
import { badArgument, Fault } from './fault.ts';
import type { Guest } from './guest.ts';
import { editBoth, impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { type Allowed, answerParameters, checkParameters, stringOkay } from './parameters.ts';
import type { Handlers } from './serve.ts';
import { Element } from './xml.ts';

/** Parameter → the element of `<device>` it stands in, in the order in which libvirt answers and prints them. */
const perDevice = {
  device_weight: 'weight', device_read_iops_sec: 'read_iops_sec', device_write_iops_sec: 'write_iops_sec', device_read_bytes_sec: 'read_bytes_sec', device_write_bytes_sec: 'write_bytes_sec',
} as const;
const deviceFields = Object.entries(perDevice);
const allowed: Allowed = { weight: 'uint', ...Object.fromEntries(deviceFields.map(([name]) => [name, 'string'])) };
/** A running guest's weight under cgroup v2. */
const range = { least: 1, most: 10_000 };

/** `/dev/sda,300,/dev/sdb,500` as pairs. */
const pairsOf = (name: string, text: string): readonly (readonly [path: string, value: string])[] => {
  const parts = text === '' ? [] : text.split(',');
  const pairs = Array.from({ length: Math.ceil(parts.length / 2) }, (_, index): [string, string] => [parts[2 * index] ?? '', parts[2 * index + 1] ?? '']);
  if (pairs.some(([path, value]) => path === '' || !/^\d+$/.test(value))) throw badArgument(`invalid argument: unable to parse blkio device '${name}' '${text}'`);
  return pairs;
};

const deviceOf = (tune: Element, path: string): Element => {
  const known = tune.all('device').find((device) => device.at('path')?.text === path);
  if (known !== undefined) return known;
  const made = tune.add(new Element('device'));
  made.ensure('path').text = path;
  return made;
};

const write = (root: Element, name: string, value: number | bigint | string): void => {
  const tune = root.ensure('blkiotune');
  if (name === 'weight') tune.ensure('weight').text = String(value);
  for (const [field, element] of deviceFields) {
    if (field !== name) continue;
    for (const [path, amount] of pairsOf(name, String(value))) {
      const device = deviceOf(tune, path);
      if (amount === '0') device.remove(device.at(element));
      else device.ensure(element).text = amount;
      if (device.children.length === 1) tune.remove(device);
    }
  }
  root.prune('blkiotune');
};

const set = (guest: Guest, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const impact = impactOf(guest, flags);
  for (const [name, value] of values) {
    if (name !== 'weight') pairsOf(name, String(value));
    else if (impact.live !== null && (Number(value) < range.least || Number(value) > range.most)) throw new Fault('invalidArg', 'cgroup', `invalid argument: weight '${value}' must be in range [${range.least}, ${range.most}]`);
  }
  editBoth(impact, (root) => {
    for (const [name, value] of values) write(root, name, value);
  });
};

export const blkioHandlers = (inventory: Inventory): Handlers => ({
  domainSetBlkioParameters: ({ dom, params, flags }) => set(inventory.find(dom), params, flags),
  domainGetBlkioParameters: ({ dom, nparams, flags }) => {
    const { definition, isLive } = readImpact(inventory.find(dom), flags, stringOkay);
    const tune = definition.root.at('blkiotune');
    const listed = (element: string): string =>
      (tune?.all('device') ?? []).flatMap((device) => {
        const value = device.at(element)?.text;
        return value === undefined ? [] : [`${device.at('path')?.text ?? ''},${value}`];
      }).join(',');
    return answerParameters(
      [param.uint('weight', Number(tune?.at('weight')?.text ?? (isLive ? 100 : 0))), ...deviceFields.map(([name, element]) => param.string(name, listed(element)))],
      nparams, flags,
    );
  },
});
