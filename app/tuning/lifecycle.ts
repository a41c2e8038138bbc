// What becomes of a guest when it powers off, reboots or crashes: https://libvirt.org/formatdomain.html#events-configuration
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { type Finding, type Knob, type Option, type Truth, wholeGuest } from './knob.ts';
import { same } from './same.ts';
import { lifecycleActions, type Step } from './steps.ts';

const names = ['on_poweroff', 'on_reboot', 'on_crash'] as const;
type Name = (typeof names)[number];

/** At no moment may QEMU be to start anew at power off and be destroyed at a reboot. */
const rebootFirst: readonly Name[] = ['on_reboot', 'on_poweroff', 'on_crash'];

const word = z.string().min(1).max(32).nullable();
const actions = z.strictObject({ on_poweroff: word, on_reboot: word, on_crash: word }).readonly();
type Actions = z.infer<typeof actions>;

/** What libvirt takes for what is not written; it writes it out when it defines the guest. */
const usual = { on_poweroff: 'destroy', on_reboot: 'restart', on_crash: 'destroy' } as const;
const events: Readonly<Record<Name, 'poweroff' | 'reboot' | 'crash'>> = { on_poweroff: 'poweroff', on_reboot: 'reboot', on_crash: 'crash' };

const readActions = (xml: DomainXml): Actions => ({ on_poweroff: xml.textOf('on_poweroff') || null, on_reboot: xml.textOf('on_reboot') || null, on_crash: xml.textOf('on_crash') || null });
const whole = (value: Actions): Readonly<Record<Name, string>> => ({ on_poweroff: value.on_poweroff ?? usual.on_poweroff, on_reboot: value.on_reboot ?? usual.on_reboot, on_crash: value.on_crash ?? usual.on_crash });

const ends: readonly Option[] = [
  { value: 'destroy', label: 'destroy', hint: 'It is off, and all its resources are given back.' },
  { value: 'restart', label: 'restart', hint: 'It starts anew, with what it runs with now.' },
];
const crashes: readonly Option[] = [
  ...ends,
  { value: 'preserve', label: 'preserve', hint: 'It stands still and keeps its resources, to be looked at.' },
  { value: 'coredump-destroy', label: 'coredump-destroy', hint: 'Its memory is written to a file of the host, then it is off.' },
  { value: 'coredump-restart', label: 'coredump-restart', hint: 'Its memory is written to a file of the host, then it starts anew.' },
];

/** null = libvirt's usual action. */
export const lifecycle: Knob<Actions> = {
  label: 'When it stops',
  panel: 'devices',
  card: 'Starting and stopping',
  control: () => ({
    kind: 'fields',
    fields: {
      on_poweroff: { kind: 'choice', label: 'Powering off', absent: `usual: ${usual.on_poweroff}`, options: ends },
      on_reboot: { kind: 'choice', label: 'Rebooting', absent: `usual: ${usual.on_reboot}`, options: ends },
      on_crash: { kind: 'choice', label: 'Crashing', absent: `usual: ${usual.on_crash}`, options: crashes, hint: 'The host learns of a crash by a panic device.' },
    },
  }),
  unit: wholeGuest,
  value: actions,

  read: (xml) => ({ '': readActions(xml) }),

  write(xml, _unit, value) {
    const has = readActions(xml);
    for (const name of names) {
      const wanted = value[name];
      if (has[name] === wanted) continue;
      if (wanted === null) xml.remove([name]);
      else xml.ensure(name).setText(wanted);
    }
  },

  check: (value, _unit, truth, _facts, after) => findings(whole(value), truth, after),

  step(_unit, value, scope, _facts, xml) {
    const [has, wanted] = [whole(readActions(xml)), whole(value)];
    const steps: Step[] = [];
    for (const name of wanted.on_poweroff === 'restart' ? rebootFirst : names) {
      const action = lifecycleActions.find((known) => known === wanted[name]);
      if (has[name] === wanted[name]) continue;
      if (action === undefined) return null;
      steps.push({ kind: 'setLifecycle', event: events[name], action, scope });
    }
    return steps;
  },

  alike: (one, other) => same(whole(one), whole(other)),
  say: (value) => names.map((name) => `${events[name]}: ${whole(value)[name]}`).join(', '),
  name: () => 'When it stops',
};

function findings(value: Readonly<Record<Name, string>>, truth: Truth, after: DomainXml): readonly Finding[] {
  const isQemu = ['kvm', 'qemu'].includes(after.root.attribute('type') ?? '');
  const known: Readonly<Record<Name, readonly Option[]>> = { on_poweroff: ends, on_reboot: ends, on_crash: crashes };
  return [
    ...names.filter((name) => isQemu && !known[name].some((option) => option.value === value[name])).map((name): Finding => ({ level: 'error', message: `There is no action ${value[name]} here.`, field: name })),
    // qemuValidateLifecycleAction
    ...(isQemu && value.on_poweroff === 'restart' && value.on_reboot === 'destroy' ? [{ level: 'error' as const, message: 'QEMU cannot start anew at power off and be destroyed at a reboot.', field: 'on_reboot' }] : []),
    ...(truth === 'saved' && value.on_poweroff === 'restart' ? [{ level: 'warning' as const, message: 'A shutdown will not turn it off: only destroying it does.', field: 'on_poweroff' }] : []),
    ...(value.on_crash === 'preserve' || value.on_crash.startsWith('coredump') ? (after.element('devices', 'panic') === null ? [{ level: 'warning' as const, message: 'Without a panic device the host hears of no crash of the system inside.', field: 'on_crash' }] : []) : []),
  ];
}
