// What the guest itself does, on the lab's real libvirtd: its agent takes vCPUs offline, its kernel lets a vCPU go, its disks are counted one by one.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Told } from '../../app/contract/contract.ts';
import { startGuest, stopGuest } from '../../e2e/lab/guests.ts';
import { labMain, type LabMain } from '../../e2e/lab/lab-main.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import type { Asking } from './asking.test-peer.ts';

const name = 'lab-one';
let started: LabMain;
let lab: LabMain['lab'];
let ask: Asking;
let which: { readonly host: string; readonly uuid: string };

beforeAll(async () => {
  started = await labMain(async (up) => {
    await stopGuest(up, name);
    await startGuest(up, name);
  });
  ({ lab, ask } = started);
  which = { host: started.host, uuid: started.uuidOf(name) };
});
afterAll(async () => {
  await started.close();
  await stopGuest(lab, name);
});

/** What the agent says of a vCPU, without libvirt's help. */
const isOnline = async (vcpu: number): Promise<boolean> => {
  const { return: vcpus } = JSON.parse(await virsh(lab, 'qemu-agent-command', name, '{"execute":"guest-get-vcpus"}')) as { readonly return: readonly { readonly 'logical-id': number; readonly online: boolean }[] };
  return vcpus.find((one) => one['logical-id'] === vcpu)?.online === true;
};

it('the system inside takes a vCPU offline and online again, as its agent tells', async () => {
  expect(await ask('guests', 'insideVcpus', which)).toEqual({ known: '0-1', online: '0-1', offlinable: '1' });
  expect(await ask('guests', 'setInsideVcpu', { ...which, vcpu: 1, online: false })).toMatchObject({ online: '0' });
  expect(await isOnline(1)).toBe(false);
  await expect(ask('guests', 'setInsideVcpu', { ...which, vcpu: 9, online: false })).rejects.toMatchObject({ refusal: { code: 'libvirt' } });
  expect(await ask('guests', 'setInsideVcpu', { ...which, vcpu: 1, online: true })).toMatchObject({ online: '0-1' });
  expect(await isOnline(1)).toBe(true);
});

it('a vCPU that is unplugged is gone, or known as asked for as long as virsh counts it', async () => {
  const to = async (current: number) => await ask('tuning', 'apply', { ...which, basis: (await ask('tuning', 'read', which)).basis, wanted: { live: { vcpus: { '': { current, maximum: 4 } } } } });
  expect((await to(3)).outcome).toBe('complete');
  const { outcome } = await to(2);
  const count = Number(await virsh(lab, 'vcpucount', name, '--live', '--current'));
  const { facts } = await ask('tuning', 'read', which);
  expect([outcome, count, facts.unplugs.map(({ alias }) => alias)]).toEqual(count === 2 ? ['complete', 2, []] : ['unconfirmed', 3, ['vcpu2']]);
});

it('each disk is counted by its target', async () => {
  const sample = new Promise<Told<'live', 'sample'>>((resolve) => started.main.listen((news) => {
    if (news.section === 'live' && news.told.disks.some(({ disks }) => disks.some(({ readRequests }) => readRequests !== null))) resolve(news.told);
  }));
  await ask('live', 'watch', { interests: [{ host: which.host, groups: ['disks'], uuids: [which.uuid] }] });
  const { disks } = await sample;
  await ask('live', 'watch', { interests: [] });
  expect(disks).toEqual([{ uuid: which.uuid, disks: [expect.objectContaining({ target: 'vda', readBytes: expect.any(Number), writeBytes: expect.any(Number), readRequests: expect.any(Number), writeRequests: expect.any(Number) })] }]);
});
