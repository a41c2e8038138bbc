// The doctor of a host: as a card of its page, and as a dialog where connecting has failed.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { DoctorReport, Remedy } from '../../../app/contract/doctor.ts';
import { labelOfRemedy } from '../../../app/contract/doctor.ts';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { refusalOf, useApi, useAsk, useTell } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { dateTime } from '../../ui/time.ts';
import { RemedyDialog, takeRemedy } from './doctor-remedy.tsx';
import { ReportView } from './doctor-report.tsx';
import { textOf } from './doctor-text.ts';

interface Doctor {
  readonly report: DoctorReport | null;
  readonly busy: boolean;
  readonly error: unknown;
  readonly examine: () => void;
  readonly setReport: (report: DoctorReport) => void;
}

const useDoctor = (id: string): Doctor => {
  const { client } = useApi();
  const [report, setReport] = useState<DoctorReport | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const examine = (): void => {
    setBusy(true);
    setError(null);
    client.ask('connections', 'doctor', { id }).then(setReport, setError).finally(() => setBusy(false));
  };
  return { report, busy, error, examine, setReport };
};

const Found = ({ id, doctor: { report, busy, error, setReport } }: { readonly id: string; readonly doctor: Doctor }): ReactNode => (
  <Box sx={{ display: 'grid', gap: 1.5 }}>
    {busy && <LinearProgress aria-label="Examining the connection" />}
    {error !== null && <RefusalCard refusal={refusalOf(error)} title="Not examined" />}
    {report !== null && (
      <>
        <Typography role="status">{report.well ? 'All stages are well.' : 'A stage failed.'} Examined {dateTime(report.at)}.</Typography>
        <ReportView id={id} report={report} onReport={setReport} />
        {report.well && <ConnectNow id={id} />}
      </>
    )}
  </Box>
);

/** What was mended is of use only when it is connected. */
const ConnectNow = ({ id }: { readonly id: string }): ReactNode => {
  const connect = useTell('connections', 'connect');
  const state = useAsk('connections', 'list', {}).data?.find((one) => one.id === id)?.state.phase;
  if (state !== 'off' && state !== 'failed' && state !== 'lost') return null;
  return <Box><Button variant="contained" color="primary" loading={connect.isPending} onClick={() => connect.mutate({ id })}>Connect now</Button></Box>;
};

export const DoctorCard = ({ connection: { id } }: { readonly connection: Connection }): ReactNode => {
  const doctor = useDoctor(id);
  const { report } = doctor;
  return (
    <Card
      title="Doctor"
      beside={(
        <>
          <Box sx={{ flex: 1 }} />
          {report !== null && <CopyButton label="Copy report" text={() => textOf(report)} />}
          <Button loading={doctor.busy} onClick={doctor.examine}>{report === null ? 'Examine' : 'Examine again'}</Button>
        </>
      )}
    >
      {report === null && !doctor.busy && doctor.error === null && <Typography sx={{ color: 'text.secondary' }}>Goes through every stage of connecting over a connection of its own, with the time each takes, and looks closer where one fails. Nothing is changed.</Typography>}
      <Found id={id} doctor={doctor} />
    </Card>
  );
};

export const DoctorDialog = ({ id, name, onClose }: { readonly id: string; readonly name: string; readonly onClose: () => void }): ReactNode => {
  const title = useId();
  const doctor = useDoctor(id);
  const begun = useRef(false);
  const { report, busy, examine } = doctor;
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    examine();
  }, [examine]);
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="md" fullWidth>
      <DialogTitle id={title}>Doctor of {name}</DialogTitle>
      <DialogContent><Found id={id} doctor={doctor} /></DialogContent>
      <DialogActions>
        {report !== null && <CopyButton label="Copy report" text={() => textOf(report)} />}
        <Button loading={busy} onClick={examine}>Examine again</Button>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
};

/** A refusal of connecting, with what can be done about it: its own remedies, and the doctor. */
export const ConnectionRefusal = ({ id, name, refusal, title }: { readonly id: string; readonly name: string; readonly refusal: Refusal; readonly title?: string }): ReactNode => {
  const [examining, setExamining] = useState(false);
  const [remedy, setRemedy] = useState<Remedy | null>(null);
  return (
    <>
      <RefusalCard
        refusal={refusal}
        {...(title !== undefined && { title })}
        below={(
          <>
            {refusal.offers?.map((offered) => <Button key={JSON.stringify(offered)} onClick={() => takeRemedy(offered, id, setRemedy)}>{labelOfRemedy(offered)}…</Button>)}
            <Button onClick={() => setExamining(true)}>Look closer…</Button>
          </>
        )}
      />
      {remedy !== null && <RemedyDialog id={id} remedy={remedy} onReport={() => undefined} onClose={() => setRemedy(null)} />}
      {examining && <DoctorDialog id={id} name={name} onClose={() => setExamining(false)} />}
    </>
  );
};
