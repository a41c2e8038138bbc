// Which CPU a guest sees: <cpu> and <model>, https://libvirt.org/formatdomain.html#cpu-model-and-topology
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { dropEmpty, putAttribute } from './attributes.ts';
import { type Facts, type Finding, type Knob, type Option, wholeGuest } from './knob.ts';

const word = z.string().min(1).max(256).nullable();
/** As the XML has them; null = not written. */
const cpuModelValue = z.strictObject({ mode: word, model: word, fallback: word, match: word, check: word, migratable: word }).readonly();
type CpuModel = z.infer<typeof cpuModelValue>;

const modes: readonly (Option & { readonly value: string })[] = [
  { value: 'host-passthrough', label: 'host-passthrough', hint: "The host's own CPU: the fastest; the guest moves only to hosts just like it." },
  { value: 'host-model', label: 'host-model', hint: 'The named model nearest to the host, chosen at each start.' },
  { value: 'custom', label: 'custom', hint: 'One named model, the same on every host.' },
  { value: 'maximum', label: 'maximum', hint: 'Everything the hypervisor can give, emulated where the host lacks it.' },
];
const hasMigratable = (mode: string | null): boolean => mode === 'host-passthrough' || mode === 'maximum';

const choice = (label: string, absent: string, ...options: readonly Option[]) => ({ kind: 'choice', label, absent, options }) as const;

export const cpuModel: Knob<CpuModel> = {
  label: 'CPU model',
  panel: 'cpu',
  card: 'Model and features',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    fields: {
      mode: choice('Mode', "hypervisor's default", ...modes.map((mode) => ({ ...mode, ...unusableMode(mode.value, facts) }))),
      model: { ...modelField(facts), label: 'Model', hint: 'For mode custom.' },
      fallback: { ...choice('If the model is not there', 'usual: a similar one', { value: 'allow', label: 'a similar one (allow)' }, { value: 'forbid', label: 'no start (forbid)' }), hint: 'For mode custom.' },
      match: {
        ...choice('Match', 'usual: exact', { value: 'exact', label: 'exact', hint: 'Features that are not named are off.' }, { value: 'minimum', label: 'minimum', hint: 'At least the model; more where the host has more.' }, { value: 'strict', label: 'strict', hint: 'No start where the host has more.' }),
        hint: 'For mode custom.',
      },
      check: choice(
        'Check at the start', "libvirt's choice",
        { value: 'none', label: 'none', hint: 'The hypervisor leaves out what it lacks, without a word.' }, { value: 'partial', label: 'partial', hint: 'libvirt checks what it can before the start.' },
        { value: 'full', label: 'full', hint: 'No start when the guest would see anything else.' },
      ),
      migratable: { ...choice('Only what can migrate', 'usual: yes', { value: 'on', label: 'yes' }, { value: 'off', label: 'no', hint: 'Also what pins the guest to this host, such as invtsc.' }), hint: 'For host-passthrough and maximum.' },
    },
  }),
  unit: wholeGuest,
  value: cpuModelValue,

  read: (xml) => ({ '': readModel(xml) }),

  write(xml, _unit, asked) {
    const has = readModel(xml);
    const isCustom = asked.mode === 'custom';
    // What is of no meaning in a mode goes with the mode that it was for.
    const value: CpuModel = {
      ...asked,
      ...(isCustom ? {} : { match: null }),
      ...(isCustom || (asked.mode === 'host-model' && hasCompatibility(xml)) ? {} : { model: null }),
      ...(isCustom || asked.mode === 'host-model' ? {} : { fallback: null }),
      ...(hasMigratable(asked.mode) ? {} : { migratable: null }),
    };
    const changed = (Object.keys(value) as (keyof CpuModel)[]).filter((name) => has[name] !== value[name]);
    if (changed.length === 0) return;
    const cpu = xml.ensure('cpu');
    for (const name of ['mode', 'match', 'check', 'migratable'] as const) if (changed.includes(name)) putAttribute(cpu, name, value[name]);
    if (changed.includes('model') || changed.includes('fallback')) {
      if (value.model === null && value.fallback === null) xml.remove(['cpu', 'model']);
      else {
        const model = xml.ensure('cpu', 'model');
        putAttribute(model, 'fallback', value.fallback);
        if (value.model !== null || has.model !== null) model.setText(value.model ?? '');
      }
    }
    const left = xml.element('cpu');
    if (left !== null) dropEmpty(left);
  },

  check({ mode, model, match, check, migratable }, _unit, truth, facts) {
    const findings: Finding[] = [];
    const error = (field: keyof CpuModel, message: string): void => void findings.push({ level: 'error', field, message });
    if (truth === 'live') return findings;
    const known = facts.domainCapabilities;
    if (mode !== null && !modes.some(({ value }) => value === mode)) error('mode', `There is no mode ${mode}.`);
    if (mode !== null && known !== null && known.modes.some((each) => each.name === mode && !each.supported)) error('mode', `This host cannot give ${mode} to this guest.`);
    if (mode === 'custom' && model === null) error('model', 'Mode custom needs a model.');
    const listed = known?.models.find(({ name }) => name === model);
    if (mode === 'custom' && model !== null && known !== null && known.models.length > 0 && listed === undefined) error('model', `This host knows no CPU model ${model}.`);
    if (mode === 'custom' && listed?.usable === false) findings.push({ level: 'warning', field: 'model', message: lacking(listed) });
    for (const [field, value, allowed] of [['match', match, ['exact', 'minimum', 'strict']], ['check', check, ['none', 'partial', 'full']], ['migratable', migratable, ['on', 'off']]] as const) {
      if (value !== null && !allowed.some((one) => one === value)) error(field, `This is ${allowed.join(', ')} or nothing.`);
    }
    return findings;
  },

  step: () => null,
  // Newer libvirt drops the fallback beside host-model.
  alike: (one, other) => one.mode === other.mode && one.model === other.model && (one.mode === 'host-model' || usual(one, 'fallback', 'allow') === usual(other, 'fallback', 'allow'))
    && usual(one, 'match', 'exact') === usual(other, 'match', 'exact') && usual(one, 'migratable', 'on') === usual(other, 'migratable', 'on')
    && (one.check === other.check || [one, other].every(({ check }) => check !== 'full') && [one, other].some(({ check }) => check === null)),
  // A running guest's XML names the model that was chosen, and that it was checked.
  runsAs: (live, saved) => (saved.mode === 'host-model' || saved.mode === null ? live.mode === 'custom' || live.mode === saved.mode : live.mode === saved.mode && live.model === saved.model),
  say: ({ mode, model, check }) => [mode === 'custom' ? (model ?? 'custom') : (mode ?? "hypervisor's default"), ...(check === null ? [] : [`check ${check}`])].join(', '),
  name: () => 'CPU model',
};

/** On POWER a model beside host-model is the older processor that the guest is to see. */
const hasCompatibility = (xml: DomainXml): boolean => xml.element('os', 'type')?.attribute('arch')?.startsWith('ppc64') === true;

const usual = (value: CpuModel, name: keyof CpuModel, otherwise: string): string => value[name] ?? otherwise;

function readModel(xml: DomainXml): CpuModel {
  const cpu = xml.element('cpu');
  const model = cpu?.element('model') ?? null;
  const name = model === null || model.text === '' ? null : model.text;
  const attribute = (of: string): string | null => cpu?.attribute(of) ?? null;
  return {
    // libvirt takes a model without a mode for one of custom.
    mode: attribute('mode') ?? (name === null ? null : 'custom'), model: name, fallback: model?.attribute('fallback') ?? null,
    match: attribute('match'), check: attribute('check'), migratable: attribute('migratable'),
  };
}

const unusableMode = (mode: string, { domainCapabilities }: Facts): Pick<Option, 'unusable'> =>
  domainCapabilities?.modes.some((each) => each.name === mode && !each.supported) === true ? { unusable: 'not on this host' } : {};

/** A list where the host tells its models, else free text. */
const modelField = ({ domainCapabilities }: Facts) => {
  const models = domainCapabilities?.models ?? [];
  if (models.length === 0) return { kind: 'text', absent: 'none', example: 'EPYC-Milan' } as const;
  const options = models.map(({ name, vendor, usable, blockers }): Option => ({
    value: name, label: name, ...(vendor === null ? {} : { hint: vendor }), ...(usable === false ? { hint: lacking({ name, blockers }) } : {}),
  }));
  return { kind: 'choice', absent: 'none', options } as const;
};

const lacking = ({ name, blockers }: { readonly name: string; readonly blockers: readonly string[] }): string =>
  `This host lacks ${blockers.length === 0 ? 'something' : blockers.length > 8 ? `${blockers.slice(0, 8).join(', ')} and ${blockers.length - 8} more` : blockers.join(', ')} of ${name}: the guest starts without, or not at all, as fallback and check say.`;
