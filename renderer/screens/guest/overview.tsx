// The guest at a glance: what it is, what it does, and whether it starts with its host.
import Box from '@mui/material/Box';
import Switch from '@mui/material/Switch';
import { type ReactNode, useMemo } from 'react';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import { printBytes, printRate } from '../../../app/domain/bytes.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { refusalOf, useInterest, useTell, useTrack } from '../../api/api.tsx';
import { AreaChart } from '../../ui/area-chart.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { useRateUnit } from '../../ui/rate-unit.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { monospace } from '../../ui/theme.ts';

const points = 120;
const memory = (kib: number): string => printBytes(Math.round(kib) * 1024);

const Charts = ({ guest }: { readonly guest: GuestDescription }): ReactNode => {
  const { host, uuid } = guest;
  useInterest({ host, groups: ['cpu', 'memory', 'disk', 'network'], uuids: [uuid] });
  const track = useTrack(host, uuid);
  const colors = useColors();
  const unit = useRateUnit();
  const curves = useMemo(() => ({
    cpu: [{ name: 'in use', color: colors.cpu, values: track.values.cpu.map((cpus) => (cpus === null ? null : cpus * 100)) }],
    memory: [{ name: 'in use', color: colors.memory, values: track.values.memoryUsedKiB }],
    disk: [{ name: 'read', color: colors.cpu, values: track.values.diskReadBytes }, { name: 'write', color: colors.disk, values: track.values.diskWriteBytes }],
    network: [{ name: 'received', color: colors.network, values: track.values.networkReceiveBytes }, { name: 'sent', color: colors.cpu, values: track.values.networkTransmitBytes }],
  }), [track, colors]);
  // The span on screen is what the samples themselves say, since the host sets the pace.
  const span = useMemo(() => {
    const times = track.at.slice(-points);
    const [first] = times;
    const last = times.at(-1);
    return first === undefined || last === undefined || times.length < 2 ? points : ((last - first) / 1000 / (times.length - 1)) * points;
  }, [track]);
  const common = { points, seconds: span };
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))', xl: 'repeat(4, minmax(0, 1fr))' }, gap: '14px' }}>
      <Card title="CPU"><AreaChart {...common} curves={curves.cpu} most={Math.max(1, guest.vcpus) * 100} say={(value) => `${Math.round(value)} %`} /></Card>
      <Card title="Memory"><AreaChart {...common} curves={curves.memory} most={guest.memoryKiB} say={memory} /></Card>
      <Card title="Disk"><AreaChart {...common} curves={curves.disk} least={100_000} say={(bytes) => printRate(bytes)} /></Card>
      <Card title="Network"><AreaChart {...common} curves={curves.network} least={100_000} say={(bytes) => printRate(bytes, unit)} /></Card>
    </Box>
  );
};

export const Overview = ({ guest, answering, fixed }: { readonly guest: GuestDescription; readonly answering: boolean; readonly fixed: string | null }): ReactNode => {
  const setAutostart = useTell('guests', 'setAutostart');
  return (
    <Box sx={{ display: 'grid', gap: '14px' }}>
      <Card title="Guest">
        <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(320px, 1fr))', gap: '6px 40px' }}>
          <Facts facts={[
            ['State', <StatusChip key="state" state={guest.state} />],
            ['vCPUs', guest.vcpus === guest.vcpusMaximum ? `${guest.vcpus}` : `${guest.vcpus} of ${guest.vcpusMaximum}`],
            ['Memory', <span key="memory" title={`${guest.memoryKiB} KiB`}>{guest.memoryKiB === guest.memoryMaximumKiB ? memory(guest.memoryKiB) : `${memory(guest.memoryKiB)} of ${memory(guest.memoryMaximumKiB)}`}</span>],
            ...(guest.title === null ? [] : [['Title', guest.title] as const]),
            ...(guest.description === null ? [] : [['Description', guest.description] as const]),
          ]} />
          <Facts facts={[
            ['Machine', `${guest.machine ?? 'not told'} (${guest.osType})`],
            ['UUID', <Box key="uuid" component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{guest.uuid}</Box>],
            ['Definition', guest.persistent ? (guest.managedSave ? 'saved on the host; its memory is saved too, the next start goes on from there' : 'saved on the host') : 'transient: gone when it is shut off'],
            ['Autostart', (
              <Box key="autostart" component="label" {...(fixed !== null && { title: fixed })} sx={{ display: 'inline-flex', alignItems: 'center', my: '-8px', ml: '-10px' }}>
                <Switch
                  checked={guest.autostart}
                  disabled={!guest.persistent || !answering || fixed !== null || setAutostart.isPending}
                  onChange={(_, autostart) => setAutostart.mutate({ host: guest.host, uuid: guest.uuid, autostart })}
                  slotProps={{ input: { 'aria-label': 'Start with the host' } }}
                />
                {guest.autostart ? 'starts with the host' : 'stays off when the host starts'}
              </Box>
            )],
          ]} />
        </Box>
        {setAutostart.error !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusalOf(setAutostart.error)} title="Autostart was not changed" /></Box>}
      </Card>
      {isActive(guest.state) && answering && <Charts guest={guest} />}
    </Box>
  );
};
