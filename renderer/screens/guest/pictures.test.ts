// The pictures of a guest, from the curves that main tells.
import { describe, expect, it } from 'vitest';
import { colors } from '../../ui/colors.ts';
import { picturesOf } from './pictures.ts';

const bounds = { vcpus: 2, memoryKiB: 1024, memoryMaximumKiB: 2048 };
const cards = (values: Readonly<Record<string, readonly (number | null)[]>>, range: 'minutes' | 'days' = 'minutes') => picturesOf(new Map(Object.entries(values)), range, bounds, colors.light, 'bytes');
const curvesIn = (of: ReturnType<typeof cards>, label: string) => of.flatMap(({ pictures }) => pictures).find((one) => one.label === label)?.curves.map(({ name, values, limit }) => ({ name, values, limit }));

describe('pictures', () => {
  it('show CPU in parts of one CPU under what the guest has of them, with what was waited and stolen', () => {
    expect(curvesIn(cards({ cpu: [0.5, null], wait: [0.25, 0], steal: [0, 0.1] }), 'CPU in all')).toEqual([
      { name: 'in use', values: [50, null], limit: 200 }, { name: 'waiting', values: [25, 0] }, { name: 'stolen', values: [0, 10] },
    ]);
  });

  it('have a line for each vCPU, and of many the busiest, the mean and the idlest', () => {
    expect(curvesIn(cards({ 'vcpu.1': [1], 'vcpu.0': [0.5] }), 'Each vCPU')?.map(({ name }) => name)).toEqual(['vCPU 0', 'vCPU 1']);
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, vcpu) => [`vcpu.${vcpu}`, [vcpu / 10, null]]));
    expect(curvesIn(cards(many), 'Each vCPU')).toMatchObject([{ name: 'busiest', values: [90, null] }, { name: 'mean', values: [45, null] }, { name: 'idlest', values: [0, null] }]);
  });

  it('are of each disk and each NIC; those of all together are there where they say more', () => {
    const one = { 'disk.vda.readBytes': [1], 'disk.vda.writeLatency': [2e6], 'nic.vnet0.receiveBytes': [1] };
    expect(cards(one).map(({ title }) => title)).toEqual(['CPU', 'Memory', 'NIC vnet0', 'Disk vda']);
    expect(curvesIn(cards(one), 'Disk vda, how long one takes')).toMatchObject([{ name: 'read', values: [] }, { name: 'written', values: [2e6] }]);
    expect(cards({ ...one, 'disk.vdb.readBytes': [1] }).map(({ title }) => title)).toEqual(['CPU', 'Memory', 'Disks together', 'NIC vnet0', 'Disk vda', 'Disk vdb']);
    expect(cards({ cpu: [1] }, 'days').map(({ title }) => title)).toEqual(['CPU', 'Memory', 'Disks together', 'Network together']);
    expect(cards({ 'disk.vda.readBytes': [1], 'nic.1.receiveBytes': [1] }, 'days').map(({ title }) => title)).toEqual(['CPU', 'Memory', 'Disks together', 'Network together', 'NIC 1', 'Disk vda']);
  });
});
