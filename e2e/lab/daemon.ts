// Brings one private libvirtd up, with its listeners and SSH daemons, in a mount namespace of its own; and takes it down.
import { appendFile, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { giveCapabilities, keepCapabilities } from './capabilities.ts';
import { makeCertificates } from './certificates.ts';
import { removeEmptyControlGroups } from './control-groups.ts';
import { endProcess, endProcesses, fileContent, freePorts, mustRun, processesUnder, run, startDetached } from './processes.ts';
import { makeSsh, password, passwordUser, sshdArguments } from './ssh.ts';
import { isMissing, labDaemon, readState, writeState, type LabDaemon } from './state.ts';

/** How a daemon differs from the usual one. */
export interface DaemonOptions {
  /** Over TCP; `sasl` when left out. */
  readonly tcpAuthentication?: 'none' | 'sasl';
  /** Authentication on the UNIX sockets and over TLS; `none` when left out. */
  readonly unixAuthentication?: 'none' | 'sasl';
  readonly tlsAuthentication?: 'none' | 'sasl';
  /** SASL mechanisms the daemon offers where the listener allows them. */
  readonly mechanisms?: readonly string[];
  /** More lines for libvirtd.conf. */
  readonly configuration?: readonly string[];
}

const saslUser = 'lab';
const saslPassword = 'lab-sasl-password';
/** Beyond what adduser hands out. */
const passwordUserId = 64_000;

/**
 * Brings a daemon up in a folder, which is emptied first. Nothing of the machine's own libvirt is seen or touched, guests included.
 * @throws LabError when a program refuses; what was started by then is ended.
 */
export async function daemonUp(name: string, dir: string, options: DaemonOptions = {}): Promise<LabDaemon> {
  await daemonDown(dir);
  await mkdir(dir, { recursive: true, mode: 0o755 });
  try {
    return await start(name, dir, options);
  } catch (error) {
    const log = await readFile(join(dir, 'log', 'libvirtd.log'), 'utf8').catch(() => '');
    await daemonDown(dir);
    if (error instanceof Error && log !== '') error.message += `\nlibvirtd wrote:\n${log.slice(-2000)}`;
    throw error;
  }
}

/** Ends every process in the namespaces under a folder, guests first, and removes the folder. Works on what is half up or left over. */
export async function daemonDown(dir: string): Promise<void> {
  const state = await readState(dir, labDaemon);
  if (state !== undefined && (await processesUnder(dir)).includes(state.pids.libvirtd)) await destroyGuests(state);
  await endProcesses(() => processesUnder(dir));
  await removeEmptyControlGroups();
  await rm(dir, { recursive: true, force: true });
}

/** Ends guests through the daemon, so that it also removes their control groups. A daemon that does not answer loses them by signal. */
async function destroyGuests({ virshUri }: LabDaemon): Promise<void> {
  const list = await run('virsh', ['-c', virshUri, 'list', '--uuid'], { timeout: 10_000 });
  if (list.code !== 0) return;
  const uuids = list.stdout.split('\n').filter((line) => line !== '');
  await Promise.all(uuids.map((uuid) => run('virsh', ['-c', virshUri, 'destroy', uuid], { timeout: 10_000 })));
}

/** Whether a daemon's processes are all there and it answers. */
export async function isHealthy(daemon: LabDaemon): Promise<boolean> {
  const pids = await processesUnder(daemon.dir);
  if (!Object.values(daemon.pids).every((pid) => pids.includes(pid))) return false;
  return (await run('virsh', ['-c', daemon.virshUri, 'version'], { timeout: 10_000 })).code === 0;
}

/** Starts libvirtd once more, after a test killed it or in place of the one that runs; same ports, same folder. */
export async function restartLibvirtd(daemon: LabDaemon): Promise<LabDaemon> {
  await endProcess(daemon.dir, daemon.pids.libvirtd);
  const libvirtd = await startLibvirtd(daemon.dir, daemon.pids.anchor);
  const restarted = { ...daemon, pids: { ...daemon.pids, libvirtd } };
  await writeState(restarted);
  return restarted;
}

/** Starts the SSH daemon that forwards once more, as `restartLibvirtd` does; same port, same keys. */
export async function restartSshd(daemon: LabDaemon): Promise<LabDaemon> {
  await endProcess(daemon.dir, daemon.pids.sshd);
  const pidFile = join(daemon.dir, 'ssh', `${daemon.ssh.port}.pid`);
  await rm(pidFile, { force: true });
  const sshd = await startInside(daemon.pids.anchor, '/usr/sbin/sshd', sshdArguments(daemon.dir, 'sshd'), join(daemon.dir, 'log', 'sshd.log'));
  await fileContent(pidFile, (content) => content?.endsWith('\n') === true, 60_000);
  const restarted = { ...daemon, pids: { ...daemon.pids, sshd } };
  await writeState(restarted);
  return restarted;
}

async function start(name: string, dir: string, options: DaemonOptions): Promise<LabDaemon> {
  const [tlsPort = 0, tcpPort = 0, sshPort = 0, noForwardPort = 0] = await freePorts(4);
  await makeRoot(dir);
  const [pki, ssh] = await Promise.all([
    makeCertificates(dir),
    makeSsh(dir, { forward: sshPort, noForward: noForwardPort }),
    giveCapabilities(dir),
    makeUser(dir),
    makeSasl(dir, options.mechanisms ?? ['digest-md5', 'scram-sha-256', 'plain']),
    writeFile(join(dir, 'libvirtd.conf'), daemonConfiguration(dir, { tlsPort, tcpPort }, options)),
  ]);
  const anchor = await startDetached('unshare', ['--mount', 'sh', fileURLToPath(new URL('inside.sh', import.meta.url)), dir], join(dir, 'log', 'inside.log'));
  await fileContent(join(dir, 'ready'), (content) => content === 'ready\n', 60_000);
  const [libvirtd, sshd, sshdNoForward] = await Promise.all([
    startLibvirtd(dir, anchor),
    startInside(anchor, '/usr/sbin/sshd', sshdArguments(dir, 'sshd'), join(dir, 'log', 'sshd.log')),
    startInside(anchor, '/usr/sbin/sshd', sshdArguments(dir, 'sshd_no_forward'), join(dir, 'log', 'sshd_no_forward.log')),
  ]);
  // sshd writes its pid once it listens.
  await Promise.all([sshPort, noForwardPort].map((port) => fileContent(join(dir, 'ssh', `${port}.pid`), (content) => content?.endsWith('\n') === true, 60_000)));

  const socket = join(dir, 'run', 'libvirt-sock');
  const authFile = join(dir, 'sasl', 'auth.conf');
  const daemon: LabDaemon = {
    name,
    dir,
    unix: { socket, readOnlySocket: `${socket}-ro`, uri: `qemu+unix:///system?socket=${socket}` },
    tls: { host: '127.0.0.1', port: tlsPort, uri: `qemu+tls://127.0.0.1:${tlsPort}/system?pkipath=${pki.pkiDir}`, ...pki },
    tcp: { host: '127.0.0.1', port: tcpPort, uri: `qemu+tcp://127.0.0.1:${tcpPort}/system?authfile=${authFile}`, user: saslUser, password: saslPassword, authFile },
    ssh,
    virshUri: `qemu+unix:///system?socket=${socket}&authfile=${authFile}`,
    pids: { anchor, libvirtd, sshd, sshdNoForward },
  };
  // Asked here, so that no test waits four seconds in its first call.
  await mustRun('virsh', ['-c', daemon.virshUri, 'capabilities']);
  await Promise.all([writeState(daemon), keepCapabilities(dir)]);
  return daemon;
}

/** Starts a program inside a daemon's mount namespace. */
export function startInside(anchor: number, program: string, args: readonly string[], log: string): Promise<number> {
  return startDetached('nsenter', ['--target', String(anchor), '--mount', program, ...args], log);
}

/** libvirtd's own forking is the event that tells it listens: its first process ends when, and only when, the listeners are up. */
async function startLibvirtd(dir: string, anchor: number): Promise<number> {
  const pidFile = join(dir, 'libvirtd.pid');
  await mustRun('nsenter', ['--target', String(anchor), '--mount', 'libvirtd', '--daemon', '--listen', '-f', join(dir, 'libvirtd.conf'), '-p', pidFile], { timeout: 30_000 });
  return Number(await readFile(pidFile, 'utf8'));
}

/** The folders that lie over the machine's own inside the namespace, with the machine's packaged defaults where libvirt needs them. */
async function makeRoot(dir: string): Promise<void> {
  const places = ['run', 'log', 'images', 'sasl', 'root/var/lib/libvirt', 'root/var/cache/libvirt', 'root/var/log/libvirt', 'root/etc/libvirt/qemu', 'root/etc/sasl2', 'home'];
  await Promise.all(places.map((place) => mkdir(join(dir, place), { recursive: true })));
  await Promise.all([
    mkdir('/var/cache/libvirt', { recursive: true }),
    mkdir('/var/log/libvirt', { recursive: true }),
    mkdir('/etc/sasl2', { recursive: true }),
    cp('/etc/libvirt/nwfilter', join(dir, 'root/etc/libvirt/nwfilter'), { recursive: true, force: false }).catch(ignoreMissingFilters),
    writeFile(join(dir, 'root/etc/libvirt/qemu.conf'), qemuConfiguration),
  ]);
}

/** Filters are an example set of the Debian package; the lab works without. */
function ignoreMissingFilters(error: unknown): void {
  if (!isMissing(error)) throw error;
}

/** Guests run as root without cages, because the lab's namespace is the cage; logs go to files, so that virtlogd is not needed. */
const qemuConfiguration = `${[
  'user = "root"',
  'group = "root"',
  'dynamic_ownership = 0',
  'remember_owner = 0',
  'security_driver = "none"',
  'namespaces = [ ]',
  'stdio_handler = "file"',
  'vnc_listen = "127.0.0.1"',
].join('\n')}\n`;

function daemonConfiguration(dir: string, ports: { readonly tlsPort: number; readonly tcpPort: number }, options: DaemonOptions): string {
  const host = (file: string): string => join(dir, 'pki', 'host', file);
  return `${[
    'listen_tls = 1',
    'listen_tcp = 1',
    'listen_addr = "127.0.0.1"',
    `tls_port = "${ports.tlsPort}"`,
    `tcp_port = "${ports.tcpPort}"`,
    'unix_sock_ro_perms = "0777"',
    'unix_sock_rw_perms = "0777"',
    `auth_unix_ro = "${options.unixAuthentication ?? 'none'}"`,
    `auth_unix_rw = "${options.unixAuthentication ?? 'none'}"`,
    `auth_tls = "${options.tlsAuthentication ?? 'none'}"`,
    `auth_tcp = "${options.tcpAuthentication ?? 'sasl'}"`,
    `ca_file = "${host('cacert.pem')}"`,
    `cert_file = "${host('servercert.pem')}"`,
    `key_file = "${host('serverkey.pem')}"`,
    'tls_no_verify_certificate = 0',
    `log_outputs = "3:file:${join(dir, 'log', 'libvirtd.log')}"`,
    ...(options.configuration ?? []),
  ].join('\n')}\n`;
}

async function makeSasl(dir: string, mechanisms: readonly string[]): Promise<void> {
  const database = join(dir, 'sasl', 'users.db');
  await writeFile(join(dir, 'root/etc/sasl2/libvirt.conf'), `mech_list: ${mechanisms.join(' ')}\nsasldb_path: ${database}\n`);
  await writeFile(join(dir, 'sasl', 'auth.conf'), `[credentials-lab]\nauthname=${saslUser}\npassword=${saslPassword}\n\n[auth-libvirt-default]\ncredentials=lab\n`, { mode: 0o600 });
  await mustRun('saslpasswd2', ['-p', '-c', '-a', 'libvirt', '-f', database, saslUser], { input: saslPassword });
}

/** Copies of the account files with one more user, who can log in by password through plain crypt, without PAM. */
async function makeUser(dir: string): Promise<void> {
  const file = (name: string): string => join(dir, 'root/etc', name);
  await Promise.all(['passwd', 'shadow', 'group'].map((name) => copyFile(`/etc/${name}`, file(name))));
  const hash = (await mustRun('openssl', ['passwd', '-6', '-stdin'], { input: password })).trim();
  await Promise.all([
    appendFile(file('passwd'), `${passwordUser}:x:${passwordUserId}:${passwordUserId}:Guestdeck lab:${join(dir, 'home')}:/bin/sh\n`),
    appendFile(file('shadow'), `${passwordUser}:${hash}:19000:0:99999:7:::\n`),
    appendFile(file('group'), `${passwordUser}:x:${passwordUserId}:\n`),
  ]);
}
