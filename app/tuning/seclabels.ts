// How the host keeps a guest's process and files apart from others: <seclabel>, https://libvirt.org/formatdomain.html#security-label
import { z } from '../domain/schema.ts';
import { type DeviceKind, listOf, never } from './device-list.ts';
import { type Facts, type Finding, itemField, type Knob, type Truth, wholeGuest } from './knob.ts';

const word = z.string().min(1).max(4096).nullable();
/** `model` null = libvirt's first driver; `relabel` null = as usual for the type; a running guest tells the label that it was given. */
const seclabel = z.strictObject({ model: word, type: z.string().min(1).max(32), relabel: word, label: word, baselabel: word }).readonly();
type Seclabel = z.infer<typeof seclabel>;

const kind: DeviceKind<Seclabel> = {
  element: 'seclabel',
  path: ['seclabel'],
  order: ['label', 'imagelabel', 'baselabel'],
  open: ['model', 'relabel'],
  read: (element) => ({
    model: element.attribute('model'), type: element.attribute('type') ?? 'dynamic', relabel: element.attribute('relabel'),
    label: element.element('label')?.text || null, baselabel: element.element('baselabel')?.text || null,
  }),
  write(element, wanted) {
    for (const name of ['type', 'model', 'relabel'] as const) {
      const value = wanted[name];
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    for (const name of ['label', 'baselabel'] as const) {
      const [value, old] = [wanted[name], element.element(name)];
      if (value !== null) (old ?? element.add(name, { order: kind.order })).setText(value);
      else if (old !== null) element.remove(old);
    }
  },
  say: ({ model, type, relabel, label, baselabel }) => [`${model ?? 'usual driver'}: ${type}`, ...(relabel === null ? [] : [`relabel ${relabel}`]), ...[label, baselabel].filter((text) => text !== null)].join(', '),
};

const list = listOf(kind, never);

/** Without the labels that the host made: a definition never has them. */
const asked = (labels: readonly Seclabel[]): readonly Seclabel[] => labels.map((one) => (one.type === 'dynamic' ? { ...one, label: null } : one));

export const seclabels: Knob<readonly Seclabel[]> = {
  label: 'Security labels',
  panel: 'devices',
  card: 'Security labels',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'list',
    nowFixed: 'Changes at the next start.',
    item: 'label',
    most: 4,
    fresh: { model: null, type: 'dynamic', relabel: null, label: null, baselabel: null },
    hint: `Without any, each guest gets labels of its own from every driver of the host${facts.securityModels === null ? '' : ` (${facts.securityModels.join(', ') || 'none'})`}: that is sVirt, which keeps one guest out of another’s files.`,
    fields: {
      model: { kind: 'choice', label: 'Driver', absent: 'the host’s first', options: (facts.securityModels ?? ['selinux', 'apparmor', 'dac']).map((value) => ({ value, label: value })) },
      type: { kind: 'choice', label: 'Kind', absent: null, options: [
        { value: 'dynamic', label: 'dynamic', hint: 'A label of its own, made at each start.' },
        { value: 'static', label: 'static', hint: 'The label that is given here; keeping guests apart is the admin’s concern.' },
        { value: 'none', label: 'none', hint: 'Not confined by this driver: whoever breaks out of QEMU has its user’s rights on the host.' },
      ] },
      relabel: { kind: 'choice', label: 'Relabel files', absent: 'as usual', options: [{ value: 'yes', label: 'yes', hint: 'The guest’s images are given its label.' }, { value: 'no', label: 'no' }] },
      label: { kind: 'text', label: 'Label', absent: 'made for it', example: 'system_u:system_r:svirt_t:s0:c392,c662', hint: 'Of a static label. For dac: +user:+group.' },
      baselabel: { kind: 'text', label: 'Base', absent: 'none', example: 'system_u:system_r:svirt_custom_t:s0', hint: 'What a dynamic label begins with.' },
    },
  }),
  unit: wholeGuest,
  value: z.array(seclabel).max(16).readonly(),
  ...list,

  check: (value, _unit, truth, facts) => value.flatMap((one, item) => findings(one, item, value, truth, facts)),
  alike: (one, other) => list.alike?.(asked(one), asked(other)) === true,
  // Every driver makes labels for a guest that names none; and those that are made are told while it runs.
  runsAs: (live, saved) => {
    const named = live.flatMap((one) => {
      const wanted = saved.find((other) => other.type === one.type && (other.model === null || other.model === one.model));
      if (one.type === 'dynamic' && wanted === undefined) return [];
      return [one.type === 'dynamic' ? { ...one, baselabel: wanted?.baselabel ?? one.baselabel } : one];
    });
    return list.alike?.(asked(named), asked(saved)) === true;
  },
  name: () => 'Security labels',
};

function findings({ model, type, relabel, label, baselabel }: Seclabel, item: number, all: readonly Seclabel[], truth: Truth, { securityModels }: Facts): readonly Finding[] {
  const refuse = (message: string, key: keyof Seclabel): Finding => ({ level: 'error', message, field: itemField(item, key) });
  if (truth === 'live') return [];
  return [
    ...(model !== null && securityModels !== null && !securityModels.includes(model) ? [refuse(`The host has no security driver ${model}${securityModels.length === 0 ? '' : `; it has ${securityModels.join(', ')}`}. The guest would not start.`, 'model')] : []),
    ...(all.findIndex((other) => other.model === model) < item ? [refuse('There is one label of each driver.', 'model')] : []),
    ...(['dynamic', 'static', 'none'].includes(type) ? [] : [refuse(`There is no kind ${type}.`, 'type')]),
    ...(type === 'static' && label === null ? [refuse('A static label has to be given.', 'label')] : []),
    ...(type !== 'static' && label !== null ? [refuse('Only a static label is given: others are made at the start.', 'label')] : []),
    ...(type !== 'dynamic' && baselabel !== null ? [refuse('Only dynamic labels begin with something.', 'baselabel')] : []),
    ...(type === 'none' && relabel === 'yes' ? [refuse('Without a label there is nothing to relabel files with.', 'relabel')] : []),
    ...(type === 'dynamic' && relabel === 'no' ? [refuse('Dynamic labels relabel files always.', 'relabel')] : []),
  ];
}
