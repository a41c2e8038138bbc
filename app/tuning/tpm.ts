// The guest's trusted platform module: <devices><tpm>, https://libvirt.org/formatdomain.html#tpm-device
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { putAttribute } from './attributes.ts';
import { putChild } from './device-list.ts';
import { type Facts, type Finding, type Knob, wholeGuest } from './knob.ts';

const path = ['devices', 'tpm'] as const;
const word = z.string().min(1).max(64).nullable();
/** `backend` null = the guest has none; else null = libvirt's choice. */
const module = z.strictObject({ backend: word, model: word, version: word, path: z.string().min(1).max(4096).nullable(), persistent_state: word }).readonly();
type Tpm = z.infer<typeof module>;

const none: Tpm = { backend: null, model: null, version: null, path: null, persistent_state: null };
const kind = { order: ['backend', 'alias', 'address'] };
/** What says more than this knob reads stays with its kind. */
const kinds = ['emulator', 'passthrough', 'external'] as const;

const readTpm = (xml: DomainXml): Tpm => {
  const element = xml.element(...path);
  const backend = element?.element('backend') ?? null;
  return element === null ? none : {
    backend: backend?.attribute('type') ?? 'passthrough', model: element.attribute('model'), version: backend?.attribute('version') ?? null,
    path: backend?.element('device')?.attribute('path') ?? null, persistent_state: backend?.attribute('persistent_state') ?? null,
  };
};

function writeBackend(element: XmlElement, wanted: Tpm): void {
  putChild(element, 'backend', { type: wanted.backend, version: wanted.version, persistent_state: wanted.persistent_state }, kind);
  const backend = element.element('backend');
  const device = backend?.element('device') ?? null;
  if (backend === null || (device?.attribute('path') ?? null) === wanted.path) return;
  if (wanted.path === null && device !== null) backend.remove(device);
  else if (wanted.path !== null) (device ?? backend.add('device')).setAttribute('path', wanted.path);
}

const offered = ({ domainCapabilities }: Facts, name: string): readonly string[] | null => domainCapabilities?.devices['tpm']?.enums[name] ?? null;
const missing = (facts: Facts, backend: string): string | null => {
  const known = offered(facts, 'backendModel');
  return known === null || known.includes(backend) ? null : backend === 'emulator' ? 'needs the program swtpm on the host' : 'not on this host';
};

export const tpm: Knob<Tpm> = {
  label: 'TPM',
  panel: 'devices',
  card: 'TPM',
  only: ['qemu'],
  control: (facts) => {
    const because = (value: string) => {
      const why = missing(facts, value);
      return why === null ? {} : { unusable: why };
    };
    const models = offered(facts, 'model') ?? ['tpm-crb', 'tpm-tis', 'tpm-spapr'];
    return {
      kind: 'fields',
      nowFixed: 'Changes at the next start.',
      fields: {
        backend: { kind: 'choice', label: 'Kind', absent: 'none', options: [
          { value: 'emulator', label: 'emulator', hint: 'A TPM of its own, by swtpm on the host. Its state is a file of the host: what the guest sealed with it is lost with the file.', ...because('emulator') },
          { value: 'passthrough', label: 'passthrough', hint: 'The host’s own TPM, for one guest alone; the guest cannot be migrated.', ...because('passthrough') },
        ] },
        model: { kind: 'choice', label: 'Model', absent: 'libvirt’s choice', options: models.map((value) => ({ value, label: value })), hint: 'Windows 11 wants tpm-crb or tpm-tis with version 2.0.' },
        version: { kind: 'choice', label: 'Version', absent: 'libvirt’s choice', options: [{ value: '2.0', label: '2.0' }, { value: '1.2', label: '1.2' }] },
        path: { kind: 'text', label: 'Device of the host', absent: 'the usual one', example: '/dev/tpm0', hint: 'Of passthrough.' },
        persistent_state: { kind: 'choice', label: 'Keep the state', absent: 'usual: no', options: [{ value: 'yes', label: 'yes', hint: 'Also when a transient guest is gone.' }, { value: 'no', label: 'no' }] },
      },
    };
  },
  unit: wholeGuest,
  value: module,

  read: (xml) => ({ '': readTpm(xml) }),

  write(xml, _unit, value) {
    const has = readTpm(xml);
    if (value.backend === null) {
      if (has.backend !== null) xml.remove(path);
      return;
    }
    const element = xml.ensure(...path);
    if (element.attribute('model') !== value.model) putAttribute(element, 'model', value.model);
    // What else the backend of another kind held means nothing here.
    if (has.backend !== null && has.backend !== value.backend) for (const old of element.elements('backend')) element.remove(old);
    writeBackend(element, value);
  },

  check(value, _unit, _truth, facts): readonly Finding[] {
    const refuse = (message: string, field: keyof Tpm): Finding => ({ level: 'error', message, field });
    const { backend, model, version, path: device, persistent_state: kept } = value;
    if (backend === null) return (['model', 'version', 'path', 'persistent_state'] as const).filter((name) => value[name] !== null).map((name) => refuse('Choose the kind of the TPM too.', name));
    const why = missing(facts, backend);
    const models = offered(facts, 'model');
    return [
      ...(kinds.some((known) => known === backend) ? [] : [refuse(`There is no TPM of kind ${backend}.`, 'backend')]),
      ...(why === null ? [] : [refuse(`A TPM of kind ${backend} ${why}.`, 'backend')]),
      ...(model !== null && models !== null && !models.includes(model) ? [refuse(`This machine has no ${model}; it has ${models.join(', ')}.`, 'model')] : []),
      ...(model === 'tpm-crb' && version === '1.2' ? [refuse('tpm-crb is for version 2.0.', 'version')] : []),
      ...(backend !== 'emulator' && version !== null ? [refuse('Only an emulated TPM has a version to choose.', 'version')] : []),
      ...(backend !== 'emulator' && kept !== null ? [refuse('Only an emulated TPM has a state on the host.', 'persistent_state')] : []),
      ...(backend !== 'passthrough' && device !== null ? [refuse('Only passthrough has a device of the host.', 'path')] : []),
    ];
  },

  step: () => null,
  // libvirt writes out what was left to it.
  alike: (one, other) => one.backend === other.backend && (['model', 'version', 'path', 'persistent_state'] as const).every((name) => one[name] === other[name] || one[name] === null || other[name] === null),
  say: ({ backend, model, version, path: device }) => (backend === null ? 'none' : [backend, ...[model, version, device].filter((word_) => word_ !== null)].join(', ')),
  name: () => 'TPM',
};
