// Remedies carried out on the virtual host, whose systemd and sudo are real: a stopped daemon, a user outside the group, a package.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DoctorReport, isRunnable, type RemedyOutcome, type RunnableRemedy } from '../../app/contract/doctor.ts';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { hostDown, hostShell, hostStatus, hostUp, type VirtualHost } from '../../e2e/lab/host/host.ts';
import { isLong } from '../../e2e/lab/long.ts';
import { openTransport } from '../transport/open-transport.ts';
import type { Surroundings } from '../transport/transport.ts';
import { doctorServices } from './doctor-services.ts';
import { examine } from './doctor.ts';

const password = 'correct horse';

describe('a remedy on the virtual host', () => {
  let machine: VirtualHost;
  let wasUp = false;
  let folder: string;
  /** Given to the questions as they come, and then none. */
  let answers: QuestionAnswer[] = [];
  let questions: Question[] = [];
  const never = new AbortController().signal;

  beforeAll(async () => {
    wasUp = (await hostStatus()).state === 'up';
    machine = await hostUp();
    // One who may use sudo with a password, and is in no group of libvirt's.
    await hostShell(machine, `useradd --create-home --groups sudo doer && echo 'doer:${password}' | chpasswd && cp -r /home/keeper/.ssh /home/doer/.ssh && chown -R doer:doer /home/doer/.ssh`);
    folder = await mkdtemp(join(tmpdir(), 'gd-remedy-'));
  }, 900_000);
  afterAll(async () => {
    await rm(folder, { recursive: true });
    // A session of doer's may still be ending, and userdel would refuse while it does.
    await hostShell(machine, 'systemctl start libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket; pkill -KILL -u doer; userdel --force --remove doer');
    if (!wasUp) await hostDown();
  });

  const access = { readOnly: false, allowPlain: false };
  /** An emulated machine, which others may keep waiting, has minutes for what takes a real one a second. */
  const patience = 180_000;
  const surroundings = (): Surroundings => ({
    home: folder, env: { PATH: process.env['PATH'] }, isRoot: false, stageLimit: patience, report: () => undefined,
    ask: async (question) => {
      questions.push(question);
      return answers.shift() ?? { kind: 'declined' };
    },
  });
  const complain = (error: unknown): never => {
    throw error;
  };
  /** The host as this user reaches it; the id of a connection is the user here. */
  const uriOf = (user: string): string => `qemu+ssh://${user}@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}&known_hosts=${machine.knownHosts}`;
  const look = async (user: string): Promise<DoctorReport> => await examine({ uri: uriOf(user), access }, { openTransport, surroundings: surroundings(), complain, patience }, never);
  const apply = async (user: string, remedy: RunnableRemedy): Promise<RemedyOutcome> =>
    await doctorServices({ openTransport, complain, surroundings, closing: never, patient: (id) => ({ uri: uriOf(id), access }) }).remedy({ id: user, remedy }, { id: 'test', gone: never });
  const unwell = ({ stages }: DoctorReport) => stages.find(({ outcome }) => outcome === 'failed');
  const stopDaemon = async (): Promise<void> => void (await hostShell(machine, 'systemctl stop libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket libvirtd.service'));
  const isActive = async (): Promise<string> => (await hostShell(machine, 'systemctl is-active libvirtd.socket || true')).trim();
  const offered = ({ remedies }: DoctorReport, kind: RunnableRemedy['kind']): RunnableRemedy => {
    const found = remedies.map(({ remedy }) => remedy).find((remedy) => remedy.kind === kind);
    if (found === undefined || !isRunnable(found)) throw new Error(`${kind} is not among ${JSON.stringify(remedies)}`);
    return found;
  };

  it('starts the unit of a daemon that does not run, as root', async () => {
    await stopDaemon();
    expect(await isActive()).toBe('inactive');
    const before = await look('root');
    expect(before).toMatchObject({ well: false, remedies: [{ command: 'systemctl start libvirtd.socket' }] });
    const outcome = await apply('root', offered(before, 'startUnit'));
    expect(outcome).toMatchObject({ command: 'systemctl start libvirtd.socket', code: 0 });
    expect([unwell(outcome.report), await isActive()]).toEqual([undefined, 'active']);
  }, 600_000);

  it.runIf(isLong)('does so for one who may use sudo without a password, and asks nothing', async () => {
    await stopDaemon();
    questions = [];
    const outcome = await apply('keeper', { kind: 'startUnit', unit: 'libvirtd.socket' });
    expect([outcome.code, unwell(outcome.report), await isActive(), questions]).toEqual([0, undefined, 'active', []]);
  }, 600_000);

  it('adds a user whom polkit turns away to the group, with the password of sudo, asked again when it was wrong, and finds it taken by the next login', async () => {
    const before = await look('doer');
    expect(before.stages.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      stage: 'libvirt', refusal: { code: 'auth-failed' }, findings: ['polkit on the host was asked whether doer may do org.libvirt.unix.manage, and said no; nobody there can type a password for it.', expect.stringContaining('doer is not in the group libvirt')],
    });
    questions = [];
    answers = [{ kind: 'sudo', password: 'wrong' }, { kind: 'sudo', password }];
    const outcome = await apply('doer', offered(before, 'addToGroup'));
    expect(questions).toEqual([false, true].map((again) => ({ kind: 'sudo', user: 'doer', host: '127.0.0.1', again })));
    expect(outcome).toMatchObject({ command: 'usermod --append --groups libvirt doer', code: 0, report: { well: true } });
    expect((await hostShell(machine, 'id -nG doer')).trim().split(' ')).toContain('libvirt');
    expect(JSON.stringify(outcome)).not.toContain(password);
  }, 600_000);

  it('runs nothing when the password is not given, or for another user than the one logged in', async () => {
    answers = [];
    await expect(apply('doer', { kind: 'startUnit', unit: 'libvirtd.socket' })).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await expect(apply('doer', { kind: 'addToGroup', user: 'nobody', group: 'libvirt' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'remedy.user' } });
  }, 120_000);

  it.runIf(isLong)('installs a package by the host’s own program, and tells what that said', async () => {
    expect(await apply('keeper', { kind: 'installPackage', manager: 'apt-get', program: 'netcat' })).toMatchObject({ code: 0, output: expect.stringContaining('netcat-openbsd is already the newest version') });
  }, 600_000);
});
