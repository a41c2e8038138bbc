// The plan at the bottom of the page: what would change, and the way to review, apply or drop it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useEffect, useEffectEvent } from 'react';
import type { Plan } from '../../app/tuning/plan.ts';
import { useColors } from '../ui/colors.ts';
import { Chip } from '../ui/tag.tsx';
import { plural, summaryOf } from './plan-summary.ts';

export const PlanBar = ({ plan, onDiscard, onReview, onApply }: { readonly plan: Plan; readonly onDiscard: () => void; readonly onReview: () => void; readonly onApply: () => void }): ReactNode => {
  const { shadow, bad } = useColors();
  const { changes, now, atNextStart, words, errors } = summaryOf(plan);
  const blocked = errors.length > 0 || plan.steps.length === 0;
  // A panel may hold a hundred fields between an edit and this bar: one key leads here from each of them.
  const hear = useEffectEvent((event: KeyboardEvent): void => {
    const inDialog = event.target instanceof Element && event.target.closest('[role=dialog]') !== null;
    if (blocked || inDialog || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onReview();
  });
  useEffect(() => {
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  return (
    <Box role="region" aria-label="Plan" sx={{ borderTop: 1, borderColor: 'divider', bgcolor: 'background.paper', p: '10px 20px', display: 'flex', alignItems: 'center', gap: '12px', boxShadow: `0 -4px 16px ${shadow}`, zIndex: 1 }}>
      <Box component="strong" aria-live="polite" sx={{ whiteSpace: 'nowrap' }}>{plural(changes, 'change')}</Box>
      {now > 0 && <Chip tone="good">{now} now</Chip>}
      {atNextStart > 0 && <Chip>{atNextStart} at next start</Chip>}
      <Box title={words.join('\n')} sx={{ color: errors.length > 0 ? bad.text : 'text.secondary', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', flex: 1, minWidth: 0 }}>
        {errors.length > 0 ? errors[0] : words.join(' · ')}
      </Box>
      <Button variant="text" sx={{ color: 'text.secondary' }} onClick={onDiscard}>Discard</Button>
      <Button disabled={blocked} onClick={onReview} aria-keyshortcuts="Control+Enter Meta+Enter" title="Ctrl+Enter, from any field">Review…</Button>
      <Button variant="contained" color="primary" disabled={blocked} onClick={onApply}>Apply</Button>
    </Box>
  );
};
