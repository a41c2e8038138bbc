// A host's virtual networks: whether they run, what all guests on one may receive and send together, and other limits for its next start.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type ReactNode, useId, useState } from 'react';
import type { RateUnit } from '../../../app/domain/bytes.ts';
import type { HostNetwork } from '../../../app/contract/networks.ts';
import { type Bandwidth, bandwidthField, bandwidthFindings, type BandwidthName, bandwidthNames, burstHint, peakHint, sayBandwidth } from '../../../app/tuning/bandwidth.ts';
import { same } from '../../../app/tuning/same.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { FieldInput } from '../../panels/field.tsx';
import { Card } from '../../ui/card.tsx';
import { useRateUnit } from '../../ui/rate-unit.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip, Tag } from '../../ui/tag.tsx';

const hints: Readonly<Partial<Record<BandwidthName, string>>> = {
  'inbound.average': 'What all its guests together may receive in the long run. Floors of NICs are parts of it.', 'inbound.peak': peakHint, 'inbound.burst': burstHint,
  'outbound.average': 'What all its guests together may send in the long run.', 'outbound.peak': peakHint, 'outbound.burst': burstHint,
};
const shown = bandwidthNames.filter((name) => hints[name] !== undefined);

const words = (limits: Bandwidth | null, rates: RateUnit): string => (limits === null ? '' : sayBandwidth(limits, rates));

/** Asks for the limits from the next start on. */
const Limits = ({ host, network, from, onClose }: { readonly host: string; readonly network: HostNetwork; readonly from: Bandwidth; readonly onClose: () => void }): ReactNode => {
  const [wanted, want] = useState(from);
  const limit = useTell('networks', 'limit');
  const heading = useId();
  return (
    <Dialog open onClose={onClose} aria-labelledby={heading} maxWidth="xs" fullWidth>
      <DialogTitle id={heading}>Limits of network {network.name}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: '10px' }}>
        <Box>Seen from the guests: inbound is what they receive. They hold from the network’s next start on; stopping it cuts its guests off until they are connected again.</Box>
        {shown.map((name) => {
          const field = bandwidthField(name, hints[name] ?? '');
          return (
            <Box key={name} sx={{ display: 'grid', gridTemplateColumns: '130px minmax(0, 1fr)', gap: '10px', alignItems: 'start' }}>
              <Box sx={{ pt: '6px' }} title={field.hint}>{field.label}</Box>
              <FieldInput
                field={field} label={field.label} value={wanted[name]} before={from[name]} fixed={null} refused={null}
                check={(value) => bandwidthFindings({ ...wanted, [name]: typeof value === 'number' ? value : null }).filter((finding) => finding.field === name)}
                onValue={(value) => {
                  if (value !== null && typeof value !== 'number') return false;
                  want({ ...wanted, [name]: value });
                  return true;
                }}
                onDrop={() => want({ ...wanted, [name]: from[name] })}
              />
            </Box>
          );
        })}
        {limit.error !== null && <RefusalCard refusal={refusalOf(limit.error)} title="Not changed" />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" color="primary" loading={limit.isPending} disabled={same(wanted, from) || bandwidthFindings(wanted).length > 0} onClick={() => limit.mutate({ host, uuid: network.uuid, from, to: wanted }, { onSuccess: onClose })}>Save</Button>
      </DialogActions>
    </Dialog>
  );
};

/** @param fixed why nothing can be changed; null = it can. */
export const NetworksCard = ({ host, fixed }: { readonly host: string; readonly fixed: string | null }): ReactNode => {
  const networks = useAsk('networks', 'list', { host });
  const rates = useRateUnit();
  const [chosen, choose] = useState<string | null>(null);
  if (networks.data === undefined || networks.data === null || networks.data.length === 0) return null;
  const network = networks.data.find(({ uuid }) => uuid === chosen);
  return (
    <Card title="Virtual networks">
      <Box component="ul" aria-label="Virtual networks" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: '8px' }}>
        {networks.data.map((one) => {
          const { uuid, name, live, saved } = one;
          const why = fixed ?? one.fixed;
          const waits = live !== null && saved !== null && !same(live, saved);
          return (
            <Box component="li" key={uuid} sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr) auto', md: '120px 90px minmax(0, 1fr) auto' }, alignItems: 'center', gap: '4px 12px' }}>
              <Box sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{name}</Box>
              <Box>{live === null ? <Tag>not active</Tag> : <Chip tone="good">active</Chip>}</Box>
              <Box sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
                {words(live ?? saved, rates)}{waits && `; from its next start on ${words(saved, rates)}`}
              </Box>
              <Button disabled={why !== null || saved === null} title={why ?? undefined} aria-label={`Limit network ${name}`} onClick={() => choose(uuid)}>Limit…</Button>
            </Box>
          );
        })}
      </Box>
      {network?.saved != null && <Limits host={host} network={network} from={network.saved} onClose={() => {
        choose(null);
        void networks.refetch();
      }} />}
    </Card>
  );
};
