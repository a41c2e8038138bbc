// Whether a guest starts with its host: virDomainSetAutostart, which libvirt keeps beside the definition.
import { z } from '../domain/schema.ts';
import { type Knob, wholeGuest } from './knob.ts';

/** Only what has a saved definition can start again. */
export const autostart: Knob<boolean> = {
  label: 'Autostart',
  panel: 'devices',
  card: 'Starting and stopping',
  control: () => ({ kind: 'switch', nowNone: 'is about starts to come', hint: 'The guest starts with its host.' }),
  unit: wholeGuest,
  value: z.boolean(),

  read: (xml) => (xml.autostart === null ? {} : { '': xml.autostart }),
  write(xml, _unit, value) {
    xml.autostart = value;
  },

  check: () => [],
  step: (_unit, value, scope) => (scope === 'saved' ? { kind: 'setAutostart', autostart: value } : null),
  say: (value) => (value ? 'on' : 'off'),
  name: () => 'Autostart',
};
