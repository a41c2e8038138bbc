// The steps of a plan, and after applying what became of each.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { Applied } from '../../app/contract/tuning.ts';
import type { Scope } from '../../app/tuning/steps.ts';
import { useColors } from '../ui/colors.ts';
import { Chip, type ToneName } from '../ui/tag.tsx';
import { monospace } from '../ui/theme.ts';
import { scopeWords } from './plan-summary.ts';

type Outcome = Applied['steps'][number]['outcome'];

export const outcomes: Readonly<Record<Outcome, { readonly label: string; readonly tone: ToneName }>> = {
  done: { label: 'done', tone: 'good' },
  failed: { label: 'failed', tone: 'bad' },
  'put-back': { label: 'done, then put back', tone: 'warn' },
  'not-put-back': { label: 'done, could not be put back', tone: 'bad' },
  'not-reached': { label: 'not reached', tone: 'quiet' },
  unknown: { label: 'not known', tone: 'warn' },
};

export interface ListedStep {
  readonly title: string;
  readonly scope: Scope;
  readonly virsh: string;
  readonly outcome?: Outcome;
  readonly refusal?: Refusal | undefined;
}

export const StepList = ({ steps }: { readonly steps: readonly ListedStep[] }): ReactNode => {
  const { good, accent, faint, bad, warn, quiet } = useColors();
  const tones = { good, accent, bad, warn, quiet };
  return (
    <Box component="ol" aria-label="Steps" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {steps.map(({ title, scope, virsh, outcome, refusal }, index) => {
        const tone = outcome === undefined ? (scope === 'saved' ? accent : good) : tones[outcomes[outcome].tone];
        return (
          <Box component="li" key={index} sx={{ display: 'flex', gap: '10px', py: '9px', '&:not(:last-child)': { borderBottom: `1px solid ${faint}` } }}>
            <Box aria-hidden sx={{ width: 20, height: 20, borderRadius: '50%', bgcolor: tone.soft, color: tone.text, fontSize: 12, fontWeight: 700, lineHeight: '20px', textAlign: 'center', flex: 'none' }}>{index + 1}</Box>
            <Box sx={{ minWidth: 0 }}>
              <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 8px', alignItems: 'center' }}>
                <Box component="span" sx={{ fontWeight: 600 }}>{title}</Box>
                {outcome === undefined
                  ? <Chip tone={scope === 'saved' ? 'quiet' : 'good'}>{scopeWords[scope]}</Chip>
                  : <Chip tone={outcomes[outcome].tone}>{outcomes[outcome].label}</Chip>}
              </Box>
              <Box component="code" sx={{ display: 'block', mt: '3px', font: `12px/1.5 ${monospace}`, color: 'text.secondary', overflowWrap: 'anywhere' }}>{virsh}</Box>
              {refusal !== undefined && <Box sx={{ mt: '3px', color: bad.text }}>{refusal.message}{refusal.remedy === undefined ? '' : ` ${refusal.remedy}`}</Box>}
            </Box>
          </Box>
        );
      })}
    </Box>
  );
};
