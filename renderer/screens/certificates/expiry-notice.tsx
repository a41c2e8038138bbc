// Certificates that end soon, where they are not looked for: beside the place in the sidebar, and above all guests.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { mdiAlertOutline } from '@mdi/js';
import type { ReactNode } from 'react';
import type { KnownCertificate } from '../../../app/contract/health.ts';
import { expiryWarningDays } from '../../../app/pki/expiry.ts';
import { useAsk } from '../../api/api.tsx';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { addressOf } from '../place.ts';
import { Count } from '../place-row.tsx';
import { warningWords } from './lifetimes.ts';

const none: readonly KnownCertificate[] = [];
const useWarnings = (): readonly KnownCertificate[] => useAsk('health', 'warnings', {}).data ?? none;

export const ExpiryBadge = (): ReactNode => {
  const warnings = useWarnings();
  const { bad, warn } = useColors();
  if (warnings.length === 0) return null;
  const [, second] = expiryWarningDays;
  const urgent = warnings.some(({ warning }) => warning !== null && warning <= second);
  const ended = warnings.filter(({ expiry: { state } }) => state === 'expired').length;
  const words = ended > 0 ? `${ended} expired` : `${warnings.length} ${warnings.length === 1 ? 'expires' : 'expire'}`;
  return <Count><Box component="span" title={warnings.map(warningWords).join('\n')} sx={{ fontWeight: 700, color: urgent ? bad.text : warn.text }}>{words}</Box></Count>;
};

/** What ends within the first of the warnings, in a line, ever louder; more of it in a number. @param linked whether it leads to the certificates, as from elsewhere. */
export const ExpiryNotice = ({ linked }: { readonly linked: boolean }): ReactNode => {
  const [, second, third] = expiryWarningDays;
  const warnings = useWarnings();
  const { accent, bad, warn, ink } = useColors();
  const [first, ...rest] = warnings;
  if (first === undefined) return null;
  const within = (limit: number): boolean => warnings.some(({ warning }) => warning !== null && warning <= limit);
  const tone = within(third) ? bad : within(second) ? warn : accent;
  return (
    <Alert severity="warning" variant="outlined" icon={<Icon path={mdiAlertOutline} size={20} />} sx={{ py: 0, bgcolor: tone.soft, borderColor: tone.mark, color: ink, '& .MuiAlert-icon': { color: tone.text } }}>
      {warningWords(first)}{rest.length > 0 && ` ${rest.length === 1 ? '1 other is' : `${rest.length} others are`} within ${expiryWarningDays[0]} days of the end, or past it.`}{linked && <> <Link color="inherit" href={addressOf({ at: 'certificates' })}>Look at certificates</Link></>}
    </Alert>
  );
};
