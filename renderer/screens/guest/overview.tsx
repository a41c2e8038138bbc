// The guest at a glance: what it is, what it does, and whether it starts with its host.
import Box from '@mui/material/Box';
import Switch from '@mui/material/Switch';
import type { ReactNode } from 'react';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import { printBytes } from '../../../app/domain/bytes.ts';
import { refusalOf, useTell } from '../../api/api.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { monospace } from '../../ui/theme.ts';
import { LivePictures } from './live-pictures.tsx';

const memory = (kib: number): string => printBytes(Math.round(kib) * 1024);

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
      <LivePictures guest={guest} answering={answering} />
    </Box>
  );
};
