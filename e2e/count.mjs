// Sums what the runners reported; a runner that broke off counts as failed, whatever its report says.

import { stripVTControlCharacters } from 'node:util';

/** @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} Count */

/** @type {Count} */
export const nothing = { passed: 0, failed: 0, skipped: 0 };
/** @type {Count} */
const broken = { passed: 0, failed: 1, skipped: 0 };

/** @param {readonly Count[]} counts @returns {Count} */
export const sum = (counts) => counts.reduce((all, one) => ({
  passed: all.passed + one.passed, failed: all.failed + one.failed, skipped: all.skipped + one.skipped,
}), nothing);

/** A step that only succeeds or fails, such as the type check. @param {number} exitCode @returns {Count} */
export const countOfStep = (exitCode) => (exitCode === 0 ? { ...nothing, passed: 1 } : broken);

/** At least one failure when the runner says so by its exit code. @param {Count} count @param {number} exitCode @returns {Count} */
const heeding = (count, exitCode) => (exitCode !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count);

/** Of Vitest's JSON report; a file that failed before its first test counts as one failed test. @returns {Count} */
export const countOfVitest = (report, exitCode) => {
  if (report === undefined) return broken;
  const withoutTests = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'));
  return heeding({
    passed: report.numPassedTests,
    failed: report.numFailedTests + withoutTests.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }, exitCode);
};

/** Of Playwright's JSON report; flaky tests passed at last, but are counted as failed: they are to be mended. @returns {Count} */
export const countOfPlaywright = (report, exitCode) => {
  if (report === undefined) return broken;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return heeding({ passed: expected, failed: unexpected + flaky, skipped }, exitCode);
};

/** Enough for a difference between two values to be read, where the log is all that is left. */
const reasonIn = (text) => stripVTControlCharacters(text ?? '').split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('at ')).slice(0, 30).join('\n     ').slice(0, 1500);

/** What failed by Vitest's report: name and reason. @returns {string[]} */
export const failedOfVitest = (report) => (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
  const failed = assertionResults.filter((test) => test.status === 'failed').map(({ fullName, failureMessages }) => `${name} > ${fullName}: ${reasonIn(failureMessages?.[0])}`);
  return status === 'failed' && failed.length === 0 ? [`${name}: ${reasonIn(message)}`] : failed;
});

/** The same of Playwright's report, whose suites lie in each other. @returns {string[]} */
export const failedOfPlaywright = (report) => [
  ...(report?.errors ?? []).map(({ message }) => reasonIn(message)),
  ...(report?.suites ?? []).flatMap((suite) => [
    ...(suite.specs ?? []).flatMap(({ file, title, tests }) => tests.filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ status, results }) => `${file} > ${title} (${status}): ${reasonIn(results.find(({ error }) => error !== undefined)?.error.message)}`)),
    ...failedOfPlaywright({ suites: suite.suites }),
  ]),
];

/** The table, and the line that ends it. @param {readonly { name: string, count: Count, seconds: number, note?: string, failed?: readonly string[] }[]} parts */
export const summary = (parts) => {
  const all = sum(parts.map(({ count }) => count));
  const rows = [
    ['part', 'passed', 'failed', 'skipped', 'seconds'],
    ...parts.map(({ name, count, seconds }) => [name, count.passed, count.failed, count.skipped, seconds.toFixed(0)].map(String)),
  ];
  const table = rows.map(([name, ...numbers]) => `${name.padEnd(10)}${numbers.map((number) => number.padStart(9)).join('')}`);
  const notes = parts.flatMap(({ name, note }) => (note === undefined ? [] : [`!! ${name}: ${note}`]));
  // Said once more where the end of a long log is all that is kept.
  const failures = parts.flatMap(({ name, failed = [] }) => failed.map((words) => `!! ${name}: ${words}`));
  const skipped = all.skipped > 0 ? `, ${all.skipped} skipped` : '';
  return { all, text: ['', ...table, '', ...failures, ...notes, `${all.passed} passed, ${all.failed} failed${skipped}`, ''].join('\n') };
};
