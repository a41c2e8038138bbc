// The list of all knobs. Everything that shows, plans, applies or undoes settings is a loop over it.
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { autostart } from './autostart.ts';
import { balloon } from './balloon.ts';
import { blockDevices } from './block-devices.ts';
import { blockWeight } from './block-weight.ts';
import { channels } from './channels.ts';
import { cpuCache } from './cpu-cache.ts';
import { cpuFeatures, nestedVirtualization } from './cpu-features.ts';
import { cpuModel } from './cpu-model.ts';
import { cpuQuota } from './cpu-quota.ts';
import { cpuShares } from './cpu-shares.ts';
import { cpuTopology } from './cpu-topology.ts';
import { defaultIoThread } from './default-io-thread.ts';
import { diskBlockSizes } from './disk-block-sizes.ts';
import { diskDriver } from './disk-driver.ts';
import { diskIoThreads } from './disk-io-threads.ts';
import { diskList } from './disk-list.ts';
import { diskThrottling } from './disk-throttling.ts';
import { throttleFilters, throttleGroups } from './throttle-groups.ts';
import { scsiControllers } from './scsi-controllers.ts';
import { emulatorPinning } from './emulator-pinning.ts';
import { guestNuma } from './guest-numa.ts';
import { ioThreadPinning } from './io-thread-pinning.ts';
import { ioThreadPolling } from './io-thread-polling.ts';
import { ioThreads } from './io-threads.ts';
import { currentMemory } from './current-memory.ts';
import { type DefinitionWish, definitionWish } from './definition.ts';
import { filesystems } from './filesystems.ts';
import { guestWords } from './guest-words.ts';
import { hostDevices } from './host-devices.ts';
import { hugepages } from './hugepages.ts';
import type { Facts, Finding, Knob, Truth, Unit } from './knob.ts';
import { lifecycle } from './lifecycle.ts';
import { machine } from './machine.ts';
import { maxMemory } from './max-memory.ts';
import { memoryBacking } from './memory-backing.ts';
import { memoryDevices } from './memory-devices.ts';
import { memoryLimits } from './memory-limits.ts';
import { memoryStatsPeriod } from './memory-stats-period.ts';
import { memory } from './memory.ts';
import { nicBandwidth } from './nic-bandwidth.ts';
import { nicDriver } from './nic-driver.ts';
import { nicLink } from './nic-link.ts';
import { nicPort } from './nic-port.ts';
import { nics } from './nics.ts';
import { memnode, numaMemory } from './numa-memory.ts';
import { panics } from './panics.ts';
import { partition } from './partition.ts';
import { cacheTune, memoryTune } from './resctrl-tuning.ts';
import { rngs } from './rngs.ts';
import { emulatorScheduler, ioThreadScheduler, vcpuScheduler } from './schedulers.ts';
import { seclabels } from './seclabels.ts';
import { smbiosMode, sysinfo } from './smbios.ts';
import { tpm } from './tpm.ts';
import { vcpuState } from './vcpu-state.ts';
import { vcpus } from './vcpus.ts';
import { vcpuPinning } from './vcpu-pinning.ts';
import { watchdogs } from './watchdogs.ts';

/** In the order in which panels show them and plans take their steps. */
const list = {
  vcpus, vcpuState, ioThreads, vcpuPinning, emulatorPinning, ioThreadPinning, cpuShares, cpuQuota, partition, cacheTune, memoryTune, ioThreadPolling, defaultIoThread,
  emulatorScheduler, vcpuScheduler, ioThreadScheduler, cpuModel, cpuFeatures, nestedVirtualization, cpuTopology, cpuCache, guestNuma,
  memory, maxMemory, memoryDevices, currentMemory, balloon, memoryStatsPeriod, memoryLimits, hugepages, memoryBacking, numaMemory, memnode,
  nics, nicLink, nicPort, nicBandwidth, nicDriver,
  diskList, diskThrottling, throttleGroups, throttleFilters, blockWeight, blockDevices, diskDriver, diskIoThreads, diskBlockSizes, scsiControllers,
  guestWords, autostart, lifecycle,
  channels, watchdogs, panics, rngs, tpm, filesystems, hostDevices, machine, smbiosMode, sysinfo, seclabels,
};

export type KnobName = keyof typeof list;
type Values = { readonly [K in KnobName]: (typeof list)[K] extends Knob<infer V> ? V : never };
/** The type of a knob's value. */
export type KnobValue<K extends KnobName = KnobName> = Values[K];

/** Every knob by its name. */
export const knobs: { readonly [K in KnobName]: Knob<KnobValue<K>> } = list;
export const knobNames = Object.keys(list) as [KnobName, ...KnobName[]];

/** Every knob with every unit of one guest, in one truth. */
export type Settings = { readonly [K in KnobName]: Readonly<Record<Unit, KnobValue<K>>> };

/** Settings where only what is meant is named. */
export type SomeSettings = Partial<Settings>;

/** What is wanted: only the units that differ need to be named. */
export interface Wanted {
  readonly live?: SomeSettings;
  readonly saved?: SomeSettings;
  /** The saved definition as a text; what is wanted of saved settings is written into it. */
  readonly definition?: DefinitionWish;
}

const unitsOf = <K extends KnobName>(name: K): z.ZodType => z.record(knobs[name].unit, knobs[name].value).readonly();
const shapeOf = (entry: (name: KnobName) => z.ZodType): Record<string, z.ZodType> => Object.fromEntries(knobNames.map((name) => [name, entry(name)]));

// Both schemas hold each knob under its name with its own value schema; the loop cannot tell the compiler so.

/** Settings as they cross processes: an unknown knob, a malformed unit or value is refused. */
export const settings = z.strictObject(shapeOf(unitsOf)).readonly() as unknown as z.ZodType<Settings, Settings>;

const someSettings = z.strictObject(shapeOf((name) => unitsOf(name).exactOptional())).readonly() as unknown as z.ZodType<SomeSettings, SomeSettings>;

/** What is wanted, as it crosses processes. */
export const wanted: z.ZodType<Wanted, Wanted> = z.strictObject({ live: someSettings.exactOptional(), saved: someSettings.exactOptional(), definition: definitionWish.exactOptional() }).readonly();

/** Reads every knob of a guest from its XML. */
export const readSettings = (xml: DomainXml, facts: Facts): Settings =>
  // Complete, since the loop visits every name.
  Object.fromEntries(knobNames.map((name) => [name, knobs[name].read(xml, facts)])) as Settings;

/**
 * What speaks against one value of any form, as its form and its knob tell.
 * @param after the definition of that truth with everything else that is wanted; null = the guest has none.
 */
export function checkSetting<K extends KnobName>(name: K, unit: Unit, truth: Truth, value: unknown, facts: Facts, after: DomainXml | null): readonly Finding[] {
  const knob: Knob<KnobValue<K>> = knobs[name];
  const read = knob.value.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const field = issue?.path.join('.') ?? '';
    return [{ level: 'error', message: `${knob.name(unit)}: ${issue?.message ?? 'not understood'}.`, ...(field !== '' && { field }) }];
  }
  if (after === null) return [];
  const copy = after.clone();
  knob.write(copy, unit, read.data);
  return knob.check(read.data, unit, truth, facts, copy);
}

/** A value of any form as one of this knob; null when it is none. */
export const settingOf = <K extends KnobName>(name: K, value: unknown): { readonly value: KnobValue<K> } | null => {
  const read = (knobs[name] as Knob<KnobValue<K>>).value.safeParse(value);
  return read.success ? { value: read.data } : null;
};
