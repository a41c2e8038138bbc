// Types of count.mjs, which runs before there is a compiler.
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export interface Part {
  readonly name: string;
  readonly count: Count;
  readonly seconds: number;
  /** Why something was skipped, said loudly. */
  readonly note?: string;
  /** The tests that failed, a line each. */
  readonly failed?: readonly string[];
}
export const nothing: Count;
export function sum(counts: readonly Count[]): Count;
export function countOfStep(exitCode: number): Count;
export function countOfVitest(report: unknown, exitCode: number): Count;
export function countOfPlaywright(report: unknown, exitCode: number): Count;
export function failedOfVitest(report: unknown): string[];
export function failedOfPlaywright(report: unknown): string[];
export function summary(parts: readonly Part[]): { readonly all: Count; readonly text: string };
