// Before a request is removed: the key that goes with it, by name.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { RequestSummary } from '../../../app/contract/certificates.ts';
import { useApi } from '../../api/api.tsx';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { useAct } from './act.ts';

export const DropRequestDialog = ({ request: { id, label }, onClose }: { readonly request: RequestSummary; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const { refusal, run } = useAct();
  return (
    <ConfirmByName
      title={`Remove the request of ${label}?`}
      effect={(
        <>
          Its key is deleted with it: a certificate that is made of the request later is of no use.
          {refusal !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusal} title="Not removed" /></Box>}
        </>
      )}
      name={label}
      verb="Remove"
      onCancel={onClose}
      onConfirm={() => run(async () => {
        await client.ask('certificates', 'remove', { id, confirm: label });
        onClose();
      })}
    />
  );
};
