// Settings of notices: how loud each kind is, and whether this browser may show them.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { levelOf, type NoticeLevel, noticeKindNames, noticeKinds, noticeLevels } from '../../../app/domain/notice.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';

const levelNames: Readonly<Record<NoticeLevel, string>> = { off: 'Not told', list: 'In the list', system: 'In the list and by the system' };

/** What the system may be told by a browser, and how to ask for it. */
const BrowserPermission = (): ReactNode => {
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  if (permission === 'granted') return null;
  if (permission === 'denied') return <Box sx={{ color: 'text.secondary' }}>This browser does not let Guestdeck show notices; the list has them all the same.</Box>;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 12px' }}>
      <Box sx={{ color: 'text.secondary' }}>The browser asks before the system shows notices.</Box>
      <Button onClick={() => void Notification.requestPermission().then(setPermission)}>Allow notices</Button>
    </Box>
  );
};

export const NoticesCard = (): ReactNode => {
  const { data } = useAsk('program', 'preferences', {});
  const about = useAsk('program', 'about', {});
  const set = useTell('program', 'setPreferences');
  const said = data?.notices;
  return (
    <Card title="Notices">
      <Box sx={{ display: 'grid', gap: '10px' }}>
        <Box sx={{ color: 'text.secondary' }}>The system shows them only while nobody looks at the window. What was asked for here is not told of.</Box>
        <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))', gap: '14px 12px', pt: '6px' }}>
          {noticeKindNames.map((kind) => (
            <TextField key={kind} select label={noticeKinds[kind].label} value={levelOf(kind, said)} onChange={(event) => {
              const level = noticeLevels.find((one) => one === event.target.value);
              if (level !== undefined) set.mutate({ preferences: { notices: { ...said, [kind]: level } } });
            }} slotProps={{ select: { SelectDisplayProps: { 'aria-label': noticeKinds[kind].label } } }}>
              {noticeLevels.map((level) => <MenuItem key={level} value={level}>{levelNames[level]}</MenuItem>)}
            </TextField>
          ))}
        </Box>
        {about.data?.shell === 'web' && <BrowserPermission />}
        {set.error !== null && <RefusalCard refusal={refusalOf(set.error)} />}
      </Box>
    </Card>
  );
};
