// A plan: the difference between what is and what is wanted, as ordered steps that each know their way back.
import type { Finding, Scope, Truth, Unit } from './knob.ts';
import type { KnobName, Settings } from './knobs.ts';
import type { Step } from './steps.ts';

/** What is wanted: only the units that differ need to be named. */
export interface Wanted {
  readonly live?: Partial<Settings>;
  readonly saved?: Partial<Settings>;
}

/** One setting that moves, in one truth. */
export interface Change {
  readonly knob: KnobName;
  readonly unit: Unit;
  readonly truth: Truth;
  readonly from: unknown;
  readonly to: unknown;
}

export interface PlannedStep {
  /** `Pin vCPU 7 to CPUs 7,23` */
  readonly title: string;
  readonly scope: Scope;
  readonly step: Step;
  /** The step that takes this one back. */
  readonly back: Step;
  /** The same by hand. */
  readonly virsh: string;
  readonly changes: readonly Change[];
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** With an error among them the plan must not be applied. */
  readonly findings: readonly (Finding & { readonly knob: KnobName; readonly unit: Unit; readonly truth: Truth })[];
  /** The saved definition before and after; equal when only live values move. */
  readonly savedBefore: string;
  readonly savedAfter: string;
}
