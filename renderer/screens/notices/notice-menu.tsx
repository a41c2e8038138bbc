// What happened unasked, behind a bell in the top bar with the number of those that were not seen.
import Badge from '@mui/material/Badge';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Popover from '@mui/material/Popover';
import Tooltip from '@mui/material/Tooltip';
import { mdiBellOutline } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { Notice } from '../../../app/contract/notices.ts';
import { useTell } from '../../api/api.tsx';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { Dot, type ToneName } from '../../ui/tag.tsx';
import { dateTime } from '../../ui/time.ts';
import { addressOf } from '../place.ts';
import { placeOf, useNoticeNews, useNotices } from './notices.ts';

const tones: Readonly<Record<Notice['kind'], ToneName>> = { guestCrashed: 'bad', guestStopped: 'warn', hostLost: 'bad', hostBack: 'good', taskEnded: 'accent', certificate: 'warn' };

const Line = ({ notice, onGo }: { readonly notice: Notice; readonly onGo: () => void }): ReactNode => {
  const { faint } = useColors();
  const { kind, title, text, at, read } = notice;
  return (
    <Box component="li" sx={{ py: '8px', borderBottom: `1px solid ${faint}`, display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr) auto', gap: '2px 8px', alignItems: 'baseline' }}>
      <Dot tone={read ? 'quiet' : tones[kind]} label={read ? 'seen' : 'new'} />
      <Link href={addressOf(placeOf(notice))} onClick={onGo} color="inherit" sx={{ fontWeight: read ? 400 : 600, overflowWrap: 'anywhere' }}>{title}</Link>
      <Box component="time" dateTime={new Date(at).toISOString()} sx={{ color: 'text.secondary', fontSize: 12, whiteSpace: 'nowrap' }}>{dateTime(at)}</Box>
      {text !== '' && <Box sx={{ gridColumn: '2 / -1', color: 'text.secondary', fontSize: 12, overflowWrap: 'anywhere' }}>{text}</Box>}
    </Box>
  );
};

export const NoticeMenu = (): ReactNode => {
  useNoticeNews();
  const notices = useNotices();
  const read = useTell('notices', 'read');
  const clear = useTell('notices', 'clear');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const unseen = notices.flatMap((notice) => (notice.read ? [] : [notice.id]));
  const fresh = unseen.length;
  const label = fresh === 0 ? 'Notices: nothing new' : `Notices: ${fresh} new`;
  // They count as seen once the list was closed: while it is open, those that are new are marked.
  const close = (): void => {
    setAnchor(null);
    if (fresh > 0) read.mutate({ ids: unseen });
  };
  return (
    <>
      <Tooltip title={label}>
        <IconButton aria-label={label} aria-haspopup="dialog" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
          <Badge badgeContent={fresh} color="error" slotProps={{ badge: { 'aria-hidden': true } }}><Icon path={mdiBellOutline} /></Badge>
        </IconButton>
      </Tooltip>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={close} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'Notices', sx: { width: 'min(440px, 94vw)', maxHeight: '70vh', p: '10px 16px', border: 1, borderColor: 'divider' } } }}>
        {notices.length === 0
          ? <Box sx={{ color: 'text.secondary', py: '6px' }}>Nothing happened that was not asked for.</Box>
          : <Box component="ul" aria-label="Notices" sx={{ listStyle: 'none', m: 0, p: 0 }}>{notices.map((notice) => <Line key={notice.id} notice={notice} onGo={close} />)}</Box>}
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, mt: '8px' }}>
          <Link href={addressOf({ at: 'settings' })} onClick={close} sx={{ mr: 'auto' }}>What is told of</Link>
          {notices.length > 0 && <Button onClick={() => clear.mutate({})}>Clear</Button>}
        </Box>
      </Popover>
    </>
  );
};
