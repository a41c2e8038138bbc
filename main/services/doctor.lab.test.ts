// The doctor against a real libvirtd and real SSH servers: every stage failing, what it is told by, and what is offered.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../app/contract/doctor.ts';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { extraDaemon, extraDaemonDown, labUp } from '../../e2e/lab/tier1.ts';
import type { Lab, LabDaemon } from '../../e2e/lab/state.ts';
import { createAuthority, createHostCertificate, type Identity } from '../pki/certificates.ts';
import { writeClientFolder } from '../pki/folder.ts';
import { openTransport } from '../transport/open-transport.ts';
import { makeKey } from '../transport/ssh-server.test-peer.ts';
import { stagehand } from '../transport/stagehand.test-peer.ts';
import { examine } from './doctor.ts';

let lab: Lab;
/** One whose socket is for root alone, and whose daemon ends in the last test. */
let own: LabDaemon;
let folder: string;
let expired: number;
let misnamed: number;
const servers: Server[] = [];
const repository = new URL('../..', import.meta.url).pathname;

/** A TLS server that shows a certificate of a host; what comes after the handshake does not matter. */
async function showing(authority: Identity, names: readonly string[], now: Date): Promise<number> {
  const [first = ''] = names;
  const identity = await createHostCertificate(authority, { subject: [{ attribute: 'CN', value: first }], names: names.map((name) => ({ kind: 'dns', name })), keyBits: 2048, now, days: 30 });
  const server = createServer({ cert: identity.certificatePem, key: identity.keyPem }, (socket) => socket.on('error', () => undefined));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  [lab, own] = await Promise.all([labUp(), extraDaemon('doctor')]);
  folder = mkdtempSync(join(tmpdir(), 'gd-doctor-'));
  mkdirSync(join(folder, '.ssh'));
  makeKey(join(folder, 'stranger'));
  const longAgo = new Date(Date.now() - 1000 * 86_400_000);
  const authority = await createAuthority({ subject: [{ attribute: 'CN', value: 'Old authority' }], keyBits: 2048, now: longAgo, days: 3650 });
  await writeClientFolder(join(folder, 'pki'), authority.certificatePem);
  expired = await showing(authority, ['localhost'], longAgo);
  misnamed = await showing(authority, ['other.example'], new Date());
  chmodSync(own.unix.socket, 0o700);
}, 60_000);
afterAll(async () => {
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  rmSync(folder, { recursive: true });
  await extraDaemonDown('doctor');
});

async function doctor(uri: string, answers: readonly QuestionAnswer[] = [], access = { readOnly: false, allowPlain: false }): Promise<DoctorReport> {
  const bugs: unknown[] = [];
  const { surroundings } = stagehand({ home: folder, env: { PATH: process.env['PATH'] }, isRoot: process.getuid?.() === 0, stageLimit: 5_000 }, answers);
  const report = await examine({ uri, access }, { openTransport, surroundings, complain: (error) => bugs.push(error) }, new AbortController().signal);
  expect(bugs).toEqual([]);
  return report;
}

const overSsh = (parameters = '', { ssh }: LabDaemon = lab, user = lab.ssh.user): string =>
  `qemu+ssh://${user}@127.0.0.1:${ssh.port}/system?keyfile=${ssh.keyFile}&known_hosts=${ssh.knownHosts}${parameters}`;
const overTls = (parameters: string, host = lab.tls.host, port = lab.tls.port): string => `qemu+tls://${host}:${port}/system?${parameters}`;

/** Each stage with how it ended, those that were not reached left out. */
const course = ({ stages }: DoctorReport): readonly string[] => stages.filter((each) => each.outcome !== 'skipped').map(({ stage, outcome }) => `${stage} ${outcome}`);
const failure = (report: DoctorReport) => {
  const [failed, ...more] = report.stages.filter((each) => each.outcome === 'failed');
  expect(more).toEqual([]);
  return failed === undefined ? undefined : { stage: failed.stage, code: failed.refusal.code, findings: failed.findings.join('\n'), remedies: report.remedies.map(({ label, command }) => command ?? label) };
};

describe('where all is well', () => {
  it.each([
    ['over SSH', () => overSsh(), ['uri', 'name', 'port', 'hostKey', 'login', 'socket', 'libvirt', 'driver', 'versions', 'permissions']],
    ['over TLS', () => overTls(`pkipath=${lab.tls.pkiDir}`), ['uri', 'name', 'port', 'tls', 'certificate', 'libvirt', 'driver', 'versions', 'permissions']],
    ['over TCP', () => `qemu+tcp://127.0.0.1:${lab.tcp.port}/system?authfile=${lab.tcp.authFile}`, ['uri', 'name', 'port', 'libvirt', 'sasl', 'driver', 'versions', 'permissions']],
    ['over the socket', () => `qemu:///system?socket=${lab.unix.socket}`, ['uri', 'socket', 'libvirt', 'driver', 'versions', 'permissions']],
  ])('every stage %s is done, with what was seen and the time it took', async (_name, uri, stages) => {
    const report = await doctor(uri());
    expect(report).toMatchObject({ well: true, uri: uri(), remedies: [] });
    expect(course(report)).toEqual(stages.map((stage) => `${stage} done`));
    expect(report.stages.filter((each) => each.outcome === 'done').every(({ milliseconds, seen }) => milliseconds >= 0 && seen !== '')).toBe(true);
    expect(report.stages.find(({ stage }) => stage === 'versions')).toMatchObject({ seen: expect.stringMatching(/^libvirt \d+\.\d+\.\d+ with QEMU \d+\./), warnings: [] });
    expect(report.stages.at(-1)).toMatchObject({ seen: 'May list 2 guests; read definitions with passwords; change guests', warnings: [] });
  });

  it('looking only is told as what it is, and changes nothing', async () => {
    const report = await doctor(`qemu:///system?socket=${lab.unix.readOnlySocket}`, [], { readOnly: true, allowPlain: false });
    expect(report.well).toBe(true);
    expect(report.stages.at(-1)).toMatchObject({ seen: 'May list 2 guests; read definitions without passwords', warnings: ['The connection is opened for looking only, as this host is set to.'] });
  });
});

describe('where a stage fails', () => {
  type Case = readonly [name: string, uri: () => string, failed: { readonly stage: string; readonly code: string }, finding: RegExp, remedy: RegExp | null, answers: () => readonly QuestionAnswer[]];
  const nobody = (): readonly QuestionAnswer[] => [];
  const cases: readonly Case[] = [
    ['a URI that is none', () => 'qemu+nonsense://host/system', { stage: 'uri', code: 'bad-uri' }, /^$/, null, nobody],
    ['a name that nobody has', () => 'qemu+ssh://no-such-host.invalid/system', { stage: 'name', code: 'name-unresolved' }, /resolver of this computer answers (ENOTFOUND|EAI_AGAIN)/, null, nobody],
    ['a port where nothing listens', () => overTls(`pkipath=${lab.tls.pkiDir}`, '127.0.0.1', 1), { stage: 'port', code: 'unreachable' }, /Port 1 of 127\.0\.0\.1 was refused/, /systemctl start libvirtd-tls\.socket/, nobody],
    ['a changed host key', () => overSsh().replace(lab.ssh.knownHosts, lab.ssh.knownHostsChanged), { stage: 'hostKey', code: 'host-key-changed' }, /^$/, /^ssh-keygen -R '\[127\.0\.0\.1\]:\d+' -f \S+known_hosts_changed$/, nobody],
    ['a host key never seen', () => overSsh().replace(lab.ssh.knownHosts, join(folder, 'none')), { stage: 'hostKey', code: 'host-key-unknown' }, /^$/, /Look at the host key again/, nobody],
    ['a port that is not SSH', () => overSsh().replace(`:${lab.ssh.port}`, `:${lab.tcp.port}`), { stage: 'hostKey', code: 'unreachable' }, /says nothing by itself/, null, nobody],
    ['a login that is not let in', () => overSsh().replace(lab.ssh.keyFile, join(folder, 'stranger')), { stage: 'login', code: 'login-failed' }, /No SSH agent is named/, /^ssh-copy-id -p \d+ root@127\.0\.0\.1$/, nobody],
    [
      'a socket that this user may not open', () => overSsh('', own, lab.ssh.passwordUser).replace(/keyfile=[^&]*/, 'sshauth=password'), { stage: 'socket', code: 'socket-denied' },
      /\/run\/libvirt\/libvirt-sock \(root:root, mode 700\) may not be opened by this user\.[\s\S]*labuser/, null, () => [{ kind: 'password', password: lab.ssh.password }],
    ],
    ['a port without TLS', () => overTls(`pkipath=${lab.tls.pkiDir}`, '127.0.0.1', lab.tcp.port), { stage: 'tls', code: 'not-tls' }, /libvirt daemon answers on port \d+ without TLS/, null, nobody],
    ['an SSH server where TLS was meant', () => overTls(`pkipath=${lab.tls.pkiDir}`, '127.0.0.1', lab.ssh.port), { stage: 'tls', code: 'not-tls' }, /begins with: SSH-2\.0-OpenSSH/, null, nobody],
    ['a certificate of another authority', () => overTls(`pkipath=${lab.tls.foreignPkiDir}`), { stage: 'certificate', code: 'certificate-untrusted' }, /host’s certificate was not signed by the authority/, /Make certificates/, nobody],
    ['a client the host does not trust', () => overTls(`pkipath=${lab.tls.strangerPkiDir}`), { stage: 'certificate', code: 'certificate-refused' }, /This computer’s certificate was not signed by it/, /Make certificates/, nobody],
    ['a certificate that is out of date', () => overTls(`pkipath=${folder}/pki`, 'localhost', expired), { stage: 'certificate', code: 'certificate-untrusted' }, /host’s certificate is out of date since/, /Make certificates/, nobody],
    ['a certificate for another name', () => overTls(`pkipath=${folder}/pki`, 'localhost', misnamed), { stage: 'certificate', code: 'certificate-name' }, /for DNS:other\.example/, /Make certificates/, nobody],
    ['no authority to check by', () => overTls(`pkipath=${folder}`), { stage: 'certificate', code: 'certificate-missing' }, /no authority certificate/, /Make certificates/, nobody],
    ['something that is not libvirt', () => `qemu+tcp://127.0.0.1:${lab.ssh.port}/system`, { stage: 'libvirt', code: 'not-libvirt' }, /begins with: SSH-2\.0/, null, nobody],
    [
      'a SASL login that is refused', () => `qemu+tcp://127.0.0.1:${lab.tcp.port}/system`, { stage: 'sasl', code: 'auth-failed' }, /sasldblistusers2/, /saslpasswd2 -a libvirt/,
      () => Array.from({ length: 3 }, () => ({ kind: 'credentials', user: 'lab', password: 'wrong' })),
    ],
    ['a driver that is not there', () => `xen:///system?socket=${lab.unix.socket}`, { stage: 'driver', code: 'driver-refused' }, /By itself the daemon opens qemu:\/\/\/system/, null, nobody],
  ];

  it.each(cases)('%s is told', async (_name, uri, failed, finding, remedy, answers) => {
    const report = await doctor(uri(), answers());
    const found = failure(report);
    expect(report.well).toBe(false);
    expect(found).toMatchObject(failed);
    expect(found?.findings).toMatch(finding);
    expect(found?.findings).not.toContain('closer look');
    if (remedy === null) expect(found?.remedies).toEqual([]);
    else expect(found?.remedies).toEqual([expect.stringMatching(remedy)]);
    // What comes after the failure was not reached; what comes before it was done.
    const at = report.stages.findIndex((each) => each.outcome === 'failed');
    expect(report.stages.slice(at + 1).filter((each) => each.outcome === 'failed')).toEqual([]);
    expect(report.stages.slice(0, at).every((each) => each.outcome !== 'failed')).toBe(true);
  }, 30_000);

  it('a firewall that drops is told from a machine that refuses, by the command line too, whose code says so', async () => {
    // In a network of its own, with a rule of its own.
    const script = 'ip link set lo up && iptables -A INPUT -p tcp --dport 16514 -j DROP && exec "$@"';
    // A build writes the version in; here it is not built.
    const words = [process.execPath, '--import', 'data:text/javascript,globalThis.GUESTDECK_VERSION="test"', 'e2e/run.mjs', 'main/shell/cli/main.ts', 'connections.doctor', JSON.stringify({ uri: overTls(`pkipath=${lab.tls.pkiDir}`, '127.0.0.1', 16_514) })];
    const env = { ...process.env, GUESTDECK_DATA: join(folder, 'data') };
    const ended: unknown = await promisify(execFile)('unshare', ['--net', 'sh', '-c', script, 'sh', ...words], { cwd: repository, env }).catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const report = JSON.parse((ended as { readonly stdout: string }).stdout) as DoctorReport;
    expect(failure(report)).toMatchObject({ stage: 'port', code: 'timed-out', findings: expect.stringContaining('Port 16514 of 127.0.0.1 got no answer'), remedies: ['Open port 16514'] });
  }, 60_000);

  it('a daemon that does not run is told by what the host has, with a way to start it', async () => {
    const watcher = watch(dirname(own.unix.socket));
    try {
      process.kill(own.pids.libvirtd);
      while (existsSync(own.unix.socket)) await once(watcher, 'change');
    } finally {
      watcher.close();
    }
    const found = failure(await doctor(overSsh('', own)));
    expect(found).toMatchObject({ stage: 'socket', code: 'socket-missing', findings: expect.stringMatching(/libvirtd is installed[\s\S]*There is no socket of it/) });
    expect(found?.remedies).toEqual([expect.stringMatching(/libvirtd/)]);
  });
});
