// Before a saved host is removed: what goes with it, by name.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { dropEdits, usePendingGuests } from '../../panels/edits.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { go, usePlace } from '../place.ts';

const list = new Intl.ListFormat('en');

export const RemoveHost = ({ connection: { id, name }, onClose }: { readonly connection: Connection; readonly onClose: () => void }): ReactNode => {
  const remove = useTell('connections', 'remove');
  const place = usePlace();
  const pending = usePendingGuests(id);
  // What is known already is enough: a host that does not answer has names too.
  const guests = useAsk('guests', 'list', { host: id }, false).data ?? [];
  const names = pending.map((uuid) => guests.find((guest) => guest.uuid === uuid)?.name ?? uuid);
  return (
    <ConfirmByName
      title={`Remove ${name} from Guestdeck?`}
      effect={(
        <>
          {names.length > 0 && <Box sx={{ mb: 1, fontWeight: 600, color: 'error.main' }}>What was edited and not applied is lost: the plan{names.length === 1 ? '' : 's'} of {list.format(names)}.</Box>}
          Its connection is closed and forgotten. The host, its guests and their history stay as they are.
          {remove.error !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusalOf(remove.error)} /></Box>}
        </>
      )}
      name={name}
      verb="Remove"
      onCancel={onClose}
      onConfirm={() => remove.mutate({ id }, {
        onSuccess: () => {
          dropEdits(id);
          onClose();
          if ((place.at === 'host' || place.at === 'guest') && place.host === id) go({ at: 'fleet' });
        },
      })}
    />
  );
};
