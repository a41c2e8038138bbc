// Beside the certificates: how long all that are known still last, and a look at the connection to one host.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import type { CertificateSummary } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import type { KnownCertificate } from '../../../app/contract/health.ts';
import { expiryWarningDays } from '../../../app/pki/expiry.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import { Bar } from '../../ui/bar.tsx';
import { Card } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { dateTime } from '../../ui/time.ts';
import { go } from '../place.ts';
import { useHealth } from './health-lines.tsx';
import { leadsTo } from './leads.ts';
import { lifetimeShare, lifetimeTone, lifetimeWords } from './lifetimes.ts';
import { ChoiceRow } from './rows.tsx';

const placeWords = (place: KnownCertificate['places'][number], connections: readonly Connection[]): string => {
  switch (place.at) {
    case 'kept': return 'kept by Guestdeck';
    case 'file': return place.path;
    case 'host': return `shown by ${connections.find(({ id }) => id === place.host)?.name ?? 'a host'}`;
  }
};

/** @param onRenew renews one that is kept here. */
export const ExpiryCard = ({ connections, onRenew }: { readonly connections: readonly Connection[]; readonly onRenew: (id: string) => void }): ReactNode => {
  const { data, error } = useAsk('health', 'overview', {});
  const colors = useColors();
  const urgent = data?.certificates.find(({ warning }) => warning !== null && warning <= expiryWarningDays[1]);
  const kept = urgent?.places.find((place) => place.at === 'kept');
  return (
    <Card title="Expiry">
      <Box sx={{ display: 'grid', gap: '12px' }}>
        {data === undefined && error === null && <LinearProgress aria-label="Reading the certificates" />}
        {error !== null && <RefusalCard refusal={refusalOf(error)} title="Not read" />}
        {data?.certificates.length === 0 && <Typography sx={{ color: 'text.secondary' }}>No certificate is known yet.</Typography>}
        <Box component="ul" aria-label="Time left" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: '12px', maxHeight: 360, overflow: 'auto' }}>
          {data?.certificates.map((one) => {
            const words = lifetimeWords(one);
            const tone = lifetimeTone(one);
            return (
              <Box component="li" key={one.fingerprint} title={`${one.subject}\nuntil ${dateTime(one.notAfter)}\n${one.places.map((place) => placeWords(place, connections)).join('\n')}`}>
                <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, mb: '5px' }}>
                  <Box component="span" sx={{ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{one.label}{one.kind !== 'authority' && ` (${one.kind})`}</Box>
                  <Box component="span" sx={{ color: colors[tone].text, whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>{words}</Box>
                </Box>
                <Bar share={lifetimeShare(one)} tone={tone} width="100%" label={`${one.label}: ${words}`} />
              </Box>
            );
          })}
        </Box>
        {urgent !== undefined && kept !== undefined && <Box><Button onClick={() => onRenew(kept.id)}>Renew {urgent.label}…</Button></Box>}
        {data?.failures.map(({ place, message }) => <Typography key={place} sx={{ color: 'error.main', overflowWrap: 'anywhere' }}>{place}: {message}</Typography>)}
      </Box>
    </Card>
  );
};

/** @param onRenew renews one that is kept here. @param onRevocations makes the list of an authority anew. @param onSetUp opens the wizard for a host. */
export const VerifyCard = ({ connections, onRenew, onRevocations, onSetUp }: { readonly connections: readonly Connection[]; readonly onRenew: (id: string) => void; readonly onRevocations: (id: string) => void; readonly onSetUp: (host: string) => void }): ReactNode => {
  const hosts = connections.filter(({ transport }) => transport === 'tls' || transport === 'ssh');
  const [chosen, setChosen] = useState<string | null>(null);
  const host = hosts.find(({ id }) => id === chosen)?.id ?? (hosts.find(({ transport }) => transport === 'tls') ?? hosts[0])?.id;
  const health = useHealth();
  return (
    <Card title="Verify">
      {host === undefined
        ? <Typography sx={{ color: 'text.secondary' }}>No saved host is reached over TLS or SSH.</Typography>
        : (
          <Box sx={{ display: 'grid', gap: '10px' }}>
            <ChoiceRow stacked label="Host" value={host} disabled={health.busy} choices={hosts.map(({ id, name, transport }) => ({ value: id, label: `${name} (${transport})` }))} onChange={(id) => {
              setChosen(id);
              health.forget();
            }} />
            <Box><Button loading={health.busy} onClick={() => health.look({ host })}>{health.report === null ? 'Verify' : 'Verify again'}</Button></Box>
            {health.view({ host }, leadsTo({ host, renew: onRenew, revocations: onRevocations, make: () => onSetUp(host), install: () => onSetUp(host), connectBy: () => go({ at: 'host', host, part: 'connection' }) }))}
          </Box>
        )}
    </Card>
  );
};

/** What is counted in the heading. */
export const countWords = (certificates: readonly CertificateSummary[]): string => {
  const count = (kind: CertificateSummary['kind'], one: string, many: string): string => {
    const found = certificates.filter((certificate) => certificate.kind === kind).length;
    return `${found} ${found === 1 ? one : many}`;
  };
  return [count('authority', 'authority', 'authorities'), count('host', 'host', 'hosts'), count('client', 'client', 'clients')].join(' · ');
};
