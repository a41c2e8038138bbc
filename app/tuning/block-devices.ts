// What a guest may do on each block device of the host, whichever of its disks lie there: <blkiotune><device>, https://libvirt.org/formatdomain.html#block-i-o-tuning
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { wholeNumber } from './attributes.ts';
import { type Finding, itemField, type Knob, wholeGuest } from './knob.ts';
import { printMeasure } from './measure.ts';

const at = ['blkiotune', 'device'] as const;
/** In the order in which libvirt prints them; its parameters have the same names after `device_`. */
const names = ['weight', 'read_iops_sec', 'write_iops_sec', 'read_bytes_sec', 'write_bytes_sec'] as const;
const most = { weight: 10_000, iops: 4_294_967_295, bytes: Number.MAX_SAFE_INTEGER };
const order: readonly string[] = ['path', ...names];

const amount = (highest: number) => z.int().min(1).max(highest).nullable();
/** null = the weight of all others, or no limit. */
const blockDevice = z.strictObject({
  path: z.string().max(4096), weight: amount(most.weight), read_iops_sec: amount(most.iops), write_iops_sec: amount(most.iops), read_bytes_sec: amount(most.bytes), write_bytes_sec: amount(most.bytes),
}).readonly();
type BlockDevice = z.infer<typeof blockDevice>;

const pathOf = (element: XmlElement): string => element.element('path')?.text ?? '';
const isNothing = (device: BlockDevice): boolean => names.every((name) => device[name] === null);
const readDevice = (element: XmlElement): BlockDevice => {
  const number = (name: (typeof names)[number]): number | null => wholeNumber(element.element(name)?.text) || null;
  return { path: pathOf(element), weight: number('weight'), read_iops_sec: number('read_iops_sec'), write_iops_sec: number('write_iops_sec'), read_bytes_sec: number('read_bytes_sec'), write_bytes_sec: number('write_bytes_sec') };
};

/** In the order of their paths, since theirs means nothing; devices of which nothing is set are none. */
const devicesOf = (xml: DomainXml): readonly BlockDevice[] =>
  xml.elements(...at).map(readDevice).filter((device) => !isNothing(device)).toSorted((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));

const number = (label: string, measure: 'bytes/s' | 'per second', highest: number) => ({ kind: 'number' as const, label, least: 1, most: highest, measure, absent: 'no limit' });

export const blockDevices: Knob<readonly BlockDevice[]> = {
  label: 'By device of the host',
  panel: 'disks',
  card: 'Host devices',
  only: ['qemu', 'lxc'],
  control: () => ({
    kind: 'list',
    item: 'device',
    most: 64,
    fresh: { path: '', weight: null, read_iops_sec: null, write_iops_sec: null, read_bytes_sec: null, write_bytes_sec: null },
    hint: 'The kernel holds the guest to this on a whole device of the host. What goes through the host’s page cache is not held for writes with cgroup v1.',
    fields: {
      path: { kind: 'text', label: 'Device', absent: null, example: '/dev/sda' },
      weight: { kind: 'number', label: 'Weight', least: 1, most: most.weight, measure: 'count', absent: 'as for others' },
      read_bytes_sec: number('Bytes read', 'bytes/s', most.bytes),
      write_bytes_sec: number('Bytes written', 'bytes/s', most.bytes),
      read_iops_sec: number('Reads', 'per second', most.iops),
      write_iops_sec: number('Writes', 'per second', most.iops),
    },
  }),
  unit: wholeGuest,
  value: z.array(blockDevice).max(64).readonly(),

  read: (xml) => ({ '': devicesOf(xml) }),

  write(xml, _unit, value) {
    for (const element of xml.elements(...at)) if (!value.some(({ path }) => path === pathOf(element))) element.parent?.remove(element);
    for (const device of value) {
      const element = xml.elements(...at).find((one) => pathOf(one) === device.path) ?? xml.add(at, {});
      if (element.element('path') === null) element.add('path', { order }).setText(device.path);
      const has = readDevice(element);
      for (const name of names) {
        const wanted = device[name];
        if (has[name] === wanted) continue;
        const old = element.element(name);
        if (wanted !== null) (old ?? element.add(name, { order })).setText(`${wanted}`);
        else if (old !== null) element.remove(old);
      }
    }
  },

  check: (value) => value.flatMap((device, item): readonly Finding[] => {
    const refuse = (message: string, field: keyof BlockDevice): Finding => ({ level: 'error', message, field: itemField(item, field) });
    return [
      ...(/^\/[^,]+$/.test(device.path) ? [] : [refuse('Write the path of a block device of the host, such as /dev/sda; it has no comma.', 'path')]),
      ...(value.findIndex(({ path }) => path === device.path) < item ? [refuse(`${device.path} is there twice.`, 'path')] : []),
      ...(isNothing(device) ? [refuse('Set a weight or a limit for it, or remove it.', 'weight')] : []),
    ];
  }),

  step(_unit, value, scope, _facts, xml) {
    const has = new Map(devicesOf(xml).map((device) => [device.path, device]));
    const paths = [...new Set([...has.keys(), ...value.map(({ path }) => path)])];
    // The call puts new devices last; the definition says where they were.
    if (scope !== 'live' && value.some(({ path }) => !has.has(path)) && has.size > 0) return null;
    const params = Object.fromEntries(names.flatMap((name) => {
      const moved = paths.flatMap((path) => {
        const wanted = value.find((device) => device.path === path)?.[name] ?? null;
        return scope !== 'both' && (has.get(path)?.[name] ?? null) === wanted ? [] : [`${path},${wanted ?? 0}`];
      });
      // Weights are a scheduler's that few hosts have: nothing of them is asked for where none is set.
      const isAsked = moved.length > 0 && (name !== 'weight' || moved.some((each) => !each.endsWith(',0')) || [...has.values()].some(({ weight }) => weight !== null));
      return isAsked ? [[`device_${name}`, moved.join(',')]] : [];
    }));
    return { kind: 'setBlkio', params, scope };
  },

  say: (value) => (value.length === 0 ? 'none' : value.map(sayDevice).join('; ')),
  name: () => 'Devices of the host',
};

const sayDevice = ({ path, weight, ...limits }: BlockDevice): string => {
  const say = (words: string, value: number | null, measure: 'bytes/s' | 'per second'): readonly string[] => (value === null ? [] : [`${words} ${printMeasure(value, measure)}`]);
  return `${path}: ${[
    ...(weight === null ? [] : [`weight ${weight}`]), ...say('bytes read', limits.read_bytes_sec, 'bytes/s'), ...say('bytes written', limits.write_bytes_sec, 'bytes/s'),
    ...say('reads', limits.read_iops_sec, 'per second'), ...say('writes', limits.write_iops_sec, 'per second'),
  ].join(', ')}`;
};
