// Settings: the appearance, the saved hosts, what is remembered to log in with, and what this program is.
import Box from '@mui/material/Box';
import Switch from '@mui/material/Switch';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { Connection } from '../../app/contract/connections.ts';
import { refusalOf, useAsk, useTell } from '../api/api.tsx';
import { Card, Facts } from '../ui/card.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import { PhaseDot } from '../ui/status-chip.tsx';
import { Tag } from '../ui/tag.tsx';
import { monospace } from '../ui/theme.ts';
import { useAppearance } from './appearance.tsx';
import { NetworkRatesChoice } from './network-rates.tsx';
import { KeysCard } from './credentials/keys.tsx';
import { RememberedCard } from './credentials/remembered.tsx';
import { ExportHosts, ImportHosts } from './add-host/transfer-hosts.tsx';
import { HostMarks } from './host/host-marks.tsx';
import { HostMenu } from './host/host-menu.tsx';
import { NoticesCard } from './notices/notices-card.tsx';

const Appearance = (): ReactNode => {
  const [appearance, choose] = useAppearance();
  return (
    <ToggleButtonGroup exclusive value={appearance} aria-label="Appearance" onChange={(_, value: typeof appearance | null) => {
      if (value !== null) choose(value);
    }}>
      <ToggleButton value="system">As the system</ToggleButton>
      <ToggleButton value="light">Light</ToggleButton>
      <ToggleButton value="dark">Dark</ToggleButton>
    </ToggleButtonGroup>
  );
};

const Host = ({ connection }: { readonly connection: Connection }): ReactNode => {
  const update = useTell('connections', 'update');
  const { id, name, uri, group, autoConnect, state } = connection;
  return (
    <Box component="li" sx={{ borderTop: 1, borderColor: 'divider', py: 1 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: '6px 12px', flexWrap: 'wrap' }}>
        <PhaseDot phase={state.phase} />
        <Box sx={{ fontWeight: 600, minWidth: 120 }}>{name}</Box>
        <HostMarks connection={connection} />
        <Box sx={{ color: 'text.secondary', fontFamily: monospace, fontSize: 12, flex: 1, overflowWrap: 'anywhere' }}>{uri}</Box>
        {group !== '' && <Tag>{group}</Tag>}
        <Box component="label" sx={{ display: 'flex', alignItems: 'center' }}>
          <Switch
            checked={autoConnect}
            disabled={update.isPending}
            onChange={(_, on) => update.mutate({ id, autoConnect: on })}
            slotProps={{ input: { 'aria-label': `Connect ${name} at start` } }}
          />
          Connect at start
        </Box>
        <HostMenu connection={connection} />
      </Box>
      {update.error !== null && <RefusalCard refusal={refusalOf(update.error)} />}
    </Box>
  );
};

const shells = { electron: 'Electron', web: 'browser window', cli: 'command line' } as const;

export const SettingsScreen = (): ReactNode => {
  const about = useAsk('program', 'about', {});
  const connections = useAsk('connections', 'list', {});
  return (
    <Box sx={{ p: '14px 20px', overflow: 'auto', display: 'grid', gap: '14px', alignContent: 'start', maxWidth: 980 }}>
      <Typography variant="h1">Settings</Typography>
      <Card title="Appearance">
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '10px 24px' }}>
          <Appearance />
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}><span>Rates of networks</span><NetworkRatesChoice /></Box>
        </Box>
      </Card>
      <Card title="Hosts" beside={<><Box sx={{ flex: 1 }} /><ImportHosts /><ExportHosts /></>}>
        {connections.data?.length === 0 && <Typography sx={{ color: 'text.secondary' }}>No host is saved.</Typography>}
        <Box component="ul" aria-label="Saved hosts" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {connections.data?.map((connection) => <Host key={connection.id} connection={connection} />)}
        </Box>
        {connections.error !== null && <RefusalCard refusal={refusalOf(connections.error)} />}
      </Card>
      <NoticesCard />
      <RememberedCard />
      <KeysCard />
      <Card title="About">
        {about.error !== null && <RefusalCard refusal={refusalOf(about.error)} />}
        {about.data !== undefined && (
          <Facts facts={[
            ['Guestdeck', about.data.version],
            ['Runs in', `${shells[about.data.shell]} on ${about.data.platform}`],
            ['User', about.data.user],
            ['Data folder', <Box key="folder" component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{about.data.dataFolder}</Box>],
          ]} />
        )}
      </Card>
    </Box>
  );
};
