// Whether a NIC's cable is plugged in: <interface><link>, https://libvirt.org/formatdomain.html#modifying-virtual-link-state
import { z } from '../domain/schema.ts';
import type { Knob } from './knob.ts';
import { childOf, dropChild, eachNic, macAddress, nicName, nicsByMac, updateNic } from './nic-element.ts';

type Link = 'down' | null;

/** null = up, which is what libvirt takes without a word. */
export const nicLink: Knob<Link> = {
  label: 'Link',
  panel: 'network',
  card: 'Link and filter',
  control: () => ({
    kind: 'choice', absent: 'up', options: [{ value: 'down', label: 'down', hint: 'As if its cable were pulled.' }],
    hint: 'A link that is down is a pulled cable: the guest sees it at once, and keeps its NIC.',
  }),
  unit: macAddress,
  value: z.enum(['down']).nullable(),

  read: (xml) => eachNic(xml, (nic) => (nic.element('link')?.attribute('state') === 'down' ? 'down' : null)),

  write(xml, unit, value) {
    const nic = nicsByMac(xml).get(unit);
    if (nic === undefined) return;
    if (value === null) dropChild(nic, 'link');
    else childOf(nic, 'link').setAttribute('state', value);
  },

  check: () => [],
  step: (unit, value, scope, _facts, xml) => (scope === 'live' ? updateNic(xml, unit, (draft) => nicLink.write(draft, unit, value)) : null),

  say: (value) => value ?? 'up',
  name: (unit) => `Link of ${nicName(unit)}`,
};
