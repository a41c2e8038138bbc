// A look at a host, root by sudo, and what a look means: against this machine's own shell, with programs of the test's own where it counts.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandOfRemedy, remedy } from '../../app/domain/remedy.ts';
import { diagnosePolkit, diagnoseSocket, type Wanted } from './diagnosis.ts';
import { type HostLook, lookAt, readLook } from './look.ts';
import { rootShell, runAsRoot } from './privileged.ts';
import { shellHere } from './shell.test-peer.ts';

const never = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gd-host-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** This machine's shell, in which the test's own programs come first. */
const shell = shellHere(() => ({ PATH: `${folder}/bin:/usr/bin:/bin`, XDG_RUNTIME_DIR: folder, TOLD: folder }));
const program = (name: string, script: string): void => {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
};

describe('a look', () => {
  it('finds who is logged in, programs and sockets, and skips what a host does not have', async () => {
    program('virtqemud', 'true');
    program('pacman', 'true');
    mkdirSync(join(folder, 'libvirt'));
    const path = join(folder, 'libvirt', 'virtqemud-sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    try {
      const look = await lookAt(shell, never);
      expect(look).toMatchObject({ user: userInfo().username, isRoot: userInfo().uid === 0 });
      expect([...look.programs]).toEqual(expect.arrayContaining(['virtqemud', 'pacman']));
      expect(look.sockets).toContainEqual({ path, owner: userInfo().username, group: expect.any(String), mode: expect.stringMatching(/^7/), mayOpen: true });
      expect(look.groups.length).toBeGreaterThan(0);
    } finally {
      server.close();
      await once(server, 'close');
    }
  });

  it('reads units whatever the order of their lines, and leaves out those that are not there', () => {
    const block = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
    const { units } = readLook([
      block(['Id=libvirtd.socket', 'LoadState=loaded', 'ActiveState=inactive', 'UnitFileState=enabled']),
      block(['LoadState=not-found', 'ActiveState=inactive', 'Id=virtqemud.socket']),
      block(['LoadState=loaded', 'UnitFileState=', 'ActiveState=failed', 'Id=libvirtd.service']),
    ].join(''));
    expect(units).toEqual([{ name: 'libvirtd.socket', state: 'inactive', file: 'enabled' }, { name: 'libvirtd.service', state: 'failed', file: '' }]);
  });

  it('of a host that says nothing is empty', () => {
    expect(readLook('Welcome to the menu\n')).toEqual({
      user: '', isRoot: false, groups: [], members: new Map(), system: '', programs: new Set(), units: [], sockets: [], running: [], selinux: '', appArmor: false, errors: [],
    });
  });
});

describe('a command as root', () => {
  /** `sudo` that wants this password, and notes down all that others could see of it. */
  const sudoWanting = (password: string): void => program('sudo', [
    'echo "$@" >> "$TOLD/seen"; env >> "$TOLD/seen"',
    '[ "$1" = -n ] && { echo "sudo: a password is required" >&2; exit 1; }',
    'shift; shift; shift; shift; read -r given',
    `[ "$given" = '${password}' ] || { echo "sudo: 1 incorrect password attempt" >&2; exit 1; }`,
    'exec "$@"',
  ].join('\n'));
  beforeEach(() => program('id', 'case $1 in -u) echo 1000;; -un) echo ada;; esac'));

  it('takes the password on its input, asks again when it is wrong, and shows it nowhere', async () => {
    sudoWanting('hunter two');
    const asked: unknown[] = [];
    const said = await runAsRoot(shell, 'echo done', async (user, again) => {
      asked.push([user, again]);
      return again ? 'hunter two' : 'hunter one';
    }, never);
    expect([said.code, said.stdout.toString(), asked]).toEqual([0, 'done\n', [['ada', false], ['ada', true]]]);
    expect(readFileSync(join(folder, 'seen'), 'utf8')).not.toContain('hunter');
  });

  it('gives the command nothing to read of what was meant for sudo', async () => {
    sudoWanting('hunter two');
    expect((await runAsRoot(shell, 'cat', async () => 'hunter two', never)).stdout.toString()).toBe('');
  });

  it('is not run when the password is not given, wrong three times, or not allowed', async () => {
    sudoWanting('hunter two');
    const ran = `touch ${folder}/ran`;
    await expect(runAsRoot(shell, ran, async () => null, never)).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await expect(runAsRoot(shell, ran, async () => 'wrong', never)).rejects.toMatchObject({ refusal: { code: 'auth-failed' } });
    program('sudo', '[ "$1" = -n ] && { echo "sudo: a password is required" >&2; exit 1; }; echo "ada is not in the sudoers file." >&2; exit 1');
    await expect(runAsRoot(shell, ran, async () => 'any', never)).rejects.toMatchObject({ refusal: { code: 'command-refused' } });
    program('sudo', 'exit 127');
    await expect(runAsRoot(shell, ran, async () => 'any', never)).rejects.toMatchObject({ refusal: { code: 'command-refused', remedy: expect.stringContaining(ran) } });
    expect((await shell(`test -e ${folder}/ran`, { signal: never })).code).toBe(1);
  });

  it('in a shell of root’s reads what is its own after the password, which is asked for once', async () => {
    sudoWanting('hunter two');
    let asked = 0;
    const root = await rootShell(shell, async () => {
      asked += 1;
      return 'hunter two';
    }, never);
    for (const text of ['one\n', 'two']) expect((await root('cat; echo "$0" >&2', { stdin: Buffer.from(text), signal: never })).stdout.toString()).toBe(text);
    expect([asked, readFileSync(join(folder, 'seen'), 'utf8').includes('hunter')]).toEqual([1, false]);
    program('sudo', 'echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1');
    await expect(rootShell(shell, async () => 'any', never)).rejects.toMatchObject({ refusal: { code: 'command-refused', message: expect.stringContaining('must have a tty') } });
  });

  it('needs no sudo where root is logged in, and no password where sudo wants none', async () => {
    program('sudo', 'shift; exec "$@"');
    expect((await runAsRoot(shell, 'false', async () => Promise.reject(new Error('asked')), never)).code).toBe(1);
    program('id', 'echo 0; [ "$1" = -un ] && echo root; true');
    program('sudo', 'exit 99');
    expect((await runAsRoot(shell, 'echo $PATH', async () => Promise.reject(new Error('asked')), never)).stdout.toString()).toContain('/usr/sbin');
  });
});

describe('what a look means', () => {
  const qemu: Wanted = { daemon: 'virtqemud', isSession: false, isRemote: true };
  const look = (part: Partial<HostLook>): HostLook => ({ ...readLook('user=ada\nuid=1000\ngroups=ada users\n'), programs: new Set(['libvirtd', 'systemctl', 'apt-get']), ...part });
  const unit = (name: string, state = 'inactive', file = 'enabled') => ({ name, state, file });
  const socket = (path = '/run/libvirt/libvirt-sock', mayOpen = false) => ({ path, owner: 'root', group: 'libvirt', mode: '660', mayOpen });

  it.each<readonly [string, Partial<HostLook>, Partial<Wanted>, readonly object[], string]>([
    ['no daemon is installed', { programs: new Set(['dnf']) }, {}, [{ kind: 'installPackage', manager: 'dnf', program: 'libvirt' }], 'No libvirt daemon is installed'],
    ['none is installed, and nothing that could', { programs: new Set() }, {}, [], 'No libvirt daemon is installed'],
    ['the unit does not run', { units: [unit('libvirtd.service'), unit('libvirtd.socket')] }, {}, [{ kind: 'startUnit', unit: 'libvirtd.socket' }], 'There is no socket'],
    ['the host has a daemon for each driver', { programs: new Set(['virtqemud']), units: [unit('virtqemud.socket')] }, {}, [{ kind: 'startUnit', unit: 'virtqemud.socket' }], 'one daemon for each driver'],
    ['both kinds are there, and one is enabled', { programs: new Set(['virtqemud', 'libvirtd']), units: [unit('libvirtd.socket', 'inactive', 'disabled'), unit('virtqemud.socket')] }, {}, [{ kind: 'startUnit', unit: 'virtqemud.socket' }], 'are installed'],
    ['the daemon failed, and its journal says why', { units: [unit('libvirtd.service', 'failed')], errors: ['no space left'] }, {}, [{ kind: 'startUnit', unit: 'libvirtd.service' }], 'no space left'],
    ['there is no systemd', {}, {}, [{ kind: 'showCommand', label: 'How to start libvirtd', command: 'sudo libvirtd --daemon', where: 'host' }], 'There is no socket'],
    ['the user is not in the group', { sockets: [socket()] }, {}, [{ kind: 'addToGroup', user: 'ada', group: 'libvirt' }], 'ada is not in the group libvirt'],
    ['the user was added after this login', { sockets: [socket()], members: new Map([['libvirt', ['ada']]]) }, {}, [], 'it counts from the next one'],
    ['sshd forbids forwarding and there is no netcat', { sockets: [socket(undefined, true)], units: [unit('libvirtd.socket', 'active')] }, {}, [{ kind: 'installPackage', manager: 'apt-get', program: 'netcat' }], 'may be opened'],
    ['a socket was left behind by a daemon that was killed', { sockets: [socket(undefined, true)], units: [unit('libvirtd.socket')], programs: new Set(['libvirtd', 'nc']) }, {}, [{ kind: 'startUnit', unit: 'libvirtd.socket' }], 'may be opened'],
    ['only the socket for looking may be opened', { sockets: [socket(), socket('/run/libvirt/libvirt-sock-ro', true)] }, {}, [{ kind: 'addToGroup', user: 'ada', group: 'libvirt' }], 'may not be opened'],
    ['a user’s own daemon does not run', {}, { isSession: true }, [{ kind: 'startSession', daemon: 'libvirtd' }], 'does not run for this user'],
    ['SELinux is on', { selinux: 'Enforcing' }, {}, expect.anything(), 'ausearch'],
  ])('%s', (_name, part, wanted, remedies, finding) => {
    const diagnosis = diagnoseSocket(look(part), { ...qemu, ...wanted });
    expect(diagnosis.remedies).toEqual(remedies);
    expect(diagnosis.findings.join('\n')).toContain(finding);
  });

  it('tells polkit’s refusal with the group or a rule', () => {
    const outside = diagnosePolkit(look({ members: new Map([['libvirt', []]]) }));
    expect(outside.remedies).toEqual([{ kind: 'addToGroup', user: 'ada', group: 'libvirt' }, expect.objectContaining({ kind: 'showCommand', command: expect.stringContaining('subject.user == "ada"') })]);
    expect(diagnosePolkit(look({ groups: ['libvirt'], members: new Map([['libvirt', ['ada']]]) })).remedies.map(({ kind }) => kind)).toEqual(['showCommand']);
  });
});

it('a remedy holds nothing that a shell would read as more than words', () => {
  for (const user of ['ada; reboot', '$(id)', "a'b", 'a b', '-rf', '', 'ada\n']) expect(remedy.safeParse({ kind: 'addToGroup', user, group: 'libvirt' }).success).toBe(false);
  for (const each of [{ kind: 'startUnit', unit: 'sshd.service' }, { kind: 'installPackage', manager: 'apt-get', program: 'x' }, { kind: 'addToGroup', user: 'ada', group: 'sudo' }]) expect(remedy.safeParse(each).success).toBe(false);
  expect(commandOfRemedy({ kind: 'addToGroup', user: 'ada.l-1$', group: 'libvirt' })).toEqual({ command: 'usermod --append --groups libvirt ada.l-1$', asRoot: true });
});
