// What each running NIC receives and sends at this moment, drawn under its limits.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { printRate } from '../../app/domain/bytes.ts';
import { averageOf } from '../../app/tuning/nic-bandwidth.ts';
import { nicName, nicsByMac } from '../../app/tuning/nic-element.ts';
import { useInterest } from '../api/api.tsx';
import { useColors } from '../ui/colors.ts';
import { useRateUnit } from '../ui/rate-unit.ts';
import { TimeChart } from '../ui/time-chart.tsx';
import { useTimeView } from './time-view.tsx';
import type { Tuning } from './tuning.ts';

/** Seconds that a picture is wide. */
const latest = 60;

export const NicRates = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { guest, xml: { live } } = tuning;
  const colors = useColors();
  const unit = useRateUnit();
  useInterest(live === null ? null : { host: guest.host, groups: ['nics'], uuids: [guest.uuid] });
  const view = useTimeView(guest.host, guest.uuid, latest);
  if (live === null || view === null) return null;
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 340px), 1fr))', gap: '12px 24px', mb: '10px' }}>
      {[...nicsByMac(live)].map(([mac, nic]) => {
        const device = nic.element('target')?.attribute('dev') ?? '';
        const line = (name: string): readonly (number | null)[] => view.past.values.get(`nic.${device}.${name}`) ?? [];
        return (
          <Box key={mac} component="section" aria-label={`Traffic of ${nicName(mac)}`}>
            <Box sx={{ fontWeight: 600, mb: '2px' }}>{nicName(mac)}</Box>
            {device === ''
              ? <Box sx={{ color: 'text.secondary' }}>The host has no device of it, so libvirt counts no traffic.</Box>
              : (
                <TimeChart
                  {...view.common}
                  label={`Traffic of ${nicName(mac)}`}
                  marks={[]}
                  height={110}
                  least={100_000}
                  say={(bytes) => printRate(bytes, unit)}
                  curves={[
                    { name: 'receives', color: colors.network, values: line('receiveBytes'), limit: averageOf(nic, 'inbound') },
                    { name: 'sends', color: colors.cpu, values: line('transmitBytes'), limit: averageOf(nic, 'outbound') },
                  ]}
                />
              )}
          </Box>
        );
      })}
    </Box>
  );
};
