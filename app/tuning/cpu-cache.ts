// What a guest sees of CPU caches: <cache>, https://libvirt.org/formatdomain.html#cpu-model-and-topology
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { numberOf, putAttributes } from './attributes.ts';
import { type Finding, type Knob, wholeGuest } from './knob.ts';

const path = ['cpu', 'cache'] as const;
/** In libvirt's order. */
const cacheValue = z.strictObject({ level: z.int().min(1).max(3).nullable(), mode: z.string().max(16).nullable() }).readonly();
type Cache = z.infer<typeof cacheValue>;

const readCache = (xml: DomainXml): Cache => {
  const element = xml.element(...path);
  return { level: numberOf(element, 'level'), mode: element?.attribute('mode') ?? null };
};

export const cpuCache: Knob<Cache> = {
  label: 'CPU cache',
  panel: 'cpu',
  card: 'Model and features',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    fields: {
      mode: {
        kind: 'choice', label: 'Cache', absent: "hypervisor's default",
        options: [
          { value: 'emulate', label: 'emulate', hint: 'A level 3 cache that the hypervisor makes up.' },
          { value: 'passthrough', label: 'passthrough', hint: "The host's own, with mode host-passthrough or maximum." },
          { value: 'disable', label: 'disable', hint: 'None is told of.' },
        ],
      },
      level: { kind: 'number', label: 'Cache level', hint: 'For emulate: 3.', least: 3, most: 3, measure: 'count', absent: 'none' },
    },
  }),
  unit: wholeGuest,
  value: cacheValue,

  read: (xml) => ({ '': readCache(xml) }),
  write: (xml, _unit, value) => putAttributes(xml, path, readCache(xml), value),

  check({ mode, level }, _unit, _truth, _facts, after) {
    const error = (field: keyof Cache, message: string): readonly Finding[] => [{ level: 'error', field, message }];
    if (mode === null) return level === null ? [] : error('mode', 'A level needs mode emulate.');
    if (!['emulate', 'passthrough', 'disable'].includes(mode)) return error('mode', 'This is emulate, passthrough, disable or nothing.');
    if (mode === 'emulate') return level === 3 ? [] : error('level', 'Only the cache of level 3 can be emulated: write 3.');
    if (level !== null) return error('level', `With ${mode} there is no level.`);
    const cpu = after.element('cpu')?.attribute('mode') ?? null;
    return mode === 'passthrough' && cpu !== 'host-passthrough' && cpu !== 'maximum' ? error('mode', 'passthrough goes with CPU mode host-passthrough or maximum only.') : [];
  },

  step: () => null,
  say: ({ mode, level }) => (mode === null ? "hypervisor's default" : level === null ? mode : `${mode} level ${level}`),
  name: () => 'CPU cache',
};
