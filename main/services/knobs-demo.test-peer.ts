// The guests of the table of knobs on a demo host, and a witness of them that is no part of main: a connection of its own.
import { affect, statsGroup, xmlFlag } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { type Domain, max, paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import { guestNames, type GuestName, type Look } from './knob-row.test-peer.ts';
import { bareXml } from './knob-table.test-peer.ts';

/** The one disk that each of the lab's guests has. */
const disk = (name: string): string => `<disk type='file' device='disk'><driver name='qemu' type='qcow2' iothread='1'/><source file='/var/lib/libvirt/images/${name}.qcow2'/><target dev='vda' bus='virtio'/></disk>`;

/** The lab's guest, as far as the demo host needs it. */
const labOneXml = bareXml('kvm')
  .replace("type='ethernet'><mac address='52:54:00:ba:2e:01'", "type='user'><mac address='52:54:00:50:25:27'")
  .replace('>bare<', '>lab-one<').replace('8a11', '8a12').replace("unit='MiB'>64<", "unit='KiB'>163840<")
  .replace('<controller ', `${disk('lab-one')}<controller `)
  .replace("<memballoon model='virtio'/>", "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng><memballoon model='virtio'/>")
  .replace("<controller type='usb' model='none'/>", "<controller type='usb' index='0' model='qemu-xhci'/><controller type='virtio-serial' index='0'/>")
  .replace("<memballoon model='virtio'/>", "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel><memballoon model='virtio'><stats period='2'/></memballoon>");

const labTwoXml = labOneXml
  .replace('>lab-one<', '>lab-two<').replace('50:25:27', '85:1f:42').replace('8a12', '8a13').replace('lab-one.qcow2', 'lab-two.qcow2').replace('<memory ', "<maxMemory slots='4' unit='KiB'>1048576</maxMemory><memory ")
  .replace('<features>', "<cpu><topology sockets='2' dies='1' cores='2' threads='1'/><numa><cell id='0' cpus='0-3' memory='163840' unit='KiB'/></numa></cpu><features>");

const xmls: Readonly<Record<GuestName, string>> = { bare: bareXml('kvm'), 'lab-one': labOneXml, 'lab-two': labTwoXml };

/** The commands of virsh that the table's witnesses use, as far as the demo host can answer them. */
const commands: Readonly<Record<string, (connection: Connection, dom: Domain, rest: readonly string[]) => Promise<string>>> = {
  dumpxml: async (connection, dom, rest) => (await connection.call(remote.domainGetXmlDesc, { dom, flags: rest.includes('--inactive') ? xmlFlag.inactive : 0 })).xml,
  schedinfo: async (connection, dom) => {
    const { params } = await connection.call(remote.domainGetSchedulerParametersFlags, { dom, nparams: max.domainSchedulerParameters, flags: 0 });
    return Object.entries(paramsToRecord(params)).map(([name, value]) => `${name}: ${value}`).join('\n');
  },
  dominfo: async (connection, dom) => `Autostart:      ${(await connection.call(remote.domainGetAutostart, { dom })).autostart === 0 ? 'disable' : 'enable'}`,
  domiftune: async (connection, dom, [device = '', ...rest]) => {
    const { params } = await connection.call(remote.domainGetInterfaceParameters, { dom, device, nparams: 7, flags: rest.includes('--config') ? affect.config : affect.live });
    return Object.entries(paramsToRecord(params)).map(([name, value]) => `${name.padEnd(15)}: ${value}`).join('\n');
  },
  domstats: async (connection, dom) => {
    const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [dom], stats: statsGroup.iothread, flags: 0 });
    return Object.entries(paramsToRecord(retStats[0]?.params ?? [])).map(([name, value]) => `${name}=${value}`).join('\n');
  },
};

/** Defines and starts the table's guests over a connection to the demo host; what looks at them then, and their UUIDs. */
export const startGuests = async (connection: Connection): Promise<{ readonly look: Look; readonly uuidOf: (guest: GuestName) => string }> => {
  const doms = new Map<GuestName, Domain>();
  for (const name of guestNames) {
    const { dom } = await connection.call(remote.domainDefineXmlFlags, { xml: xmls[name], flags: 0 });
    doms.set(name, (await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 })).dom);
  }
  const domOf = (guest: GuestName): Domain => doms.get(guest) ?? { name: guest, uuid: '', id: -1 };
  return {
    look: async (guest, [command = '', ...rest]) => (await commands[command]?.(connection, domOf(guest), rest)) ?? null,
    uuidOf: (guest) => domOf(guest).uuid,
  };
};
