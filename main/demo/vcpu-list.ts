// The state of single vCPUs in a definition: <vcpus>, as libvirt lists it once one was plugged or set by itself.
import { Element } from './xml.ts';

export interface VcpuState {
  readonly enabled: boolean;
  readonly hotpluggable: boolean;
}

/** Every vCPU by its number: as listed, else the first ones plugged for good. */
export const vcpuStates = (root: Element): readonly VcpuState[] => {
  const most = Number(root.at('vcpu')?.text ?? 1);
  const current = Number(root.at('vcpu')?.get('current') ?? most);
  const listed = root.at('vcpus')?.all('vcpu') ?? [];
  return Array.from({ length: most }, (_, id) => {
    const element = listed.find((each) => each.get('id') === String(id));
    if (element === undefined) return { enabled: listed.length === 0 && id < current, hotpluggable: listed.length > 0 || id >= current };
    return { enabled: element.get('enabled') === 'yes', hotpluggable: element.get('hotpluggable') === 'yes' };
  });
};

/** Lists all of them; of a running guest with the order in which they came. */
export const listVcpus = (root: Element, states: readonly VcpuState[], isLive: boolean): void => {
  const before = root.at('vcpus')?.all('vcpu') ?? [];
  const orderOf = (id: number): number => Number(before.find((each) => each.get('id') === String(id))?.get('order') ?? 0);
  let last = Math.max(states.filter(({ enabled, hotpluggable }) => enabled && !hotpluggable).length, ...before.map((each) => Number(each.get('order') ?? 0)));
  const vcpu = root.ensure('vcpu');
  const count = states.filter(({ enabled }) => enabled).length;
  if (count === states.length) vcpu.attributes.delete('current');
  else vcpu.set('current', String(count));
  vcpu.arrange({}, ['placement', 'cpuset', 'current']);
  root.remove(root.at('vcpus'));
  let boot = 0;
  root.add(new Element('vcpus', {}, states.map(({ enabled, hotpluggable }, id) => {
    const element = new Element('vcpu', { id: String(id), enabled: enabled ? 'yes' : 'no', hotpluggable: hotpluggable ? 'yes' : 'no' });
    if (!enabled || !isLive) return element;
    if (!hotpluggable) boot += 1;
    return element.set('order', String(hotpluggable ? orderOf(id) || (last += 1) : boot));
  })));
};
