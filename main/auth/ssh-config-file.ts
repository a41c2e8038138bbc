// Reading ssh_config files where the system has no ssh program to do it: Host, Match and Include; the programs of `Match exec` are not run.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import { namesHost } from './known-hosts.ts';
import type { SshOptions } from './ssh-config.ts';

/** As deep as OpenSSH follows Include. */
const deepest = 16;

/**
 * The options that the files say for a host, the first file first: of two values the first one counts. Files that do not exist are empty.
 * Errors are those of the file system.
 */
export async function optionsFromFiles(files: readonly string[], home: string, host: string, user: string | undefined): Promise<SshOptions> {
  const texts = await Promise.all(files.map((file) => textWithIncludes(file, home, 0)));
  const found = SSHConfig.parse(texts.join('\nMatch all\n')).compute({ Host: host, ...(user !== undefined && { User: user }) }, { ignoreCase: true, matchExec: false });
  const options = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(found)) {
    const values = Array.isArray(value) ? value : [value];
    // Repeatable options have a value for each time; the others are a line of words.
    options.set(name, name === 'identityfile' || name === 'certificatefile' ? values : [values.join(' ')]);
  }
  return options;
}

async function textWithIncludes(file: string, home: string, depth: number): Promise<string> {
  const text = await readIfThere(file);
  if (depth === deepest) return text;
  const lines = text.split('\n').map(async (line) => {
    const match = /^\s*include(?:\s*=\s*|\s+)(\S.*?)\s*$/i.exec(line);
    if (match === null) return line;
    const patterns = [...(match[1] ?? '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const included = (await Promise.all(patterns.map((pattern) => filesOf(pattern, dirname(file), home)))).flat();
    return (await Promise.all(included.map((each) => textWithIncludes(each, home, depth + 1)))).join('\n');
  });
  return (await Promise.all(lines)).join('\n');
}

/** The files that an Include means, in alphabetical order; `*` and `?` may stand in the last part of the path. */
async function filesOf(pattern: string, folder: string, home: string): Promise<readonly string[]> {
  const path = /^~[\\/]/.test(pattern) ? home + pattern.slice(1) : isAbsolute(pattern) ? pattern : join(folder, pattern);
  if (!/[*?]/.test(path)) return [path];
  const last = path.slice(dirname(path).length + 1);
  const names = await namesIn(dirname(path));
  return names.filter((name) => namesHost(last.replaceAll(',', '?'), name.toLowerCase())).sort().map((name) => join(dirname(path), name));
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
