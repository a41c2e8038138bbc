// Placing guests of the demo host: the plan that comes of it, applied, is what the host shows.
import { expect, it } from 'vitest';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { connectedMain } from './demo-main.test-peer.ts';

const host = 'demo';
const policy = { policy: 'dedicated', siblings: 'prefer' } as const;
const kept = { cpus: '^0', cores: 1 };

it('guests get CPUs of their own, away from the others and from what is kept, and the host shows them', async () => {
  const { ask } = await connectedMain();
  const guests = (await ask('guests', 'list', { host })).filter(({ state, persistent }) => state === 'running' && persistent).slice(0, 2);
  const placed = await ask('tuning', 'place', { host, kept, guests: guests.map(({ uuid }) => ({ uuid, ...policy })) });
  const own: number[] = [];
  for (const one of placed) {
    if (one.outcome !== 'placed') throw new Error(one.reason);
    const applied = await ask('tuning', 'apply', { host, uuid: one.uuid, wanted: one.wanted, basis: one.basis });
    expect(applied.outcome).toBe('complete');
    const pins = Object.values(applied.reading.live?.vcpuPinning ?? {}).filter((pin) => pin !== null);
    expect(pins).toEqual(one.vcpus);
    own.push(...pins.map(Number));
  }
  expect(new Set(own).size).toBe(own.length);
  const { pins, topology } = await ask('hosts', 'describe', { host });
  const others = pins.filter(({ uuid }) => !guests.some((guest) => guest.uuid === uuid)).map(({ cpus }) => CpuSet.parse(cpus));
  expect(others.some((cpus) => own.some((cpu) => cpus.has(cpu)))).toBe(false);
  const [first] = topology.cells;
  expect(own).not.toContain(first?.cpus[0]?.id);
});

it('what finds no place says why, and what cannot be read as CPUs is refused at its field', async () => {
  const { ask } = await connectedMain();
  const [guest] = (await ask('guests', 'list', { host })).filter(({ vcpus }) => vcpus > 1);
  const guests = [{ uuid: guest?.uuid ?? '', ...policy }];
  const [placed] = await ask('tuning', 'place', { host, guests, kept: { cpus: '0-30', cores: 0 } });
  expect(placed).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/^It needs \d+ CPUs of its own, and the host has \d+ free\.$/) });
  await expect(ask('tuning', 'place', { host, guests, kept: { cpus: '0-', cores: 0 } })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'kept.cpus' } });
  await expect(ask('tuning', 'place', { host, guests: [...guests, ...guests], kept })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'guests' } });
});
