// The kernel scheduler of QEMU's threads: <vcpusched>, <iothreadsched>, <emulatorsched>, https://libvirt.org/formatdomain.html#cpu-tuning
import { CpuSet, CpuSetError } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { numberOf, putAttribute } from './attributes.ts';
import { ioThreadIds } from './io-thread-ids.ts';
import { ioThreadUnit } from './io-thread-polling.ts';
import { type Control, type Finding, type Knob, type Unit, wholeGuest } from './knob.ts';
import { maximumVcpus, vcpuUnit } from './vcpu-count.ts';

const scheduling = z.strictObject({ scheduler: z.string().max(16).nullable(), priority: z.int().nullable() }).readonly();
type Scheduling = z.infer<typeof scheduling>;

/** Elements that name the threads they are for, and by which attribute. */
const groups = { vcpusched: 'vcpus', iothreadsched: 'iothreads' } as const;
type Group = keyof typeof groups;

const unset: Scheduling = { scheduler: null, priority: null };
const isRealTime = (scheduler: string | null): boolean => scheduler === 'fifo' || scheduler === 'rr';

const schedulingOf = (element: XmlElement | null): Scheduling => (element === null ? unset : { scheduler: element.attribute('scheduler'), priority: numberOf(element, 'priority') });
const isSame = (one: Scheduling, other: Scheduling): boolean => one.scheduler === other.scheduler && one.priority === other.priority;

const membersOf = (element: XmlElement, group: Group): CpuSet => {
  const set = CpuSet.read(element.attribute(groups[group]) ?? '');
  return set instanceof CpuSetError ? CpuSet.none : set;
};

/** Takes one thread out of its element; one that then names none goes. */
export function withoutMember(xml: DomainXml, group: Group, member: number): void {
  for (const element of xml.elements('cputune', group)) {
    const members = membersOf(element, group);
    if (!members.has(member)) continue;
    const rest = members.without(CpuSet.of([member]));
    if (rest.size === 0) xml.remove(['cputune', group], (each) => each === element);
    else element.setAttribute(groups[group], rest.toString());
  }
}

/** Puts one thread into an element of its kind; the others keep theirs. */
function setMember(xml: DomainXml, group: Group, member: number, value: Scheduling): void {
  withoutMember(xml, group, member);
  if (value.scheduler === null) return;
  const alike = xml.elements('cputune', group).find((element) => isSame(schedulingOf(element), value));
  if (alike !== undefined) alike.setAttribute(groups[group], membersOf(alike, group).union(CpuSet.of([member])).toString());
  else xml.add(['cputune', group], { [groups[group]]: `${member}`, scheduler: value.scheduler, ...(value.priority === null ? {} : { priority: `${value.priority}` }) });
}

const control = (): Control => ({
  kind: 'fields',
  nowFixed: 'Changes at the next start.',
  hint: 'Real-time threads run before all others of the host: one that never waits leaves its CPU to nobody, so pin them to CPUs kept for them.',
  fields: {
    scheduler: {
      kind: 'choice', label: 'Scheduler', absent: 'as other programs',
      options: [
        { value: 'batch', label: 'batch', hint: 'For work that does not wait for anybody: longer turns, later answers.' },
        { value: 'idle', label: 'idle', hint: 'Runs only where nothing else wants the CPU.' },
        { value: 'fifo', label: 'fifo (real time)', hint: 'Runs until it waits by itself.' },
        { value: 'rr', label: 'rr (real time)', hint: 'As fifo, taking turns with those of the same priority.' },
      ],
    },
    priority: { kind: 'number', label: 'Priority', hint: 'For fifo and rr: 1 is the lowest, 99 the highest.', least: 1, most: 99, measure: 'count', absent: 'none' },
  },
});

const check = ({ scheduler, priority }: Scheduling): readonly Finding[] => {
  if (scheduler !== null && !['batch', 'idle', 'fifo', 'rr'].includes(scheduler)) return [error(`There is no scheduler ${scheduler}: it is batch, idle, fifo or rr.`)];
  if (!isRealTime(scheduler)) return priority === null ? [] : [error('Only fifo and rr have a priority.')];
  if (priority === null) return [error(`${scheduler} needs a priority from 1 to 99.`)];
  return priority < 1 || priority > 99 ? [error('Priorities go from 1 to 99.')] : [];
};

const error = (message: string): Finding => ({ level: 'error', message });

const common = {
  panel: 'cpu',
  card: 'Scheduling',
  only: ['qemu'],
  control,
  value: scheduling,
  check: (value: Scheduling) => check(value),
  step: () => null,
  say: ({ scheduler, priority }: Scheduling) => (scheduler === null ? 'as other programs' : priority === null ? scheduler : `${scheduler} ${priority}`),
} as const;

const grouped = (group: Group, members: (xml: DomainXml) => readonly number[]): Pick<Knob<Scheduling>, 'read' | 'write'> => ({
  read: (xml) => {
    const elements = xml.elements('cputune', group).map((element) => ({ members: membersOf(element, group), scheduling: schedulingOf(element) }));
    return Object.fromEntries(members(xml).map((member) => [`${member}`, elements.find((each) => each.members.has(member))?.scheduling ?? unset]));
  },
  write: (xml, unit, value) => setMember(xml, group, Number(unit), value),
});

/** The unit is the vCPU's number. */
export const vcpuScheduler: Knob<Scheduling> = {
  ...common,
  ...grouped('vcpusched', (xml) => Array.from({ length: maximumVcpus(xml) }, (_, vcpu) => vcpu)),
  label: 'vCPU scheduler',
  unit: vcpuUnit,
  name: (unit: Unit) => `Scheduler of vCPU ${unit}`,
};

/** The unit is the thread's number. */
export const ioThreadScheduler: Knob<Scheduling> = {
  ...common,
  ...grouped('iothreadsched', ioThreadIds),
  label: 'I/O thread scheduler',
  unit: ioThreadUnit,
  name: (unit: Unit) => `Scheduler of I/O thread ${unit}`,
};

export const emulatorScheduler: Knob<Scheduling> = {
  ...common,
  label: 'Emulator scheduler',
  unit: wholeGuest,
  read: (xml) => ({ '': schedulingOf(xml.element('cputune', 'emulatorsched')) }),
  write(xml, _unit, value) {
    if (value.scheduler === null) return xml.remove(['cputune', 'emulatorsched']);
    const element = xml.ensure('cputune', 'emulatorsched');
    element.setAttribute('scheduler', value.scheduler);
    putAttribute(element, 'priority', value.priority);
  },
  name: () => 'Scheduler of the emulator',
};
