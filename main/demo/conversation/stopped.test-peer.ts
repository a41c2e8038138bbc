// What a guest that does not run refuses, and what its definition takes.
import { affect } from '../../libvirt/constants.ts';
import { param } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, map, twin } from './talk.test-peer.ts';

const { live, config, current } = affect;

export const stopped: Chapter = async ({ connection, step, xml, getPins, pin, pinEmulator, pinIothread, schedule, scheduled }) => {
  for (const [name, line] of Object.entries({ shutdown: remote.domainShutdownFlags, destroy: remote.domainDestroyFlags, reboot: remote.domainReboot, reset: remote.domainReset })) {
    await step(`off: ${name}`, () => connection.call(line, { dom: twin, flags: 0 }));
    await step(`off: ${name}, unknown flag`, () => connection.call(line, { dom: twin, flags: 4096 }));
  }
  await step('off: suspend', () => connection.call(remote.domainSuspend, { dom: twin }));
  await step('off: resume', () => connection.call(remote.domainResume, { dom: twin }));
  await step('off: managed save', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 0 }));
  await step('off: managed save, unknown flag', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 4096 }));
  await step('off: discard a managed save that is not there', () => connection.call(remote.domainManagedSaveRemove, { dom: twin, flags: 0 }));
  await step('off: pin live', () => pin(0, map(0), live));
  await step('off: pin both', () => pin(0, map(0), both));
  await step('off: pin current', () => pin(0, map(0), current));
  await step('off: pin config', () => pin(3, map(0, 1), config));
  await step('off: pin without flags', async () => void (await connection.call(remote.domainPinVcpu, { dom: twin, vcpu: 0, cpumap: map(1) })));
  await step('off: pin, unknown flag', () => pin(0, map(0), 8));
  await step('off: pin to nothing', () => pin(0, map(), config));
  await step('off: pin to no map', () => pin(0, new Uint8Array(), config));
  await step('off: pin a vCPU that is not there', () => pin(4, map(0), config));
  await step('off: pins', () => getPins(config));
  await step('off: pins, live', () => getPins(live));
  await step('off: pins, both', () => getPins(both));
  await step('off: pins, unknown flag', () => getPins(8));
  await step('off: pins, no maps', () => connection.call(remote.domainGetVcpuPinInfo, { dom: twin, ncpumaps: 0, maplen: 1, flags: 0 }));
  await step('off: vcpus', () => connection.call(remote.domainGetVcpus, { dom: twin, maxinfo: 4, maplen: 1 }));
  await step('off: pin emulator live', () => pinEmulator(map(0), live));
  await step('off: pin emulator config', () => pinEmulator(map(0, 1), config));
  await step('off: pin emulator to nothing', () => pinEmulator(map(), config));
  await step('off: pin IOThread live', () => pinIothread(1, map(0), live));
  await step('off: pin IOThread config', () => pinIothread(1, map(0), config));
  await step('off: pin IOThread 0', () => pinIothread(0, map(0), config));
  await step('off: pin IOThread that is not there', () => pinIothread(9, map(0), config));
  await step('off: pin IOThread to nothing', () => pinIothread(1, map(), config));
  await step('off: XML of pins', () => xml(0, 'cputune'));
  await step('off: shares', () => schedule([param.ullong('cpu_shares', 300n)], config));
  await step('off: shares 0', () => schedule([param.ullong('cpu_shares', 0n)], config));
  await step('off: shares beyond the range', () => schedule([param.ullong('cpu_shares', 300_000n)], config));
  await step('off: XML of shares', () => xml(0, 'cputune'));
  await step('off: shares again', () => schedule([param.ullong('cpu_shares', 300n)], config));
  await step('off: shares live', () => schedule([param.ullong('cpu_shares', 300n)], live));
  await step('off: scheduler', () => scheduled(0));
  await step('off: scheduler type', () => connection.call(remote.domainGetSchedulerType, { dom: twin }));
};
