// Restarting guests so that what is saved comes true: what that does, then how it goes.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import type { ReactNode } from 'react';
import { refusalOf, useTell } from '../../api/api.tsx';
import { useBadges } from '../../api/badges.ts';
import { plural } from '../../panels/plan-summary.ts';
import type { GuestKey } from '../../panels/tuning.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Going } from './plans.tsx';
import { BulkDialog } from './tune-dialog.tsx';

const PendingOf = ({ guest }: { readonly guest: GuestKey }): ReactNode => {
  const { data } = useBadges(guest.host, guest.uuid, true);
  return (
    <Box component="li" sx={{ py: '4px' }}>
      <Box component="strong">{guest.name}</Box>
      {data !== undefined && data !== null && <Box component="span" sx={{ ml: '10px', color: 'text.secondary' }}>{data.pending === 0 ? 'nothing waits' : `${plural(data.pending, 'setting')} waiting`}</Box>}
    </Box>
  );
};

export const RestartDialog = ({ guests, onClose }: { readonly guests: readonly GuestKey[]; readonly onClose: () => void }): ReactNode => {
  const restart = useTell('bulk', 'restart');
  const [first] = guests;
  const title = `Restart ${guests.length === 1 ? (first?.name ?? '') : plural(guests.length, 'guest')} to apply`;
  const start = (): void => restart.mutate({ title, guests: guests.map(({ host, uuid }) => ({ host, uuid })), stopAtFailure: false });
  return (
    <BulkDialog title={title} onClose={onClose}>
      {restart.data !== undefined
        ? <Going begun={restart.data} onClose={onClose} />
        : (
          <>
            <DialogContent>
              <Alert severity="warning" sx={{ mb: '10px' }}>Each guest is asked to shut down, and started again once it is off: what runs inside is interrupted. At most four of a host are restarted at a time. One that does not go off within ten minutes is left running.</Alert>
              {restart.error !== null && <RefusalCard refusal={refusalOf(restart.error)} title="Not begun" />}
              <Box component="ul" aria-label="Guests" sx={{ listStyle: 'none', m: 0, p: 0 }}>{guests.map((guest) => <PendingOf key={`${guest.host}/${guest.uuid}`} guest={guest} />)}</Box>
            </DialogContent>
            <DialogActions>
              <Button autoFocus onClick={onClose}>Cancel</Button>
              <Button variant="contained" color="primary" loading={restart.isPending} onClick={start}>Restart {plural(guests.length, 'guest')}</Button>
            </DialogActions>
          </>
        )}
    </BulkDialog>
  );
};
