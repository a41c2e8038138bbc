// The script that adds a key to authorized_keys, run by every POSIX shell of this machine on a home folder of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installCommand, installScript } from './authorized-keys.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'guestdeck home '));
});
afterEach(() => {
  chmodSync(home, 0o700);
  rmSync(home, { recursive: true });
});

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZD';
const line = `${key} ada * at $HOME`;
const other = 'ssh-rsa AAAAB3NzaC1yc2E bob';
const folder = (): string => join(home, '.ssh');
const file = (): string => join(folder(), 'authorized_keys');
const modes = (): readonly number[] => [folder(), file()].map((path) => statSync(path).mode & 0o777);

const shells = ['sh', 'bash', 'busybox'].filter((shell) => spawnSync(shell, ['-c', ':']).error === undefined);
const run = (shell: string, input = `${line}\n`): { readonly said: string; readonly code: number | null } => {
  const { stdout, status } = spawnSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', installCommand], { input, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home }, cwd: '/' });
  return { said: stdout.trim(), code: status };
};
const start = (text: string, mode = 0o644): void => {
  mkdirSync(folder(), { mode: 0o755 });
  writeFileSync(file(), text, { mode });
};

describe.each(shells)('%s', (shell) => {
  it('makes folder and file for their owner alone', () => {
    expect(run(shell)).toEqual({ said: 'added', code: 0 });
    expect([readFileSync(file(), 'utf8'), ...modes()]).toEqual([`${line}\n`, 0o700, 0o600]);
  });

  it('adds a line below those that are there, also where the last one has no end, and keeps the modes', () => {
    for (const text of [`${other}\n`, other]) {
      start(text);
      expect(run(shell)).toEqual({ said: 'added', code: 0 });
      expect([readFileSync(file(), 'utf8'), ...modes()]).toEqual([`${other}\n${line}\n`, 0o755, 0o644]);
      rmSync(folder(), { recursive: true });
    }
  });

  it('adds a key once, whatever its comment or options, but not for one that is commented out', () => {
    for (const text of [`${other}\n${line}\n`, `${key} elsewhere`, `from="10.0.0.*" ${key}\n`]) {
      start(text);
      expect(run(shell)).toEqual({ said: 'present', code: 0 });
      expect(readFileSync(file(), 'utf8')).toBe(text);
      rmSync(folder(), { recursive: true });
    }
    start(` # ${line}\n`);
    expect(run(shell)).toEqual({ said: 'added', code: 0 });
    expect(run(shell)).toEqual({ said: 'present', code: 0 });
  });

  it('follows a symbolic link and leaves it one', () => {
    mkdirSync(folder());
    mkdirSync(join(home, 'kept here'));
    writeFileSync(join(home, 'kept here', 'keys'), `${other}\n`);
    symlinkSync('../kept here/keys', file());
    expect(run(shell)).toEqual({ said: 'added', code: 0 });
    expect([lstatSync(file()).isSymbolicLink(), readFileSync(file(), 'utf8')]).toEqual([true, `${other}\n${line}\n`]);
    expect(readdirSync(join(home, 'kept here'))).toEqual(['keys']);
  });

  it('says nothing good and changes nothing when it cannot write, or is given nothing', () => {
    expect(run(shell, '')).toMatchObject({ said: '', code: 1 });
    expect(existsSync(folder())).toBe(false);
    // A file in the place of the folder stops root as well.
    writeFileSync(folder(), '');
    expect(run(shell)).toMatchObject({ said: '', code: 1 });
    rmSync(folder());
    mkdirSync(file(), { recursive: true });
    expect(run(shell)).toMatchObject({ said: '', code: 1 });
    expect(readdirSync(file())).toEqual([]);
  });
});

it('has one command a line, and nothing that a login shell would take for itself', () => {
  expect(installScript.split('\n').join('; ')).toBe(installCommand);
  expect(installCommand).not.toMatch(/[!'\n]/);
  execFileSync('sh', ['-n', '-c', installCommand]);
});
