// Types of prepare.mjs, which runs before there is a compiler.
import type { SpawnOptions } from 'node:child_process';

export const root: string;
export const npm: { readonly program: string; readonly options: SpawnOptions };
export function run(program: string, words: readonly string[], options?: SpawnOptions): Promise<number>;
export function isInstalled(): Promise<boolean>;
export function installPackages(): Promise<void>;
export function buildProgram(): Promise<void>;
export function ready(): Promise<void>;
