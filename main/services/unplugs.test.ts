// What a guest was asked to give back, from the request to what it says: over the demo host, with its answers held back.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Fault } from '../demo/fault.ts';
import { DomainEvents } from '../libvirt/domain-events.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { connectedMain, type DemoMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const dimm = { model: 'dimm', size: 1_048_576, node: 0, requested: null, block: null, pagesize: null, nodemask: null, access: null, discard: null } as const;

const says = (code: 'operationFailed' | 'operationTimeout', message: string): LibvirtError => new LibvirtError(new Fault(code, 'qemu', message).error, 'it');

/** Main with a hand on what its host is heard to say. */
const heard = async (): Promise<{ readonly demo: DemoMain; readonly say: (name: string, message: unknown) => void }> => {
  const hearers = new Map<string, (message: never) => void>();
  const real = DomainEvents.prototype.on;
  const spy = vi.spyOn(DomainEvents.prototype, 'on').mockImplementation(function on(this: DomainEvents, name, hear) {
    hearers.set(name, hear);
    return Reflect.apply(real, this, [name, hear]);
  });
  onTestFinished(() => spy.mockRestore());
  const demo = await connectedMain();
  return { demo, say: (name, message) => hearers.get(name)?.(message as never) };
};
const openOf = async ({ ask }: DemoMain, uuid: string) => (await ask('tuning', 'read', { host, uuid })).facts.unplugs;
const applied = async ({ ask }: DemoMain, uuid: string, live: object) => {
  const { basis } = await ask('tuning', 'read', { host, uuid });
  return await ask('tuning', 'apply', { host, uuid, basis, wanted: { live } });
};

describe('a DIMM that a guest does not give back at once', () => {
  it('is known as asked for, then as refused, until the guest stops', async () => {
    const { demo, say } = await heard();
    const uuid = await uuidOf(demo.ask, 'k8s-worker-1');
    expect((await applied(demo, uuid, { memoryDevices: { '': [dimm] } })).outcome).toBe('complete');
    intercept({ domainDetachDeviceFlags: async () => await Promise.resolve({}) });
    expect(await applied(demo, uuid, { memoryDevices: { '': [] } })).toMatchObject({ outcome: 'unconfirmed', reading: { facts: { unplugs: [{ alias: 'dimm0', refused: null }] } } });
    say('deviceRemovalFailed', { dom: { uuid }, devAlias: 'dimm0' });
    expect(await openOf(demo, uuid)).toMatchObject([{ alias: 'dimm0', refused: expect.any(Number) }]);
    await demo.ask('guests', 'act', { host, uuid, action: 'destroy', confirm: 'k8s-worker-1' });
    expect(await openOf(demo, uuid)).toEqual([]);
  });

  it('is not asked for where libvirt refuses to ask, and not any more once it went', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'k8s-worker-1');
    await applied(demo, uuid, { memoryDevices: { '': [dimm] } });
    intercept({ domainDetachDeviceFlags: async ({ nth, pass }) => await (nth === 0 ? Promise.reject(says('operationFailed', 'unplug of device was rejected by the guest')) : pass()) });
    expect((await applied(demo, uuid, { memoryDevices: { '': [] } })).steps).toMatchObject([{ outcome: 'failed', refusal: { message: expect.stringContaining('rejected by the guest') } }]);
    expect(await openOf(demo, uuid)).toEqual([]);
    expect((await applied(demo, uuid, { memoryDevices: { '': [] } })).outcome).toBe('complete');
    expect(await openOf(demo, uuid)).toEqual([]);
  });
});

describe('a vCPU that a guest lets go late', () => {
  it('is known by its number, and forgotten when the running guest has it no more', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'web-03');
    expect((await applied(demo, uuid, { vcpus: { '': { current: 6, maximum: 8 } } })).outcome).toBe('complete');
    const late = says('operationTimeout', 'vcpu unplug request timed out. Unplug result must be manually inspected in the domain');
    const { called } = intercept({ domainSetVcpusFlags: async ({ nth, pass }) => await (nth === 0 ? Promise.reject(late) : pass()) });
    expect(await applied(demo, uuid, { vcpus: { '': { current: 5, maximum: 8 } } })).toMatchObject({ outcome: 'unconfirmed', reading: { facts: { unplugs: [{ alias: 'vcpu5', refused: null }] } } });
    await applied(demo, uuid, { vcpus: { '': { current: 5, maximum: 8 } } });
    expect(called.filter((name) => name === 'domainSetVcpusFlags')).toHaveLength(2);
    expect(await openOf(demo, uuid)).toEqual([]);
  });
});
