// What is special about the way to a host: warnings in red, and that nothing can be changed.
import { mdiPencilOffOutline, mdiShieldAlertOutline } from '@mdi/js';
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { Connection, ConnectionWarning } from '../../../app/contract/connections.ts';
import { Icon } from '../../ui/icon.tsx';

export const warningWords: Readonly<Record<ConnectionWarning, { readonly label: string; readonly means: string }>> = {
  'no-verify': { label: 'host not verified', means: 'The host’s identity is not checked: another machine can pose as it, and read and change everything that is sent.' },
  plain: { label: 'plain connection', means: 'Without login over TCP: anybody on the way can read and change what is sent, and whoever reaches the daemon rules the host.' },
};

export const HostMarks = ({ connection: { warnings, readOnly } }: { readonly connection: Pick<Connection, 'warnings' | 'readOnly'> }): ReactNode => (
  <>
    {warnings.map((warning) => (
      <Box key={warning} component="span" title={warningWords[warning].means} sx={{ color: 'error.main', display: 'inline-flex', flex: 'none' }}>
        <Icon path={mdiShieldAlertOutline} size={15} title={warningWords[warning].label} />
      </Box>
    ))}
    {readOnly && (
      <Box component="span" title="Read-only: nothing can be changed over this connection" sx={{ color: 'text.secondary', display: 'inline-flex', flex: 'none' }}>
        <Icon path={mdiPencilOffOutline} size={14} title="read-only" />
      </Box>
    )}
  </>
);
