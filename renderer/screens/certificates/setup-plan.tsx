// What goes where: the plan of an install line by line, and while it runs and afterwards what became of each.
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useState } from 'react';
import type { Takes } from '../../../app/contract/contract.ts';
import type { PlannedStep, SetupPlan, SetupReport, SetupWish } from '../../../app/contract/setup.ts';
import { type Refusal, Refused } from '../../../app/contract/refusal.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { outcomes } from '../../panels/step-list.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DifferenceView } from '../../ui/difference-view.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip } from '../../ui/tag.tsx';
import { monospace } from '../../ui/theme.ts';
import { PutBack } from './put-back.tsx';

type Outcome = SetupReport['steps'][number]['outcome'];

export interface Install {
  readonly plan: SetupPlan | undefined;
  /** Why there is no plan. */
  readonly unplanned: Refusal | null;
  /** What became of the steps that ended, by their number. */
  readonly outcomes: readonly (Outcome | undefined)[];
  readonly report: SetupReport | null;
  /** Why nothing was begun. */
  readonly refused: Refusal | null;
  readonly running: boolean;
  /** Does what the plan says. Gives whether all of it was done. @throws Refused where nothing was begun. */
  readonly start: () => Promise<boolean>;
  /** Forgets what was done: it is planned anew, and can be done again. */
  readonly again: () => void;
}

/** The plan of a wish, and its install. A wish of null is not planned. */
export const useInstall = (host: string | null, wish: SetupWish | null): Install => {
  const { client } = useApi();
  // Another wish, or another host, has nothing to do with what was done before.
  const of = JSON.stringify([host, wish]);
  const [ended, setEnded] = useState<{ readonly of: string; readonly report: SetupReport } | null>(null);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const [running, setRunning] = useState(false);
  const [begun, setBegun] = useState<{ readonly of: string; readonly outcomes: readonly (Outcome | undefined)[] }>({ of: '', outcomes: [] });
  const report = ended?.of === of ? ended.report : null;
  const seen = begun.of === of ? begun.outcomes : [];
  // What was planned stays as it was seen while it is done and once it is.
  const still = running || report?.outcome === 'complete';
  const asked: Takes<'setup', 'plan'> = { host, wish: wish ?? { kind: 'client', certificate: 'none', place: 'app' } };
  const { data, error, refetch } = useAsk('setup', 'plan', asked, wish !== null && !still);
  useEffect(() => client.listen((news) => {
    if (news.section !== 'setup' || news.name !== 'progress' || news.told.host !== host) return;
    const { step, outcome } = news.told;
    setBegun((before) => ({ of: before.of, outcomes: Array.from({ length: Math.max(before.outcomes.length, step + 1) }, (_, index) => (index === step ? outcome : before.outcomes[index])) }));
  }), [client, host]);
  const start = async (): Promise<boolean> => {
    if (data === undefined || wish === null) return false;
    setBegun({ of, outcomes: [] });
    setEnded(null);
    setRefused(null);
    setRunning(true);
    try {
      const done = await client.ask('setup', 'install', { host, wish, basis: data.basis });
      setEnded({ of, report: done });
      setBegun({ of, outcomes: done.steps.map(({ outcome }) => outcome) });
      return done.outcome === 'complete';
    } catch (caught) {
      setRefused(refusalOf(caught));
      // The host is not as it was planned for: the next plan is of how it is now.
      if (caught instanceof Refused && caught.refusal.code === 'changed-meanwhile') await refetch();
      throw caught;
    } finally {
      setRunning(false);
    }
  };
  const again = (): void => {
    setEnded(null);
    setBegun({ of, outcomes: [] });
  };
  return { plan: data, unplanned: error === null ? null : refusalOf(error), outcomes: seen, report, refused, running, start, again };
};

const contents = { authority: 'the authority’s certificate', revocations: 'what the authority revoked', certificate: 'the certificate', key: 'its key', settings: 'settings' } as const;

/** What a line says behind its path. */
const noteOf = (step: PlannedStep): string => {
  switch (step.kind) {
    case 'folder': return `${step.owner} ${step.mode}`;
    case 'file': return [`${step.owner} ${step.mode}`, step.content === 'key' ? (step.isMadeThere ? 'made there, and stays there' : 'sent over SSH only') : contents[step.content], ...(step.backup === null ? [] : [`what is there is kept as ${step.backup.slice(step.backup.lastIndexOf('/') + 1)}`])].join(' · ');
    case 'units': return step.title;
    case 'verify': return step.title;
  }
};

const nameOf = (step: PlannedStep): string => (step.kind === 'folder' ? `${step.path}/` : step.kind === 'file' ? step.path : step.kind === 'units' ? step.command : step.uri);

const unfinished: Readonly<Record<Exclude<SetupReport['outcome'], 'complete'>, string>> = {
  'put-back': 'It failed, and everything was put back: the host is as it was.',
  partial: 'It failed, and not everything could be put back. The lines say what is left.',
  interrupted: 'The host was lost in the midst. What was done can be put back once it is reached again.',
};

/** Why something of a change may lie on a host still; null = nothing does. */
const leftOver = (report: SetupReport | null, refused: Refusal | null): string | null => {
  if (report?.outcome === 'interrupted') return 'What was done before the host was lost is noted there.';
  if (report?.outcome === 'partial') return 'What could not be put back is noted on the host, and can be tried again.';
  return refused?.code === 'changed-meanwhile' ? 'Where an earlier change was not brought to its end, it is put back first.' : null;
};

/** @param host where it is done; null = this computer. @param finished what is said once all of it was done. @param secretless nothing travels: the files are written on this computer. */
export const PlanView = ({ host, title, install, finished = 'Installed.', secretless = false }: { readonly host: string | null; readonly title: string; readonly install: Pick<Install, 'plan' | 'unplanned' | 'outcomes' | 'report' | 'refused'>; readonly finished?: string; readonly secretless?: boolean }): ReactNode => {
  const { plan, unplanned, report } = install;
  const left = leftOver(report, install.refused);
  return (
    <Box component="section" aria-label={title} sx={{ display: 'grid', gap: 1 }}>
      <Typography variant="h3">{title}</Typography>
      {unplanned !== null && <RefusalCard refusal={unplanned} title="Not planned" />}
      {plan === undefined && unplanned === null && <Typography sx={{ color: 'text.secondary' }}>Looking at what is there…</Typography>}
      {plan !== undefined && (
        <>
          {plan.warnings.map((warning) => <Typography key={warning} sx={{ color: 'warning.main' }}>{warning}</Typography>)}
          <Box component="ol" aria-label={`Steps: ${title}`} sx={{ listStyle: 'none', m: 0, p: '8px 12px', borderRadius: '8px', bgcolor: 'background.default', display: 'grid', gap: '6px' }}>
            {plan.steps.map((step, index) => {
              const outcome = install.outcomes[index];
              const refusal = report?.steps[index]?.refusal;
              return (
                <Box component="li" key={`${step.kind} ${nameOf(step)}`}>
                  <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', lg: 'minmax(0, 1.35fr) minmax(0, 1fr)' }, gap: '0 16px' }}>
                    <Box component="code" sx={{ fontFamily: monospace, fontSize: 12, overflowWrap: 'anywhere' }}>{nameOf(step)}</Box>
                    <Box component="span" sx={{ color: 'text.secondary', fontSize: 12, display: 'flex', flexWrap: 'wrap', gap: '2px 8px', alignItems: 'center' }}>
                      {secretless && step.kind === 'file' && step.content === 'key' ? `${step.owner} ${step.mode}` : noteOf(step)}
                      {outcome !== undefined && <Chip tone={outcomes[outcome].tone}>{outcomes[outcome].label}</Chip>}
                    </Box>
                  </Box>
                  {step.kind === 'file' && step.difference !== null && step.difference.length > 0 && <DifferenceView lines={step.difference} label={`Changes of ${step.path}`} />}
                  {refusal !== undefined && <Box sx={{ color: 'error.main' }}>{refusal.message}{refusal.remedy === undefined ? '' : ` ${refusal.remedy}`}</Box>}
                </Box>
              );
            })}
          </Box>
          {plan.hints.map(({ label, command }) => (
            <Box key={command}>
              <Typography sx={{ mb: 0.5 }}>{label}</Typography>
              <CodeBlock label={label}>{command}</CodeBlock>
              <CopyButton label="Copy command" text={() => command} />
            </Box>
          ))}
        </>
      )}
      <Box role="status">
        {report !== null && report.outcome === 'complete' && <Typography sx={{ color: 'success.main', fontWeight: 600 }}>{finished} {report.verified ?? ''}</Typography>}
      </Box>
      {left !== null && <PutBack key={left} host={host} words={left} />}
      {report !== null && report.outcome !== 'complete' && <RefusalCard title={unfinished[report.outcome]} refusal={report.refusal ?? { code: 'bug', message: 'The lines above say what became of each step.' }} />}
    </Box>
  );
};
