// Placing guests on their host's CPUs: the policy, what comes of it for each guest, and its way into the plan or onto the host.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type ReactNode, useId, useState } from 'react';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { Placed } from '../../app/contract/tuning.ts';
import type { SiblingPolicy } from '../../app/tuning/free-cores.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import type { PlacementPolicy } from '../../app/tuning/placement.ts';
import { refusalOf, useApi } from '../api/api.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import { monospace } from '../ui/theme.ts';
import { outcomeWords } from './outcome-words.ts';
import { plural, summaryOf } from './plan-summary.ts';
import type { GuestKey } from './tuning.ts';

const policies: Readonly<Record<PlacementPolicy, { readonly label: string; readonly means: string }>> = {
  dedicated: { label: 'Dedicated', means: 'Each vCPU gets a CPU that no other pinned guest has: isolated CPUs first, and performance cores before efficiency cores.' },
  shared: { label: 'Shared', means: 'The vCPUs float over the CPUs of one NUMA node that no vCPU has alone; isolated CPUs are left out, since nothing floats there.' },
};
const siblings: Readonly<Record<SiblingPolicy, string>> = {
  prefer: 'Prefer: fill whole cores where that is possible',
  require: 'Require: only whole cores, all their threads',
  isolate: 'Isolate: one vCPU a core, its other threads stay empty',
};

const runs = (vcpus: readonly string[]): string => (new Set(vcpus).size === 1 ? `all vCPUs on ${vcpus[0]}` : vcpus.map((cpus, vcpu) => `${vcpu}→${cpus}`).join('  '));

type Report = { readonly good: boolean; readonly text: string };

const Result = ({ placed, report }: { readonly placed: Placed; readonly report: Report | undefined }): ReactNode => (
  <Box component="li" sx={{ py: '8px', '&:not(:last-child)': { borderBottom: 1, borderColor: 'divider' } }}>
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap' }}>
      <Box component="strong" sx={{ overflowWrap: 'anywhere' }}>{placed.name}</Box>
      {placed.outcome === 'placed' && <Box sx={{ color: 'text.secondary' }}>NUMA {placed.nodes.length === 1 ? 'node' : 'nodes'} {placed.nodes.join(', ')} · {plural(summaryOf(placed.plan).changes, 'change')}</Box>}
    </Box>
    {placed.outcome === 'refused'
      ? <Alert severity="warning" sx={{ mt: '4px' }}>{placed.reason}</Alert>
      : (
        <>
          <Box sx={{ font: `12px/1.6 ${monospace}`, whiteSpace: 'pre-wrap' }}>{runs(placed.vcpus)}</Box>
          <Box sx={{ color: 'text.secondary', fontSize: 12 }}>Emulator and I/O threads on {placed.spare}</Box>
          {placed.notes.map((note) => <Alert key={note} severity="info" sx={{ mt: '4px' }}>{note}</Alert>)}
        </>
      )}
    {report !== undefined && <Alert severity={report.good ? 'success' : 'error'} sx={{ mt: '4px' }}>{report.text}</Alert>}
  </Box>
);

/** @param onUse takes the place of a single guest into its plan; without it, the places are applied from here, guest by guest. */
export const PlaceDialog = ({ guests, onUse, onClose }: { readonly guests: readonly GuestKey[]; readonly onUse?: (wanted: Wanted) => void; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const title = useId();
  const [policy, setPolicy] = useState<PlacementPolicy>('dedicated');
  const [sibling, setSibling] = useState<SiblingPolicy>('prefer');
  const [kept, setKept] = useState('');
  const [cores, setCores] = useState('0');
  const [found, setFound] = useState<readonly Placed[] | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState<'looking' | 'applying' | null>(null);
  const [reports, setReports] = useState<ReadonlyMap<string, Report>>(new Map());
  const [first] = guests;
  const single = onUse !== undefined;
  const change = (set: () => void): void => {
    set();
    setFound(null);
    setRefusal(null);
    setReports(new Map());
  };
  const look = async (): Promise<void> => {
    if (first === undefined) return;
    setBusy('looking');
    setRefusal(null);
    try {
      setFound(await client.ask('tuning', 'place', { host: first.host, guests: guests.map(({ uuid }) => ({ uuid, policy, siblings: sibling })), kept: { cpus: kept, cores: Number(cores) } }));
    } catch (error) {
      setRefusal(refusalOf(error));
    }
    setBusy(null);
  };
  const able = (found ?? []).flatMap((placed) => (placed.outcome === 'placed' && placed.plan.steps.length > 0 ? [placed] : []));
  const apply = async (): Promise<void> => {
    if (first === undefined) return;
    setBusy('applying');
    const seen = new Map<string, Report>();
    // One after the other: each was placed with the others in mind, and what fails is to be seen before the next begins.
    for (const { uuid, wanted, basis } of able) {
      try {
        const { text, good } = outcomeWords(await client.ask('tuning', 'apply', { host: first.host, uuid, wanted, basis }));
        seen.set(uuid, { good, text });
      } catch (error) {
        const { message, remedy } = refusalOf(error);
        seen.set(uuid, { good: false, text: `${message} ${remedy ?? ''}`.trim() });
      }
      setReports(new Map(seen));
    }
    setBusy(null);
  };
  const use = (): void => {
    const [placed] = able;
    if (placed === undefined) return;
    onUse?.(placed.wanted);
    onClose();
  };
  const done = reports.size > 0 && busy === null;
  return (
    <Dialog open onClose={busy === 'applying' ? undefined : onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>Place {guests.length === 1 ? (first?.name ?? '') : plural(guests.length, 'guest')} on the host’s CPUs</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <Box>
          <ToggleButtonGroup exclusive value={policy} aria-label="Policy" disabled={busy !== null} onChange={(_, next: PlacementPolicy | null) => {
            if (next !== null) change(() => setPolicy(next));
          }}>
            {(['dedicated', 'shared'] as const).map((name) => <ToggleButton key={name} value={name}>{policies[name].label}</ToggleButton>)}
          </ToggleButtonGroup>
          <Box sx={{ color: 'text.secondary', fontSize: 12, mt: 0.5 }}>{policies[policy].means}</Box>
        </Box>
        {policy === 'dedicated' && (
          <TextField select label="Threads of a core" value={sibling} disabled={busy !== null} onChange={(event) => {
            const next = (['prefer', 'require', 'isolate'] as const).find((name) => name === event.target.value);
            if (next !== undefined) change(() => setSibling(next));
          }}>
            {(['prefer', 'require', 'isolate'] as const).map((name) => <MenuItem key={name} value={name}>{siblings[name]}</MenuItem>)}
          </TextField>
        )}
        <Box sx={{ display: 'grid', gridTemplateColumns: '2fr 1fr', gap: 2 }}>
          <TextField label="CPUs kept for the host" placeholder="none" value={kept} disabled={busy !== null} error={refusal?.field === 'kept.cpus'} helperText={refusal?.field === 'kept.cpus' ? `${refusal.message} ${refusal.remedy ?? ''}` : 'Such as 0-1 or ^0,^1'} onChange={(event) => change(() => setKept(event.target.value))} slotProps={{ inputLabel: { shrink: true } }} />
          <TextField label="First cores of each node" value={cores} disabled={busy !== null} helperText="Kept as well" onChange={(event) => change(() => setCores(event.target.value.replaceAll(/\D/g, '').slice(0, 3) || '0'))} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />
        </Box>
        {refusal !== null && refusal.field !== 'kept.cpus' && <RefusalCard refusal={refusal} />}
        {found !== null && <Box component="ul" aria-label="Places" sx={{ listStyle: 'none', m: 0, p: 0 }}>{found.map((placed) => <Result key={placed.uuid} placed={placed} report={reports.get(placed.uuid)} />)}</Box>}
        {found !== null && able.length === 0 && !found.some(({ outcome }) => outcome === 'refused') && <Box>{guests.length === 1 ? 'It lies' : 'They lie'} there already.</Box>}
      </DialogContent>
      <DialogActions>
        <Button disabled={busy === 'applying'} onClick={onClose}>{done ? 'Close' : 'Cancel'}</Button>
        {!done && <Button variant={able.length === 0 ? 'contained' : 'outlined'} loading={busy === 'looking'} disabled={busy !== null} onClick={() => void look()}>Find a place</Button>}
        {!done && able.length > 0 && (single
          ? <Button variant="contained" color="primary" onClick={use}>Add to plan</Button>
          : <Button variant="contained" color="primary" loading={busy === 'applying'} disabled={busy !== null} onClick={() => void apply()}>Apply to {plural(able.length, 'guest')}</Button>)}
      </DialogActions>
    </Dialog>
  );
};
