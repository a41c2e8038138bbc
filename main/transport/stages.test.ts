// The clock of a stage: its limit, its stand-still while a person thinks, and what it leaves behind.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { refusalOf, stagehand } from './stagehand.test-peer.ts';
import { runStage, type Step } from './stages.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const subject = { stage: 'login', doing: 'Logging in', remedy: 'Try again.' } as const;
const never = new AbortController().signal;
const forever = (step: Step): Promise<never> => new Promise((_resolve, reject) => step.signal.addEventListener('abort', () => reject(step.signal.reason)));

it('brings the value and reports beginning, end and what was seen', async () => {
  const hand = stagehand({ home: '/' });
  expect(await runStage(subject, hand.surroundings, never, async () => ({ value: 7, seen: 'seven' }))).toBe(7);
  expect(hand.stages()).toEqual(['login started', 'login done: seven']);
});

it('ends after ten seconds, even when the work does not listen', async () => {
  const hand = stagehand({ home: '/' });
  const refused = refusalOf(runStage(subject, hand.surroundings, never, () => new Promise(() => undefined)));
  await vi.advanceTimersByTimeAsync(9_999);
  expect(hand.stages()).toEqual(['login started']);
  await vi.advanceTimersByTimeAsync(1);
  expect(await refused).toEqual({ code: 'timed-out', message: 'Logging in took longer than 10 s.', stage: 'login', remedy: 'Try again.' });
  expect(hand.stages()).toEqual(['login started', 'login failed: timed-out']);
});

it('does not count the time a person takes to answer', async () => {
  let answer: (answer: QuestionAnswer) => void = () => undefined;
  const hand = stagehand({ home: '/', stageLimit: 1000, ask: () => new Promise((resolve) => (answer = resolve)) });
  const ended = vi.fn();
  const refused = refusalOf(runStage(subject, hand.surroundings, never, async (step) => {
    await step.ask({ kind: 'password', user: 'ada', host: 'node', again: false });
    return await forever(step);
  })).finally(ended);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ended).not.toHaveBeenCalled();
  answer({ kind: 'declined' });
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await refused).toMatchObject({ code: 'timed-out' });
});

it('ends when the caller gives up, before or during, and takes the question back', async () => {
  expect(await refusalOf(runStage(subject, stagehand({ home: '/' }).surroundings, AbortSignal.abort(), forever))).toMatchObject({ code: 'cancelled' });
  const caller = new AbortController();
  const taken = vi.fn();
  const hand = stagehand({
    home: '/',
    ask: (_question, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => {
      taken();
      reject(signal.reason);
    })),
  });
  const refused = refusalOf(runStage(subject, hand.surroundings, caller.signal, async (step) => {
    await step.ask({ kind: 'password', user: 'ada', host: 'node', again: false });
    return await forever(step);
  }));
  caller.abort();
  expect(await refused).toEqual({ code: 'cancelled', message: 'Logging in was given up.', stage: 'login' });
  expect(taken).toHaveBeenCalledOnce();
});

it('lets through what the work refuses, and does not abort what succeeded', async () => {
  const hand = stagehand({ home: '/' });
  const refusing = async (): Promise<never> => {
    throw new Refused('login-failed', 'No.', { stage: 'login' });
  };
  expect(await refusalOf(runStage(subject, hand.surroundings, never, refusing))).toMatchObject({ code: 'login-failed' });
  const caller = new AbortController();
  const signal = await runStage(subject, hand.surroundings, caller.signal, async (step) => ({ value: step.signal, seen: '' }));
  caller.abort();
  expect(signal.aborted).toBe(false);
});

it('says where a refusal happened that does not know it', async () => {
  const hand = stagehand({ home: '/' });
  const lost = async (): Promise<never> => {
    throw new Refused('connection-lost', 'The host closed the connection.', { remedy: 'Try again.' });
  };
  expect(await refusalOf(runStage(subject, hand.surroundings, never, lost))).toEqual({ code: 'connection-lost', message: 'The host closed the connection.', remedy: 'Try again.', stage: subject.stage });
});
