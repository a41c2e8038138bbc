// Captures the golden frames anew: virsh speaks with the lab's libvirtd through a tap. `node e2e/run.mjs e2e/wire/capture.ts`
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun, run } from '../lab/processes.ts';
import { labUp } from '../lab/tier1.ts';
import { virsh } from '../lab/witness.ts';
import { remote } from '../../main/libvirt/procedures.ts';
import { goldenFile, type Golden } from './golden.ts';
import { describeMessage, packetOf } from './messages.ts';
import { openTap, type Passed } from './tap.ts';

const guest = 'golden';
const definition = `<domain type='qemu'><name>${guest}</name><uuid>601de200-0000-4000-a000-0123456789ab</uuid><memory unit='MiB'>32</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>\n`;
const lab = await labUp();
const folder = await mkdtemp(join(tmpdir(), 'gd-golden-'));
await chmod(folder, 0o755);
const file = (name: string): string => join(folder, name);
// The first session is kept whole, the others without how they open and close.
const sessions: Golden['sessions'][number][] = [];

const message = ({ from, message: bytes }: Passed): Golden['sessions'][number]['messages'][number] => ({ from, what: describeMessage(packetOf(bytes)), hex: bytes.toString('hex') });

const openingAndClosing: readonly string[] = [remote.authList, remote.connectSupportsFeature, remote.connectOpen, remote.connectRegisterCloseCallback, remote.connectUnregisterCloseCallback, remote.connectClose].flatMap(({ name }) => [`call ${name}`, `reply ${name}`]);

/** Lets virsh do something through a tap of its own; `meanwhile` runs once `after` has passed. */
const capture = async (args: readonly string[], meanwhile?: { readonly after: (passed: Passed) => boolean; readonly run: () => Promise<unknown> }): Promise<void> => {
  const tap = await openTap(lab.unix.socket);
  const running = run('virsh', ['-q', '-c', `qemu+unix:///system?socket=${tap.socket}`, ...args]);
  if (meanwhile !== undefined) {
    await tap.until(meanwhile.after);
    await meanwhile.run();
  }
  const { stdout, stderr } = await running;
  await tap.close();
  sessions.push({ command: ['virsh', ...args].join(' ').replaceAll(folder, '/tmp/golden'), printed: (stdout + stderr).trim().replaceAll(folder, '/tmp/golden'), messages: tap.passed.map(message).filter(({ what }) => sessions.length === 0 || !openingAndClosing.includes(what)) });
};
const isReplyTo = (line: { readonly number: number }) => ({ from, message: bytes }: Passed): boolean => from === 'server' && packetOf(bytes).procedure === line.number;

try {
  await writeFile(file('guest.xml'), definition);
  await virsh(lab, 'define', file('guest.xml'));
  await capture(['domstate', guest, '--reason']);
  await capture(['dominfo', 'nobody']);
  await capture(['vcpupin', guest, '1', '0', '--config']);
  await capture(['vcpupin', guest, '--config']);
  await capture(['schedinfo', guest, '--config', '--set', 'cpu_shares=300']);
  await capture(['domstats', guest, '--state', '--vcpu']);
  await capture(['emulatorpin', guest, '1', '--config']);
  await capture(['desc', guest, '--config', '--title', 'Gölden €']);
  await capture(['-k', '1', 'event', '--event', 'lifecycle'], { after: isReplyTo(remote.connectDomainEventCallbackRegisterAny), run: async () => await virsh(lab, 'undefine', guest) });
  await capture(['-k', '1', 'event', '--event', 'reboot', '--timeout', '2']);

  await writeFile(file('data'), 'forty-two bytes of data, then nothing more');
  await mustRun('truncate', ['-s', '20000', file('data')]);
  await virsh(lab, 'pool-create-as', guest, 'dir', '--target', folder);
  await virsh(lab, 'vol-create-as', guest, 'volume', '20000', '--allocation', '0', '--format', 'raw');
  await capture(['vol-upload', 'volume', file('data'), '--pool', guest, '--sparse']);
  await capture(['vol-download', 'volume', file('back'), '--pool', guest, '--sparse']);
  await writeFile(file('few'), 'few bytes');
  await capture(['vol-upload', 'volume', file('few'), '--pool', guest]);
  // Nothing can be written there, so virsh gives the download up.
  await capture(['vol-download', 'volume', '/dev/full', '--pool', guest]);
  await virsh(lab, 'pool-destroy', guest);
} finally {
  await run('virsh', ['-q', '-c', lab.virshUri, 'undefine', guest]);
  await rm(folder, { recursive: true });
}
const captured = (await virsh(lab, 'version')).trim().split('\n').join('; ');
const lines = sessions.map(({ messages, ...session }) => `  ${JSON.stringify(session).slice(0, -1)}, "messages": [\n${messages.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]}`);
await writeFile(goldenFile, `{"captured": ${JSON.stringify(captured)},\n"sessions": [\n${lines.join(',\n')}\n]}\n`);
