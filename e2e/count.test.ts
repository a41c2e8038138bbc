// Nothing that failed or never ran may be counted as passed.
import { expect, it } from 'vitest';
import { countOfPlaywright, countOfStep, countOfVitest, failedOfPlaywright, failedOfVitest, summary } from './count.mjs';

const vitest = (more: object = {}) => ({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [], ...more });

it("reads Vitest's report", () => {
  expect(countOfVitest(vitest(), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
});

it('counts a file that failed before its first test', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ];
  expect(countOfVitest(vitest({ numFailedTests: 1, testResults }), 1)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

it('believes the exit code when the report shows no failure, such as after an unhandled rejection', () => {
  expect([countOfVitest(vitest(), 1).failed, countOfPlaywright({ stats: { expected: 1, unexpected: 0, flaky: 0, skipped: 0 } }, 1).failed]).toEqual([1, 1]);
});

it('counts a runner without a report as failed', () => {
  expect([countOfVitest(undefined, 0).failed, countOfPlaywright(undefined, 0).failed, countOfStep(2).failed]).toEqual([1, 1, 1]);
});

it('counts what was flaky as failed', () => {
  expect(countOfPlaywright({ stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 2 } }, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

it('ends with the plain line', () => {
  const part = (name: string, passed: number, failed: number, skipped: number, note?: string) => ({ name, count: { passed, failed, skipped }, seconds: 1, ...(note === undefined ? {} : { note }) });
  expect(summary([part('check', 1, 0, 0), part('unit', 10, 0, 0)]).text).toMatch(/\n11 passed, 0 failed\n$/);
  expect(summary([part('unit', 10, 2, 0), part('lab', 0, 0, 1, 'needs root')]).text).toMatch(/\n!! lab: needs root\n10 passed, 2 failed, 1 skipped\n$/);
});

it('names what failed, and why, before that line', () => {
  const failed = failedOfVitest({ testResults: [
    { name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'adds', failureMessages: ['\u001b[31mexpected 3\u001b[39m\nto be 4\n at line 5\n at line 6'] }, { status: 'passed', fullName: 'takes away' }] },
    { name: 'b.test.ts', status: 'failed', message: 'no such file', assertionResults: [] },
  ] });
  expect(failed).toEqual(['a.test.ts > adds: expected 3\n     to be 4', 'b.test.ts: no such file']);
  const flaky = { file: 'c.spec.ts', title: 'opens', tests: [{ status: 'flaky', results: [{ error: { message: 'slow' } }, {}] }] };
  const well = { file: 'c.spec.ts', title: 'closes', tests: [{ status: 'expected', results: [{}] }] };
  expect(failedOfPlaywright({ errors: [{ message: 'no browser' }], suites: [{ specs: [], suites: [{ specs: [flaky, well] }] }] })).toEqual(['no browser', 'c.spec.ts > opens (flaky): slow']);
  expect(summary([{ name: 'unit', count: { passed: 1, failed: 2, skipped: 0 }, seconds: 1, failed }]).text).toMatch(/!! unit: a\.test\.ts > adds[^]*\n!! unit: b\.test\.ts: no such file\n1 passed, 2 failed\n$/);
  expect([failedOfVitest(undefined), failedOfPlaywright(undefined)]).toEqual([[], []]);
});
