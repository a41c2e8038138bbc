// A refusal where it was caused: what was seen, at which stage, and what to do about it.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { Refusal, Stage } from '../../app/contract/refusal.ts';
import { mdiAlertCircleOutline } from '@mdi/js';
import { useColors } from './colors.ts';
import { Icon } from './icon.tsx';

/** Stages of reaching a host, as people call them. */
export const stageNames: Readonly<Record<Stage, string>> = {
  uri: 'Connection URI', name: 'Host name', port: 'Port', hostKey: 'Host key', login: 'Login', socket: 'libvirt socket', tls: 'TLS',
  certificate: 'Certificate', libvirt: 'libvirt', sasl: 'libvirt login', driver: 'Driver', versions: 'Versions', permissions: 'Permissions',
};

/** @param below what can be done about it, by buttons. */
export const RefusalCard = ({ refusal, title, action, below }: { readonly refusal: Refusal; readonly title?: string; readonly action?: ReactNode; readonly below?: ReactNode }): ReactNode => {
  const { bad, ink } = useColors();
  return (
    <Alert severity="error" variant="outlined" icon={<Icon path={mdiAlertCircleOutline} size={20} />} action={action} sx={{ bgcolor: bad.soft, borderColor: bad.mark, color: ink, '& .MuiAlert-icon': { color: bad.text }, '& .MuiAlert-message': { minWidth: 0 } }}>
      <Box sx={{ fontWeight: 600, color: bad.text }}>{title ?? (refusal.stage === undefined ? 'Refused' : `Failed at: ${stageNames[refusal.stage]}`)}</Box>
      <Box sx={{ overflowWrap: 'anywhere' }}>{refusal.message}</Box>
      {refusal.remedy !== undefined && <Box sx={{ mt: 0.5 }}>{refusal.remedy}</Box>}
      {below !== undefined && <Box sx={{ mt: 1, display: 'flex', flexWrap: 'wrap', gap: 1 }}>{below}</Box>}
    </Alert>
  );
};
