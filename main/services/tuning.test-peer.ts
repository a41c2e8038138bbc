// What the tests of tuning on the demo host share: a guest to tune, what came of it, and calls that fail.
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import type { Asking } from './asking.test-peer.ts';
import { connectedMain, type DemoMain, intercept, type Intercepted, uuidOf } from './demo-main.test-peer.ts';

export const host = 'demo';
export interface Scene extends DemoMain {
  readonly uuid: string;
  readonly read: () => Promise<Reading>;
  readonly apply: (wanted: Wanted) => Promise<Applied>;
}
export const scene = async (name = 'web-01', options: Parameters<typeof connectedMain>[0] = {}): Promise<Scene> => {
  const demo = await connectedMain(options);
  const uuid = await uuidOf(demo.ask, name);
  const read = async (): Promise<Reading> => await demo.ask('tuning', 'read', { host, uuid });
  return { ...demo, uuid, read, apply: async (wanted) => await demo.ask('tuning', 'apply', { host, uuid, wanted, basis: (await read()).basis }) };
};
export const settings = ({ live, saved }: Reading) => ({ live, saved });
export const outcomes = ({ outcome, steps }: Applied): readonly string[] => [outcome, ...steps.map((step) => step.outcome)];
export const merged = (before: Reading, wanted: { readonly live: Wanted['live'] | undefined; readonly saved: Wanted['saved'] | undefined }): unknown =>
  Object.fromEntries((['live', 'saved'] as const).map((truth) => [truth, Object.fromEntries(Object.entries(before[truth] ?? {}).map(([knob, units]) => {
    const more = Object.entries(wanted[truth] ?? {}).find(([name]) => name === knob)?.[1];
    return [knob, { ...units, ...more }];
  }))]));
export const undo = async (ask: Asking, id: string | null): Promise<Applied> => {
  const { wanted, basis, uuid } = await ask('history', 'undo', { id: id ?? '' });
  return await ask('tuning', 'apply', { host, uuid, wanted, basis });
};
export const failure = async (): Promise<never> =>
  await Promise.reject(new LibvirtError({ code: errorCode.operationFailed, domain: 10, message: 'No.', level: 2, dom: null, str1: null, str2: null, str3: null, int1: -1, int2: -1, net: null }, 'it'));
export const setters = ['domainPinVcpuFlags', 'domainPinEmulator', 'domainSetSchedulerParametersFlags', 'domainDefineXmlFlags'] as const;
/** Setting calls, counted from the last `set`, go through what was set. */
export const interceptSetters = () => {
  let nth = 0;
  let instead: (call: Intercepted) => Promise<unknown> = async ({ pass }) => await pass();
  intercept(Object.fromEntries(setters.map((name) => [name, async (call: Intercepted) => await instead({ ...call, nth: nth++ })])));
  return {
    set: (other: (call: Intercepted) => Promise<unknown>) => {
      nth = 0;
      instead = other;
    },
  };
};

export const all = { vcpuPinning: { '0': '4-7', '3': '1' }, emulatorPinning: { '': '8,9' }, cpuShares: { '': 512 } };
export const five: Wanted = { live: all, saved: { vcpuPinning: { '0': '4-7', '1': '2' }, emulatorPinning: { '': null }, cpuShares: { '': 300 } } };
