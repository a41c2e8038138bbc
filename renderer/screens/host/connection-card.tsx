// How a host's connection fares: the way, the stages with their times, what is wrong or given up, and what can be done.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import type { Connection, ConnectionState } from '../../../app/contract/connections.ts';
import { refusalOf, useApi, useTell } from '../../api/api.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { useNow } from '../../ui/now.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Tag, type ToneName } from '../../ui/tag.tsx';
import { monospace } from '../../ui/theme.ts';
import { dateTime, timeAgo } from '../../ui/time.ts';
import { HostDialog } from '../add-host/add-host.tsx';
import { Stages } from '../add-host/stages.tsx';
import { UseKeyDialog } from '../credentials/use-key.tsx';
import { ConnectionRefusal } from './doctor.tsx';
import { warningWords } from './host-marks.tsx';

export const transports: Readonly<Record<Connection['transport'], { readonly label: string; readonly tone: ToneName }>> = {
  unix: { label: 'socket of this computer', tone: 'quiet' },
  ssh: { label: 'SSH', tone: 'accent' },
  tls: { label: 'TLS with certificates', tone: 'good' },
  tcp: { label: 'TCP', tone: 'warn' },
  ext: { label: 'a program of your own', tone: 'quiet' },
  demo: { label: 'built into Guestdeck', tone: 'quiet' },
};

const titles: Readonly<Record<ConnectionState['phase'], string>> = { off: 'Connection', connecting: 'Connecting', ready: 'Connection', lost: 'Connection lost', failed: 'Connection failed' };

const Lost = ({ state, id, name }: { readonly state: Extract<ConnectionState, { phase: 'lost' }>; readonly id: string; readonly name: string }): ReactNode => {
  const connect = useTell('connections', 'connect');
  const now = useNow();
  const seconds = Math.ceil((state.nextTry - now) / 1000);
  return (
    <>
      <ConnectionRefusal id={id} name={name} refusal={state.refusal} title={`Last seen ${timeAgo(state.since, now)}, ${dateTime(state.since)}`} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 12px' }}>
        <Box role="timer" sx={{ color: 'text.secondary' }}>{seconds > 0 ? `Tried again by itself in ${seconds} s.` : 'Being tried again now.'} Its guests are shown as they were.</Box>
        <Button variant="contained" color="primary" loading={connect.isPending} onClick={() => connect.mutate({ id })}>Try now</Button>
      </Box>
    </>
  );
};

export const ConnectionCard = ({ connection }: { readonly connection: Connection }): ReactNode => {
  const { client } = useApi();
  const [editing, setEditing] = useState(false);
  const [usingKey, setUsingKey] = useState(false);
  const [reconnecting, setReconnecting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { id, uri, transport, state, readOnly, warnings, allowPlain } = connection;
  const reconnect = async (): Promise<void> => {
    setReconnecting(true);
    setError(null);
    try {
      await client.ask('connections', 'disconnect', { id });
      await client.ask('connections', 'connect', { id });
    } catch (caught) {
      setError(caught);
    } finally {
      setReconnecting(false);
    }
  };
  const stages = state.phase === 'connecting' || state.phase === 'failed' || state.phase === 'ready' ? state.stages ?? [] : [];
  return (
    <Card
      title={titles[state.phase]}
      beside={(
        <>
          {state.phase === 'ready' && <Box sx={{ color: 'text.secondary' }}>since {dateTime(state.since)}</Box>}
          <Box sx={{ flex: 1 }} />
          {state.phase === 'ready' && <Button loading={reconnecting} title="Closes the connection and makes it anew" onClick={() => void reconnect()}>Reconnect</Button>}
          {transport === 'ssh' && <Button onClick={() => setUsingKey(true)}>Use a key from now on…</Button>}
          <Button onClick={() => setEditing(true)}>Edit…</Button>
        </>
      )}
    >
      <Box sx={{ display: 'grid', gap: '12px' }}>
        {state.phase === 'failed' && <ConnectionRefusal id={id} name={connection.name} refusal={state.refusal} />}
        {state.phase === 'lost' && <Lost state={state} id={id} name={connection.name} />}
        {/* A connect that was refused is told by the host's own state. */}
        {error !== null && state.phase !== 'failed' && <RefusalCard refusal={refusalOf(error)} title="Not reconnected" />}
        <Facts facts={[
          ['URI', <Box key="uri" component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{uri}</Box>],
          ['Way', <Box key="way" component="span">{transports[transport].label}{transport === 'tcp' && allowPlain && ', also without login'}</Box>],
          ['Access', readOnly ? 'read-only: nothing can be changed' : 'full, as far as the host allows it'],
        ]} />
        {warnings.map((warning) => (
          <Box key={warning} sx={{ display: 'flex', gap: 1, alignItems: 'baseline', color: 'error.main' }}>
            <Tag tone="bad">{warningWords[warning].label}</Tag>
            <span>{warningWords[warning].means}</span>
          </Box>
        ))}
        {stages.length > 0 && <Stages reports={stages} />}
      </Box>
      {usingKey && <UseKeyDialog connection={connection} onClose={() => setUsingKey(false)} />}
      {editing && <HostDialog connection={connection} onClose={() => setEditing(false)} />}
    </Card>
  );
};
