// How many vCPUs a guest has, and may have: <vcpu>, https://libvirt.org/formatdomain.html#cpu-allocation
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { checkVcpuMaximum } from './cpu-topology.ts';
import { type Facts, type Finding, type Knob, wholeGuest } from './knob.ts';
import { withoutMember } from './schedulers.ts';
import type { Step } from './steps.ts';
import { currentVcpus, maximumVcpus, mostVcpus } from './vcpu-count.ts';
import { plugged, writeVcpuList } from './vcpu-list.ts';

const count = z.int().min(1).max(mostVcpus);
const vcpuCounts = z.strictObject({ current: count, maximum: count }).readonly();
type VcpuCounts = z.infer<typeof vcpuCounts>;

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

  read: (xml) => (xml.element('vcpu') === null ? {} : { '': { current: currentVcpus(xml), maximum: maximumVcpus(xml) } }),

  write(xml, _unit, { current, maximum }) {
    if (maximum !== maximumVcpus(xml)) setMaximum(xml, maximum);
    const states = [...plugged(xml)];
    const isLive = xml.root.attribute('id') !== null;
    const isListed = xml.element('vcpus') !== null;
    let missing = current - states.filter(({ enabled }) => enabled).length;
    // As libvirt does it: the lowest are plugged first, the highest unplugged first.
    states.forEach((state, vcpu) => {
      if (missing <= 0 || state.enabled) return;
      states[vcpu] = { ...state, enabled: true, hotpluggable: isLive || (isListed && state.hotpluggable) };
      missing -= 1;
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
    if (scope === 'live') return value.maximum === has.maximum ? { kind: 'setVcpus', what: 'current', count: value.current, scope } : null;
    // libvirt refuses a maximum that does not fit topology or cells; they move with it only in a definition.
    if (value.maximum !== has.maximum && (xml.element('cpu', 'topology') !== null || xml.element('cpu', 'numa') !== null)) return null;
    const maximum: Step = { kind: 'setVcpus', what: 'maximum', count: value.maximum, scope };
    const current: Step = { kind: 'setVcpus', what: 'current', count: value.current, scope };
    return [...(value.maximum === has.maximum ? [] : [maximum]), ...(value.current === Math.min(has.current, value.maximum) ? [] : [current])];
  },

  say: ({ current, maximum }) => (current === maximum ? `${current}` : `${current} of at most ${maximum}`),
  name: () => 'vCPUs',
};

/** Sets how many there may be; those that go take their pin and scheduler with them, as libvirt has it. */
function setMaximum(xml: DomainXml, maximum: number): void {
  const before = plugged(xml);
  const states = Array.from({ length: maximum }, (_, vcpu) => before[vcpu] ?? { enabled: false, hotpluggable: true, order: null });
  xml.ensure('vcpu').setText(`${maximum}`);
  xml.remove(['cputune', 'vcpupin'], (pin) => Number(pin.attribute('vcpu')) >= maximum);
  for (let vcpu = maximum; vcpu < before.length; vcpu += 1) withoutMember(xml, 'vcpusched', vcpu);
  writeVcpuList(xml, states);
}
