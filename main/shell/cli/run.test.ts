// The command line as scripts meet it.
import { expect, it } from 'vitest';
import { contract } from '../../../app/contract/contract.ts';
import type { Answer } from '../../../app/contract/refusal.ts';
import { standIn } from '../stand-in.test-main.ts';
import { runCommand, usage } from './run.ts';

const caller = { id: 'test', gone: new AbortController().signal };
const run = async (words: readonly string[], answer: Answer<unknown> = { ok: true, value: { a: [1] } }) => {
  const main = standIn(async () => answer);
  return { main, outcome: await runCommand(words, async () => main, caller) };
};

it('prints the value as JSON', async () => {
  const { main, outcome } = await run(['guests.list', '{"host":"a"}']);
  expect(outcome).toEqual({ code: 0, stdout: '{"a":[1]}\n', stderr: '' });
  expect(main.asked).toMatchObject([{ section: 'guests', name: 'list', takes: { host: 'a' } }]);
});

it('takes no fields as an empty object', async () => {
  expect((await run(['program.about'])).main.asked[0]?.takes).toEqual({});
});

it('prints a refusal on the error output', async () => {
  const refusal = { code: 'unknown-host', message: 'No.' } as const;
  expect((await run(['guests.list', '{"host":"a"}'], { ok: false, refusal })).outcome).toEqual({ code: 1, stdout: '', stderr: `${JSON.stringify(refusal)}\n` });
});

it('prints a report of the doctor, and tells by its code that a stage failed', async () => {
  const words = ['connections.doctor', '{"uri":"test:///default"}'];
  expect((await run(words, { ok: true, value: { well: false } })).outcome).toEqual({ code: 1, stdout: '{"well":false}\n', stderr: '' });
  expect((await run(words, { ok: true, value: { well: true } })).outcome.code).toBe(0);
});

it('closes main, answered or not', async () => {
  expect((await run(['program.about'])).main.closed).toBe(true);
  const failing = standIn(async () => Promise.reject(new Error('bug')));
  await expect(runCommand(['program.about'], async () => failing, caller)).rejects.toThrow('bug');
  expect(failing.closed).toBe(true);
});

it('asks nothing when the words cannot be understood', async () => {
  for (const words of [['program'], ['program.about', '{}', 'more'], ['program.about', '{']]) {
    const { main, outcome } = await run(words);
    expect([outcome.code, outcome.stdout, main.asked]).toEqual([2, '', []]);
  }
});

it('lists every ask of the contract with its fields', async () => {
  const lines = usage().split('\n').map((line) => line.trim().split(/\s+/));
  const listed = new Set(lines.map(([ask]) => ask));
  const all = Object.entries(contract).flatMap(([section, { asks }]) => Object.keys(asks).map((name) => `${section}.${name}`));
  expect(all.filter((ask) => !listed.has(ask))).toEqual([]);
  expect(lines).toContainEqual(['guests.act', 'host', 'uuid', 'action', 'confirm?']);
  expect((await run([])).outcome).toEqual({ code: 2, stdout: usage(), stderr: '' });
  expect((await run(['--help'])).outcome.code).toBe(0);
});
