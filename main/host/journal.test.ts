// A journal of changes against this machine's own shell: what each step does, and that taking back leaves nothing behind, wherever it was cut.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginScript, finishScript, type HostStep, readJournal, showScript, stepScript, takeBack, troubleOf } from './journal.ts';
import type { Said } from './shell.ts';
import { shellHere } from './shell.test-peer.ts';

const never = new AbortController().signal;
const stamp = '20260102T030405Z';
let folder: string;
let journal: string;
let host: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gd-journal-'));
  journal = join(folder, 'state', 'guestdeck');
  host = join(folder, "host's own");
  mkdirSync(host);
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shell = shellHere(() => ({ PATH: `${folder}/bin:/usr/bin:/bin` }));
const run = async (script: string, stdin?: Uint8Array): Promise<Said> => await shell(script, { signal: never, ...(stdin !== undefined && { stdin }) });
const begin = async (): Promise<Said> => await run(beginScript(journal, stamp));
const take = async (step: HostStep, number = 0): Promise<Said> => await run(stepScript(journal, stamp, number, step), step.kind === 'file' && step.content instanceof Uint8Array ? step.content : undefined);
const back = async () => await takeBack(shell, journal, never);

const path = (name: string): string => join(host, name);
const file = (name: string, text: string, backup = false): HostStep => ({ kind: 'file', path: path(name), owner: '', mode: '0640', content: Buffer.from(text), backup: backup ? path(`${name}.${stamp}.old`) : null });
const aFolder = (name: string): HostStep => ({ kind: 'folder', path: path(name), owner: '', mode: '0755' });

/** Everything below a folder: kind, mode, time and content of each. */
const census = (of: string): readonly string[] => readdirSync(of, { recursive: true, encoding: 'utf8' }).toSorted().map((name) => {
  const facts = lstatSync(join(of, name));
  return `${name} ${facts.mode.toString(8)} ${facts.isFile() ? `${facts.mtimeMs} ${createHash('sha256').update(readFileSync(join(of, name))).digest('hex')}` : ''}`;
});

describe('a step', () => {
  it('puts a file there whole, with its mode, and keeps the one it replaces as it was', async () => {
    writeFileSync(path('a.conf'), 'old');
    chmodSync(path('a.conf'), 0o604);
    const before = statSync(path('a.conf'));
    await begin();
    expect(troubleOf(await take(file('a.conf', 'new\0bytes', true)))).toBeNull();
    expect([readFileSync(path('a.conf'), 'utf8'), statSync(path('a.conf')).mode & 0o777]).toEqual(['new\0bytes', 0o640]);
    const kept = statSync(path(`a.conf.${stamp}.old`));
    expect([kept.ino, kept.mode, kept.mtimeMs]).toEqual([before.ino, before.mode, before.mtimeMs]);
    expect(troubleOf(await run(finishScript(journal, stamp)))).toBeNull();
    expect([existsSync(journal), readdirSync(host)]).toEqual([false, ['a.conf', `a.conf.${stamp}.old`]]);
  });

  it('copies what lies on the host already, so that it never travels', async () => {
    writeFileSync(path('key'), 'secret');
    await begin();
    await take({ kind: 'file', path: path('copy'), owner: '', mode: '0600', content: { from: path('key') }, backup: null });
    await run(finishScript(journal, stamp, [path('key')]));
    expect([readFileSync(path('copy'), 'utf8'), existsSync(path('key'))]).toEqual(['secret', false]);
  });

  it('overwrites nothing that came there since it was planned, and notes nothing of it', async () => {
    writeFileSync(path('a'), 'of another');
    await begin();
    expect(troubleOf(await take(file('a', 'mine')))).toEqual({ why: 'failed', words: `${path('a')} is there by now.` });
    expect([await back(), readFileSync(path('a'), 'utf8'), existsSync(journal)]).toEqual([[], 'of another', false]);
  });

  it('is not taken once the journal is another’s or gone', async () => {
    expect(troubleOf(await take(file('a', 'mine')))).toMatchObject({ why: 'foreign' });
    await begin();
    expect(troubleOf(await run(stepScript(journal, 'other', 0, aFolder('f'))))).toMatchObject({ why: 'foreign' });
    expect(readdirSync(host)).toEqual([]);
  });
});

describe('a journal', () => {
  it('is open for one change at a time, and tells what it holds', async () => {
    await begin();
    await take(aFolder('pki'), 3);
    expect(troubleOf(await begin())).toMatchObject({ why: 'open' });
    expect(statSync(journal).mode & 0o777).toBe(0o700);
    expect(readJournal((await run(showScript(journal))).stdout.toString())).toEqual({ stamp, noted: [{ step: 3, what: `folder ${path('pki')}` }] });
    expect([readJournal(''), readJournal('rubbish\n')]).toEqual([null, null]);
  });

  it('takes all back to the byte, wherever it ends', async () => {
    const steps = [aFolder('pki'), file('pki/cert', 'c'), file('a.conf', 'new', true), file('b.conf', 'new', true)];
    for (let taken = 0; taken <= steps.length; taken += 1) {
      writeFileSync(path('a.conf'), `a ${taken}`);
      writeFileSync(path('b.conf'), `b ${taken}`);
      const before = census(host);
      await begin();
      for (const [number, step] of steps.slice(0, taken).entries()) expect(troubleOf(await take(step, number))).toBeNull();
      if (taken > 0) expect(census(host)).not.toEqual(before);
      expect(await back()).toEqual(steps.slice(0, taken).map((_, step) => ({ step, left: null })).toReversed());
      expect([census(host), existsSync(journal)]).toEqual([before, false]);
    }
  });

  it('takes back a step that was cut within: noted and not done, half written, linked and not moved; a torn line does not count', async () => {
    writeFileSync(path('a.conf'), 'a');
    const before = census(host);
    const step = file('a.conf', 'new', true);
    const cut: readonly string[] = [':', `echo half > '${path('a.conf').replace("'", String.raw`'\''`)}.${stamp}.new'`, `cd '${host.replace("'", String.raw`'\''`)}' && ln a.conf a.conf.${stamp}.old`];
    for (const work of cut) {
      await begin();
      await take(step);
      await back();
      await begin();
      // What a step notes first, and then one part of what it does.
      writeFileSync(join(journal, 'journal'), `0\tfile\t${path('a.conf')}\t${path('a.conf')}.${stamp}.new\t${path(`a.conf.${stamp}.old`)}\n1\tfolder\t${host}`, { flag: 'a' });
      await run(work);
      expect(await back()).toEqual([{ step: 0, left: null }]);
      expect([census(host), existsSync(journal)]).toEqual([before, false]);
    }
    await begin();
    truncateSync(join(journal, 'journal'), 5);
    expect(await back()).toEqual([]);
  });

  it('says what could not be taken back, stays, and takes the rest back when it is asked again', async () => {
    await begin();
    await take(aFolder('pki'), 0);
    await take(file('a', 'new'), 1);
    writeFileSync(path('pki/of-another'), '');
    expect(await back()).toEqual([{ step: 1, left: null }, { step: 0, left: expect.stringContaining('not empty') }]);
    expect([existsSync(path('a')), existsSync(journal)]).toEqual([false, true]);
    rmSync(path('pki/of-another'));
    expect(await back()).toEqual([{ step: 1, left: null }, { step: 0, left: null }]);
    expect([readdirSync(host), existsSync(journal)]).toEqual([[], false]);
  });
});

describe('units', () => {
  /** `systemctl` that keeps states in files, and notes what it is told. A service of which `fails` exists does not start. */
  beforeEach(() => {
    mkdirSync(join(folder, 'units'));
    writeFileSync(join(folder, 'bin', 'systemctl'), `#!/bin/sh
cd '${folder}/units'
echo "$*" >> told
case $1 in
  is-active) [ -e "$2.active" ] && { echo active; exit 0; }; echo inactive; exit 3;;
  is-enabled) [ -e "$2.enabled" ] && { echo enabled; exit 0; }; echo disabled; exit 1;;
  stop) rm -f "$2.active";;
  start|restart) [ ! -e "$2.fails" ] || { rm -f "$2.active"; exit 1; }; case $2 in *.socket) [ ! -e d.service.active ] || exit 1;; esac; touch "$2.active";;
  enable) touch "$2.enabled";;
  disable) rm -f "$2.enabled";;
esac`);
    writeFileSync(join(folder, 'bin', 'journalctl'), '#!/bin/sh\necho "no key file"');
    chmodSync(join(folder, 'bin', 'systemctl'), 0o755);
    chmodSync(join(folder, 'bin', 'journalctl'), 0o755);
  });
  const states = (): readonly string[] => readdirSync(join(folder, 'units')).filter((name) => name !== 'told').toSorted();
  const mark = (...names: readonly string[]): void => names.forEach((name) => writeFileSync(join(folder, 'units', name), ''));
  const units: HostStep = { kind: 'units', service: 'd.service', sockets: ['d.socket', 'd-tls.socket'], enable: 'd-tls.socket' };

  it('listen from then on, the service standing still meanwhile, and are put back as they were', async () => {
    mark('d.service.active', 'd.service.enabled', 'd.socket.active', 'd.socket.enabled');
    const before = states();
    await begin();
    expect(troubleOf(await take(units))).toBeNull();
    expect(states()).toEqual([...before, 'd-tls.socket.active', 'd-tls.socket.enabled'].toSorted());
    expect((await back()).every(({ left }) => left === null)).toBe(true);
    expect([states(), existsSync(journal)]).toEqual([before, false]);
  });

  it('are put back when the service does not start, and its journal tells why', async () => {
    mark('d.service.active', 'd.socket.active', 'd.service.fails');
    await begin();
    expect(troubleOf(await take({ ...units, enable: null }))).toEqual({ why: 'failed', words: 'd.service did not start. Its journal says: no key file' });
    rmSync(join(folder, 'units', 'd.service.fails'));
    await back();
    expect(states()).toEqual(['d.service.active', 'd.socket.active']);
  });

  it('that were asleep sleep again', async () => {
    mark('d.socket.active');
    await begin();
    await take(units);
    expect(states()).toContain('d.service.active');
    await back();
    expect(states()).toEqual(['d.socket.active']);
  });
});
