// The state of each vCPU: <vcpus>, https://libvirt.org/formatdomain.html#cpu-allocation
import type { DomainXml } from '../xml/domain-xml.ts';
import { numberOf, putAttribute } from './attributes.ts';
import { currentVcpus, maximumVcpus, mostVcpus } from './vcpu-count.ts';

export interface VcpuState {
  readonly enabled: boolean;
  /** Whether it can be unplugged while the guest runs. */
  readonly hotpluggable: boolean;
  /** Its place when vCPUs are plugged at the start; null = by number. */
  readonly order: number | null;
}

/** Every vCPU's state by its number: as listed, else the first ones plugged for good and the rest to be plugged. */
export function plugged(xml: DomainXml): readonly VcpuState[] {
  const current = currentVcpus(xml);
  const isLive = xml.root.attribute('id') !== null;
  const listed = new Map(xml.elements('vcpus', 'vcpu').map((element) => [numberOf(element, 'id'), element]));
  return Array.from({ length: maximumVcpus(xml) }, (_, vcpu): VcpuState => {
    const element = listed.get(vcpu);
    if (element === undefined) return listed.size > 0 ? { enabled: false, hotpluggable: true, order: null } : usual(vcpu, current);
    const enabled = element.attribute('enabled') === 'yes';
    // Saved, one that is not plugged can always be: libvirt says otherwise of those that a raised maximum adds, and then refuses its own words.
    return { enabled, hotpluggable: (!enabled && !isLive) || element.attribute('hotpluggable') === 'yes', order: numberOf(element, 'order') };
  });
}

const usual = (vcpu: number, current: number): VcpuState => ({ enabled: vcpu < current, hotpluggable: vcpu >= current, order: null });

/** Writes the states of all vCPUs: a count alone where that says it all, as libvirt prints it. */
export function writeVcpuList(xml: DomainXml, states: readonly VcpuState[]): void {
  const count = states.filter(({ enabled }) => enabled).length;
  const vcpu = xml.ensure('vcpu');
  putAttribute(vcpu, 'current', count === states.length ? null : count);
  const isUsual = count > 0 && states.every((state, id) => {
    const { enabled, hotpluggable, order } = usual(id, count);
    return state.enabled === enabled && state.hotpluggable === hotpluggable && state.order === order;
  });
  if (isUsual) return xml.remove(['vcpus']);
  const ordered = withOrder(states);
  xml.remove(['vcpus', 'vcpu'], (element) => (numberOf(element, 'id') ?? 0) >= states.length);
  const listed = new Map(xml.elements('vcpus', 'vcpu').map((element) => [numberOf(element, 'id'), element]));
  ordered.forEach(({ enabled, hotpluggable, order }, id) => {
    const element = listed.get(id) ?? xml.add(['vcpus', 'vcpu'], { id: `${id}` }, 'id');
    element.setAttribute('enabled', enabled ? 'yes' : 'no');
    element.setAttribute('hotpluggable', hotpluggable ? 'yes' : 'no');
    putAttribute(element, 'order', order);
  });
}

/** libvirt wants an order for all that are plugged, or for none, and those that cannot be unplugged before those that can: who has none yet comes last of its kind. */
function withOrder(states: readonly VcpuState[]): readonly VcpuState[] {
  const line = states.flatMap(({ enabled, hotpluggable, order }, id) => (enabled ? [{ id, hotpluggable, order }] : []));
  if (line.every(({ order }) => order !== null)) return states.map((state) => ({ ...state, order: state.enabled ? state.order : null }));
  if (line.every(({ order }) => order === null)) return states.map((state) => ({ ...state, order: null }));
  const place = ({ order }: { readonly order: number | null }): number => order ?? mostVcpus + 1;
  line.sort((one, other) => Number(one.hotpluggable) - Number(other.hotpluggable) || place(one) - place(other) || one.id - other.id);
  const places = new Map(line.map(({ id }, at) => [id, at + 1]));
  return states.map((state, id) => ({ ...state, order: places.get(id) ?? null }));
}
