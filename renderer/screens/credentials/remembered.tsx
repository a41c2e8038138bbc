// What is remembered to log in with: for whom, since when, where it is kept, and a way to forget it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { Purpose, Remembered } from '../../../app/contract/credentials.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Tag } from '../../ui/tag.tsx';
import { dateTime } from '../../ui/time.ts';

const place = ({ host, port }: { readonly host: string; readonly port?: number | undefined }): string => (port === undefined || port === 22 ? host : `${host}, port ${port}`);

const kinds: { readonly [K in Purpose['kind']]: (purpose: Extract<Purpose, { kind: K }>, user: string | null) => { readonly what: string; readonly whose: string } } = {
  password: (purpose) => ({ what: 'SSH password', whose: `${purpose.user} on ${place(purpose)}` }),
  prompt: (purpose) => ({ what: `Answer to “${purpose.prompt.trim()}”`, whose: `${purpose.user} on ${place(purpose)}` }),
  passphrase: ({ keyFile }) => ({ what: 'Passphrase', whose: keyFile }),
  credentials: ({ host, family }, user) => ({ what: `libvirt password (${family})`, whose: `${user ?? ''} on ${host}` }),
};

/** What a remembered answer is, and for whom. */
export const wordsOf = <K extends Purpose['kind']>({ purpose, user }: { readonly purpose: Extract<Purpose, { kind: K }>; readonly user: string | null }): { readonly what: string; readonly whose: string } =>
  kinds[purpose.kind](purpose, user);

const Entry = ({ remembered, onForget, busy }: { readonly remembered: Remembered; readonly onForget: () => void; readonly busy: boolean }): ReactNode => {
  const { what, whose } = wordsOf(remembered);
  return (
    <Box component="li" sx={{ borderTop: 1, borderColor: 'divider', py: 1, display: 'flex', alignItems: 'center', gap: '6px 12px', flexWrap: 'wrap' }}>
      <Box sx={{ fontWeight: 600, minWidth: 200 }}>{what}</Box>
      <Box sx={{ flex: '1 1 200px', overflowWrap: 'anywhere' }}>{whose}</Box>
      {remembered.lasts === 'session' && <Tag>until Guestdeck is closed</Tag>}
      <Box sx={{ color: 'text.secondary' }}>since {dateTime(remembered.since)}</Box>
      <Button disabled={busy} aria-label={`Forget ${what} of ${whose}`} onClick={onForget}>Forget</Button>
    </Box>
  );
};

export const RememberedCard = (): ReactNode => {
  const list = useAsk('credentials', 'list', {});
  const { data: storage } = useAsk('credentials', 'storage', {});
  const forget = useTell('credentials', 'forget');
  const error = list.error ?? forget.error;
  return (
    <Card title="Remembered passwords">
      <Typography sx={{ color: 'text.secondary', mb: 1 }}>
        {storage?.available === true && `Encrypted by ${storage.name}. None of them is shown, logged or exported.`}
        {storage?.available === false && `Nothing is kept from one run to the next: ${storage.why} What is remembered is forgotten when Guestdeck is closed.`}
      </Typography>
      {list.data?.length === 0 && <Typography>Nothing is remembered. The dialog that asks for a password offers it.</Typography>}
      <Box component="ul" aria-label="Remembered passwords" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {list.data?.map((remembered) => <Entry key={remembered.id} remembered={remembered} busy={forget.isPending} onForget={() => forget.mutate({ id: remembered.id })} />)}
      </Box>
      {error !== null && <RefusalCard refusal={refusalOf(error)} />}
    </Card>
  );
};
