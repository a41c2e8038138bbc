// Remedies carried out on the virtual host, whose systemd and sudo are real: a stopped daemon, a user outside the group, a package.
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport, RunnableRemedy } from '../../app/contract/doctor.ts';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { hostDown, hostShell, hostStatus, hostUp, type VirtualHost } from '../../e2e/lab/host/host.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

const password = 'correct horse';

describe.skipIf(process.env['GUESTDECK_LAB_HOST'] === 'off')('a remedy on the virtual host (skipped with GUESTDECK_LAB_HOST=off)', () => {
  let machine: VirtualHost;
  let wasUp = false;
  let folder: string;
  let main: Main;
  let ask: Asking;
  /** Given to the questions as they come; what is left over was not asked for. */
  let answers: QuestionAnswer[] = [];
  let questions: Question[] = [];

  beforeAll(async () => {
    wasUp = (await hostStatus()).state === 'up';
    machine = await hostUp();
    // One who may use sudo with a password, and is in no group of libvirt's.
    await hostShell(machine, `useradd --create-home --groups sudo doer && echo 'doer:${password}' | chpasswd && cp -r /home/keeper/.ssh /home/doer/.ssh && chown -R doer:doer /home/doer/.ssh`);
    folder = await mkdtemp(join(tmpdir(), 'gd-remedy-'));
    await mkdir(join(folder, '.ssh'), { mode: 0o700 });
    await copyFile(machine.knownHosts, join(folder, '.ssh', 'known_hosts'));
    main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: { PATH: process.env['PATH'] } });
    ask = asking(main);
    main.listen(({ section, name }) => {
      if (section === 'connections' && name === 'asked') void answerAll();
    });
  }, 900_000);
  afterAll(async () => {
    await main.close();
    await rm(folder, { recursive: true });
    await hostShell(machine, 'systemctl start libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket; userdel --remove doer');
    if (!wasUp) await hostDown();
  });

  async function answerAll(): Promise<void> {
    for (const { id, question } of await ask('connections', 'questions', {})) {
      questions.push(question);
      await ask('connections', 'answer', { id, answer: answers.shift() ?? { kind: 'declined' } });
    }
  }
  const hosts = new Map<string, string>();
  async function as(user: string): Promise<string> {
    const known = hosts.get(user);
    if (known !== undefined) return known;
    const { id } = await ask('connections', 'add', { uri: `qemu+ssh://${user}@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}`, autoConnect: false });
    hosts.set(user, id);
    questions = [];
    return id;
  }
  const stopDaemon = async (): Promise<void> => void (await hostShell(machine, 'systemctl stop libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket libvirtd.service'));
  const isActive = async (): Promise<string> => (await hostShell(machine, 'systemctl is-active libvirtd.socket || true')).trim();
  const offered = ({ remedies }: DoctorReport, kind: RunnableRemedy['kind']): RunnableRemedy => {
    const found = remedies.map(({ remedy }) => remedy).find((remedy) => remedy.kind === kind);
    if (found === undefined || found.kind === 'makeCertificates' || found.kind === 'openPort' || found.kind === 'showCommand') throw new Error(`${kind} is not among ${JSON.stringify(remedies)}`);
    return found;
  };

  it('starts the unit of a daemon that does not run, as root', async () => {
    await stopDaemon();
    expect(await isActive()).toBe('inactive');
    const id = await as('root');
    const before = await ask('connections', 'doctor', { id });
    expect(before).toMatchObject({ well: false, remedies: [{ command: 'systemctl start libvirtd.socket' }] });
    const outcome = await ask('connections', 'remedy', { id, remedy: offered(before, 'startUnit') });
    expect(outcome).toMatchObject({ command: 'systemctl start libvirtd.socket', code: 0, report: { well: true } });
    expect(await isActive()).toBe('active');
  }, 120_000);

  it('does so for one who may use sudo without a password, and asks nothing', async () => {
    await stopDaemon();
    const id = await as('keeper');
    const before = await ask('connections', 'doctor', { id });
    expect(await ask('connections', 'remedy', { id, remedy: offered(before, 'startUnit') })).toMatchObject({ code: 0, report: { well: true } });
    expect([await isActive(), questions]).toEqual(['active', []]);
  }, 120_000);

  it('adds a user whom polkit turns away to the group, with the password of sudo, asked again when it was wrong, and finds it taken by the next login', async () => {
    const id = await as('doer');
    const before = await ask('connections', 'doctor', { id });
    expect(before.stages.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      stage: 'libvirt', refusal: { code: 'auth-failed' }, findings: ['polkit on the host was asked whether doer may do org.libvirt.unix.manage, and said no; nobody there can type a password for it.', expect.stringContaining('doer is not in the group libvirt')],
    });
    answers = [{ kind: 'sudo', password: 'wrong' }, { kind: 'sudo', password }];
    const outcome = await ask('connections', 'remedy', { id, remedy: offered(before, 'addToGroup') });
    expect(questions).toEqual([false, true].map((again) => ({ kind: 'sudo', user: 'doer', host: '127.0.0.1', again })));
    expect(outcome).toMatchObject({ command: 'usermod --append --groups libvirt doer', code: 0, report: { well: true } });
    expect((await hostShell(machine, 'id -nG doer')).trim().split(' ')).toContain('libvirt');
    // Nowhere is the password but on its way.
    for (const kept of [JSON.stringify(outcome), await readFile(join(folder, 'connections.json'), 'utf8')]) expect(kept).not.toContain(password);
  }, 120_000);

  it('runs nothing when the password is not given, or for another user than the one logged in', async () => {
    const id = await as('doer');
    answers = [];
    await expect(ask('connections', 'remedy', { id, remedy: { kind: 'startUnit', unit: 'libvirtd.socket' } })).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await expect(ask('connections', 'remedy', { id, remedy: { kind: 'addToGroup', user: 'nobody', group: 'libvirt' } })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'remedy.user' } });
    await expect(ask('connections', 'remedy', { id, remedy: { kind: 'addToGroup', user: 'x; reboot', group: 'libvirt' } })).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  }, 60_000);

  it('installs a package by the host’s own program, and tells what that said', async () => {
    const outcome = await ask('connections', 'remedy', { id: await as('keeper'), remedy: { kind: 'installPackage', manager: 'apt-get', program: 'netcat' } });
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining('netcat-openbsd is already the newest version') });
  }, 120_000);
});
