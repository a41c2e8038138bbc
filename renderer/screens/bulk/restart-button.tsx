// What waits on one guest for a restart, and the restart as one action; while it is under way, how far it is.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import { useAsk } from '../../api/api.tsx';
import type { GuestKey } from '../../panels/tuning.ts';
import { Chip } from '../../ui/tag.tsx';
import { RestartDialog } from './restart-dialog.tsx';

/** @param disabled why it cannot be restarted now; null = it can be asked to. */
export const RestartButton = ({ guest, pending, disabled }: { readonly guest: GuestKey; readonly pending: number; readonly disabled: string | null }): ReactNode => {
  const [asking, setAsking] = useState(false);
  const runs = useAsk('bulk', 'runs', {}).data ?? [];
  const under = runs.filter(({ kind, ended }) => kind === 'restart' && ended === null).flatMap(({ guests }) => guests).find(({ host, uuid, state }) => host === guest.host && uuid === guest.uuid && (state === 'working' || state === 'waiting'));
  return (
    <>
      {under !== undefined && <Box role="status"><Chip tone="accent">{under.words === '' ? 'Waiting to restart' : `${under.words}…`}</Chip></Box>}
      {under === undefined && pending > 0 && (
        <>
          <Chip tone="warn" title="Settings that are one thing now and another after a restart">{pending} pending restart</Chip>
          <Button disabled={disabled !== null} title={disabled ?? 'Shuts the guest down and starts it again, so that what is saved comes true'} onClick={() => setAsking(true)}>Restart to apply…</Button>
        </>
      )}
      {/* In one place whatever stands before it: it shows the run to its end. */}
      {asking && <RestartDialog guests={[guest]} onClose={() => setAsking(false)} />}
    </>
  );
};
