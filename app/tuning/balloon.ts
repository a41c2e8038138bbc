// The device that takes memory back from a guest: <devices><memballoon>, https://libvirt.org/formatdomain.html#memory-balloon-device
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { putAttributes } from './attributes.ts';
import { type Finding, type Knob, wholeGuest } from './knob.ts';
import { kibOf } from './memory-size.ts';

const path = ['devices', 'memballoon'] as const;
const word = z.string().min(1).max(32).nullable();
/** null = left to libvirt and QEMU. */
const balloonDevice = z.strictObject({ model: word, autodeflate: word, freePageReporting: word }).readonly();
type Balloon = z.infer<typeof balloonDevice>;

/** What libvirt gives every guest of QEMU. */
const usual = 'virtio';

const readBalloon = (xml: DomainXml): Balloon => {
  const element = xml.element(...path);
  return { model: element?.attribute('model') ?? null, autodeflate: element?.attribute('autodeflate') ?? null, freePageReporting: element?.attribute('freePageReporting') ?? null };
};

const onOff = [{ value: 'on', label: 'on' }, { value: 'off', label: 'off' }];

export const balloon: Knob<Balloon> = {
  label: 'Balloon device',
  panel: 'devices',
  card: 'Helpers',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    fields: {
      model: { kind: 'choice', label: 'Model', absent: `usual: ${usual}`, options: [
        { value: 'virtio', label: 'virtio' },
        { value: 'virtio-transitional', label: 'virtio-transitional', hint: 'For old guests on q35.' },
        { value: 'virtio-non-transitional', label: 'virtio-non-transitional' },
        { value: 'none', label: 'none', hint: 'The guest keeps all of its memory, and tells nothing of how it uses it.' },
      ] },
      autodeflate: { kind: 'choice', label: 'Deflate when short', absent: 'usual: off', options: onOff, hint: 'The guest takes memory back by itself before it would kill programs.' },
      freePageReporting: { kind: 'choice', label: 'Report free pages', absent: 'usual: off', options: onOff, hint: 'What the guest frees is given back to the host at once, without the balloon. Needs QEMU 5.1 and Linux 5.7 inside.' },
    },
  }),
  unit: wholeGuest,
  value: balloonDevice,

  // libvirt writes one for every guest that can have it.
  read: (xml) => (xml.element(...path) === null ? {} : { '': readBalloon(xml) }),

  write(xml, _unit, value) {
    const has = readBalloon(xml);
    putAttributes(xml, path, has, value);
    const element = xml.element(...path);
    // What is not there is plugged nowhere and tells nothing.
    if (value.model === 'none' && has.model !== 'none') for (const child of element?.children ?? []) element?.remove(child);
  },

  check({ model, autodeflate, freePageReporting }, _unit, _truth, _facts, after): readonly Finding[] {
    const isNone = model === 'none';
    const [total, current] = [kibOf(after.element('memory')), kibOf(after.element('currentMemory'))];
    return [
      ...(isNone && (autodeflate !== null || freePageReporting !== null) ? [{ level: 'error' as const, message: 'A device that is not there has no settings.', field: autodeflate === null ? 'freePageReporting' : 'autodeflate' }] : []),
      ...(isNone && total !== null && current !== null && current < total ? [{ level: 'warning' as const, message: 'The guest is to have less than its whole memory, which only a balloon can do.', field: 'model' }] : []),
    ];
  },

  step: () => null,
  takesAway: true,
  alike: (one, other) => (one.model ?? usual) === (other.model ?? usual) && one.autodeflate === other.autodeflate && one.freePageReporting === other.freePageReporting,
  say: ({ model, autodeflate, freePageReporting }) => [model ?? usual, ...(autodeflate === null ? [] : [`autodeflate ${autodeflate}`]), ...(freePageReporting === null ? [] : [`free page reporting ${freePageReporting}`])].join(', '),
  name: () => 'Balloon device',
};
