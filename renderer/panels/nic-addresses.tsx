// Where a running guest's NICs are seen, above their settings: each with the host's end of it, its addresses, and who says so.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import type { NicAddresses as Told } from '../../app/contract/guests.ts';
import { nicsByMac } from '../../app/tuning/nic-element.ts';
import { readNic, sayNic } from '../../app/tuning/nic.ts';
import { refusalOf, useAsk } from '../api/api.tsx';
import { monospace } from '../ui/theme.ts';
import type { Tuning } from './tuning.ts';
import { UnplugNotes } from './unplug-notes.tsx';

type Seen = Told['nics'][number]['seen'];

const by: Readonly<Record<Seen[number]['by'], string>> = { lease: 'lease', agent: 'agent', arp: 'ARP' };

/** `192.168.122.5/24` once, with everyone who says it. */
const addressWords = (seen: Seen): readonly { readonly address: string; readonly sources: string }[] => {
  const plain = (address: string): string => address.replace(/\/\d+$/, '');
  const addresses = new Map<string, Seen>();
  for (const one of seen) addresses.set(plain(one.address), [...(addresses.get(plain(one.address)) ?? []), one]);
  return [...addresses.values()].map((same) => ({
    address: same.find(({ address }) => address.includes('/'))?.address ?? same[0]?.address ?? '',
    sources: [...new Set(same.map((one) => by[one.by]))].join(', '),
  }));
};

export const NicAddresses = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { guest, xml: { live } } = tuning;
  const { data, error, isFetching, refetch } = useAsk('guests', 'addresses', { host: guest.host, uuid: guest.uuid }, live !== null && tuning.fixed === null);
  if (live === null) return null;
  const nics = [...nicsByMac(live)];
  if (nics.length === 0) return <UnplugNotes tuning={tuning} of="nics" />;
  return (
    <>
      <UnplugNotes tuning={tuning} of="nics" />
      <Box component="ul" aria-label="Addresses of running NICs" sx={{ listStyle: 'none', m: 0, mb: '10px', p: 0, display: 'grid', gap: '8px' }}>
        {nics.map(([mac, nic]) => {
          const told = data?.nics.find((one) => one.mac === mac);
          const device = nic.element('target')?.attribute('dev') ?? null;
          const addresses = addressWords(told?.seen ?? []);
          return (
            <Box component="li" key={mac}>
              <Box><strong>{sayNic(readNic(nic))}</strong> <Box component="span" sx={{ color: 'text.secondary' }}>{[device === null ? '' : `${device} on the host`, told?.inside == null ? '' : `${told.inside} inside`].filter((words) => words !== '').join(', ')}</Box></Box>
              <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '0 14px', color: 'text.secondary' }}>
                {addresses.map(({ address, sources }) => <span key={address}><Box component="span" sx={{ fontFamily: monospace, color: 'text.primary' }}>{address}</Box> ({sources})</span>)}
                {addresses.length === 0 && (data === undefined ? (error === null ? 'addresses not known yet' : refusalOf(error).message) : 'seen with no address')}
              </Box>
            </Box>
          );
        })}
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 10px', mb: '10px' }}>
        <Button loading={isFetching} disabled={tuning.fixed !== null} title={tuning.fixed ?? 'Asks for leases, the agent inside and the host’s ARP table'} onClick={() => void refetch()}>Look for addresses again</Button>
        {data?.silent.map((one) => <Box component="span" key={one.by} sx={{ fontSize: 12, color: 'text.secondary' }}>Nothing by {by[one.by]}: {one.why}</Box>)}
      </Box>
    </>
  );
};
