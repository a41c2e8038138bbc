// Hosts as the contract has them: what one is, and who is pinned where.
import { shellWord } from '../../app/domain/virsh.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Context } from './context.ts';
import { cpuKindsOf } from './cpu-kinds.ts';
import { recorded } from './guests.ts';
import { freeMemoryOf, neighboursOf } from './pins.ts';
import { drive, nodeDevicesOf } from './node-devices.ts';
import type { Services } from './services.ts';

/** libvirt packs a version as 1,000,000 major + 1,000 minor + release. */
export const versionOf = (packed: bigint): string => `${packed / 1_000_000n}.${(packed / 1_000n) % 1_000n}.${packed % 1_000n}`;

export const hostServices = (context: Context): Services['hosts'] => ({
  devices: async ({ host }) => await nodeDevicesOf(await context.session(host)),

  driveDevice: async ({ host, name, byHost }) => {
    const session = await context.session(host);
    const step = { title: byHost ? `Give ${name} back to its driver` : `Take ${name} from its driver`, virsh: `virsh ${byHost ? 'nodedev-reattach' : 'nodedev-detach'} ${shellWord(name)}`, scope: 'live' as const };
    await recorded(context, session, null, step, async () => await drive(session, name, byHost));
    return null;
  },

  describe: async ({ host }) => {
    const session = await context.session(host);
    const { connection, facts } = session.reached;
    const [{ hostname }, { hv_ver }, { lib_ver }, { type }, info, topology] = await Promise.all([
      connection.call(remote.connectGetHostname, {}),
      connection.call(remote.connectGetVersion, {}),
      connection.call(remote.connectGetLibVersion, {}),
      connection.call(remote.connectGetType, {}),
      facts.nodeInfo(),
      facts.topology(),
    ]);
    return {
      hostname,
      libvirtVersion: versionOf(lib_ver),
      hypervisor: `${type} ${versionOf(hv_ver)}`,
      model: info.model,
      memoryKiB: info.memory,
      topology,
      cpuKinds: await cpuKindsOf(session),
      freeKiB: await freeMemoryOf(session),
      pins: (await neighboursOf(session)).flatMap(({ uuid, name, cpus }) => (cpus.size === 0 ? [] : [{ uuid, name, cpus: cpus.toString() }])),
    };
  },
});
