// The wizard's last step: a real connection over TLS, looked at line by line, and then used if that is wished.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import { useApi, useAsk } from '../../api/api.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { go } from '../place.ts';
import { useAct } from './act.ts';
import { type Lead, useHealth } from './health-lines.tsx';

/** @param uri the connection over TLS that was set up. */
export const VerifyStep = ({ connection, uri, lead }: { readonly connection: Connection; readonly uri: string; readonly lead: Lead }): ReactNode => {
  const { client } = useApi();
  const health = useHealth();
  const { busy, refusal, run } = useAct();
  const saved = useAsk('connections', 'list', {}).data?.find((one) => one.uri === uri);
  const looked = { uri, over: connection.id };
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    health.look(looked);
  });
  const add = async (): Promise<void> => {
    const { id } = await client.ask('connections', 'add', { uri, name: `${connection.name} over TLS`, group: connection.group, color: connection.color });
    await client.ask('connections', 'connect', { id });
    go({ at: 'host', host: id });
  };
  return (
    <>
      <Box>
        <CodeBlock label="Connection URI">{uri}</CodeBlock>
        <CopyButton label="Copy URI" text={() => uri} />
      </Box>
      {health.view(looked, lead)}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        <Button disabled={health.busy} onClick={() => health.look(looked)}>Look again</Button>
        {health.report !== null && health.report.state !== 'fail' && (saved === undefined
          ? <Button variant="contained" color="primary" loading={busy} onClick={() => run(add)}>Add this connection</Button>
          : <Button variant="contained" color="primary" onClick={() => go({ at: 'host', host: saved.id })}>Go to {saved.name}</Button>)}
      </Box>
      {saved === undefined && <Typography sx={{ color: 'text.secondary' }}>The connection over SSH stays as it is. It is needed again to renew the certificate.</Typography>}
      <Typography sx={{ color: 'text.secondary' }}>Another person or computer needs a client certificate of its own: New on the page of certificates makes it, and Export gives it out as one archive with a README.</Typography>
      {refusal !== null && <RefusalCard refusal={refusal} title="Not connected" />}
    </>
  );
};
