// What cannot be is refused in words before the host is asked, with the setting it is about: over the demo host, every call watched.
import { describe, expect, it } from 'vitest';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { connectedMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const gib = 1_048_576;
const dimm = { model: 'dimm', size: gib, node: 0, requested: null, block: null, pagesize: null, nodemask: null, access: null, discard: null } as const;
const cell = { cpus: '0-3', memory: 16 * gib, memAccess: null, discard: null };

const wrong: readonly (readonly [what: string, guest: string, wanted: Wanted, field: string, words: RegExp])[] = [
  ['a cpuset beyond the host', 'db-primary', { live: { vcpuPinning: { 0: '0-99' } } }, 'wanted.live.vcpuPinning.0', /^The host has no CPUs 32-99; its CPUs are 0-31\.$/],
  ['a cpuset that is none', 'db-primary', { saved: { emulatorPinning: { '': '1-' } } }, 'wanted.saved.emulatorPinning', /A CPU number|cpuset|1-/],
  ['cells that overlap', 'db-primary', { saved: { guestNuma: { '': [cell, { ...cell, cpus: '3-7' }] } } }, 'wanted.saved.guestNuma', /^vCPU 3 is in two cells\.$/],
  ['a quota of 999', 'web-01', { live: { cpuQuota: { vcpu: { period: null, quota: 999 } } } }, 'wanted.live.cpuQuota.vcpu', /Quotas go from 1000 µs/],
  ['a period of 999', 'web-01', { saved: { cpuQuota: { global: { period: 999, quota: 5000 } } } }, 'wanted.saved.cpuQuota.global', /Periods go from 1000 µs/],
  ['a share of 1', 'web-01', { live: { cpuShares: { '': 1 } } }, 'wanted.live.cpuShares', /from 2 to 10000/],
  ['a balloon above the maximum', 'mail', { live: { currentMemory: { '': 7 * gib } } }, 'wanted.live.currentMemory', /6 GiB/],
  ['a DIMM that is not aligned', 'k8s-worker-1', { live: { memoryDevices: { '': [{ ...dimm, size: 100 * 1024 }] } } }, 'wanted.live.memoryDevices', /multiple of 128 MiB/],
  ['a DIMM on a node that is not there', 'k8s-worker-1', { saved: { memoryDevices: { '': [{ ...dimm, node: 4 }] } } }, 'wanted.saved.memoryDevices', /no node 4/],
  ['more DIMMs than slots', 'k8s-worker-1', { live: { memoryDevices: { '': Array.from({ length: 9 }, () => dimm) } } }, 'wanted.live.memoryDevices', /8 slots for DIMMs, and this takes 9/],
  ['more memory than there is room for', 'k8s-worker-1', { saved: { memoryDevices: { '': [{ ...dimm, size: 80 * gib }] } } }, 'wanted.saved.memoryDevices', /the most this guest can have is 96 GiB/],
  ['more vCPUs than there may be', 'db-primary', { live: { vcpus: { '': { current: 9, maximum: 8 } } } }, 'wanted.live.vcpus', /at most 8 vCPUs cannot have 9/],
  ['a topology that does not make the maximum', 'db-primary', { saved: { vcpus: { '': { current: 6, maximum: 6 } } } }, 'wanted.saved.vcpus', /8/],
  ['fewer workers at most than are kept', 'db-primary', { live: { ioThreadPolling: { 1: { poll_max_ns: null, poll_grow: null, poll_shrink: null, thread_pool_min: 9, thread_pool_max: 4 } } } }, 'wanted.live.ioThreadPolling.1', /cannot be more than workers at most/],
  ['an I/O thread that a disk uses taken away', 'db-primary', { saved: { ioThreads: { '': [{ id: 1 }] } } }, 'wanted.saved.ioThreads', /I\/O thread 2 is used by disk vdc/],
  ['a real-time priority without a scheduler for it', 'web-01', { saved: { vcpuScheduler: { 0: { scheduler: null, priority: 5 } } } }, 'wanted.saved.vcpuScheduler.0', /Only fifo and rr have a priority/],
  ['hugepages that the host does not have', 'k8s-worker-1', { saved: { hugepages: { '': [{ size: 1024, nodeset: null }] } } }, 'wanted.saved.hugepages', /The host has no pages of 1 MiB/],
  ['hugepages that cannot fit', 'etl-night', { saved: { hugepages: { '': [{ size: 2048, nodeset: null }] } } }, 'wanted.saved.hugepages', /so the guest could not start/],
  ['a node the host does not have', 'web-01', { saved: { numaMemory: { '': { mode: 'strict', nodeset: '7', placement: null } } } }, 'wanted.saved.numaMemory', /7/],
  ['another NUMA mode while it runs', 'db-primary', { live: { numaMemory: { '': { mode: 'interleave', nodeset: '0-1', placement: null } } } }, 'wanted.live.numaMemory', /only in mode restrictive/],
  ['a soft limit above the hard one', 'k8s-worker-1', { live: { memoryLimits: { '': { hard_limit: 28 * gib, soft_limit: 30 * gib, swap_hard_limit: null, min_guarantee: null } } } }, 'wanted.live.memoryLimits', /would never act/],
];

/** Whether a call only reads. */
const reads = (name: string): boolean => /^(domain|connect|node)(Get|Is|List|Lookup|NumOf)/.test(name);

describe('wrong input', () => {
  it.each(wrong)('%s is refused in words, and the host is asked for nothing', async (_what, name, wanted, field, words) => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, name);
    const { basis, savedXml } = await ask('tuning', 'read', { host, uuid });
    const { called } = intercept();
    await expect(ask('tuning', 'apply', { host, uuid, basis, wanted })).rejects.toMatchObject({ refusal: { code: expect.stringMatching(/^(plan-invalid|bad-input)$/), field: expect.stringContaining(field), message: expect.stringMatching(words) } });
    expect(called.filter((call) => !reads(call))).toEqual([]);
    expect((await ask('tuning', 'read', { host, uuid })).savedXml).toBe(savedXml);
  });
});
