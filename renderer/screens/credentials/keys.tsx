// The SSH keys in ~/.ssh, and making one.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import type { SshKey } from '../../../app/contract/credentials.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Tag } from '../../ui/tag.tsx';
import { monospace } from '../../ui/theme.ts';
import { MakeKeyDialog } from './make-key.tsx';

const Key = ({ sshKey: { file, type, fingerprint, comment, encrypted } }: { readonly sshKey: SshKey }): ReactNode => (
  <Box component="li" sx={{ borderTop: 1, borderColor: 'divider', py: 1 }}>
    <Box sx={{ display: 'flex', alignItems: 'center', gap: '6px 12px', flexWrap: 'wrap' }}>
      <Box sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{file}</Box>
      <Tag>{type}</Tag>
      {!encrypted && <Tag tone="warn">no passphrase</Tag>}
      <Box sx={{ color: 'text.secondary' }}>{comment}</Box>
    </Box>
    <Box component="code" sx={{ fontFamily: monospace, fontSize: 12, color: 'text.secondary', overflowWrap: 'anywhere' }}>{fingerprint}</Box>
  </Box>
);

export const KeysCard = (): ReactNode => {
  const keys = useAsk('credentials', 'keys', {});
  const [making, setMaking] = useState(false);
  return (
    <Card title="SSH keys" beside={<><Box sx={{ flex: 1 }} /><Button onClick={() => setMaking(true)}>Make a key…</Button></>}>
      {keys.data?.length === 0 && <Typography sx={{ color: 'text.secondary' }}>There is no key pair in ~/.ssh.</Typography>}
      <Box component="ul" aria-label="SSH keys" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {keys.data?.map((key) => <Key key={key.file} sshKey={key} />)}
      </Box>
      {keys.error !== null && <RefusalCard refusal={refusalOf(keys.error)} />}
      {making && <MakeKeyDialog onClose={() => setMaking(false)} onMade={() => setMaking(false)} />}
    </Card>
  );
};
