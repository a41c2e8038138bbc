// A change that was cut off, taken back when told to: what it did, and what became of that.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import type { SetupLook, SetupReport } from '../../../app/contract/setup.ts';
import { useApi } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { useAct } from './act.ts';

/** @param words why there is something to put back, as far as it is known. */
export const PutBack = ({ host, words }: { readonly host: string | null; readonly words: string }): ReactNode => {
  const { client } = useApi();
  const { busy, refusal, run } = useAct();
  const [report, setReport] = useState<SetupReport | null>(null);
  const left = report?.steps.filter(({ outcome }) => outcome === 'not-put-back') ?? [];
  if (report?.outcome === 'put-back') return <Alert severity="success" role="status">Put back: {report.steps.map(({ title }) => title).join(', ') || 'nothing of it had been done'}.</Alert>;
  return (
    <Alert severity="warning" action={<Button loading={busy} onClick={() => run(async () => setReport(await client.ask('setup', 'putBack', { host })))}>Put back</Button>}>
      {words}
      {left.map((step) => <Box key={step.title}>{step.title}: {step.refusal?.message ?? 'not put back'}</Box>)}
      {refusal !== null && <RefusalCard refusal={refusal} title="Not put back" />}
    </Alert>
  );
};

export const Interrupted = ({ host, interrupted: { since, did } }: { readonly host: string; readonly interrupted: NonNullable<SetupLook['interrupted']> }): ReactNode =>
  <PutBack host={host} words={`A change begun ${since} was not brought to its end: ${did.join(', ')}.`} />;
