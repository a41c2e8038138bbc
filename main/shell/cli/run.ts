// The command line as a loop over the contract: one ask in, its value out as JSON.
import type { Section } from '../../../app/contract/ask.ts';
import { contract } from '../../../app/contract/contract.ts';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { z } from '../../../app/contract/schema.ts';
import type { Caller, Main } from '../../services/services.ts';

/** What was written, and the exit code: 0 answered, 1 refused or, of the doctor, a stage that failed, 2 not understood. */
export interface Outcome {
  readonly code: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every ask, as `section.ask field field?`; what is optional ends in a question mark. */
export const usage = (): string => {
  const sections: Readonly<Record<string, Section>> = contract;
  const asks = Object.entries(sections).flatMap(([section, { asks: held }]) =>
    Object.entries(held).map(([name, { takes }]) => {
      const { properties = {}, required = [] } = z.toJSONSchema(takes, { io: 'input', unrepresentable: 'any' });
      const fields = Object.keys(properties).map((field) => (required.includes(field) ? field : `${field}?`));
      return `  ${`${section}.${name}`.padEnd(26)} ${fields.join(' ')}`.trimEnd();
    }));
  return [
    "usage: npm run --silent cli -- SECTION.ASK ['JSON']",
    '',
    'Prints the answer as JSON and exits 0, or prints the refusal on the error output and exits 1.',
    'connections.doctor also exits 1 when a stage failed.',
    'JSON is an object with these fields:',
    '',
    ...asks,
    '',
  ].join('\n');
};

const refuse = (code: 1 | 2, refusal: Refusal): Outcome => ({ code, stdout: '', stderr: `${JSON.stringify(refusal)}\n` });

const parse = (text: string): { readonly value: unknown } | { readonly fault: string } => {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: error.message };
    throw error;
  }
};

/** A report of the doctor in which a stage failed: its value is the answer, and scripts see by the exit code. */
const isUnwell = (value: unknown): boolean => typeof value === 'object' && value !== null && 'well' in value && value.well === false;

/**
 * Asks once.
 * @param words what stood on the command line: the ask and, where it takes fields, their JSON.
 */
export const runCommand = async (words: readonly string[], open: () => Promise<Main>, caller: Caller): Promise<Outcome> => {
  const [ask, json = '{}', ...rest] = words;
  if (ask === undefined || ask === '--help' || ask === '-h') return { code: ask === undefined ? 2 : 0, stdout: usage(), stderr: '' };
  const [section, name] = ask.split('.');
  if (section === undefined || name === undefined || rest.length > 0) return { code: 2, stdout: '', stderr: usage() };
  const takes = parse(json);
  if ('fault' in takes) return refuse(2, { code: 'bad-input', message: `The second word is not JSON: ${takes.fault}.` });
  const main = await open();
  try {
    const answer = await main.answer(section, name, takes.value, caller);
    return answer.ok ? { code: isUnwell(answer.value) ? 1 : 0, stdout: `${JSON.stringify(answer.value)}\n`, stderr: '' } : refuse(1, answer.refusal);
  } finally {
    await main.close();
  }
};
