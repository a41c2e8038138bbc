// The review before applying: each step with its virsh equivalent, the XML difference; then the report of what was done.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import type { Plan } from '../../app/tuning/plan.ts';
import { planCommands } from '../../app/tuning/plan-commands.ts';
import { difference } from '../../app/xml/difference.ts';
import { refusalOf, useApi, useAsk } from '../api/api.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { DifferenceView } from '../ui/difference-view.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import { Tag } from '../ui/tag.tsx';
import { forgetFulfilled } from './edits.ts';
import { MeanwhileList } from './meanwhile-list.tsx';
import { plural, summaryOf } from './plan-summary.ts';
import { outcomeWords } from './outcome-words.ts';
import { refusedIn, refusedTextIn, rememberRefused, wroteText } from './refused.ts';
import { StepList } from './step-list.tsx';
import type { GuestKey } from './tuning.ts';

export interface Proposal {
  readonly guest: GuestKey;
  readonly wanted: Wanted;
  readonly basis: string;
  readonly plan: Plan;
}

/** The guest as it was when the plan was made, and as it is since somebody else changed it. */
interface Meanwhile {
  readonly before: Reading;
  readonly now: Reading;
}

type Course = { readonly at: 'review' } | { readonly at: 'applying' } | { readonly at: 'refused'; readonly refusal: Refusal; readonly meanwhile: Meanwhile | null } | { readonly at: 'reported'; readonly applied: Applied };

/**
 * @param proposal what to apply; null = nothing is left of it, which after applying is how it should be.
 * @param atOnce applies without waiting for the button: the plan was not asked to be reviewed.
 */
export const ReviewDialog = ({ proposal, title, atOnce = false, onClose }: { readonly proposal: Proposal | null; readonly title?: string; readonly atOnce?: boolean; readonly onClose: () => void }): ReactNode => {
  const { client, queries } = useApi();
  const heading = useId();
  const [course, setCourse] = useState<Course>({ at: 'review' });
  // While and after applying the dialog shows what was applied, though the guest has moved on.
  const [fixed, setFixed] = useState<Proposal | null>(null);
  const hosts = useAsk('connections', 'list', {}, course.at === 'applying');
  const shown = fixed ?? proposal;
  const apply = async (what: Proposal): Promise<void> => {
    const which = { host: what.guest.host, uuid: what.guest.uuid };
    setFixed(what);
    setCourse({ at: 'applying' });
    try {
      const applied = await client.ask('tuning', 'apply', { ...which, wanted: what.wanted, basis: what.basis });
      rememberRefused(`${what.guest.host}/${what.guest.uuid}`, refusedIn(what.plan, applied), refusedTextIn(what.plan, applied));
      forgetFulfilled(`${what.guest.host}/${what.guest.uuid}`, what.wanted, applied.reading, wroteText(what.plan, applied));
      queries.setQueryData(['tuning', 'read', which], applied.reading);
      setCourse({ at: 'reported', applied });
    } catch (error) {
      const refusal = refusalOf(error);
      const queryKey = ['tuning', 'read', which];
      const before = queries.getQueryData<Reading>(queryKey);
      setCourse({ at: 'refused', refusal, meanwhile: null });
      setFixed(null);
      if (refusal.code !== 'changed-meanwhile') return;
      await queries.invalidateQueries({ queryKey });
      const now = queries.getQueryData<Reading>(queryKey);
      if (before !== undefined && now !== undefined && before.basis === what.basis) setCourse({ at: 'refused', refusal, meanwhile: { before, now } });
    }
  };
  const started = useRef(false);
  useEffect(() => {
    if (!atOnce || started.current || proposal === null) return;
    started.current = true;
    void apply(proposal);
  });
  const lines = useMemo(() => (shown === null ? [] : difference(shown.plan.savedBefore, shown.plan.savedAfter, 2)), [shown]);
  if (shown === null) return null;
  const { plan, guest } = shown;
  const { changes, errors } = summaryOf(plan);
  const reported = course.at === 'reported' ? course.applied : null;
  const words = reported === null ? null : outcomeWords(reported);
  const isAway = course.at === 'applying' && hosts.data?.some(({ id, state }) => id === guest.host && state.phase !== 'ready') === true;
  /** A step found what it was to change changed by somebody else: what is left of the edits can be planned from there. */
  const overtaken = reported !== null && proposal !== null && reported.steps.some(({ refusal }) => refusal?.code === 'changed-meanwhile');
  const planAnew = (): void => {
    setFixed(null);
    setCourse({ at: 'review' });
  };
  const stale = course.at === 'refused' && course.refusal.code === 'changed-meanwhile';
  return (
    <Dialog open onClose={course.at === 'applying' && !isAway ? undefined : onClose} aria-labelledby={heading} maxWidth={false} slotProps={{ paper: { sx: { width: 1080 } } }}>
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: 1, p: '14px 20px', borderBottom: 1, borderColor: 'divider' }}>
        <Box component="h2" id={heading} sx={{ m: 0, mr: 'auto', fontSize: 15, fontWeight: 700 }}>{title ?? `Review ${plural(changes, 'change')} to ${guest.name}`}</Box>
        <Tag>stops at the first failure and puts back what it did</Tag>
      </Box>
      <Box role="status">
        {isAway && (
          <Alert severity="warning" square>
            The connection to the host broke. It is tried again for a minute; then what was done is read from the host, and put back unless all of it was. This goes on when the window here is closed, and History tells the end.
          </Alert>
        )}
        {words !== null && <Alert severity={words.good ? 'success' : 'warning'} square>{words.text}</Alert>}
        {course.at === 'refused' && (
          <Box sx={{ p: '12px 20px 0' }}>
            <RefusalCard refusal={course.refusal} title={stale ? 'The guest was changed meanwhile' : 'Not applied'} />
            {stale && <Box sx={{ mt: 1 }}>Nothing was overwritten. The plan below is made anew from what the host shows now; your edits are kept.</Box>}
            {course.meanwhile !== null && <MeanwhileList {...course.meanwhile} />}
          </Box>
        )}
        {errors.map((message) => <Alert key={message} severity="error" square>{message}</Alert>)}
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, minHeight: 120, overflow: 'auto' }}>
        <Box sx={{ p: '8px 20px', borderRight: { md: 1 }, borderColor: { md: 'divider' }, minWidth: 0 }}>
          <StepList steps={reported?.steps ?? plan.steps} />
          {plan.findings.filter(({ level }) => level === 'warning').map(({ message }) => <Alert key={message} severity="warning" sx={{ mt: 1 }}>{message}</Alert>)}
        </Box>
        <Box sx={{ p: '14px 20px', minWidth: 0 }}>
          <Box sx={{ color: 'text.secondary', mb: '8px' }}>Saved definition</Box>
          {plan.savedBefore === plan.savedAfter
            ? <Box>Stays as it is. What changes now lasts until the guest is shut off.</Box>
            : <DifferenceView label="Difference of the saved definition" lines={lines} />}
        </Box>
      </Box>
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '10px', p: '10px 20px', borderTop: 1, borderColor: 'divider' }}>
        <Box sx={{ color: 'text.secondary', mr: 'auto' }}>Undo stays available in History.</Box>
        <CopyButton text={() => planCommands(plan)} label="Copy commands" />
        {reported !== null
          ? (
            <>
              {overtaken && <Button onClick={planAnew}>Review the new plan</Button>}
              {/* Another button than the one that applied, so that the keys are on it. */}
              <Button key="close" autoFocus variant="contained" color="primary" onClick={onClose}>Close</Button>
            </>
          )
          : (
            <>
              <Button disabled={course.at === 'applying' && !isAway} onClick={onClose}>{isAway ? 'Close' : 'Back'}</Button>
              <Button autoFocus variant="contained" color="primary" loading={course.at === 'applying'} disabled={errors.length > 0 || plan.steps.length === 0} onClick={() => void apply(shown)}>
                Apply {plural(changes, 'change')}
              </Button>
            </>
          )}
      </Box>
    </Dialog>
  );
};
