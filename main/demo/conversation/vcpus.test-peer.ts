// How many vCPUs.
import { affect, vcpuFlag } from '../../libvirt/constants.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, twin } from './talk.test-peer.ts';

const { live, config, current } = affect;

export const vcpus: Chapter = async ({ connection, step, truths }) => {
  const setVcpus = (nvcpus: number, flags: number) => connection.call(remote.domainSetVcpusFlags, { dom: twin, nvcpus, flags });
  for (const [name, flags] of Object.entries({ live, config, current, both, maximum: config | vcpuFlag.maximum, 'live maximum': live | vcpuFlag.maximum, guest: live | vcpuFlag.guest, hotpluggable: live | vcpuFlag.hotpluggable, unknown: 128 })) {
    await step(`vCPUs: read ${name}`, () => connection.call(remote.domainGetVcpusFlags, { dom: twin, flags }));
  }
  await step('vCPUs: none', () => setVcpus(0, config));
  await step('vCPUs: too many', () => setVcpus(5, config));
  await step('vCPUs: too many live', () => setVcpus(5, live));
  await step('vCPUs: config', () => setVcpus(3, config));
  await step('vCPUs: live, plugged', () => setVcpus(3, live));
  await step('vCPUs: live, fewer than at start', () => setVcpus(1, live));
  await step('vCPUs: maximum live', () => setVcpus(4, live | vcpuFlag.maximum));
  await step('vCPUs: maximum current', () => setVcpus(4, vcpuFlag.maximum));
  await step('vCPUs: maximum and guest', () => setVcpus(4, config | vcpuFlag.maximum | vcpuFlag.guest));
  await step('vCPUs: guest config', () => setVcpus(1, config | vcpuFlag.guest));
  await step('vCPUs: by an agent that is not there', () => setVcpus(1, live | vcpuFlag.guest));
  await step('vCPUs: maximum below current', () => setVcpus(2, config | vcpuFlag.maximum));
  await step('vCPUs: maximum', () => setVcpus(6, config | vcpuFlag.maximum));
  await step('vCPUs: unknown flag', () => setVcpus(2, 128));
  await step('vCPUs: XML', () => truths('vcpu'));
};
