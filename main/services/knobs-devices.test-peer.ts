// The knobs of what a guest is and which further devices it has: each with a value, and what shows that the host has it.
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
const fieldOnly = (message: RegExp): NonNullable<Row['refused']> => ({ lab: { by: 'field', message }, demo: { by: 'field', message } });

const twice = { truths: ['live', 'saved'], unit: '' } as const;
const now = { truths: ['live'], unit: '' } as const;
const later = { truths: ['saved'], unit: '' } as const;

const ends = { on_poweroff: 'destroy', on_reboot: 'restart', on_crash: 'destroy' };

export const deviceRows: readonly Row[] = [
  row({ guest: 'bare', ...twice, knob: 'guestWords', value: { title: 'Shop & checkout', description: "First line\n  second, <indented>; it's kept" }, witnesses: both(/<title>Shop &amp; checkout<\/title>\s*<description>First line\n {2}second, &lt;indented&gt;; it(&apos;|')s kept<\/description>/) }),
  row({ guest: 'lab-two', ...later, knob: 'guestWords', value: { title: null, description: 'Other words' }, witnesses: [saved(/<description>Other words<\/description>/)] }),
  row({ guest: 'bare', ...later, knob: 'guestWords', value: { title: 'Two\nlines', description: null }, witnesses: [saved(/<title>/)], refused: fieldOnly(/^A title is one line/) }),

  row({ guest: 'bare', ...later, knob: 'autostart', value: true, witnesses: [{ virsh: ['dominfo'], shows: /Autostart:\s+enable/ }] }),
  row({ guest: 'bare', ...now, knob: 'autostart', value: true, witnesses: [{ virsh: ['dominfo'], shows: /Autostart:\s+enable/ }], refused: fieldOnly(/^The guest has no Autostart/) }),

  row({ guest: 'bare', ...twice, knob: 'lifecycle', value: { ...ends, on_reboot: 'destroy', on_crash: 'coredump-destroy' }, witnesses: both(/<on_reboot>destroy<\/on_reboot>\s*<on_crash>coredump-destroy<\/on_crash>/) }),
  row({ guest: 'bare', ...now, knob: 'lifecycle', value: { ...ends, on_poweroff: 'restart' }, witnesses: [live(/<on_poweroff>restart<\/on_poweroff>/)] }),
  row({ guest: 'bare', ...later, knob: 'lifecycle', value: { ...ends, on_poweroff: 'restart' }, witnesses: [saved(/<on_poweroff>restart<\/on_poweroff>/)] }),
  row({ guest: 'bare', ...later, knob: 'lifecycle', value: { ...ends, on_poweroff: 'restart', on_reboot: 'destroy' }, witnesses: [saved(/<on_poweroff>restart/)], refused: fieldOnly(/^QEMU cannot start anew at power off/) }),
  row({ guest: 'bare', ...later, knob: 'lifecycle', value: { ...ends, on_poweroff: 'preserve' }, witnesses: [saved(/<on_poweroff>preserve/)], refused: fieldOnly(/^There is no action preserve here/) }),
];
