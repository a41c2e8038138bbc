// Doing what was chosen in the palette: what destroys asks first, and what came of it is said in a corner of the window.
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Snackbar from '@mui/material/Snackbar';
import { type ReactNode, useState } from 'react';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { type GuestAction, guestActions } from '../../../app/domain/guest.ts';
import { refusalOf, useTell } from '../../api/api.tsx';
import type { FleetGuest } from '../../api/fleet.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { go } from '../place.ts';
import type { Deed } from './verbs.ts';

/** How long it is said that something was done, in milliseconds; a refusal stays until it is closed. */
const saidFor = 6000;

interface Said {
  readonly title: string;
  readonly refusal: Refusal | null;
}

export interface Deeds {
  /** @param title what was chosen: `Shut down web-01`. */
  readonly do: (title: string, deed: Deed) => void;
  readonly shown: ReactNode;
}

export const useDeeds = (): Deeds => {
  const act = useTell('guests', 'act');
  const connect = useTell('connections', 'connect');
  const disconnect = useTell('connections', 'disconnect');
  const [confirming, setConfirming] = useState<{ readonly title: string; readonly guest: FleetGuest; readonly action: GuestAction } | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  /** What is said once it is answered. */
  const saying = (title: string) => ({
    onSuccess: () => setSaid({ title, refusal: null }),
    onError: (error: unknown) => setSaid({ title, refusal: refusalOf(error) }),
  });
  const doIt = (title: string, deed: Deed): void => {
    switch (deed.does) {
      case 'go': return go(deed.place);
      case 'call': return deed.call();
      case 'connect': return connect.mutate({ id: deed.host }, saying(title));
      case 'disconnect': return disconnect.mutate({ id: deed.host }, saying(title));
      case 'act': {
        const { guest, action } = deed;
        return guestActions[action].destructive ? setConfirming({ title, guest, action }) : act.mutate({ host: guest.host, uuid: guest.uuid, action }, saying(title));
      }
    }
  };
  const close = (): void => setSaid(null);
  return {
    do: doIt,
    shown: (
      <>
        {confirming !== null && (
          <ConfirmByName
            title={`${guestActions[confirming.action].label}: ${confirming.guest.name}?`}
            effect={`${guestActions[confirming.action].effect} It is on ${confirming.guest.hostName}.`}
            name={confirming.guest.name}
            verb={guestActions[confirming.action].label}
            onCancel={() => setConfirming(null)}
            onConfirm={() => {
              const { title, guest, action } = confirming;
              setConfirming(null);
              act.mutate({ host: guest.host, uuid: guest.uuid, action, confirm: guest.name }, saying(title));
            }}
          />
        )}
        <Snackbar open={said !== null} autoHideDuration={said?.refusal === null ? saidFor : null} onClose={(_, reason) => (reason === 'timeout' ? close() : undefined)} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}>
          {said?.refusal === null || said === null
            ? <Alert severity="success" role="status" onClose={close}>{said?.title}: done.</Alert>
            : <div><RefusalCard refusal={said.refusal} title={`${said.title} was refused`} action={<Button variant="text" onClick={close}>Dismiss</Button>} /></div>}
        </Snackbar>
      </>
    ),
  };
};
