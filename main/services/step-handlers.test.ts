// Steps that a guest may come to late.
import { expect, it } from 'vitest';
import { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { connectedMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const failing = (code: number) => async (): Promise<never> =>
  await Promise.reject(new LibvirtError({ code, domain: 10, message: 'No.', level: 2, dom: null, str1: null, str2: null, str3: null, int1: -1, int2: -1, net: null }, 'it'));

it('a vCPU that the guest does not let go in time is no failure, but told as not there yet', async () => {
  const { ask } = await connectedMain();
  const uuid = await uuidOf(ask, 'web-03');
  const tune = async (current: number) => await ask('tuning', 'apply', { host, uuid, wanted: { live: { vcpus: { '': { current, maximum: 8 } } } }, basis: (await ask('tuning', 'read', { host, uuid })).basis });
  expect((await tune(5)).outcome).toBe('complete');
  const calls: { code: number } = { code: errorCode.operationTimeout };
  intercept({ domainSetVcpusFlags: async () => await failing(calls.code)() });
  expect(await tune(4)).toMatchObject({ outcome: 'unconfirmed', steps: [{ outcome: 'done' }], unconfirmed: [{ knob: 'vcpus', to: { current: 4 } }] });
  calls.code = errorCode.operationFailed;
  expect(await tune(4)).toMatchObject({ outcome: 'put-back', steps: [{ outcome: 'failed' }] });
});
