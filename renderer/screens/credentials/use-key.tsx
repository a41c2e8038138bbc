// Logging in to a host with a key from now on: which key, exactly what is written where, and whether it worked.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Gives } from '../../../app/contract/contract.ts';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { MakeKeyDialog } from './make-key.tsx';

type Installation = Gives<'credentials', 'installation'>;

const Preview = ({ installation: { line, file, script, uri }, name }: { readonly installation: Installation; readonly name: string }): ReactNode => (
  <>
    <Box>
      <Typography sx={{ mb: 0.5 }}>1. On {name}, this line is added to {file} of the user who logs in, unless the key is there already:</Typography>
      <CodeBlock>{line}</CodeBlock>
      <Box component="details" sx={{ mt: 0.5 }}>
        <Box component="summary" sx={{ cursor: 'pointer', color: 'text.secondary' }}>The script that runs there</Box>
        <CodeBlock>{script}</CodeBlock>
        <CopyButton label="Copy script" text={() => script} />
      </Box>
    </Box>
    <Typography>2. A login with this key alone shows whether {name} takes it.</Typography>
    <Box>
      <Typography sx={{ mb: 0.5 }}>3. If so, the connection’s URI becomes:</Typography>
      <CodeBlock>{uri}</CodeBlock>
    </Box>
  </>
);

type Outcome = { readonly kind: 'used' } | { readonly kind: 'failed'; readonly refusal: Refusal; readonly title: string };

export const UseKeyDialog = ({ connection: { id, name }, onClose }: { readonly connection: Connection; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const title = useId();
  const keys = useAsk('credentials', 'keys', {});
  const [chosen, setChosen] = useState('');
  const [making, setMaking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const keyFile = chosen === '' ? keys.data?.[0]?.file ?? '' : chosen;
  const installation = useAsk('credentials', 'installation', { id, keyFile }, keyFile !== '');
  const choose = (file: string): void => {
    setChosen(file);
    setOutcome(null);
  };
  const install = async ({ uri }: Installation): Promise<void> => {
    setBusy(true);
    setOutcome(null);
    try {
      const { line, login } = await client.ask('credentials', 'installKey', { id, keyFile });
      if (login === null) {
        await client.ask('connections', 'update', { id, uri });
        setOutcome({ kind: 'used' });
      } else {
        setOutcome({ kind: 'failed', refusal: login, title: line === 'added' ? 'The key was added, and the host does not let it in' : 'The key was there already, and the host does not let it in' });
      }
    } catch (error) {
      setOutcome({ kind: 'failed', refusal: refusalOf(error), title: 'The key was not added' });
    } finally {
      setBusy(false);
    }
  };
  const done = outcome?.kind === 'used';
  return (
    <Dialog open onClose={busy ? undefined : onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>Use a key for {name} from now on</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        {keys.data?.length === 0 && <Typography>There is no key pair in ~/.ssh yet.</Typography>}
        {keys.data !== undefined && keys.data.length > 0 && (
          <TextField select label="Key" value={keyFile} disabled={busy || done} onChange={(event) => choose(event.target.value)} sx={{ mt: 1 }}>
            {keys.data.map(({ file, type, comment }) => <MenuItem key={file} value={file}>{file} ({type}{comment !== '' && `, ${comment}`})</MenuItem>)}
          </TextField>
        )}
        {!done && <Box><Button disabled={busy} onClick={() => setMaking(true)}>Make a key…</Button></Box>}
        {!done && installation.data !== undefined && <Preview installation={installation.data} name={name} />}
        {[keys.error, installation.error].map((error, index) => error !== null && <RefusalCard key={index} refusal={refusalOf(error)} />)}
        {done && <Typography role="status">{name} lets this key in. The next connect logs in with it.</Typography>}
        {outcome?.kind === 'failed' && <RefusalCard refusal={outcome.refusal} title={outcome.title} />}
      </DialogContent>
      <DialogActions>
        <Button disabled={busy} onClick={onClose}>{done ? 'Close' : 'Cancel'}</Button>
        {!done && <Button variant="contained" color="primary" loading={busy} disabled={installation.data === undefined} onClick={() => installation.data !== undefined && void install(installation.data)}>Add key and use it</Button>}
      </DialogActions>
      {making && (
        <MakeKeyDialog
          onClose={() => setMaking(false)}
          onMade={({ file }) => {
            setMaking(false);
            choose(file);
          }}
        />
      )}
    </Dialog>
  );
};
