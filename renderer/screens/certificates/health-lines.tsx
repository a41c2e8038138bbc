// What a look at the health of a TLS connection found: a line each, and buttons for what can be done about it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { mdiAlert, mdiCheck, mdiClose, mdiHelp } from '@mdi/js';
import { type ReactNode, useId, useState } from 'react';
import type { Takes } from '../../../app/contract/contract.ts';
import type { HealthLine, HealthReport } from '../../../app/contract/health.ts';
import { isMendable } from '../../../app/pki/health-remedy.ts';
import { useApi } from '../../api/api.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { useColors } from '../../ui/colors.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { dateTime } from '../../ui/time.ts';
import { useAct } from './act.ts';

type Offered = HealthLine['remedies'][number];
/** Which connection is looked at. */
export type Looked = Takes<'health', 'check'>;

const marks = { ok: mdiCheck, warn: mdiAlert, fail: mdiClose, unknown: mdiHelp } as const;
const stateNames: Readonly<Record<HealthLine['state'], string>> = { ok: 'good', warn: 'warning', fail: 'failed', unknown: 'not known' };

/** Those that lead elsewhere in the window. */
export type Lead = (remedy: Offered['remedy']) => (() => void) | null;

const MendDialog = ({ looked, offered: { remedy, label, effect, command }, onReport, onClose }: { readonly looked: Looked; readonly offered: Offered; readonly onReport: (report: HealthReport) => void; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const { busy, refusal, run } = useAct();
  const title = useId();
  const mend = isMendable(remedy) ? remedy : null;
  return (
    <Dialog open onClose={busy ? undefined : onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>{label}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <Typography>{effect}</Typography>
        {command !== null && (
          <Box>
            <CodeBlock label="Command">{command}</CodeBlock>
            <CopyButton label="Copy command" text={() => command} />
          </Box>
        )}
        {refusal !== null && <RefusalCard refusal={refusal} title="Not done" />}
      </DialogContent>
      <DialogActions>
        <Button autoFocus disabled={busy} onClick={onClose}>{mend === null ? 'Close' : 'Cancel'}</Button>
        {mend !== null && (
          <Button variant="contained" color="primary" loading={busy} onClick={() => run(async () => {
            onReport(await client.ask('health', 'mend', { ...looked, remedy: mend }));
            onClose();
          })}>Run</Button>
        )}
      </DialogActions>
    </Dialog>
  );
};

const Line = ({ line: { what, state, seen, remedies }, onRemedy }: { readonly line: HealthLine; readonly onRemedy: (offered: Offered) => void }): ReactNode => {
  const { good, warn, bad, quiet } = useColors();
  const tone = { ok: good, warn, fail: bad, unknown: quiet }[state];
  return (
    <Box component="li" sx={{ display: 'flex', gap: '10px', alignItems: 'flex-start', py: '7px', borderBottom: 1, borderColor: 'divider', '&:last-child': { borderBottom: 0 } }}>
      <Box sx={{ width: 20, height: 20, borderRadius: '50%', bgcolor: tone.soft, color: tone.text, display: 'grid', placeItems: 'center', flex: 'none' }}><Icon path={marks[state]} size={12} title={stateNames[state]} /></Box>
      <Box sx={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Box sx={{ fontWeight: state === 'ok' || state === 'unknown' ? 400 : 600 }}>{what}</Box>
        <Box sx={{ color: 'text.secondary', fontSize: 12 }}>{seen}</Box>
        {remedies.length > 0 && <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px', mt: '6px' }}>{remedies.map((offered) => <Button key={JSON.stringify(offered.remedy)} onClick={() => onRemedy(offered)}>{offered.label}…</Button>)}</Box>}
      </Box>
    </Box>
  );
};

const verdicts: Readonly<Record<HealthReport['state'], string>> = { ok: 'All is well.', warn: 'It works, and something is worth knowing.', fail: 'It does not work: a line says why.' };

/** A look taken when it is asked for. */
export interface Health {
  readonly report: HealthReport | null;
  readonly busy: boolean;
  readonly look: (looked: Looked) => void;
  /** Drops what was found, as before another is looked at. */
  readonly forget: () => void;
  readonly view: (looked: Looked, lead?: Lead) => ReactNode;
}

export const useHealth = (): Health => {
  const { client } = useApi();
  const [report, setReport] = useState<HealthReport | null>(null);
  const { busy, refusal, run, clear } = useAct();
  const forget = (): void => {
    setReport(null);
    clear();
  };
  const look = (looked: Looked): void => {
    setReport(null);
    run(async () => setReport(await client.ask('health', 'check', looked)));
  };
  const view = (looked: Looked, lead?: Lead): ReactNode => (
    <>
      {busy && <LinearProgress aria-label="Looking at the connection" />}
      {refusal !== null && <RefusalCard refusal={refusal} title="Not looked at" />}
      {report !== null && <HealthView looked={looked} report={report} onReport={setReport} lead={lead ?? (() => null)} />}
    </>
  );
  return { report, busy, look, forget, view };
};

const HealthView = ({ looked, report, onReport, lead }: { readonly looked: Looked; readonly report: HealthReport; readonly onReport: (report: HealthReport) => void; readonly lead: Lead }): ReactNode => {
  const [offered, setOffered] = useState<Offered | null>(null);
  return (
    <>
      <Typography role="status" title={`Looked at ${dateTime(report.at)}`} sx={{ fontWeight: 600, color: { ok: 'success.main', warn: 'warning.main', fail: 'error.main' }[report.state] }}>{verdicts[report.state]}</Typography>
      <Box component="ul" aria-label="What was looked at" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {report.lines.map((line) => <Line key={line.check} line={line} onRemedy={(one) => (lead(one.remedy) ?? (() => setOffered(one)))()} />)}
      </Box>
      {offered !== null && <MendDialog looked={looked} offered={offered} onReport={onReport} onClose={() => setOffered(null)} />}
    </>
  );
};
