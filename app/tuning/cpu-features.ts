// CPU features beyond the model's, and nested virtualization: <feature>, https://libvirt.org/formatdomain.html#cpu-model-and-topology
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, type Finding, type Knob, type Option, wholeGuest } from './knob.ts';

const path = ['cpu', 'feature'] as const;
const policies: readonly Option[] = [
  { value: 'require', label: 'require', hint: 'The guest has it; no start where it cannot be given.' },
  { value: 'optional', label: 'optional', hint: 'The guest has it where the host has.' },
  { value: 'disable', label: 'disable', hint: 'The guest does not have it.' },
  { value: 'force', label: 'force', hint: 'The guest sees it, whether the host has it or not.' },
  { value: 'forbid', label: 'forbid', hint: 'No start where the host has it.' },
];

/** What makes a guest a host of guests, by the vendor of the CPU; these have a knob of their own. */
const nesting: Readonly<Record<string, string>> = { Intel: 'vmx', AMD: 'svm', Hygon: 'svm' };
const isNesting = (name: string): boolean => Object.values(nesting).includes(name);

const cpuFeature = z.strictObject({ name: z.string().max(64), policy: z.string().max(16) }).readonly();
type CpuFeature = z.infer<typeof cpuFeature>;

const all = (xml: DomainXml): readonly CpuFeature[] => xml.elements(...path).map((element) => ({ name: element.attribute('name') ?? '', policy: element.attribute('policy') ?? 'require' }));

const setPolicy = (xml: DomainXml, name: string, policy: string): void => {
  const mine = xml.elements(...path).find((element) => element.attribute('name') === name);
  if (mine === undefined) xml.add(path, { policy, name });
  else if ((mine.attribute('policy') ?? 'require') !== policy) mine.setAttribute('policy', policy);
};

export const cpuFeatures: Knob<readonly CpuFeature[]> = {
  label: 'CPU features',
  panel: 'cpu',
  card: 'Model and features',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'feature',
    most: 256,
    nowFixed: 'Changes at the next start.',
    fresh: { name: '', policy: 'require' },
    fields: {
      name: { kind: 'text', label: 'Name', absent: null, example: 'pcid' },
      policy: { kind: 'choice', label: 'Policy', absent: null, options: policies },
    },
  }),
  unit: wholeGuest,
  value: z.array(cpuFeature).max(4096).readonly(),

  read: (xml) => ({ '': all(xml).filter(({ name }) => !isNesting(name)) }),

  write(xml, _unit, value) {
    xml.remove(path, (element) => !isNesting(element.attribute('name') ?? '') && !value.some(({ name }) => name === element.attribute('name')));
    for (const { name, policy } of value) setPolicy(xml, name, policy);
  },

  check(value, _unit, truth, facts, after) {
    if (truth === 'live') return [];
    const findings: Finding[] = [];
    const error = (message: string): void => void findings.push({ level: 'error', message });
    const names = value.map(({ name }) => name);
    for (const [place, { name, policy }] of value.entries()) {
      if (!/^[\w.+-]+$/.test(name)) error(`Feature ${place + 1} needs a name such as pcid.`);
      else if (names.indexOf(name) !== place) error(`${name} stands there twice.`);
      else if (isNesting(name)) error(`${name} is what "Nested virtualization" sets.`);
      if (!policies.some((each) => each.value === policy)) error(`There is no policy ${policy}.`);
      const lacks = facts.domainCapabilities?.hostModel?.features.some((each) => each.name === name && each.policy === 'disable') === true;
      if (lacks && policy === 'require' && after.root.attribute('type') === 'kvm') findings.push({ level: 'warning', message: `This host lacks ${name}, so the guest would not start here.` });
    }
    const cpu = after.element('cpu');
    if (value.length > 0 && cpu?.attribute('mode') == null && cpu?.element('model') == null) error('Features need a CPU mode: choose one above.');
    return findings;
  },

  step: () => null,
  // A running guest's XML names everything the CPU turned out to have.
  runsAs: (live, saved) => saved.every(({ name, policy }) => {
    const now = live.find((each) => each.name === name)?.policy;
    if (policy === 'require' || policy === 'force') return now === 'require' || now === 'force';
    return policy === 'optional' || (now !== 'require' && now !== 'force');
  }),
  say: (value) => value.map(({ name, policy }) => (policy === 'require' ? `+${name}` : policy === 'disable' ? `-${name}` : `${name} ${policy}`)).join(', ') || "the model's own",
  name: () => 'CPU features',
};

/** The unit is the feature that makes it: `vmx` with Intel's CPUs, `svm` with AMD's. null = as the CPU mode has it. */
export const nestedVirtualization: Knob<string | null> = {
  label: 'Nested virtualization',
  panel: 'cpu',
  card: 'Model and features',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'choice', absent: 'as the CPU mode has it',
    nowFixed: 'Changes at the next start.',
    hint: `Whether the guest can run guests of its own.${offers(facts) ? '' : ' This host does not offer it to guests.'}`,
    options: [{ value: 'require', label: 'on' }, { value: 'disable', label: 'off' }, ...['optional', 'force', 'forbid'].map((policy) => ({ value: policy, label: policy }))],
  }),
  unit: z.string().regex(/^(vmx|svm)$/, 'is vmx or svm'),
  value: z.string().max(16).nullable(),

  read(xml, facts) {
    const here = nesting[facts.domainCapabilities?.hostModel?.vendor ?? ''];
    const written = all(xml).filter(({ name }) => isNesting(name));
    return Object.fromEntries([...new Set([...(here === undefined ? [] : [here]), ...written.map(({ name }) => name)])].map((name) => [name, written.find((each) => each.name === name)?.policy ?? null]));
  },

  write(xml, unit, value) {
    if (value === null) xml.remove(path, (element) => element.attribute('name') === unit);
    else setPolicy(xml, unit, value);
  },

  check(value, unit, truth, facts, after) {
    if (truth === 'live' || value === null) return [];
    if (!policies.some((each) => each.value === value)) return [{ level: 'error', message: `There is no policy ${value}.` }];
    const cpu = after.element('cpu');
    if (cpu?.attribute('mode') == null && cpu?.element('model') == null) return [{ level: 'error', message: 'This needs a CPU mode: choose one above.' }];
    return value === 'require' && !offers(facts, unit) ? [{ level: 'warning', message: `This host does not offer ${unit} to guests, so the guest would not start here: see the parameter nested of its KVM module.` }] : [];
  },

  step: () => null,
  runsAs: (live, saved) => saved === null || live === saved || (saved === 'disable' && live === null),
  say: (value) => (value === null ? 'as the CPU mode has it' : value === 'require' ? 'on' : value === 'disable' ? 'off' : value),
  name: () => 'Nested virtualization',
};

/** Whether the host's own model for guests has it; unknown counts as yes. */
const offers = ({ domainCapabilities }: Facts, feature?: string): boolean => {
  const host = domainCapabilities?.hostModel ?? null;
  const name = feature ?? nesting[host?.vendor ?? ''];
  return host === null || name === undefined || host.features.some((each) => each.name === name && each.policy === 'require');
};
