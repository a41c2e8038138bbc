// A running guest: its state, and pinning it.
import { affect } from '../../libvirt/constants.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, map, twin, twinName, uuid } from './talk.test-peer.ts';

const { live, config, current } = affect;

export const pinning: Chapter = async ({ connection, step, truths, domainXml, getPins, pin, pinEmulator, pinIothread, scheduled, start }) => {
  await step('start', () => start(0));
  await step('start: unknown flag', () => connection.call(remote.domainCreateWithFlags, { dom: twin, flags: 4096 }));
  await step('start: running already', () => connection.call(remote.domainCreateWithFlags, { dom: twin, flags: 0 }));
  await step('state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('state: unknown flag', () => connection.call(remote.domainGetState, { dom: twin, flags: 8 }));
  await step('resume: running already', () => connection.call(remote.domainResume, { dom: twin }));
  await step('create: running already', () => connection.call(remote.domainCreateXml, { xml_desc: domainXml(twinName, uuid), flags: 0 }));
  await step('shut down by an agent that is not there', () => connection.call(remote.domainShutdownFlags, { dom: twin, flags: 2 }));
  await step('reboot by an agent that is not there', () => connection.call(remote.domainReboot, { dom: twin, flags: 2 }));
  await step('shut down by initctl', () => connection.call(remote.domainShutdownFlags, { dom: twin, flags: 4 }));
  await step('running: scheduler', () => scheduled(live));
  await step('running: scheduler, config', () => scheduled(config));
  await step('running: scheduler, both', () => scheduled(both));
  await step('running: scheduler, no room', () => connection.call(remote.domainGetSchedulerParametersFlags, { dom: twin, nparams: 0, flags: 0 }));
  await step('running: pins', () => getPins(live));
  await step('running: pin live', () => pin(1, map(1), live));
  await step('running: pin config', () => pin(1, map(0), config));
  await step('running: pin both', () => pin(2, map(0), both));
  await step('running: pin current', () => pin(0, map(0, 1), current));
  await step('running: pin without flags', async () => void (await connection.call(remote.domainPinVcpu, { dom: twin, vcpu: 0, cpumap: map(0, 1) })));
  await step('running: pin a vCPU that is offline', () => pin(3, map(0), live));
  await step('running: pin a vCPU that is not there', () => pin(4, map(0), live));
  await step('running: pin to nothing', () => pin(0, map(), live));
  await step('running: pin to CPUs that are not there', () => pin(0, Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 128]), live));
  await step('running: define CPUs that are not there', () => pin(0, Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 128]), config));
  await step('running: pins afterwards', () => getPins(live));
  await step('running: vcpus', async () => {
    const { info, cpumaps } = await connection.call(remote.domainGetVcpus, { dom: twin, maxinfo: 4, maplen: 1 });
    return { numbers: info.map(({ number }) => number), states: info.map(({ state }) => state), rows: [...cpumaps].map((byte) => byte & 3) };
  });
  await step('running: pin emulator both', () => pinEmulator(map(0), both));
  await step('running: pin IOThread live', () => pinIothread(2, map(1), live));
  await step('running: pin IOThread that is not there', () => pinIothread(9, map(1), live));
  await step('running: emulator pin', async () => [...(await connection.call(remote.domainGetEmulatorPinInfo, { dom: twin, maplen: 1, flags: live })).cpumaps].map((byte) => byte & 3));
  await step('running: IOThreads', async () => (await connection.call(remote.domainGetIothreadInfo, { dom: twin, flags: live })).info.map((thread) => [thread.iothread_id, (thread.cpumap[0] ?? 0) & 3]).toSorted());
  await step('running: IOThreads, config', async () => (await connection.call(remote.domainGetIothreadInfo, { dom: twin, flags: config })).info.map((thread) => [thread.iothread_id, (thread.cpumap[0] ?? 0) & 3]).toSorted());
  await step('running: XML of pins', () => truths('cputune'));
};
