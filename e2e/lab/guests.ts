// The lab's guests: their definitions, starting them, and many light ones for scale.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestImage } from './guest-image.ts';
import { fileContent, mustRun } from './processes.ts';
import { LabError, type Lab, type LabDaemon, type LabGuest } from './state.ts';
import { virsh } from './witness.ts';

interface GuestShape {
  readonly name: string;
  readonly machine: 'pc' | 'q35';
  /** Elements the tests want to find unharmed after an edit. */
  readonly foreignXml: string;
  readonly domainAttributes: string;
  readonly memory: string;
  readonly cpu: string;
  readonly graphics: string;
}

const shapes: readonly GuestShape[] = [
  {
    name: 'lab-one',
    machine: 'pc',
    foreignXml: '',
    domainAttributes: '',
    memory: "<memory unit='KiB'>163840</memory><currentMemory unit='KiB'>163840</currentMemory>",
    cpu: '',
    graphics: "<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>",
  },
  {
    name: 'lab-two',
    machine: 'q35',
    foreignXml: `<title>Second guest of the lab</title>
  <description>Carries what an editor must not lose</description>
  <metadata>
    <lab:owner xmlns:lab='https://guestdeck.example/lab' lab:since='2024'><!-- a comment inside metadata --><lab:team>storage &amp; networks</lab:team></lab:owner>
  </metadata>`,
    domainAttributes: " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'",
    memory: "<maxMemory slots='4' unit='KiB'>1048576</maxMemory><memory unit='KiB'>163840</memory><currentMemory unit='KiB'>163840</currentMemory>",
    cpu: "<cpu><topology sockets='2' dies='1' cores='2' threads='1'/><numa><cell id='0' cpus='0-3' memory='163840' unit='KiB'/></numa></cpu>",
    graphics: "<graphics type='vnc'><listen type='socket'/></graphics>",
  },
];

/** Definition of one of the two guests with an operating system. */
function guestXml(shape: GuestShape, lab: LabDaemon, accelerator: Lab['accelerator'], image: GuestImage): string {
  const commandLine = shape.domainAttributes === '' ? '' : `
  <qemu:commandline>
    <qemu:arg value='-fw_cfg'/>
    <qemu:arg value='name=opt/guestdeck,string=kept'/>
  </qemu:commandline>`;
  return `<domain type='${accelerator === 'kvm' ? 'kvm' : 'qemu'}'${shape.domainAttributes}>
  <name>${shape.name}</name>
  <uuid>${guestUuid(shape.name)}</uuid>
  ${shape.foreignXml}
  ${shape.memory}
  <vcpu placement='static' current='2'>4</vcpu>
  <iothreads>2</iothreads>
  <os>
    <type arch='x86_64' machine='${shape.machine}'>hvm</type>
    <kernel>${image.kernel}</kernel>
    <initrd>${image.initramfs}</initrd>
    <cmdline>console=ttyS0 quiet mitigations=off lab.name=${shape.name}</cmdline>
  </os>
  <features><acpi/></features>
  ${shape.cpu}
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2' iothread='1'/><source file='${diskFile(lab, shape.name)}'/><target dev='vda' bus='virtio'/></disk>
    <interface type='user'><mac address='${guestMac(shape.name)}'/><model type='virtio'/></interface>
    <serial type='pty'><log file='${consoleLog(lab, shape.name)}' append='off'/></serial>
    <console type='pty'><target type='serial'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    ${shape.graphics}
    <video><model type='vga'/></video>
    <memballoon model='virtio'><stats period='2'/></memballoon>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>${commandLine}
</domain>
`;
}

/** Defines the guests with an operating system; none is started. */
export async function defineGuests(lab: LabDaemon, accelerator: Lab['accelerator'], image: GuestImage): Promise<readonly LabGuest[]> {
  return Promise.all(shapes.map(async (shape) => {
    const definition = definitionFile(lab, shape.name);
    await Promise.all([
      mustRun('qemu-img', ['create', '-q', '-f', 'qcow2', diskFile(lab, shape.name), '64M']),
      writeFile(definition, guestXml(shape, lab, accelerator, image)),
    ]);
    await virsh(lab, 'define', '--validate', definition);
    return { name: shape.name, uuid: guestUuid(shape.name), consoleLog: consoleLog(lab, shape.name) };
  }));
}

/** Starts a guest and waits until its agent answers: 7 to 20 s under emulation. */
export async function startGuest(lab: Lab, name: string): Promise<void> {
  await startUntil(lab, name, liveState(lab, name), "name='org.qemu.guest_agent.0' state='connected'");
  await virsh(lab, 'qemu-agent-command', name, '--timeout', '60', '{"execute":"guest-ping"}');
}

/** Starts a guest and waits until the shell on its serial line asks for a command; the agent may come later, or never. */
export async function startToShell(lab: Lab, name: string): Promise<void> {
  await startUntil(lab, name, consoleLog(lab, name), '# ');
}

/** Starts a guest as the lab defined it, whatever a test before left of that, and waits until a file has a text; where it does not, what the guest printed is told. */
async function startUntil(lab: Lab, name: string, file: string, text: string): Promise<void> {
  const guest = lab.guests.find((known) => known.name === name);
  if (guest === undefined) throw new LabError(`The lab has no guest ${name}`);
  await virsh(lab, 'define', definitionFile(lab, name));
  await virsh(lab, 'start', name);
  try {
    await fileContent(file, (content) => content?.includes(text) === true, 120_000);
  } catch (error) {
    const printed = await readFile(guest.consoleLog, 'utf8').catch((reason: unknown) => String(reason));
    throw new LabError(`${name} did not come up: ${String(error)}; it is ${(await virsh(lab, 'domstate', '--reason', name)).trim()} and printed: ${printed.slice(-1500)}`);
  }
}

/** Waits until libvirtd has taken note that a guest ended. In milliseconds. */
export function guestStopped(lab: LabDaemon, name: string, timeout = 60_000): Promise<void> {
  return fileContent(liveState(lab, name), (content) => content === undefined, timeout);
}

/** Ends a guest at once when it runs. */
export async function stopGuest(lab: LabDaemon, name: string): Promise<void> {
  if ((await virsh(lab, 'domstate', name)).trim() !== 'shut off') await virsh(lab, 'destroy', name);
}

/**
 * Defines guests without an operating system (32 MiB, one vCPU, no disk), `light-0001` onwards, in one virsh.
 * They start in under a second where only the hypervisor's answer matters.
 */
export async function defineLightGuests(lab: LabDaemon, count: number): Promise<readonly string[]> {
  const folder = join(lab.dir, 'images', 'light');
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `light-${String(index + 1).padStart(4, '0')}`);
  await Promise.all(names.map((name) => writeFile(join(folder, `${name}.xml`), lightXml(name))));
  const script = names.map((name) => `define ${join(folder, name)}.xml\n`).join('');
  await mustRun('virsh', ['-q', '-c', lab.virshUri], { input: script, timeout: 300_000 });
  const defined = new Set((await virsh(lab, 'list', '--all', '--name')).split('\n'));
  const lost = names.filter((name) => !defined.has(name));
  if (lost.length > 0) throw new LabError(`${lost.length} light guests were not defined, ${lost[0]} first`);
  return names;
}

function lightXml(name: string): string {
  return `<domain type='qemu'>
  <name>${name}</name>
  <uuid>${guestUuid(name)}</uuid>
  <memory unit='MiB'>32</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices><controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>
`;
}

/** A UUID that is the same in every lab, so that a test may name it. */
function guestUuid(name: string): string {
  const hash = createHash('sha256').update(`guestdeck lab ${name}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

function guestMac(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return `52:54:00:${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash.slice(4, 6)}`;
}

/** Where libvirtd writes what it knows of a running guest, each time it changes. */
function liveState(lab: LabDaemon, name: string): string {
  return join(lab.dir, 'run', 'qemu', `${name}.xml`);
}

function definitionFile(lab: LabDaemon, name: string): string {
  return join(lab.dir, 'images', `${name}.xml`);
}

function diskFile(lab: LabDaemon, name: string): string {
  return join(lab.dir, 'images', `${name}.qcow2`);
}

function consoleLog(lab: LabDaemon, name: string): string {
  return join(lab.dir, 'log', `console-${name}.log`);
}
