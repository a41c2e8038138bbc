// Adding a host: fields and URI that follow each other, then the stages of the first connection.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { monospace } from '../../ui/theme.ts';
import { go } from '../place.ts';
import { Stages } from './stages.tsx';
import { emptyForm, formOfUri, type FormTransport, isRemote, type UriForm, uriOfForm, uriProblem, usualPort } from './uri-form.ts';

const transports: readonly (readonly [FormTransport, string])[] = [['ssh', 'SSH'], ['tls', 'TLS'], ['tcp', 'TCP'], ['unix', 'This computer']];

const hints: Readonly<Record<FormTransport, string>> = {
  ssh: 'Logs in as you do with ssh: agent, key files or password. Nothing is installed on the host.',
  tls: 'Needs client certificates that the host trusts.',
  tcp: 'Not encrypted. Only for networks that are trusted entirely.',
  unix: "The libvirt socket of this computer. The user needs the right to open it.",
};

type Step = { readonly at: 'form' } | { readonly at: 'connecting'; readonly id: string } | { readonly at: 'failed'; readonly id: string | null; readonly error: unknown };

export const AddHost = ({ onClose }: { readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const title = useId();
  const [uri, setUri] = useState(uriOfForm(emptyForm));
  const [form, setForm] = useState<UriForm>(emptyForm);
  const [name, setName] = useState('');
  const [touched, setTouched] = useState(false);
  const [step, setStep] = useState<Step>({ at: 'form' });
  const list = useAsk('connections', 'list', {});
  const saved = step.at === 'form' ? undefined : list.data?.find(({ id }) => id === step.id);
  const problem = uriProblem(uri);

  const change = (part: Partial<UriForm>): void => {
    const next = { ...form, ...part };
    setForm(next);
    setUri(uriOfForm(next));
  };
  const typeUri = (text: string): void => {
    setUri(text);
    setTouched(true);
    const next = formOfUri(text);
    if (next !== null) setForm(next);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTouched(true);
    if (problem !== null) return;
    let id = step.at === 'failed' ? step.id : null;
    try {
      // After a failed try the host is saved already: only what was changed since is told.
      if (id === null) ({ id } = await client.ask('connections', 'add', { uri, name, autoConnect: true }));
      else await client.ask('connections', 'update', { id, uri, name });
      setStep({ at: 'connecting', id });
      await client.ask('connections', 'connect', { id });
      onClose();
      go({ at: 'host', host: id });
    } catch (error) {
      setStep({ at: 'failed', id, error });
    }
  };
  const giveUp = async (): Promise<void> => {
    if (step.at === 'connecting') await client.ask('connections', 'disconnect', { id: step.id });
    onClose();
  };
  const remove = async (): Promise<void> => {
    if (step.at === 'failed' && step.id !== null) await client.ask('connections', 'remove', { id: step.id });
    onClose();
  };
  const busy = step.at === 'connecting';
  const reports = saved?.state.phase === 'connecting' || saved?.state.phase === 'failed' ? saved.state.stages : [];
  const remote = isRemote(form.transport);
  return (
    <Dialog open onClose={busy ? undefined : onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <Box component="form" noValidate onSubmit={(event: FormEvent) => void submit(event)}>
        <DialogTitle id={title}>Add host</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Box>
            <ToggleButtonGroup exclusive value={form.transport} aria-label="Transport" disabled={busy} onChange={(_, transport: FormTransport | null) => {
              if (transport !== null) change({ transport });
            }}>
              {transports.map(([value, label]) => <ToggleButton key={value} value={value}>{label}</ToggleButton>)}
            </ToggleButtonGroup>
            <Box sx={{ color: 'text.secondary', fontSize: 12, mt: 0.5 }}>{hints[form.transport]}</Box>
          </Box>
          <Box sx={{ display: 'grid', gridTemplateColumns: '2fr 1fr 96px', gap: 2 }}>
            {remote && <TextField autoFocus label="Host name or address" value={form.host} disabled={busy} onChange={(event) => change({ host: event.target.value })} onBlur={() => setTouched(true)} />}
            {form.transport === 'ssh' && <TextField label="User" value={form.user} disabled={busy} placeholder="as ssh chooses" onChange={(event) => change({ user: event.target.value })} />}
            {remote && <TextField label="Port" value={form.port} disabled={busy} placeholder={usualPort(form.transport)} slotProps={{ htmlInput: { inputMode: 'numeric' }, inputLabel: { shrink: true } }} onChange={(event) => change({ port: event.target.value.replaceAll(/\D/g, '') })} />}
          </Box>
          <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 2fr', gap: 2 }}>
            <TextField label="Path" value={form.path} disabled={busy} onChange={(event) => change({ path: event.target.value })} />
            <TextField label="Name in Guestdeck" value={name} disabled={busy} placeholder={form.host} onChange={(event) => setName(event.target.value)} />
          </Box>
          <TextField
            label="Connection URI"
            value={uri}
            disabled={busy}
            error={touched && problem !== null}
            helperText={touched && problem !== null ? problem : 'The same as the fields above; edit either.'}
            onChange={(event) => typeUri(event.target.value)}
            slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: monospace } } }}
          />
          {reports.length > 0 && <Stages reports={reports} />}
          {step.at === 'failed' && <RefusalCard refusal={refusalOf(step.error)} />}
        </DialogContent>
        <DialogActions>
          {step.at === 'failed' && step.id !== null && <Button variant="text" sx={{ mr: 'auto' }} onClick={() => void remove()}>Do not keep this host</Button>}
          <Button onClick={() => void giveUp()}>{step.at === 'failed' && step.id !== null ? 'Keep and close' : 'Cancel'}</Button>
          <Button type="submit" variant="contained" color="primary" loading={busy}>{step.at === 'failed' ? 'Try again' : 'Connect'}</Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
};
