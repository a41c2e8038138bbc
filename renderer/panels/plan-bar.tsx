// The plan at the bottom of the page: what would change, and the way to review, apply or drop it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useEffect, useEffectEvent, useMemo } from 'react';
import type { Plan } from '../../app/tuning/plan.ts';
import { useColors } from '../ui/colors.ts';
import { Chip } from '../ui/tag.tsx';
import { plural, summaryOf } from './plan-summary.ts';

const isBlocked = ({ steps, findings }: Plan): boolean => steps.length === 0 || findings.some(({ level }) => level === 'error');

/**
 * @param shown the newest plan that is made, which may be of what was wished a moment ago. @param plan gives that of what is wished now, by which
 * whatever is done is done; null = nothing is.
 */
export const PlanBar = ({ shown, plan, onDiscard, onReview, onApply }: { readonly shown: Plan | null; readonly plan: () => Plan | null; readonly onDiscard: () => void; readonly onReview: () => void; readonly onApply: () => void }): ReactNode => {
  const { shadow, bad } = useColors();
  const summary = useMemo(() => (shown === null ? null : summaryOf(shown)), [shown]);
  const ifReady = (act: () => void): void => {
    const now = plan();
    if (now !== null && !isBlocked(now)) act();
  };
  // A panel may hold a hundred fields between an edit and this bar: one key leads here from each of them.
  const hear = useEffectEvent((event: KeyboardEvent): void => {
    const inDialog = event.target instanceof Element && event.target.closest('[role=dialog]') !== null;
    if (inDialog || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    ifReady(() => {
      event.preventDefault();
      onReview();
    });
  });
  useEffect(() => {
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  if (shown === null || summary === null) return null;
  const { changes, now, atNextStart, words, errors } = summary;
  const blocked = isBlocked(shown);
  return (
    <Box role="region" aria-label="Plan" sx={{ borderTop: 1, borderColor: 'divider', bgcolor: 'background.paper', p: '10px 20px', display: 'flex', alignItems: 'center', gap: '12px', boxShadow: `0 -4px 16px ${shadow}`, zIndex: 1 }}>
      <Box component="strong" aria-live="polite" sx={{ whiteSpace: 'nowrap' }}>{plural(changes, 'change')}</Box>
      {now > 0 && <Chip tone="good">{now} now</Chip>}
      {atNextStart > 0 && <Chip>{atNextStart} at next start</Chip>}
      <Box title={words.join('\n')} sx={{ color: errors.length > 0 ? bad.text : 'text.secondary', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', flex: 1, minWidth: 0 }}>
        {errors.length > 0 ? errors[0] : words.join(' · ')}
      </Box>
      <Button variant="text" sx={{ color: 'text.secondary' }} onClick={onDiscard}>Discard</Button>
      <Button disabled={blocked} onClick={() => ifReady(onReview)} aria-keyshortcuts="Control+Enter Meta+Enter" title="Ctrl+Enter, from any field">Review…</Button>
      <Button variant="contained" color="primary" disabled={blocked} onClick={() => ifReady(onApply)}>Apply</Button>
    </Box>
  );
};
