// A row of the table of knobs: one knob set to one value, and what shows that the host has it.
import type { Truth, Unit } from '../../app/tuning/knob.ts';
import type { KnobName, KnobValue } from '../../app/tuning/knobs.ts';

/** A command of virsh, the guest's name left out after its first word, and what it prints only when the knob is set. */
export interface Witness {
  readonly virsh: readonly string[];
  readonly shows: RegExp;
}

/** A refusal: at the field, before the host is asked, or by libvirt itself. */
export interface Refusing {
  readonly by: 'field' | 'libvirt';
  readonly message: RegExp;
}

/** One knob set to one value. */
export interface Row<K extends KnobName = KnobName> {
  readonly knob: K;
  readonly unit: Unit;
  readonly truths: readonly Truth[];
  readonly value: KnobValue<K>;
  /** Other settings that have to move with it, in the same truths. */
  readonly also?: Readonly<Record<string, Readonly<Record<Unit, unknown>>>>;
  readonly guest: GuestName;
  readonly witnesses: readonly Witness[];
  /** What libvirt may write otherwise in the saved definition afterwards, meaning the same. */
  readonly respelled?: RegExp;
  /** The only place that has such a thing. */
  readonly only?: 'lab' | 'demo';
  /** Where it is refused instead, and how; then nothing changes. */
  readonly refused?: { readonly lab?: Refusing; readonly demo?: Refusing };
  /** The guest comes to it late when undone, or never: done or not yet there are both right. */
  readonly late?: { readonly lab?: true; readonly demo?: true };
  /** Why undoing does not bring the running guest back: libvirt's refusal is what is expected then. */
  readonly stays?: { readonly lab?: RegExp; readonly demo?: RegExp };
}

/** A row with the value that its knob has. */
export const row = <K extends KnobName>(one: Row<K>): Row => one;

/** The guests of the table: `bare` has no system inside and starts at once; `lab-one` and `lab-two` are the lab's, with agent and balloon. */
export const guestNames = ['bare', 'lab-one', 'lab-two'] as const;
export type GuestName = (typeof guestNames)[number];

/** What virsh prints; null where a place has no such witness. */
export type Look = (guest: GuestName, virsh: readonly string[]) => Promise<string | null>;
