// The plans of many guests, each with what it changes, and its steps and definition where somebody looks.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import LinearProgress from '@mui/material/LinearProgress';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { PlannedGuest } from '../../../app/contract/bulk.ts';
import { difference } from '../../../app/xml/difference.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import { summaryOf } from '../../panels/plan-summary.ts';
import { StepList } from '../../panels/step-list.tsx';
import { useColors } from '../../ui/colors.ts';
import { DifferenceView } from '../../ui/difference-view.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip, type ToneName } from '../../ui/tag.tsx';

type Planned = Extract<PlannedGuest, { outcome: 'planned' }>;

/** Guests whose plan changes something. */
export const willing = (plans: readonly PlannedGuest[]): readonly Planned[] => plans.flatMap((plan) => (plan.outcome === 'planned' && plan.steps.length > 0 ? [plan] : []));

/** Changes told in one line. */
const mostWords = 4;

/** The definition before and after, asked for when somebody looks. */
const Details = ({ plan }: { readonly plan: Planned }): ReactNode => {
  const ask = useAsk('tuning', 'plan', { host: plan.host, uuid: plan.uuid, wanted: plan.wanted });
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, gap: 2, pl: '20px', pt: '6px' }}>
      <Box sx={{ minWidth: 0 }}><StepList steps={plan.steps} /></Box>
      <Box sx={{ minWidth: 0 }}>
        {ask.error !== null && <RefusalCard refusal={refusalOf(ask.error)} />}
        {ask.isPending && <LinearProgress aria-label={`Reading the definition of ${plan.name}`} />}
        {ask.data !== undefined && (ask.data.savedBefore === ask.data.savedAfter
          ? <Box>The saved definition stays as it is.</Box>
          : <DifferenceView label={`Difference of the saved definition of ${plan.name}`} lines={difference(ask.data.savedBefore, ask.data.savedAfter, 2)} />)}
      </Box>
    </Box>
  );
};

const markOf = (plan: PlannedGuest): { readonly label: string; readonly tone: ToneName } => {
  if (plan.outcome === 'refused') return { label: 'not possible', tone: 'bad' };
  if (plan.steps.length === 0) return { label: 'is so already', tone: 'quiet' };
  const { now, atNextStart } = summaryOf({ steps: [plan], findings: [] });
  return { label: [...(now > 0 ? [`${now} now`] : []), ...(atNextStart > 0 ? [`${atNextStart} at next start`] : [])].join(' · '), tone: 'good' };
};

const PlanRow = ({ plan }: { readonly plan: PlannedGuest }): ReactNode => {
  const [open, setOpen] = useState(false);
  const { faint } = useColors();
  const mark = markOf(plan);
  const words = plan.outcome === 'planned' ? summaryOf({ steps: [plan], findings: [] }).words : [];
  const more = words.length - mostWords;
  const name = <Box component="strong" sx={{ overflowWrap: 'anywhere' }}>{plan.name}</Box>;
  return (
    <Box component="li" sx={{ py: '7px', borderBottom: `1px solid ${faint}`, contentVisibility: 'auto', containIntrinsicSize: 'auto 34px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 10px', alignItems: 'center' }}>
        {plan.outcome === 'planned' && plan.steps.length > 0
          ? <ButtonBase aria-expanded={open} aria-label={`Steps for ${plan.name}`} onClick={() => setOpen(!open)} sx={{ font: 'inherit', gap: '4px', borderRadius: 1 }}><Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />{name}</ButtonBase>
          : <Box sx={{ pl: '20px' }}>{name}</Box>}
        <Chip tone={mark.tone}>{mark.label}</Chip>
        <Box title={words.join('\n')} sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>{words.slice(0, mostWords).join(' · ')}{more > 0 && ` and ${more} more`}</Box>
      </Box>
      {plan.outcome === 'refused' && <Alert severity="warning" sx={{ mt: '4px', ml: '20px' }}>{plan.reasons.map((reason) => <Box key={reason}>{reason}</Box>)}</Alert>}
      {plan.outcome === 'planned' && plan.notes.map((note) => <Box key={note} sx={{ pl: '20px', fontSize: 12, color: 'text.secondary' }}>{note}</Box>)}
      {open && plan.outcome === 'planned' && <Details plan={plan} />}
    </Box>
  );
};

/** Those that are refused come first: they are what somebody has to decide about. */
export const PlanList = ({ plans }: { readonly plans: readonly PlannedGuest[] }): ReactNode => (
  <Box component="ul" aria-label="Plans" sx={{ listStyle: 'none', m: 0, p: 0 }}>
    {plans.toSorted((one, other) => Number(other.outcome === 'refused') - Number(one.outcome === 'refused')).map((plan) => <PlanRow key={`${plan.host}/${plan.uuid}`} plan={plan} />)}
  </Box>
);

/** What the plans come to, in a line. */
export const plansWords = (plans: readonly PlannedGuest[]): string => {
  const refused = plans.filter(({ outcome }) => outcome === 'refused').length;
  const change = willing(plans).length;
  const same = plans.length - refused - change;
  return [`${change} of ${plans.length} ${change === 1 ? 'changes' : 'change'}`, ...(same > 0 ? [`${same} ${same === 1 ? 'is' : 'are'} so already`] : []), ...(refused > 0 ? [`not possible for ${refused}`] : [])].join(' · ');
};
