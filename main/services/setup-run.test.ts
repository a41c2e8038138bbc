// A change carried out over logins that are lost, refused or cut: what is reported, and that the host (here: a folder) is as before.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import type { SetupReport } from '../../app/contract/setup.ts';
import { shellHere } from '../host/shell.test-peer.ts';
import type { Shell } from '../host/shell.ts';
import type { Planned } from './setup-plan.ts';
import { carryOut, putBackLeft, type Reached, type SetupOwner } from './setup-run.ts';

const never = new AbortController().signal;
let folder: string;
let host: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gd-run-'));
  host = join(folder, 'host');
  journal = join(folder, 'journal');
  mkdirSync(host);
  writeFileSync(join(host, 'conf'), 'old');
});
afterEach(() => rmSync(folder, { recursive: true }));

const planned = (verify: Planned['verify'] = { name: 'node', port: 1 }): Planned => {
  const file = (name: string, content: string, backup: string | null) => ({ kind: 'file', path: join(host, name), owner: '', mode: '0600', content: Buffer.from(content), backup } as const);
  return {
    plan: { steps: ['folder', 'key', 'conf', 'verify'].map((title) => ({ kind: 'units', title, command: '' })), warnings: [], hints: [], pkipath: null, basis: '20260102T030405Z.0' },
    steps: [{ kind: 'folder', path: join(host, 'pki'), owner: '', mode: '0755' }, file('pki/key', 'secret', null), file('conf', 'new', join(host, 'conf.old'))],
    asRoot: false, verify, also: [],
  };
};
const lost = new Refused('connection-lost', 'cut');
/** Logins whose commands `edit` may refuse, by what the command is. */
const owner = (more: Partial<SetupOwner> = {}, edit: (command: string) => void = () => undefined): SetupOwner => {
  const shell = shellHere(() => process.env);
  const cutting: Shell = async (command, options) => {
    const said = await shell(command, options);
    edit(command);
    return said;
  };
  return { reach: async () => ({ shell: cutting, folder: journal, close: () => undefined }), verify: async () => 'seen', progress: () => undefined, patience: 0, stepLimit: 60_000, complain: (error) => expect.unreachable(String(error)), ...more };
};
const here = (): Reached => ({ shell: shellHere(() => process.env), folder: journal, close: () => undefined });
const outcomes = ({ steps }: SetupReport): readonly string[] => steps.map(({ outcome }) => outcome);
const isAsBefore = (): boolean => JSON.stringify([readdirSync(host), readFileSync(join(host, 'conf'), 'utf8'), existsSync(journal)]) === JSON.stringify([['conf'], 'old', false]);
/** Refuses that command and all after it. */
const goneFrom = (part: string): ((command: string) => void) => {
  let isGone = false;
  return (command) => {
    isGone ||= command.includes(part);
    if (isGone) throw lost;
  };
};

describe('a change', () => {
  it('is complete once it was seen to work; each step is told as it ends', async () => {
    const told: string[] = [];
    const report = await carryOut(planned(), owner({ progress: (step, outcome) => void told.push(`${step} ${outcome}`) }), never);
    expect(report).toMatchObject({ outcome: 'complete', verified: 'seen' });
    expect([outcomes(report), told]).toEqual([['done', 'done', 'done', 'done'], ['0 done', '1 done', '2 done', '3 done']]);
    expect([readFileSync(join(host, 'conf'), 'utf8'), readFileSync(join(host, 'conf.old'), 'utf8'), existsSync(journal)]).toEqual(['new', 'old', false]);
  });

  it('that does not work is put back, the reason with the step', async () => {
    const report = await carryOut(planned(), owner({ verify: async () => await Promise.reject(new Refused('certificate-name', 'another name')) }), never);
    expect(report).toMatchObject({ outcome: 'put-back', refusal: { code: 'certificate-name' }, verified: null });
    expect([outcomes(report), isAsBefore()]).toEqual([['put-back', 'put-back', 'put-back', 'failed'], true]);
  });

  it.each([0, 1, 2])('whose login is lost after step %i is put back over a new one', async (number) => {
    let logins = 0;
    const [first, second] = [owner({}, goneFrom(`\nn=${number}\n`)), owner()];
    const reach = async (signal: AbortSignal): Promise<Reached> => await (logins++ === 0 ? first : second).reach(signal);
    const report = await carryOut(planned(), { ...second, patience: 5_000, reach }, never);
    expect([report.outcome, outcomes(report), isAsBefore()]).toEqual(['put-back', [0, 1, 2, 3].map((each) => (each < number ? 'put-back' : each === number ? 'failed' : 'not-reached')), true]);
    expect(logins).toBe(2);
  });

  it('of a host that does not come back is interrupted, lets no other begin, and is put back later', async () => {
    const report = await carryOut(planned(), owner({}, goneFrom('\nn=1\n')), never);
    expect([report.outcome, outcomes(report)]).toEqual(['interrupted', ['unknown', 'unknown', 'not-reached', 'not-reached']]);
    await expect(carryOut(planned(), owner(), never)).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
    expect(await putBackLeft(here(), never)).toMatchObject({ outcome: 'put-back', steps: [{ title: expect.stringContaining('folder'), outcome: 'put-back' }, { title: expect.stringContaining('pki/key'), outcome: 'put-back' }] });
    expect(isAsBefore()).toBe(true);
    await expect(putBackLeft(here(), never)).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  });

  it('that was ended on the host is complete, though the login was lost before it said so', async () => {
    let isCut = false;
    const report = await carryOut(planned(), owner({ patience: 5_000 }, (command) => {
      if (isCut || !command.includes('settle "$d"')) return;
      isCut = true;
      throw lost;
    }), never);
    expect([report.outcome, readFileSync(join(host, 'conf'), 'utf8')]).toEqual(['complete', 'new']);
  });

  it('of which something cannot be put back says what', async () => {
    const report = await carryOut(planned(), owner({
      verify: async () => {
        writeFileSync(join(host, 'pki', 'of-another'), '');
        return await Promise.reject(new Refused('not-tls', 'no'));
      },
    }), never);
    expect([report.outcome, outcomes(report)]).toEqual(['partial', ['not-put-back', 'put-back', 'put-back', 'failed']]);
  });
});
