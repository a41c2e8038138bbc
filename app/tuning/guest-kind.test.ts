import { expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { guestKind, hasSetting } from './guest-kind.ts';
import { knobNames, knobs } from './knobs.ts';

const shown = (type: string): readonly string[] => knobNames.filter((name) => hasSetting(guestKind(DomainXml.parse(`<domain type='${type}'/>`)), knobs[name]));

it('a container has the settings that control groups make, and none of a machine', () => {
  expect(shown('lxc')).toEqual(expect.arrayContaining(['cpuShares', 'cpuQuota', 'memory', 'currentMemory', 'memoryLimits', 'numaMemory']));
  for (const name of ['vcpuPinning', 'ioThreads', 'cpuModel', 'cpuTopology', 'hugepages', 'memoryBacking', 'vcpuScheduler', 'nestedVirtualization']) expect(shown('lxc')).not.toContain(name);
});

it('a guest of QEMU has all of them, and so has one of a kind that is not known', () => {
  for (const type of ['kvm', 'qemu', 'hvf', 'test', 'bhyve']) expect(shown(type)).toEqual(knobNames);
});

it('a guest of Xen has pins and cells', () => expect(shown('xen')).toEqual(expect.arrayContaining(['vcpuPinning', 'guestNuma'])));
