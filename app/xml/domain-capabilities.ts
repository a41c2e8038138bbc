// What the hypervisor can give a guest: libvirt's domain capabilities, https://libvirt.org/formatdomaincaps.html. JSON, so that forms check by it.
import { z } from '../domain/schema.ts';
import { XmlError, type XmlElement } from './document.ts';
import { readXml } from './read-xml.ts';

/** The kinds of devices whose limits knobs ask for. */
const devices = ['channel', 'filesystem', 'hostdev', 'rng', 'tpm'] as const;

const feature = z.strictObject({ name: z.string(), policy: z.string() }).readonly();

export const domainCapabilities = z.strictObject({
  /** The most vCPUs of this machine type; null = not told. */
  maximumVcpus: z.int().min(1).nullable(),
  /** The CPU modes and whether this host has them; empty = not told. */
  modes: z.array(z.strictObject({ name: z.string(), supported: z.boolean() }).readonly()).readonly(),
  /** The CPU models of mode `custom`. `usable` null = not told; `blockers` are the features the host lacks for it, where it tells. */
  models: z.array(z.strictObject({ name: z.string(), usable: z.boolean().nullable(), vendor: z.string().nullable(), blockers: z.array(z.string()).readonly() }).readonly()).readonly(),
  /** What mode `host-model` stands for here. */
  hostModel: z.strictObject({ model: z.string(), vendor: z.string().nullable(), features: z.array(feature).readonly() }).readonly().nullable(),
  /** What there is of some kinds of devices, under libvirt's names; a kind that is left out was not told. */
  devices: z.record(z.string(), z.strictObject({ supported: z.boolean(), enums: z.record(z.string(), z.array(z.string()).readonly()).readonly() }).readonly()).readonly(),
}).readonly();
export type DomainCapabilities = z.infer<typeof domainCapabilities>;

/**
 * Out of what CONNECT_GET_DOMAIN_CAPABILITIES answers.
 * @throws XmlError when the text is not domain capabilities.
 */
export function readDomainCapabilities(text: string): DomainCapabilities {
  const { before, root } = readXml(text);
  if (root.name !== 'domainCapabilities') throw new XmlError(`The root element is <${root.name}>, not <domainCapabilities>`, text, before.length);
  const modes = root.elements('cpu', 'mode');
  const mode = (name: string): XmlElement | null => modes.find((each) => each.attribute('name') === name && each.attribute('supported') === 'yes') ?? null;
  const most = root.element('vcpu')?.attribute('max') ?? '';
  return {
    maximumVcpus: /^[1-9]\d{0,8}$/.test(most) ? Number(most) : null,
    modes: modes.map((each) => ({ name: each.attribute('name') ?? '', supported: each.attribute('supported') === 'yes' })),
    models: modelsOf(mode('custom')),
    hostModel: hostModelOf(mode('host-model')),
    devices: Object.fromEntries(devices.flatMap((name) => devicesOf(root.element('devices', name)))),
  };
}

const devicesOf = (element: XmlElement | null): readonly (readonly [string, DomainCapabilities['devices'][string]])[] => {
  if (element === null) return [];
  const enums = element.elements('enum').map((one) => [one.attribute('name') ?? '', one.elements('value').map(({ text }) => text)] as const);
  return [[element.name, { supported: element.attribute('supported') === 'yes', enums: Object.fromEntries(enums) }]];
};

function modelsOf(custom: XmlElement | null): DomainCapabilities['models'] {
  const blockers = new Map((custom?.elements('blockers') ?? []).map((each) => [each.attribute('model'), each.elements('feature').map((one) => one.attribute('name') ?? '')]));
  return (custom?.elements('model') ?? []).map((model) => {
    const usable = model.attribute('usable');
    return {
      name: model.text,
      usable: usable === 'yes' ? true : usable === 'no' ? false : null,
      vendor: known(model.attribute('vendor')),
      blockers: blockers.get(model.text) ?? [],
    };
  });
}

function hostModelOf(mode: XmlElement | null): DomainCapabilities['hostModel'] {
  const model = mode?.element('model')?.text ?? '';
  if (mode === null || model === '') return null;
  return {
    model,
    vendor: known(mode.element('vendor')?.text ?? null),
    features: mode.elements('feature').map((each) => ({ name: each.attribute('name') ?? '', policy: each.attribute('policy') ?? 'require' })),
  };
}

/** libvirt writes `unknown` for models that are nobody's. */
const known = (text: string | null): string | null => (text === null || text === '' || text === 'unknown' ? null : text);
