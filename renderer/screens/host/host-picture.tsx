// A connected host in pictures: where its CPUs are and who sits there, what each NUMA node has of memory.
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { type ReactNode, useMemo } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { HostDescription } from '../../../app/contract/hosts.ts';
import { printBytes } from '../../../app/domain/bytes.ts';
import { CpuSet } from '../../../app/domain/cpu-set.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { coresOf, onlineCpus } from '../../../app/domain/topology.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { dieHeight, layoutOf } from '../../panels/layout.ts';
import { Heat, Headings } from '../../panels/pinning-headings.tsx';
import { Bar } from '../../ui/bar.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { useWidth } from '../../ui/canvas.tsx';
import { useColors } from '../../ui/colors.ts';
import { addressOf } from '../place.ts';
import { HostPictures } from './host-pictures.tsx';
import { OvercommitCard } from './overcommit-card.tsx';

const nameWidth = 130;
const memory = (kib: number): string => printBytes(kib * 1024);
const count = (many: number, one: string): string => `${many} ${one}${many === 1 ? '' : 's'}`;

const TopologyCard = ({ host, description, answering }: { readonly host: string; readonly description: HostDescription; readonly answering: boolean }): ReactNode => {
  const { topology, freeKiB, cpuKinds, pins } = description;
  const { nodes, cell } = useColors();
  const [measure, width] = useWidth();
  const layout = useMemo(() => layoutOf(topology, Math.max(0, width - nameWidth - 8)), [topology, width]);
  const label = { height: 24, display: 'flex', alignItems: 'center', color: 'text.secondary', fontSize: 12, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', pr: 1 } as const;
  return (
    <Card title="CPUs and pinned guests">
      <Box ref={measure} sx={{ overflowX: 'auto' }}>
        <Box sx={{ display: 'grid', width: 'max-content' }} style={{ gridTemplateColumns: `${nameWidth}px ${layout.width}px` }}>
          <Box sx={{ position: 'sticky', left: 0, bgcolor: 'background.paper', zIndex: 1, pt: '20px' }}>
            {dieHeight(layout) > 0 && <Box sx={{ ...label, height: dieHeight(layout) }}>die</Box>}
            <Box sx={{ ...label, height: 15 }}>core</Box>
            <Box sx={{ ...label, height: 23 }}>CPU</Box>
            {answering && <Box sx={label}>load now</Box>}
            {pins.map(({ uuid, name }) => <Link key={uuid} href={addressOf({ at: 'guest', host, uuid, tab: 'cpu' })} underline="hover" sx={{ ...label, color: 'text.primary' }}>{name}</Link>)}
          </Box>
          <Box>
            <Headings layout={layout} topology={topology} freeKiB={freeKiB} kinds={cpuKinds} onSpan={null} />
            {answering && <Heat host={host} layout={layout} />}
            {pins.map(({ uuid, name, cpus }) => {
              const set = CpuSet.parse(cpus);
              return (
                <Box key={uuid} role="img" aria-label={`${name} is pinned to CPUs ${cpus}`} title={`${name}: CPUs ${cpus}`} sx={{ position: 'relative', height: 24 }} style={{ width: layout.width }}>
                  {layout.columns.map((column) => (
                    <Box key={column.cpu} sx={{ position: 'absolute', top: 1, height: 22, borderRadius: '3px' }} style={{ left: column.x, width: layout.cell, backgroundColor: set.has(column.cpu) ? nodes[column.node % nodes.length] : cell }} />
                  ))}
                </Box>
              );
            })}
          </Box>
        </Box>
      </Box>
      {pins.length === 0 && <Box sx={{ mt: 1, color: 'text.secondary' }}>No running guest is pinned: all of them float over all CPUs.</Box>}
    </Card>
  );
};

const MemoryCard = ({ description: { topology, freeKiB, memoryKiB }, guests }: { readonly description: HostDescription; readonly guests: readonly FleetGuest[] }): ReactNode => {
  const given = guests.filter(({ state }) => isActive(state)).reduce((sum, guest) => sum + guest.memoryKiB, 0);
  return (
    <Card title="Memory">
      <Box sx={{ display: 'grid', gridTemplateColumns: 'max-content 1fr max-content', gap: '10px 14px', alignItems: 'center' }}>
        {topology.cells.map((cell) => {
          const free = freeKiB[cell.id];
          const used = cell.memory === null || free === undefined ? null : cell.memory - free;
          const says = used === null || cell.memory === null ? 'use not known' : `${memory(used)} of ${memory(cell.memory)} in use`;
          return (
            <Box key={cell.id} sx={{ display: 'contents' }}>
              <span>NUMA node {cell.id}</span>
              <Bar share={used === null || cell.memory === null ? null : used / cell.memory} label={`NUMA node ${cell.id}: ${says}`} width="100%" />
              <Box component="span" sx={{ color: 'text.secondary' }}>{says}</Box>
            </Box>
          );
        })}
        <span>Given to guests</span>
        <Bar share={given / Math.max(1, memoryKiB)} label={`${memory(given)} of ${memory(memoryKiB)} given to running guests`} width="100%" />
        <Box component="span" sx={{ color: 'text.secondary' }}>{memory(given)} of {memory(memoryKiB)}</Box>
      </Box>
    </Card>
  );
};

export const HostPicture = ({ connection, description, guests, beside }: {
  readonly connection: Connection;
  readonly description: HostDescription;
  readonly guests: readonly FleetGuest[];
  /** Stands beside memory and daemon. */
  readonly beside: ReactNode;
}): ReactNode => {
  const { topology } = description;
  const cores = topology.cells.reduce((sum, cell) => sum + coresOf(cell).length, 0);
  const cpus = onlineCpus(topology).size;
  const running = guests.filter(({ state }) => isActive(state));
  const vcpus = running.reduce((sum, guest) => sum + guest.vcpus, 0);
  const answering = connection.state.phase === 'ready';
  return (
    <Box sx={{ display: 'grid', gap: '14px', opacity: answering ? 1 : 0.62 }}>
      <TopologyCard host={connection.id} description={description} answering={answering} />
      <OvercommitCard description={description} guests={guests} />
      {answering && <HostPictures host={connection.id} description={description} />}
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' }, gap: '14px', alignItems: 'start' }}>
        <Box sx={{ display: 'grid', gap: '14px', alignContent: 'start' }}>
          <MemoryCard description={description} guests={guests} />
          <Card title="Host">
            <Facts facts={[
              ['Host name', description.hostname],
              ['Daemon', `libvirt ${description.libvirtVersion}, ${description.hypervisor}`],
              ['Processors', `${description.model}: ${count(topology.cells.length, 'NUMA node')}, ${count(cores, 'core')}, ${count(cpus, 'CPU')}`],
              ['Guests', `${running.length} of ${guests.length} running, ${count(vcpus, 'vCPU')} on ${count(cpus, 'CPU')}`],
            ]} />
          </Card>
        </Box>
        {beside}
      </Box>
    </Box>
  );
};
