// Our constants against libvirt's own names and values.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as constants from './constants.ts';

/** Where each group's names come from: `domainState.running` is VIR_DOMAIN_ + RUNNING. `whole`: the group leaves none of them out. */
const groups: Readonly<Record<Exclude<keyof typeof constants, 'lifecycleDetail'>, { readonly prefix: string; readonly whole?: true }>> = {
  affect: { prefix: 'VIR_DOMAIN_AFFECT_', whole: true },
  authType: { prefix: 'REMOTE_AUTH_' },
  blockResizeFlag: { prefix: 'VIR_DOMAIN_BLOCK_RESIZE_' },
  channelFlag: { prefix: 'VIR_DOMAIN_CHANNEL_', whole: true },
  closeReason: { prefix: 'VIR_CONNECT_CLOSE_REASON_', whole: true },
  connectFlag: { prefix: 'VIR_CONNECT_' },
  consoleFlag: { prefix: 'VIR_DOMAIN_CONSOLE_', whole: true },
  defineFlag: { prefix: 'VIR_DOMAIN_DEFINE_', whole: true },
  destroyFlag: { prefix: 'VIR_DOMAIN_DESTROY_', whole: true },
  domainEventId: { prefix: 'VIR_DOMAIN_EVENT_ID_', whole: true },
  domainState: { prefix: 'VIR_DOMAIN_' },
  driverFeature: { prefix: 'VIR_DRV_FEATURE_', whole: true },
  errorCode: { prefix: 'VIR_ERR_' },
  errorDomain: { prefix: 'VIR_FROM_', whole: true },
  errorLevel: { prefix: 'VIR_ERR_' },
  lifecycle: { prefix: 'VIR_DOMAIN_LIFECYCLE_' },
  lifecycleAction: { prefix: 'VIR_DOMAIN_LIFECYCLE_ACTION_', whole: true },
  lifecycleEvent: { prefix: 'VIR_DOMAIN_EVENT_' },
  listDomains: { prefix: 'VIR_CONNECT_LIST_DOMAINS_', whole: true },
  memoryFlag: { prefix: 'VIR_DOMAIN_MEM_' },
  memoryStatTag: { prefix: 'VIR_DOMAIN_MEMORY_STAT_', whole: true },
  metadataType: { prefix: 'VIR_DOMAIN_METADATA_', whole: true },
  networkEventId: { prefix: 'VIR_NETWORK_EVENT_ID_', whole: true },
  nodeDeviceEventId: { prefix: 'VIR_NODE_DEVICE_EVENT_ID_', whole: true },
  numaMode: { prefix: 'VIR_DOMAIN_NUMATUNE_MEM_', whole: true },
  rebootFlag: { prefix: 'VIR_DOMAIN_REBOOT_', whole: true },
  saveFlag: { prefix: 'VIR_DOMAIN_SAVE_' },
  secretEventId: { prefix: 'VIR_SECRET_EVENT_ID_', whole: true },
  shutdownFlag: { prefix: 'VIR_DOMAIN_SHUTDOWN_' },
  startFlag: { prefix: 'VIR_DOMAIN_START_', whole: true },
  statsFlag: { prefix: 'VIR_CONNECT_GET_ALL_DOMAINS_STATS_', whole: true },
  statsGroup: { prefix: 'VIR_DOMAIN_STATS_' },
  storagePoolEventId: { prefix: 'VIR_STORAGE_POOL_EVENT_ID_', whole: true },
  typedParamFlag: { prefix: 'VIR_TYPED_PARAM_' },
  typedParamType: { prefix: 'VIR_TYPED_PARAM_' },
  undefineFlag: { prefix: 'VIR_DOMAIN_UNDEFINE_', whole: true },
  vcpuFlag: { prefix: 'VIR_DOMAIN_VCPU_' },
  vcpuState: { prefix: 'VIR_VCPU_' },
  xmlFlag: { prefix: 'VIR_DOMAIN_XML_', whole: true },
};

const shouted = (name: string): string => name.replace(/[A-Z]|(?<=[a-z])\d+$/g, (part) => `_${part}`).toUpperCase();

/** A group by libvirt's names. */
const named = (prefix: string, group: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(group).map(([key, value]) =>
      prefix === 'VIR_ERR_' && key.startsWith('war') && key !== 'warning'
        ? [`VIR_${shouted(key)}`, value]
        : [`${prefix}${shouted(key)}`, value],
    ),
  );

const file = new URL('../../../shared/protocol/constants.json', import.meta.url);
const absent = !existsSync(file);
const notice = absent ? ' (skipped: ../shared/protocol/constants.json is not there)' : '';
const value = z.object({ value: z.union([z.number(), z.string(), z.null()]) });
const schema = z.object({
  flat: z.record(z.string(), z.union([z.number(), z.string()])),
  driverFeatures: z.record(z.string(), z.number()),
  'after12.3': z.object({ note: z.string() }).catchall(value),
});

/** libvirt's numbers by name; those that mark the end of an enumeration are left out. */
const reference = (): Readonly<Record<string, number>> => {
  const { flat, driverFeatures, 'after12.3': later } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { note: _, ...added } = later;
  const all = [
    ...Object.entries(flat),
    ...Object.entries(driverFeatures),
    ...Object.entries(added).map(([name, { value: number }]) => [name, number] as const),
    // From the protocol's own enumeration, remote_auth_type.
    ...Object.entries({ REMOTE_AUTH_NONE: 0, REMOTE_AUTH_SASL: 1, REMOTE_AUTH_POLKIT: 2 }),
  ];
  const numbers: [string, number][] = [];
  for (const [name, number] of all) if (typeof number === 'number' && !/_(LAST|NR)$/.test(name)) numbers.push([name, number]);
  return Object.fromEntries(numbers);
};

describe('the constants', () => {
  it.skipIf(absent)(`have libvirt’s names and values${notice}`, () => {
    const expected = reference();
    const ours = Object.entries(groups).flatMap(([group, { prefix }]) => Object.entries(named(prefix, constants[group as keyof typeof groups])));
    expect(ours).toEqual(ours.map(([name]) => [name, expected[name]]));
  });

  it.skipIf(absent)(`leave nothing out where a group is whole${notice}`, () => {
    const expected = Object.entries(reference());
    for (const [group, { prefix, whole }] of Object.entries(groups)) {
      if (whole !== true) continue;
      expect(named(prefix, constants[group as keyof typeof groups]), group).toEqual(Object.fromEntries(expected.filter(([name]) => name.startsWith(prefix))));
    }
  });

  it.skipIf(absent)(`give each lifecycle event its own details${notice}`, () => {
    const expected = Object.entries(reference());
    for (const [kind, details] of Object.entries(constants.lifecycleDetail)) {
      const prefix = `VIR_DOMAIN_EVENT_${shouted(kind)}_`;
      expect(named(prefix, details), kind).toEqual(Object.fromEntries(expected.filter(([name]) => name.startsWith(prefix))));
    }
    expect(Object.keys(constants.lifecycleDetail)).toEqual(Object.keys(constants.lifecycleEvent));
  });

  it('number errors from 0 to 114 and their domains from 0 to 72 without a gap', () => {
    expect(Object.values(constants.errorCode)).toEqual(Array.from({ length: 115 }, (_, index) => index));
    expect(Object.values(constants.errorDomain)).toEqual(Array.from({ length: 73 }, (_, index) => index));
  });
});
