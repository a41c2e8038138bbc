// What can be done to all selected guests at once, and what became of it.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import { allowsAction, type GuestAction, guestActions, isActive } from '../../../app/domain/guest.ts';
import { refusalOf, useApi } from '../../api/api.tsx';
import type { FleetGuest } from '../../api/fleet.ts';
import { PlaceDialog } from '../../panels/place-dialog.tsx';
import { useColors } from '../../ui/colors.ts';
import { RestartDialog } from '../bulk/restart-dialog.tsx';
import { TuneDialog } from '../bulk/tune-dialog.tsx';
import { keyOf } from './rows.ts';
import { TagsDialog } from './tags-dialog.tsx';

const bulkActions = ['start', 'shutdown', 'suspend', 'resume'] as const satisfies readonly GuestAction[];

/** Whether a guest may be told so: its host answers, and changing is allowed there. */
const able = (guest: FleetGuest, action: GuestAction): boolean => guest.seen === null && guest.fixed === null && allowsAction(guest, action);

interface Outcome {
  readonly label: string;
  readonly done: number;
  readonly of: number;
  readonly refusals: readonly { readonly key: string; readonly name: string; readonly message: string }[];
}

export const BulkBar = ({ selected, onClear }: { readonly selected: readonly FleetGuest[]; readonly onClear: () => void }): ReactNode => {
  const { client } = useApi();
  const { shadow } = useColors();
  const [running, setRunning] = useState<GuestAction | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [placing, setPlacing] = useState(false);
  const [dialog, setDialog] = useState<'tune' | 'restart' | 'tags' | null>(null);
  const changeable = selected.filter(({ seen, fixed }) => seen === null && fixed === null);
  const reasons = [...new Set(selected.flatMap(({ fixed }) => fixed ?? []))];
  const act = async (action: GuestAction): Promise<void> => {
    const guests = selected.filter((guest) => able(guest, action));
    setRunning(action);
    setOutcome(null);
    const refusals = (await Promise.all(guests.map(async (guest) => {
      try {
        await client.ask('guests', 'act', { host: guest.host, uuid: guest.uuid, action });
        return [];
      } catch (error) {
        return [{ key: keyOf(guest), name: guest.name, message: refusalOf(error).message }];
      }
    }))).flat();
    setRunning(null);
    setOutcome({ label: guestActions[action].label, done: guests.length - refusals.length, of: guests.length, refusals });
  };
  return (
    <Box role="region" aria-label="Selected guests" sx={{ borderTop: 1, borderColor: 'divider', bgcolor: 'background.paper', boxShadow: `0 -4px 16px ${shadow}`, zIndex: 1 }}>
      {placing && <PlaceDialog guests={changeable} onClose={() => setPlacing(false)} />}
      {dialog === 'tune' && <TuneDialog guests={changeable} onClose={() => setDialog(null)} />}
      {dialog === 'restart' && <RestartDialog guests={changeable} onClose={() => setDialog(null)} />}
      {dialog === 'tags' && <TagsDialog guests={selected} onClose={() => setDialog(null)} />}
      {outcome !== null && (
        <Alert severity={outcome.refusals.length === 0 ? 'success' : 'warning'} square onClose={() => setOutcome(null)}>
          {outcome.label}: taken by {outcome.done} of {outcome.of}.
          {outcome.refusals.slice(0, 5).map(({ key, name, message }) => <Box key={key}>{name}: {message}</Box>)}
          {outcome.refusals.length > 5 && <Box>and {outcome.refusals.length - 5} more.</Box>}
        </Alert>
      )}
      <Box sx={{ display: 'flex', alignItems: 'center', gap: '10px', p: '10px 20px', flexWrap: 'wrap' }}>
        <Box component="strong" aria-live="polite">{selected.length} selected</Box>
        {bulkActions.map((action) => {
          const many = selected.filter((guest) => able(guest, action)).length;
          return (
            <Button key={action} disabled={many === 0 || running !== null} loading={running === action} title={guestActions[action].effect} onClick={() => void act(action)}>
              {guestActions[action].label}{many > 0 && many < selected.length ? ` ${many}` : ''}
            </Button>
          );
        })}
        <Button disabled={changeable.length === 0} title="Sets values on all selected guests, by a plan for each" onClick={() => setDialog('tune')}>Tune…</Button>
        <Button disabled={!changeable.some(({ state }) => isActive(state))} title="Shuts the running ones down and starts them again, so that what is saved comes true" onClick={() => setDialog('restart')}>Restart to apply…</Button>
        <Button
          disabled={changeable.length !== selected.length || new Set(selected.map(({ host }) => host)).size !== 1}
          title="Pins the selected guests of one host to its CPUs by policy"
          onClick={() => setPlacing(true)}
        >Place on CPUs…</Button>
        <Button title="Gives them tags, and takes tags away" onClick={() => setDialog('tags')}>Tags…</Button>
        {reasons.map((reason) => <Box key={reason} sx={{ color: 'text.secondary' }}>{reason}</Box>)}
        <Button variant="text" sx={{ ml: 'auto', color: 'text.secondary' }} onClick={onClear}>Clear</Button>
      </Box>
    </Box>
  );
};
