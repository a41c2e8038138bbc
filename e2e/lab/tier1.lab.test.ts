// The lab itself: every way in works or refuses as meant, the guests are real, and nothing stays behind.
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Client, type ConnectConfig } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isHealthy, restartLibvirtd } from './daemon.ts';
import { defineLightGuests, guestStopped, startGuest, stopGuest } from './guests.ts';
import { endProcess, processesUnder, processFile, run } from './processes.ts';
import { labDaemon, readState, type Lab, type LabDaemon } from './state.ts';
import { extraDaemon, extraDaemonDown, labDown, labStatus, labUp, scaleDaemon } from './tier1.ts';
import { qemuPid, qemuThreads, virsh, virshAt } from './witness.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await labUp();
});

describe('ways in', () => {
  it.each(['unix', 'tls', 'tcp', 'ssh'] as const)('virsh lists the guests over %s', async (transport) => {
    const names = (await virshAt(lab[transport].uri, 'list', '--all', '--name')).trim().split('\n');
    expect(names).toEqual(expect.arrayContaining(['lab-one', 'lab-two']));
  });

  it('virsh lists the guests over ssh where sockets are not forwarded', async () => {
    expect(await virshAt(lab.ssh.noForwardUri, 'list', '--all', '--name')).toContain('lab-one');
  });

  it('refuses a wrong SASL password', async () => {
    await expect(virshAt(lab.tcp.uri.replace(lab.tcp.authFile, await wrongAuthFile(lab)), 'list')).rejects.toThrow('authentication failed');
  });

  it('greets over TLS whom its authority signed, and nobody else', async () => {
    const greetings = await Promise.all([lab.tls.pkiDir, lab.tls.strangerPkiDir, lab.tls.anonymousPkiDir].map((folder) => tlsGreeting(lab, folder)));
    expect(greetings).toEqual([Buffer.from([1]), Buffer.alloc(0), Buffer.alloc(0)]);
  });

  it('shows another authority than the foreign folder knows', async () => {
    await expect(tlsGreeting(lab, lab.tls.foreignPkiDir)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('forwards its socket on one sshd and refuses to on the other', async () => {
    const key = await readFile(lab.ssh.keyFile, 'utf8');
    const login = { username: lab.ssh.user, privateKey: key };
    expect(await forwardsSocket(lab, { ...login, port: lab.ssh.port })).toBe('opened');
    expect(await forwardsSocket(lab, { ...login, port: lab.ssh.noForwardPort })).toMatch(/open failed/);
  });

  it('lets its own user in by password, and the encrypted key in by its passphrase', async () => {
    expect(await forwardsSocket(lab, { username: lab.ssh.passwordUser, password: lab.ssh.password, port: lab.ssh.port })).toBe('opened');
    const privateKey = await readFile(lab.ssh.encryptedKeyFile, 'utf8');
    expect(await forwardsSocket(lab, { username: lab.ssh.user, privateKey, passphrase: lab.ssh.encryptedKeyPassphrase, port: lab.ssh.port })).toBe('opened');
  });

  it('is known to ssh by plain and hashed names, and is a changed host to the third file', async () => {
    const login = (file: string): ReturnType<typeof run> => run('ssh', ['-F', lab.ssh.configFile, '-o', `UserKnownHostsFile ${file}`, 'lab', 'true']);
    const [plain, hashed, changed] = await Promise.all([lab.ssh.knownHosts, lab.ssh.knownHostsHashed, lab.ssh.knownHostsChanged].map(login));
    expect([plain?.code, hashed?.code, changed?.code]).toEqual([0, 0, 255]);
    expect(changed?.stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    expect(await readFile(lab.ssh.knownHostsHashed, 'utf8')).not.toContain('127.0.0.1');
  });
});

describe('guests', () => {
  afterEach(async () => {
    await Promise.all(lab.guests.map(({ name }) => stopGuest(lab, name)));
  });

  it.each(['lab-one', 'lab-two'])('%s boots until its real agent answers, and its threads are there to be pinned', { timeout: 180_000 }, async (name) => {
    await startGuest(lab, name);
    const answer: unknown = JSON.parse(await virsh(lab, 'qemu-agent-command', name, '{"execute":"guest-get-host-name"}'));
    expect(answer).toEqual({ return: { 'host-name': name } });
    const kind = lab.accelerator === 'kvm' ? 'KVM' : 'TCG';
    const threads = await qemuThreads(lab, name);
    expect(threads.map(({ comm }) => comm)).toEqual(expect.arrayContaining(['IO iothread1', 'IO iothread2', `CPU 0/${kind}`, `CPU 1/${kind}`]));
    expect(threads[0]).toMatchObject({ tid: await qemuPid(lab, name), comm: 'qemu-system-x86' });
    await virsh(lab, 'vcpupin', name, '1', '0', '--live');
    expect((await qemuThreads(lab, name)).find(({ comm }) => comm === `CPU 1/${kind}`)?.cpusAllowed).toBe('0');
    expect(await virsh(lab, 'dommemstat', name)).toMatch(/^available \d+$/m);
  });

  it.each(['agent', 'acpi'])('shuts down when asked through %s', { timeout: 180_000 }, async (mode) => {
    await startGuest(lab, 'lab-one');
    await virsh(lab, 'shutdown', 'lab-one', '--mode', mode);
    await guestStopped(lab, 'lab-one');
    expect((await virsh(lab, 'domstate', 'lab-one', '--reason')).trim()).toBe('shut off (shutdown)');
  });

  it('the second one carries what an editor must not lose', async () => {
    const xml = await virsh(lab, 'dumpxml', 'lab-two', '--inactive');
    expect(xml).toContain('<!-- a comment inside metadata -->');
    expect(xml).toContain("<lab:owner xmlns:lab=\"https://guestdeck.example/lab\" lab:since=\"2024\">");
    expect(xml).toContain("<qemu:arg value='name=opt/guestdeck,string=kept'/>");
  });
});

describe('isolation', () => {
  it('is not seen by the machine\'s own libvirt, nor sees its guests', async () => {
    const machines = await readdir('/etc/libvirt/qemu');
    expect(machines).not.toContain('lab-one.xml');
    expect((await stat(lab.unix.socket)).isSocket()).toBe(true);
    expect(await readFile('/etc/passwd', 'utf8')).not.toContain(lab.ssh.passwordUser);
  });

  it('leaves no mount outside its namespace', async () => {
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain('guestdeck-lab');
  });
});

describe('up and down', () => {
  let before: string | undefined;
  let dir: string;
  beforeAll(async () => {
    before = process.env['GUESTDECK_LAB_DIR'];
    dir = await mkdtemp('/tmp/gd-lab-');
    process.env['GUESTDECK_LAB_DIR'] = dir;
  });
  afterEach(() => labDown());
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
    if (before === undefined) delete process.env['GUESTDECK_LAB_DIR'];
    else process.env['GUESTDECK_LAB_DIR'] = before;
  });

  it('uses the running lab again, and leaves nothing after down, running guests and further daemons included', async () => {
    const mine = await labUp();
    expect(await labUp()).toEqual(mine);
    const second = await extraDaemon('second');
    await defineLightGuests(second, 3);
    await Promise.all([virsh(second, 'start', 'light-0001'), virsh(mine, 'start', 'lab-one')]);
    const pids = await processesUnder(dir);
    expect(pids).toEqual(expect.arrayContaining([...Object.values(mine.pids), ...Object.values(second.pids), await qemuPid(second, 'light-0001')]));
    await labDown();
    expect(await labStatus()).toEqual({ state: 'down' });
    expect(await processesUnder(dir)).toEqual([]);
    // One of ours that has ended may still be listed until it is reaped; it has no command line any more.
    expect(await Promise.all(pids.map((pid) => processFile(pid, 'cmdline').then((line) => line ?? '')))).toEqual(pids.map(() => ''));
    await expect(readdir(dir)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(dir);
  });

  it('clears away what is half up, guests without their libvirtd included', async () => {
    const mine = await labUp();
    await virsh(mine, 'start', 'lab-one');
    process.kill(mine.pids.sshd, 'SIGKILL');
    process.kill(mine.pids.libvirtd, 'SIGKILL');
    expect(await labStatus()).toMatchObject({ state: 'broken' });
    const again = await labUp();
    expect(again.pids.anchor).not.toBe(mine.pids.anchor);
    expect((await virsh(again, 'list', '--name')).trim()).toBe('');
  });

  it('never ends a process that a stale lab.json names but that is not of the lab', async () => {
    const mine = await labUp();
    const stale = { ...mine, pids: { anchor: process.pid, libvirtd: process.pid, sshd: process.pid, sshdNoForward: process.pid } };
    await writeFile(join(dir, 'lab.json'), JSON.stringify(stale));
    expect(await labStatus()).toMatchObject({ state: 'broken' });
    await labDown();
    expect(await processesUnder(dir)).toEqual([]);
  });

  it('has a daemon for scale that is used again with all its guests', async () => {
    const scale = await scaleDaemon(40);
    expect(await scaleDaemon(40)).toEqual(scale);
    expect((await virshAt(scale.tls.uri, 'list', '--all', '--name')).trim().split('\n').sort()).toEqual(scale.guestNames);
    expect(scale.guestNames.at(-1)).toBe('light-0040');
  });

  it('two ups at the same time make one lab', async () => {
    const [one, other] = await Promise.all([labUp(), labUp()]);
    expect(one).toEqual(other);
    expect((await processesUnder(dir)).length).toBe(Object.keys(one.pids).length);
  });

  it('starts libvirtd once more on the same ports after a test ended it', async () => {
    const daemon = await extraDaemon('mortal');
    await endProcess(daemon.dir, daemon.pids.libvirtd);
    expect(await isHealthy(daemon)).toBe(false);
    const restarted = await restartLibvirtd(daemon);
    expect(await isHealthy(restarted)).toBe(true);
    expect(await readState(daemon.dir, labDaemon)).toEqual(restarted);
    await extraDaemonDown('mortal');
  });

  it('asks for SASL on the UNIX socket and over TLS when told so', async () => {
    const daemon = await extraDaemon('sasl', { unixAuthentication: 'sasl', tlsAuthentication: 'sasl' });
    await expect(virshAt(`${daemon.unix.uri}&authfile=${await wrongAuthFile(daemon)}`, 'list')).rejects.toThrow('authentication failed');
    await virshAt(`${daemon.unix.uri}&authfile=${daemon.tcp.authFile}`, 'list');
    await virshAt(`${daemon.tls.uri}&authfile=${daemon.tcp.authFile}`, 'list');
  });
});

/** The daemon's credentials file, with a password it does not know. */
async function wrongAuthFile({ dir, tcp }: LabDaemon): Promise<string> {
  const file = join(dir, 'sasl', 'wrong.conf');
  await writeFile(file, (await readFile(tcp.authFile, 'utf8')).replace(tcp.password, 'wrong'), { mode: 0o600 });
  return file;
}

/** What the daemon says inside TLS before it closes or we do: the byte 1 when it accepts the client. */
async function tlsGreeting({ tls }: Lab, folder: string): Promise<Buffer> {
  const optional = (name: string): Promise<Buffer | undefined> => readFile(join(folder, name)).catch(() => undefined);
  const [ca, cert, key] = await Promise.all([readFile(join(folder, 'cacert.pem')), optional('clientcert.pem'), optional('clientkey.pem')]);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: tls.host, port: tls.port, ca, cert, key });
    const received: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      socket.end();
    });
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

/** Logs in by SSH and asks for the daemon's socket: `opened`, or why not. */
function forwardsSocket({ ssh }: Lab, login: ConnectConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let answer = 'closed before it was ready';
    client.on('ready', () => {
      client.openssh_forwardOutStreamLocal(ssh.socket, (error) => {
        answer = error?.message ?? 'opened';
        client.end();
      });
    });
    client.on('error', reject);
    client.on('close', () => resolve(answer));
    client.connect({ host: ssh.host, ...login });
  });
}
