// The machine that a guest runs on: <os><type machine=…>, https://libvirt.org/formatdomain.html#bios-bootloader
import { z } from '../domain/schema.ts';
import type { MachineTypes } from '../xml/host-kinds.ts';
import { wholeNumber } from './attributes.ts';
import { type Facts, type Finding, type Knob, type Option, wholeGuest } from './knob.ts';

const path = ['os', 'type'] as const;

/** What its chipset and buses are, whatever its version: `q35`, `i440fx`, `virt`. */
const familyOf = (machine: string): string => (machine === 'pc' ? 'i440fx' : machine.replace(/^pc-/, '').replace(/-[\d.]+(?:-.*)?$/, '').replace(/^\d[\d.]*$/, 'i440fx'));

/** A name that stands for the newest of its family: libvirt writes that out. */
const isShort = (machine: string): boolean => machine === 'pc' || machine === familyOf(machine);

const optionOf = ({ name, alias, deprecated }: MachineTypes[number]): Option => ({
  value: name,
  label: alias === null ? name : `${name} (${alias})`,
  ...(deprecated && { hint: 'QEMU will drop it: guests that need it cannot start then.' }),
});

export const machine: Knob<string> = {
  label: 'Machine type',
  panel: 'devices',
  card: 'Machine',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'choice',
    absent: null,
    nowFixed: 'Changes at the next start.',
    options: (facts.machines ?? []).map(optionOf),
    hint: 'The guest’s hardware in one version.',
  }),
  unit: wholeGuest,
  value: z.string().min(1).max(128),

  read: (xml) => {
    const name = xml.element(...path)?.attribute('machine') || null;
    return name === null ? {} : { '': name };
  },
  write: (xml, _unit, value) => xml.element(...path)?.setAttribute('machine', value),

  check(value, _unit, _truth, facts, after) {
    const type = after.element(...path);
    const known = facts.machines?.find(({ name, alias }) => name === value || alias === value);
    const vcpus = wholeNumber(after.textOf('vcpu')) ?? 1;
    return type === null ? [] : [
      ...(facts.machines !== null && known === undefined ? [error(`The host has no machine type ${value}.`)] : []),
      ...familyFindings(value, facts),
      ...(facts.machine === null || value === facts.machine || known?.alias === value ? [] : [warning('The system inside finds other hardware, and Windows may want to be activated anew. Memory that was saved and snapshots of the guest as it ran do not go on from there; it migrates only to hosts that know this type.')]),
      ...(known?.maxCpus != null && vcpus > known.maxCpus ? [error(`This machine has at most ${known.maxCpus} vCPUs, and the guest may have ${vcpus}.`)] : []),
      ...(known?.deprecated === true ? [warning('QEMU will drop this machine type.')] : []),
    ];
  },

  step: () => null,
  alike: (one, other) => one === other || (familyOf(one) === familyOf(other) && (isShort(one) || isShort(other))),
  say: (value) => value,
  name: () => 'Machine type',
};

const warning = (message: string): Finding => ({ level: 'warning', message });
const error = (message: string): Finding => ({ level: 'error', message });

/** libvirt has given every device a place on the buses of its machine, which another does not have. */
const familyFindings = (value: string, { machine: has }: Facts): readonly Finding[] =>
  (has === null || familyOf(has) === familyOf(value) ? [] : [error(`The addresses and controllers of this guest are those of ${familyOf(has)}: ${familyOf(value)} has other buses. Move it in the XML, with all addresses removed, or make the guest anew.`)]);
