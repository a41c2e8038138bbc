// One host: how its connection fares, its CPUs with load and pinned guests, its memory, its daemon.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { mdiServerOff } from '@mdi/js';
import type { ReactNode } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import type { Fleet } from '../../api/fleet.ts';
import { Card, EmptyState } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { phases } from '../../ui/status-chip.tsx';
import { Chip, Tag } from '../../ui/tag.tsx';
import { dateTime, timeAgo } from '../../ui/time.ts';
import { Stages } from '../add-host/stages.tsx';
import { transportTones } from '../sidebar.tsx';
import { HostPicture } from './host-picture.tsx';

const ConnectionCard = ({ connection }: { readonly connection: Connection }): ReactNode => {
  const { state } = connection;
  if (state.phase === 'connecting') return <Card title="Connecting"><Stages reports={state.stages} /></Card>;
  if (state.phase === 'failed') {
    return (
      <Card title="Connection failed">
        <Box sx={{ display: 'grid', gap: '12px' }}>
          <RefusalCard refusal={state.refusal} />
          {state.stages.length > 0 && <Stages reports={state.stages} />}
        </Box>
      </Card>
    );
  }
  if (state.phase === 'lost') {
    return (
      <Card title="Connection lost">
        <RefusalCard refusal={state.refusal} title={`Last seen ${timeAgo(state.since)}, ${dateTime(state.since)}`} />
        <Typography sx={{ mt: 1, color: 'text.secondary' }}>It is tried again by itself, next at {dateTime(state.nextTry)}. Its guests are shown as they were.</Typography>
      </Card>
    );
  }
  return null;
};

export const HostScreen = ({ host, fleet }: { readonly host: string; readonly fleet: Fleet }): ReactNode => {
  const connection = fleet.connections.find(({ id }) => id === host);
  const ready = connection?.state.phase === 'ready';
  const description = useAsk('hosts', 'describe', { host }, ready);
  const connect = useTell('connections', 'connect');
  const disconnect = useTell('connections', 'disconnect');
  if (connection === undefined) return fleet.loading ? <LinearProgress aria-label="Reading the hosts" /> : <EmptyState icon={mdiServerOff} title="No saved host has this id" />;
  const { phase } = connection.state;
  const guests = fleet.guests.filter((guest) => guest.host === host);
  return (
    <Box sx={{ p: '14px 20px', overflow: 'auto', display: 'grid', gap: '14px', alignContent: 'start' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: '8px 12px', flexWrap: 'wrap' }}>
        <Typography variant="h1">{connection.name}</Typography>
        <Chip tone={phases[phase].tone}>{phases[phase].label}</Chip>
        <Tag tone={transportTones[connection.transport]}>{connection.transport}</Tag>
        <Typography sx={{ color: 'text.secondary', mr: 'auto', overflowWrap: 'anywhere' }}>{connection.uri}</Typography>
        {phase === 'off' || phase === 'failed'
          ? <Button variant="contained" color="primary" loading={connect.isPending} onClick={() => connect.mutate({ id: host })}>{phase === 'off' ? 'Connect' : 'Try again'}</Button>
          : (
            <>
              {phase === 'lost' && <Button loading={connect.isPending} onClick={() => connect.mutate({ id: host })}>Try now</Button>}
              <Button loading={disconnect.isPending} onClick={() => disconnect.mutate({ id: host })}>{phase === 'connecting' ? 'Cancel' : 'Disconnect'}</Button>
            </>
          )}
      </Box>
      {disconnect.error !== null && <RefusalCard refusal={refusalOf(disconnect.error)} />}
      <ConnectionCard connection={connection} />
      {phase === 'off' && <EmptyState icon={mdiServerOff} title="Not connected">Connect to see its guests, its CPUs and its memory.</EmptyState>}
      {ready && description.error !== null && <RefusalCard refusal={refusalOf(description.error)} title="The host cannot be described" />}
      {ready && description.data === undefined && description.error === null && <LinearProgress aria-label="Reading the host" />}
      {(ready || phase === 'lost') && description.data !== undefined && <HostPicture connection={connection} description={description.data} guests={guests} />}
    </Box>
  );
};
