// What can be done to a guest now: the likely action as a button, the rest in a menu; what destroys asks for the name.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonGroup from '@mui/material/ButtonGroup';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { mdiMenuDown } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { GuestSummary } from '../../../app/contract/guests.ts';
import { allowsAction, type GuestAction, guestActions } from '../../../app/domain/guest.ts';
import { refusalOf, useTell } from '../../api/api.tsx';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';

const actionNames = Object.keys(guestActions) as readonly GuestAction[];

export interface Acting {
  readonly buttons: ReactNode;
  /** What was refused, to be shown under the header. */
  readonly refusal: ReactNode;
}

/** @param fixed why nothing can be done to the guest; null = something can. */
export const useGuestActions = (guest: GuestSummary, answering: boolean, fixed: string | null): Acting => {
  const act = useTell('guests', 'act');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [confirming, setConfirming] = useState<GuestAction | null>(null);
  const allowed = actionNames.filter((action) => allowsAction(guest, action));
  const [first] = allowed.toSorted((one, other) => Number(guestActions[one].destructive) - Number(guestActions[other].destructive));
  const rest = allowed.filter((action) => action !== first);
  const start = (action: GuestAction): void => {
    setAnchor(null);
    if (guestActions[action].destructive) setConfirming(action);
    else act.mutate({ host: guest.host, uuid: guest.uuid, action });
  };
  const pending = act.isPending ? act.variables.action : null;
  return {
    buttons: first === undefined ? null : (
      <>
        <ButtonGroup color="inherit" disabled={!answering || fixed !== null || act.isPending} {...(fixed !== null && { title: fixed })}>
          <Button loading={pending === first} title={guestActions[first].effect} {...(first === 'start' && { variant: 'contained' as const, color: 'primary' as const })} onClick={() => start(first)}>{guestActions[first].label}</Button>
          {rest.length > 0 && (
            <Button aria-label="More actions" aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} sx={{ px: '4px', minWidth: '28px !important' }} {...(first === 'start' && { variant: 'contained' as const, color: 'primary' as const })}>
              <Icon path={mdiMenuDown} />
            </Button>
          )}
        </ButtonGroup>
        <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ list: { 'aria-label': `Actions for ${guest.name}` } }}>
          {rest.map((action) => (
            <MenuItem key={action} onClick={() => start(action)} sx={{ display: 'block', maxWidth: 320, whiteSpace: 'normal' }}>
              <Box sx={{ fontWeight: 600, ...(guestActions[action].destructive && { color: 'error.main' }) }}>{guestActions[action].label}{guestActions[action].destructive && '…'}</Box>
              <Box sx={{ fontSize: 12, color: 'text.secondary' }}>{guestActions[action].effect}</Box>
            </MenuItem>
          ))}
        </Menu>
        {confirming !== null && (
          <ConfirmByName
            title={`${guestActions[confirming].label}: ${guest.name}?`}
            effect={guestActions[confirming].effect}
            name={guest.name}
            verb={guestActions[confirming].label}
            onCancel={() => setConfirming(null)}
            onConfirm={() => {
              setConfirming(null);
              act.mutate({ host: guest.host, uuid: guest.uuid, action: confirming, confirm: guest.name });
            }}
          />
        )}
      </>
    ),
    refusal: act.error === null ? null : (
      <RefusalCard refusal={refusalOf(act.error)} title={`${guestActions[act.variables.action].label} was refused`} action={<Button variant="text" onClick={() => act.reset()}>Dismiss</Button>} />
    ),
  };
};
