// What a guest did over time: its pictures, how far back they go, what happened meanwhile, and all of it as a file.
import Box from '@mui/material/Box';
import { type ReactNode, useMemo } from 'react';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { useInterest } from '../../api/api.tsx';
import { Happenings, useMarks } from '../../panels/happenings.tsx';
import { TimeControls, useTimeView } from '../../panels/time-view.tsx';
import { Card } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { useRateUnit } from '../../ui/rate-unit.ts';
import { TimeChart } from '../../ui/time-chart.tsx';
import { picturesOf } from './pictures.ts';

export const LivePictures = ({ guest, answering }: { readonly guest: GuestDescription; readonly answering: boolean }): ReactNode => {
  const { host, uuid, name } = guest;
  const isWatched = answering && isActive(guest.state);
  useInterest(isWatched ? { host, groups: ['cpu', 'memory', 'balloon', 'disk', 'disks', 'network', 'nics', 'vcpu'], uuids: [uuid] } : null);
  const view = useTimeView(host, uuid);
  const [past, range] = [view?.past ?? null, view?.range ?? 'minutes'];
  const marks = useMarks(host, uuid, past);
  const colors = useColors();
  const unit = useRateUnit();
  const { vcpus, memoryKiB, memoryMaximumKiB } = guest;
  const cards = useMemo(
    () => (past === null ? [] : picturesOf(past.values, range, { vcpus, memoryKiB, memoryMaximumKiB }, colors, unit)),
    [past, range, vcpus, memoryKiB, memoryMaximumKiB, colors, unit],
  );
  if (view === null || (view.past.values.size === 0 && !isWatched)) return null;
  const { common } = view;
  return (
    <Box component="section" aria-label={`What ${name} does`} sx={{ display: 'grid', gap: '14px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center' }}>
        <TimeControls view={view} name={name} />
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, max(420px, 50% - 7px)), 1fr))', gap: '14px', alignItems: 'start' }}>
        {cards.map(({ title, wide, pictures }) => (
          <Box key={title} sx={{ minWidth: 0, ...(wide && { gridColumn: '1 / -1' }) }}><Card title={title}>
            <Box sx={{ display: 'grid', gap: '12px 20px', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 320px), 1fr))' }}>
              {pictures.map((picture) => (
                <TimeChart key={picture.label} {...picture} {...common} marks={marks} />
              ))}
            </Box>
          </Card></Box>
        ))}
      </Box>
      <Happenings marks={marks} span={common.span} />
      <Box sx={{ color: 'text.secondary', fontSize: 12 }}>
        {range === 'days' ? 'Means of five minutes: of the guest as a whole while Guestdeck showed it anywhere, of its vCPUs, disks and NICs while this page was open.' : 'Only what is on screen is measured; the rest of the time is left empty.'} Drag over a picture to look closer; a double click goes back.
      </Box>
    </Box>
  );
};
