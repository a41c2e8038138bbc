// How many vCPUs a guest has, and may have: <vcpu>, https://libvirt.org/formatdomain.html#cpu-allocation
import { z } from '../domain/schema.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { checkVcpuMaximum } from './cpu-topology.ts';
import { type Facts, type Finding, type Knob, wholeGuest } from './knob.ts';
import { same } from './same.ts';
import { withoutMember } from './schedulers.ts';
import { cpus, type Step } from './steps.ts';
import { currentVcpus, maximumVcpus, mostVcpus } from './vcpu-count.ts';
import { plugged, type VcpuState, writeVcpuList } from './vcpu-list.ts';

const count = z.int().min(1).max(mostVcpus);
/**
 * `which` is left out where the numbers say it all: the first `current` are plugged for good. Else the first `fixed` are, and
 * `pluggable` (a CPU set of vCPUs) can be unplugged: without it, who undoes a change of the number would plug others than there were.
 */
const which = z.strictObject({ fixed: count, pluggable: cpus }).readonly();
const vcpuCounts = z.union([
  z.strictObject({ current: count, maximum: count }).readonly(),
  z.strictObject({ current: count, maximum: count, which }).readonly(),
]);
type Which = z.infer<typeof which>;
type VcpuCounts = z.infer<typeof vcpuCounts>;

const whichOf = (value: VcpuCounts): Which | null => ('which' in value ? value.which : null);

const most = ({ domainCapabilities }: Facts): number => Math.min(domainCapabilities?.maximumVcpus ?? mostVcpus, mostVcpus);

/** `current` is plugged at the start or now; up to `maximum` can be plugged while the guest runs. */
export const vcpus: Knob<VcpuCounts> = {
  label: 'vCPUs',
  panel: 'cpu',
  card: 'vCPUs',
  control: (facts) => ({
    kind: 'fields',
    fields: {
      current: { kind: 'number', label: 'vCPUs', hint: 'Those the guest has. One unplugged while it runs goes when the guest lets it go.', least: 1, most: most(facts), measure: 'count', absent: null },
      maximum: {
        kind: 'number', label: 'At most', hint: 'As many can be plugged while the guest runs; each costs it a little memory.', least: 1, most: most(facts), measure: 'count', absent: null,
        nowFixed: 'Changes at the next start.',
      },
    },
  }),
  arrives: 'A guest lets a vCPU go once its system has taken it offline, and may refuse.',
  takesAway: true,
  unit: wholeGuest,
  value: vcpuCounts,

  read: (xml) => (xml.element('vcpu') === null ? {} : { '': countsOf(xml) }),

  write(xml, _unit, value) {
    const { current, maximum } = value;
    if (maximum !== maximumVcpus(xml)) setMaximum(xml, maximum);
    const states = [...plugged(xml)];
    const single = whichOf(value);
    const told = single === null ? null : statesOf(single, states);
    // Where the number was changed since, it counts.
    if (told !== null && told.filter(({ enabled }) => enabled).length === current) return writeVcpuList(xml, told);
    const isLive = xml.root.attribute('id') !== null;
    let missing = current - states.filter(({ enabled }) => enabled).length;
    // As libvirt does it: the lowest are plugged first, the highest unplugged first, and behind one that can be unplugged all can be.
    let isBehind = isLive;
    states.forEach((state, vcpu) => {
      if (missing > 0 && !state.enabled) {
        states[vcpu] = { ...state, enabled: true, hotpluggable: isBehind };
        missing -= 1;
      } else isBehind ||= state.hotpluggable;
    });
    for (let vcpu = states.length - 1; missing < 0 && vcpu >= 0; vcpu -= 1) {
      const state = states[vcpu];
      if (state?.enabled !== true) continue;
      states[vcpu] = { enabled: false, hotpluggable: !isLive || state.hotpluggable, order: null };
      missing += 1;
    }
    writeVcpuList(xml, states);
  },

  check({ current, maximum }, _unit, truth, facts, after) {
    const findings: Finding[] = [];
    if (current > maximum) findings.push({ level: 'error', field: 'current', message: `A guest with at most ${maximum} vCPUs cannot have ${current}.` });
    if (maximum > most(facts)) findings.push({ level: 'error', field: 'maximum', message: `This kind of machine has at most ${most(facts)} vCPUs on this host.` });
    if (truth === 'saved') findings.push(...checkVcpuMaximum(after).map((message): Finding => ({ level: 'error', field: 'maximum', message })));
    const fixed = truth === 'live' ? plugged(after).flatMap((state, vcpu) => (state.enabled || state.hotpluggable ? [] : [vcpu])) : [];
    if (fixed.length > 0) findings.push({ level: 'error', field: 'current', message: `vCPU ${fixed.join(', ')} cannot be unplugged while the guest runs: it was there when the guest started.` });
    return findings;
  },

  step(_unit, value, scope, _facts, xml) {
    const has = { current: currentVcpus(xml), maximum: maximumVcpus(xml) };
    // What both definitions have may differ, so each is brought there by calls of its own.
    if (scope === 'both') return null;
    if (whichOf(value) !== null) {
      const [counted, told] = [{ current: value.current, maximum: value.maximum }, value].map((each) => {
        const after = xml.clone();
        vcpus.write(after, '', each);
        return plugged(after).map(({ enabled, hotpluggable }) => ({ enabled, hotpluggable }));
      });
      if (!same(counted, told)) return scope === 'saved' || value.maximum !== has.maximum ? null : singleSteps(plugged(xml), told ?? []);
    }
    if (scope === 'live') return value.maximum === has.maximum ? { kind: 'setVcpus', what: 'current', count: value.current, scope } : null;
    // libvirt refuses a maximum that does not fit topology or cells; they move with it only in a definition.
    if (value.maximum !== has.maximum && (xml.element('cpu', 'topology') !== null || xml.element('cpu', 'numa') !== null)) return null;
    const maximum: Step = { kind: 'setVcpus', what: 'maximum', count: value.maximum, scope };
    const current: Step = { kind: 'setVcpus', what: 'current', count: value.current, scope };
    return [...(value.maximum === has.maximum ? [] : [maximum]), ...(value.current === Math.min(has.current, value.maximum) ? [] : [current])];
  },

  alike: (one, other) => one.current === other.current && one.maximum === other.maximum && (whichOf(one) === null || whichOf(other) === null || same(one, other)),
  runsAs: (live, saved) => live.current === saved.current && live.maximum === saved.maximum,
  say: (value) => {
    const { current, maximum } = value;
    const which = whichOf(value);
    const number = current === maximum ? `${current}` : `${current} of at most ${maximum}`;
    return which === null || current === maximum ? number : `${number} (${CpuSet.parse(`0-${which.fixed - 1},${which.pluggable}`).toString()})`;
  },
  name: () => 'vCPUs',
};

/** The counts a definition has, and which vCPUs they are where the counts do not tell. */
function countsOf(xml: DomainXml): VcpuCounts {
  const states = plugged(xml);
  const counts = { current: currentVcpus(xml), maximum: maximumVcpus(xml) };
  const pluggable = states.flatMap(({ enabled, hotpluggable }, vcpu) => (enabled && hotpluggable ? [vcpu] : []));
  // A foreign definition may have the others anywhere; libvirt wants them first.
  const fixed = states.filter(({ enabled, hotpluggable }) => enabled && !hotpluggable).length;
  return pluggable.length === 0 || fixed === 0 ? counts : { ...counts, which: { fixed, pluggable: CpuSet.of(pluggable).toString() } };
}

/** The states that `which` tells; null when it tells of vCPUs that are not there. */
function statesOf({ fixed, pluggable }: Which, states: readonly VcpuState[]): readonly VcpuState[] | null {
  const single = new Set<number>(CpuSet.parse(pluggable));
  if (Math.max(fixed - 1, ...single) >= states.length) return null;
  return states.map(({ order }, vcpu) => ({ enabled: vcpu < fixed || single.has(vcpu), hotpluggable: vcpu >= fixed, order: vcpu < fixed || single.has(vcpu) ? order : null }));
}

/** Plugs and unplugs single vCPUs of a running guest. */
const singleSteps = (from: readonly VcpuState[], to: readonly { readonly enabled: boolean }[]): readonly Step[] =>
  to.flatMap(({ enabled }, vcpu): readonly Step[] => (from[vcpu]?.enabled === enabled ? [] : [{ kind: 'setVcpu', vcpus: `${vcpu}`, enabled, scope: 'live' }]));

/** Sets how many there may be; those that go take their pin and scheduler with them, as libvirt has it. */
function setMaximum(xml: DomainXml, maximum: number): void {
  const before = plugged(xml);
  const states = Array.from({ length: maximum }, (_, vcpu) => before[vcpu] ?? { enabled: false, hotpluggable: true, order: null });
  xml.ensure('vcpu').setText(`${maximum}`);
  xml.remove(['cputune', 'vcpupin'], (pin) => Number(pin.attribute('vcpu')) >= maximum);
  for (let vcpu = maximum; vcpu < before.length; vcpu += 1) withoutMember(xml, 'vcpusched', vcpu);
  writeVcpuList(xml, states);
}
