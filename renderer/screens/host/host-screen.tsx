// One host: how its connection fares, its CPUs with load and pinned guests, its memory, its daemon.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { mdiServerOff } from '@mdi/js';
import { type ReactNode, useCallback } from 'react';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { type Fleet, fixedBy } from '../../api/fleet.ts';
import { EmptyState } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { phases } from '../../ui/status-chip.tsx';
import { Chip, Tag } from '../../ui/tag.tsx';
import { ConnectionCard, transports } from './connection-card.tsx';
import { DaemonCard } from './daemon-card.tsx';
import { loginFor } from './daemon-edits.ts';
import { DoctorCard } from './doctor.tsx';
import { HostMarks } from './host-marks.tsx';
import { HostMenu } from './host-menu.tsx';
import { HostPicture } from './host-picture.tsx';
import { addressOf, type HostPart } from '../place.ts';
import { NetworksCard } from './networks-card.tsx';
import { PagesCard } from './pages-card.tsx';
import { ScreensCard } from './screens-card.tsx';
import { SaslCard } from './sasl-card.tsx';

/** @param part what of the page is looked for: it gets the keys. */
export const HostScreen = ({ host, part, fleet }: { readonly host: string; readonly part: HostPart | undefined; readonly fleet: Fleet }): ReactNode => {
  const connection = fleet.connections.find(({ id }) => id === host);
  const ready = connection?.state.phase === 'ready';
  const description = useAsk('hosts', 'describe', { host }, ready);
  const connect = useTell('connections', 'connect');
  const disconnect = useTell('connections', 'disconnect');
  const toPart = useCallback((card: HTMLElement | null) => {
    card?.scrollIntoView({ block: 'nearest' });
    card?.focus({ preventScroll: true });
  }, []);
  if (connection === undefined) return fleet.loading ? <LinearProgress aria-label="Reading the hosts" /> : <EmptyState icon={mdiServerOff} title="No saved host has this id" />;
  const { phase } = connection.state;
  const guests = fleet.guests.filter((guest) => guest.host === host);
  const card = <Box ref={part === 'connection' ? toPart : undefined} tabIndex={-1} sx={{ borderRadius: '10px', minWidth: 0 }}><ConnectionCard connection={connection} /></Box>;
  const login = loginFor(connection, fleet.connections);
  const fixedThere = fixedBy(fleet.connections.find(({ id }) => id === login));
  const daemon = connection.transport !== 'demo' && (
    <>
      <Box ref={part === 'daemon' ? toPart : undefined} tabIndex={-1} sx={{ borderRadius: '10px', minWidth: 0 }}>
        <DaemonCard connection={connection} login={login} begun={part === 'daemon' && login !== null} fixed={fixedThere} />
      </Box>
      {login !== null && <SaslCard connection={connection} login={login} fixed={fixedThere} />}
    </>
  );
  const pictured = (ready || phase === 'lost') && description.data !== undefined;
  return (
    <Box sx={{ p: '14px 20px', overflow: 'auto', display: 'grid', gap: '14px', alignContent: 'start' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: '8px 12px', flexWrap: 'wrap' }}>
        <Typography variant="h1">{connection.name}</Typography>
        <Chip tone={phases[phase].tone}>{phases[phase].label}</Chip>
        <Tag tone={transports[connection.transport].tone}>{connection.transport}</Tag>
        <HostMarks connection={connection} />
        {connection.tags.map((tag) => <Tag key={tag}>{tag}</Tag>)}
        <Typography sx={{ color: 'text.secondary', mr: 'auto', overflowWrap: 'anywhere' }}>{connection.group}</Typography>
        {phase === 'off' || phase === 'failed'
          ? <Button variant="contained" color="primary" loading={connect.isPending} onClick={() => connect.mutate({ id: host })}>{phase === 'off' ? 'Connect' : 'Try again'}</Button>
          : <Button loading={disconnect.isPending} onClick={() => disconnect.mutate({ id: host })}>{phase === 'connecting' ? 'Cancel' : phase === 'lost' ? 'Stop trying' : 'Disconnect'}</Button>}
        <Button component="a" href={addressOf({ at: 'history', host })}>History</Button>
        <HostMenu connection={connection} />
      </Box>
      {disconnect.error !== null && <RefusalCard refusal={refusalOf(disconnect.error)} />}
      {/* What is looked for stands where what is still read of the host does not move it away. */}
      {part === 'daemon' && daemon}
      {!ready && card}
      {phase === 'off' && <EmptyState icon={mdiServerOff} title="Not connected">Connect to see its guests, its CPUs and its memory.</EmptyState>}
      {ready && description.error !== null && <RefusalCard refusal={refusalOf(description.error)} title="The host cannot be described" />}
      {ready && description.data === undefined && description.error === null && <LinearProgress aria-label="Reading the host" />}
      {pictured && <HostPicture connection={connection} description={description.data} guests={guests} beside={ready ? card : null} />}
      {ready && <ScreensCard key={`screens-${host}`} guests={guests} />}
      {ready && <NetworksCard host={host} fixed={fixedBy(connection)} />}
      {ready && <PagesCard host={host} fixed={fixedBy(connection)} />}
      {ready && !pictured && card}
      <DoctorCard key={host} connection={connection} />
      {part !== 'daemon' && daemon}
    </Box>
  );
};
