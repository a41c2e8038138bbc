// Adding or editing a host: fields and URI that follow each other, then the stages of the connection.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { monospace } from '../../ui/theme.ts';
import { addressOf, go, usePlace } from '../place.ts';
import { ConnectionRefusal } from '../host/doctor.tsx';
import { AddressFields } from './address-fields.tsx';
import { emptyListing, type Listing, ListingFields } from './listing-fields.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { Stages } from './stages.tsx';
import { emptyForm, formOfUri, isAliasName, type UriForm, uriOfForm, uriProblem } from './uri-form.ts';

type Step =
  | { readonly at: 'form' }
  | { readonly at: 'saving' }
  | { readonly at: 'connecting'; readonly id: string }
  | { readonly at: 'failed'; readonly id: string | null; readonly error: unknown };

const inUse = ({ state: { phase } }: Connection): boolean => phase === 'ready' || phase === 'connecting' || phase === 'lost';

/** @param connection the saved host to edit; null = a new one, which is saved and then connected. */
export const HostDialog = ({ connection, onClose }: { readonly connection: Connection | null; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const title = useId();
  const [uri, setUri] = useState(connection?.uri ?? uriOfForm(emptyForm));
  // Null for the demo host, which has nothing to fill in; otherwise the fields of the last URI that could be understood.
  const [form, setForm] = useState<UriForm | null>(() => (connection === null ? emptyForm : formOfUri(connection.uri)));
  const [listing, setListing] = useState<Listing>(connection ?? emptyListing);
  const [touched, setTouched] = useState(false);
  const [step, setStep] = useState<Step>({ at: 'form' });
  const address = addressOf(usePlace());
  const openedAt = useRef(address);
  // What mends a connection may be a place of its own, which is not to lie behind a dialog.
  useEffect(() => {
    if (address !== openedAt.current) onClose();
  }, [address, onClose]);
  const list = useAsk('connections', 'list', {}).data ?? [];
  const shown = step.at === 'connecting' || step.at === 'failed' ? list.find(({ id }) => id === step.id) : undefined;
  const problem = connection === null && isAliasName(uri) ? null : uriProblem(uri);
  const isTcp = form?.transport === 'tcp';
  const { name, group, color, tags, autoConnect, readOnly } = listing;
  const allowPlain = isTcp && listing.allowPlain;
  /** What is in use stays as it is until the next connect. */
  const otherAccess = connection !== null && (uri.trim() !== connection.uri || readOnly !== connection.readOnly || allowPlain !== connection.allowPlain);

  const change = (part: Partial<UriForm>): void => {
    const next = { ...(form ?? emptyForm), ...part };
    setForm(next);
    setUri(uriOfForm(next));
  };
  const typeUri = (text: string): void => {
    setUri(text);
    setTouched(true);
    const next = formOfUri(text);
    if (next !== null) setForm(next);
  };
  const submit = async (connects: boolean): Promise<void> => {
    setTouched(true);
    if (problem !== null) return;
    // After a failed try the host is saved already: only what was changed since is told.
    let id = connection?.id ?? (step.at === 'failed' ? step.id : null);
    const told = { uri, name, group, color, tags: [...tags], autoConnect, readOnly, allowPlain };
    setStep({ at: 'saving' });
    try {
      if (id === null) ({ id } = await client.ask('connections', 'add', told));
      else await client.ask('connections', 'update', { id, ...told });
      if (connects) {
        setStep({ at: 'connecting', id });
        if (connection !== null) await client.ask('connections', 'disconnect', { id });
        await client.ask('connections', 'connect', { id });
      }
      onClose();
      if (connection === null) go({ at: 'host', host: id });
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
  const busy = step.at === 'connecting' || step.at === 'saving';
  const failed = step.at === 'failed';
  const reports = shown?.state.phase === 'connecting' || shown?.state.phase === 'failed' ? shown.state.stages : [];
  const again = connection !== null && inUse(connection);
  // Enter does what is most likely meant: a new host is connected, another way of access is tried out.
  const connects = connection === null || (otherAccess && again) || failed;
  const verbs = connection === null ? { connect: 'Connect', save: 'Only save' } : { connect: again ? 'Save and reconnect' : 'Save and connect', save: 'Save' };
  const button = (does: boolean): ReactNode => (
    <Button
      {...(does === connects ? { type: 'submit' as const, variant: 'contained' as const, color: 'primary' as const } : { onClick: () => void submit(does) })}
      loading={does ? step.at === 'connecting' : step.at === 'saving'}
      disabled={busy}
    >
      {does ? failed ? 'Try again' : verbs.connect : verbs.save}
    </Button>
  );
  return (
    <Dialog open onClose={busy ? undefined : onClose} aria-labelledby={title} maxWidth="md" fullWidth>
      <Box
        component="form"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void submit(connects);
        }}
        sx={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}
      >
        <DialogTitle id={title}>{connection === null ? 'Add host' : `Edit ${connection.name}`}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 3fr) minmax(0, 2fr)' }, gap: '16px 28px', pt: 1 }}>
            <Box sx={{ display: 'grid', gap: 2, alignContent: 'start' }}>
              {form !== null && <AddressFields form={form} busy={busy} onChange={change} onLeave={() => setTouched(true)} />}
              <TextField
                label="Connection URI"
                value={uri}
                disabled={busy}
                error={touched && problem !== null}
                helperText={touched && problem !== null ? problem : form === null ? 'The host built into Guestdeck.' : `The same as the fields; edit either.${connection === null ? ' An alias of libvirt.conf is understood too.' : ''}`}
                onChange={(event) => typeUri(event.target.value)}
                multiline
                onKeyDown={(event) => {
                  // One line, though long ones are broken to be read.
                  if (event.key === 'Enter') event.preventDefault();
                }}
                slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: monospace, fontSize: 12 } } }}
              />
              {form !== null && <ParameterFields form={form} busy={busy} onChange={change} />}
            </Box>
            <Box sx={{ display: 'grid', gap: 2, alignContent: 'start' }}>
              <ListingFields
                listing={listing}
                usualName={connection?.name ?? form?.host ?? ''}
                isTcp={isTcp}
                connections={list}
                busy={busy}
                onChange={(part) => setListing({ ...listing, ...part })}
              />
            </Box>
          </Box>
          {otherAccess && again && !failed && <Box role="status" sx={{ color: 'text.secondary' }}>The connection in use stays as it is; this takes effect with the next connect.</Box>}
          {reports.length > 0 && <Stages reports={reports} />}
          {failed && (step.id === null ? <RefusalCard refusal={refusalOf(step.error)} /> : <ConnectionRefusal id={step.id} name={name || (form?.host ?? 'this host')} refusal={refusalOf(step.error)} />)}
        </DialogContent>
        <DialogActions>
          {failed && step.id !== null && connection === null && <Button variant="text" sx={{ mr: 'auto' }} onClick={() => void remove()}>Do not keep this host</Button>}
          <Button onClick={() => void giveUp()}>{failed && step.id !== null ? connection === null ? 'Keep and close' : 'Close' : 'Cancel'}</Button>
          {(connection === null ? !failed && step.at !== 'connecting' : !failed) && button(false)}
          {(connection === null || otherAccess || !again || failed) && button(true)}
        </DialogActions>
      </Box>
    </Dialog>
  );
};
