// Random number devices: <devices><rng>, https://libvirt.org/formatdomain.html#random-number-generator-device
import { z } from '../domain/schema.ts';
import { numberOf } from './attributes.ts';
import { always, childIn, deviceAddress, type DeviceKind, letsGo, listOf, putChild } from './device-list.ts';
import { type Finding, itemField, type Knob, wholeGuest } from './knob.ts';

const number = z.int().min(1).max(4_294_967_295).nullable();
/** `bytes` in each `period` of milliseconds; null = as many as it asks for, and libvirt's second. */
const rng = z.strictObject({ model: z.string().min(1).max(64), backend: z.enum(['random', 'builtin']), source: z.string().min(1).max(4096).nullable(), bytes: number, period: number, address: deviceAddress }).readonly();
type Rng = z.infer<typeof rng>;

const backends = ['random', 'builtin'] as const;

const kind: DeviceKind<Rng> = {
  element: 'rng',
  order: ['rate', 'backend', 'driver', 'alias', 'address'],
  known: ['backend', 'source'],
  open: ['source'],
  read(element) {
    const backend = element.element('backend');
    // Those that an entropy daemon feeds have a connection of their own.
    const model = backends.find((known) => known === backend?.attribute('model'));
    const [bytes, period] = ['bytes', 'period'].map((name) => numberOf(element.element('rate'), name) || null);
    return model === undefined ? null : { model: element.attribute('model') ?? 'virtio', backend: model, source: model === 'random' ? (backend?.text || null) : null, bytes: bytes ?? null, period: period ?? null, address: null };
  },
  write(element, wanted) {
    const has = kind.read(element);
    if (element.attribute('model') !== wanted.model) element.setAttribute('model', wanted.model);
    putChild(element, 'rate', { bytes: wanted.bytes, period: wanted.period }, kind);
    const backend = childIn(element, 'backend', kind);
    if (backend.attribute('model') !== wanted.backend) backend.setAttribute('model', wanted.backend);
    if (has?.source !== wanted.source && (wanted.source !== null || backend.text !== '')) backend.setText(wanted.source ?? '');
  },
  say: ({ backend, source, bytes, period }) => `random numbers of ${source ?? (backend === 'random' ? '/dev/urandom' : 'QEMU itself')}${bytes === null ? '' : `, ${bytes} bytes in ${period ?? 1000} ms`}`,
};

export const rngs: Knob<readonly Rng[]> = {
  label: 'Random numbers',
  panel: 'devices',
  card: 'Helpers',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'list',
    item: 'generator',
    most: 8,
    fresh: { model: 'virtio', backend: 'random', source: '/dev/urandom', bytes: null, period: null, address: null },
    hint: 'Gives the guest the host’s random numbers, so that it need not wait for its own at start. Plugged and taken away while the guest runs.',
    fields: {
      backend: { kind: 'choice', label: 'From', absent: null, options: [
        { value: 'random', label: 'a file of the host' },
        { value: 'builtin', label: 'QEMU itself', hint: 'By the host’s getrandom; libvirt 6.1 and newer.', ...(facts.domainCapabilities?.devices['rng']?.enums['backendModel']?.includes('builtin') === false && { unusable: 'not on this host' }) },
      ] },
      source: { kind: 'text', label: 'File', absent: 'libvirt’s choice', example: '/dev/urandom' },
      bytes: { kind: 'number', label: 'At most', least: 1, most: 4_294_967_295, measure: 'bytes', absent: 'no limit', hint: 'In each period.' },
      period: { kind: 'number', label: 'Period', least: 1, most: 4_294_967_295, measure: 'milliseconds', absent: 'usual: 1 s' },
      model: { kind: 'choice', label: 'Model', absent: null, options: ['virtio', 'virtio-transitional', 'virtio-non-transitional'].map((value) => ({ value, label: value })) },
    },
  }),
  unit: wholeGuest,
  value: z.array(rng).max(8).readonly(),
  ...listOf(kind, always),
  check: (value) => value.flatMap(({ backend, source, bytes, period }, item): readonly Finding[] => [
    ...(backend === 'builtin' && source !== null ? [{ level: 'error' as const, message: 'QEMU itself reads no file.', field: itemField(item, 'source') }] : []),
    ...(source !== null && !source.startsWith('/') ? [{ level: 'error' as const, message: 'Write the whole path on the host, from / on.', field: itemField(item, 'source') }] : []),
    ...(bytes === null && period !== null ? [{ level: 'error' as const, message: 'A period is for a number of bytes.', field: itemField(item, 'period') }] : []),
  ]),
  arrives: letsGo,
  name: () => 'Random numbers',
};
