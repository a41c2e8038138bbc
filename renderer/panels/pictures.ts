// Knobs that are drawn by a picture of their own instead of, or above, the rows of their card.
import type { ReactNode } from 'react';
import type { KnobName } from '../../app/tuning/knobs.ts';
import { DiskStorage } from './disk-storage.tsx';
import { DiskRates } from './disk-rates.tsx';
import { HostDeviceList } from './host-device-list.tsx';
import { InsideVcpus } from './inside-vcpus.tsx';
import { IoThreadLoads } from './io-thread-loads.tsx';
import { MemoryBar } from './memory-bar.tsx';
import { NicAddresses } from './nic-addresses.tsx';
import { NicRates } from './nic-rates.tsx';
import { PluggedMemory } from './plugged-memory.tsx';
import type { Tuning } from './tuning.ts';

interface Picture {
  readonly Draw: (props: { readonly tuning: Tuning }) => ReactNode;
  /** Its card takes the whole width. */
  readonly wide: boolean;
}

export const pictures: { readonly [K in KnobName]?: Picture } = {
  vcpus: { Draw: InsideVcpus, wide: false },
  ioThreads: { Draw: IoThreadLoads, wide: false },
  currentMemory: { Draw: MemoryBar, wide: true },
  memoryDevices: { Draw: PluggedMemory, wide: true },
  diskList: { Draw: DiskStorage, wide: true },
  diskThrottling: { Draw: DiskRates, wide: true },
  hostDevices: { Draw: HostDeviceList, wide: false },
  nics: { Draw: NicAddresses, wide: true },
  nicBandwidth: { Draw: NicRates, wide: true },
};
