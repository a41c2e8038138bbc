// The doctor's report as text, to be sent to somebody who can help.
import type { DoctorReport, DoctorStage } from '../../../app/contract/doctor.ts';
import { stageNames } from '../../ui/refusal-card.tsx';

/** A time a stage took, as it is read: whole milliseconds, or seconds with one digit. */
export const duration = (milliseconds: number): string => (milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);

const linesOf = (stage: DoctorStage): readonly string[] => {
  const name = stageNames[stage.stage];
  switch (stage.outcome) {
    case 'done':
      return [`${name}: ${stage.seen} (${duration(stage.milliseconds)})`, ...stage.warnings.map((warning) => `  note: ${warning}`)];
    case 'failed':
      return [
        `${name}: FAILED (${duration(stage.milliseconds)}, ${stage.refusal.code}): ${stage.refusal.message}`,
        ...(stage.refusal.remedy === undefined ? [] : [`  remedy: ${stage.refusal.remedy}`]),
        ...stage.findings.map((finding) => `  seen: ${finding}`),
      ];
    case 'skipped':
      return [`${name}: skipped. ${stage.why}`];
  }
};

/** Holds what the report holds: no secret, but names and addresses. */
export const textOf = ({ uri, at, well, stages, remedies }: DoctorReport): string => [
  `${uri}, ${new Date(at).toISOString()}: ${well ? 'all is well' : 'a stage failed'}`,
  ...stages.flatMap(linesOf),
  ...remedies.map(({ label, command }) => `Can be done: ${label}${command === null ? '' : ` (${command})`}`),
  '',
].join('\n');
