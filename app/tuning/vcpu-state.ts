// Single vCPUs plugged and unplugged: <vcpus>, https://libvirt.org/formatdomain.html#cpu-allocation
import { z } from '../domain/schema.ts';
import type { Finding, Knob } from './knob.ts';
import { vcpuUnit } from './vcpu-count.ts';
import { plugged, writeVcpuList } from './vcpu-list.ts';

const vcpuStateValue = z.strictObject({ enabled: z.boolean(), hotpluggable: z.boolean(), order: z.int().min(1).nullable() }).readonly();
type Value = z.infer<typeof vcpuStateValue>;

/** The unit is the vCPU's number. */
export const vcpuState: Knob<Value> = {
  label: 'Single vCPUs',
  panel: 'cpu',
  card: 'vCPUs',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    fields: {
      enabled: { kind: 'switch', label: 'Plugged' },
      hotpluggable: { kind: 'switch', label: 'Can be unplugged', hint: 'Whether it can be unplugged while the guest runs; vCPU 0 never can.', nowFixed: 'Changes at the next start.' },
      order: { kind: 'number', label: 'Order', hint: 'The place at which it is plugged when the guest starts.', least: 1, most: 16_384, measure: 'count', absent: 'by number', nowFixed: 'Changes at the next start.' },
    },
  }),
  arrives: 'A guest lets a vCPU go once its system has taken it offline, and may refuse.',
  unit: vcpuUnit,
  value: vcpuStateValue,

  read: (xml) => (xml.element('vcpu') === null ? {} : Object.fromEntries(plugged(xml).map((state, vcpu) => [`${vcpu}`, { ...state }]))),

  write: (xml, unit, value) => writeVcpuList(xml, plugged(xml).map((state, vcpu) => (vcpu === Number(unit) ? value : state))),

  check({ enabled, hotpluggable, order }, unit, truth, _facts, after) {
    const findings: Finding[] = [];
    const error = (field: string, message: string): void => void findings.push({ level: 'error', field, message });
    if (unit === '0' && !enabled) error('enabled', 'vCPU 0 is always plugged.');
    if (unit === '0' && hotpluggable) error('hotpluggable', 'vCPU 0 can never be unplugged.');
    if (truth === 'live') {
      if (!enabled && !hotpluggable) error('enabled', `vCPU ${unit} was there when the guest started, and cannot be unplugged while it runs.`);
      return findings;
    }
    if (!enabled && !hotpluggable) error('hotpluggable', 'What is not plugged at the start has to be pluggable.');
    if (!enabled && order !== null) error('order', 'Only vCPUs plugged at the start have an order.');
    const states = plugged(after);
    const first = states.findIndex((state) => state.hotpluggable);
    const behind = first < 0 ? -1 : states.findIndex((state, vcpu) => vcpu > first && state.enabled && !state.hotpluggable);
    if (unit !== '0' && behind >= 0 && [first, behind].includes(Number(unit))) error('hotpluggable', `vCPU ${first} can be unplugged, so vCPU ${behind}, which comes after it, has to be one that can: those that cannot have the lowest numbers.`);
    const same = states.findIndex((state, vcpu) => vcpu !== Number(unit) && enabled && order !== null && state.order === order);
    if (same >= 0) error('order', `vCPU ${same} has this place already.`);
    const late = states.filter((state) => state.enabled && !state.hotpluggable).reduce((last, state) => Math.max(last, state.order ?? 0), 0);
    if (enabled && hotpluggable && order !== null && order < late) error('order', 'vCPUs that can be unplugged come after those that cannot.');
    return findings;
  },

  step(unit, value, scope, _facts, xml) {
    const has = plugged(xml)[Number(unit)];
    if (has === undefined || scope === 'both') return null;
    // A call plugs or unplugs; saved, it makes the vCPU one that can be unplugged. Everything else is a matter of the definition.
    const onlyPlugs = value.enabled !== has.enabled && (scope === 'live' || value.order === has.order || value.order === null) && value.hotpluggable === (scope === 'saved' || has.hotpluggable);
    return onlyPlugs ? { kind: 'setVcpu', vcpus: unit, enabled: value.enabled, scope } : null;
  },

  // libvirt gives those that are plugged their order by itself, and writes it down or forgets it as it likes.
  alike: (one, other) => one.enabled === other.enabled && one.hotpluggable === other.hotpluggable && (one.order === other.order || one.order === null || other.order === null),
  runsAs: (live, saved) => live.enabled === saved.enabled,
  say: ({ enabled, hotpluggable, order }) => [enabled ? 'plugged' : 'not plugged', ...(enabled && hotpluggable ? ['can be unplugged'] : []), ...(order === null ? [] : [`order ${order}`])].join(', '),
  name: (unit) => `State of vCPU ${unit}`,
};
