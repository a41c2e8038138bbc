// What a host has promised to its guests, beside what it has, and the swap with which it could keep the promise.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { HostDescription } from '../../../app/contract/hosts.ts';
import { printBytes } from '../../../app/domain/bytes.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { type Overcommit, overcommitOf, type Promised } from '../../../app/domain/overcommit.ts';
import { onlineCpus } from '../../../app/domain/topology.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { Card } from '../../ui/card.tsx';

const memory = (kib: number): string => printBytes(Math.round(kib) * 1024);
const ratio = (value: number): string => `${value.toFixed(2)} : 1`;

/** All that these guests may take: their vCPUs and their memory as it is, or as it may become. */
const promisedTo = (guests: readonly FleetGuest[], all: boolean): Promised => ({
  vcpus: guests.reduce((sum, { vcpus, vcpusMaximum }) => sum + (all ? vcpusMaximum : vcpus), 0),
  memoryKiB: guests.reduce((sum, { memoryKiB, memoryMaximumKiB }) => sum + (all ? memoryMaximumKiB : memoryKiB), 0),
});

export const OvercommitCard = ({ description: { topology, memoryKiB }, guests }: { readonly description: HostDescription; readonly guests: readonly FleetGuest[] }): ReactNode => {
  const host = { cpus: onlineCpus(topology).size, memoryKiB };
  const running = guests.filter(({ state }) => isActive(state));
  const rows = ([
    ['Running, now', promisedTo(running, false)],
    ['Running, at most', promisedTo(running, true)],
    ['All, at most', promisedTo(guests, true)],
  ] as const).map(([name, promised]) => ({ name, promised, told: overcommitOf(host, promised) }));
  const cells = ({ promised, told }: { readonly promised: Promised; readonly told: Overcommit }): readonly string[] =>
    [`${promised.vcpus}`, ratio(told.vcpuRatio), memory(promised.memoryKiB), ratio(told.memoryRatio), told.lackingKiB === 0 ? 'none' : memory(told.lackingKiB), memory(told.swapKiB)];
  const last = rows.at(-1)?.told;
  return (
    <Card title="Overcommit">
      <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="Promised to guests">
        <Box component="table" sx={{ width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums', '& th, & td': { textAlign: 'right', p: '4px 8px', fontWeight: 400, whiteSpace: 'nowrap' }, '& th': { color: 'text.secondary' }, '& th:first-of-type': { textAlign: 'left', pl: 0 } }}>
          <thead><tr>{['Guests', 'vCPUs', 'a CPU', 'Memory', 'of the host’s', 'Lacking', 'Swap for it'].map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                {cells(row).map((cell, place) => <td key={place}>{cell}</td>)}
              </tr>
            ))}
          </tbody>
        </Box>
      </Box>
      {last !== undefined && (
        <Box sx={{ mt: 1, color: 'text.secondary', fontSize: 12 }}>
          Of {memory(memoryKiB)} the host keeps {memory(last.reserveKiB)} for itself and for QEMU beside all guests’ memory. Swap for it is what is lacking and the {memory(last.hostSwapKiB)} that a host of this size usually has.
        </Box>
      )}
    </Card>
  );
};
