// A command as root on a host: as it is where root is logged in, else by sudo, whose password goes to its standard input and nowhere else.
import { Refused } from '../../app/contract/refusal.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import type { Said, Shell } from './shell.ts';

/** How often a wrong password may be corrected. */
const tries = 3;

/** Gives the password of sudo, or null when nobody gives it. */
export type AskPassword = (user: string, again: boolean) => Promise<string | null>;

/** What sudo says, and nothing has run then. These are its own words in the C locale, those of its successor in Rust included. */
const wantsPassword = /^sudo: .*(password|authentication) is required/m;
const wasWrong = /incorrect password attempt|no password was provided|incorrect authentication attempt|Sorry, try again/;
const isForbidden = /is not in the sudoers file|is not allowed to (run|execute)|may not run sudo/;

/** How a command becomes root's: the line that runs it, and what its input has to begin with. */
interface Way {
  readonly line: (command: string) => string;
  readonly given: Buffer;
}

/**
 * Runs a simple command as root.
 * @throws Refused `command-refused` when there is no sudo or it is not allowed, `cancelled` when no password is given, `auth-failed` when none was right.
 */
export async function runAsRoot(shell: Shell, command: string, askPassword: AskPassword, signal: AbortSignal): Promise<Said> {
  return (await findWay(shell, command, askPassword, signal)).said;
}

/**
 * A shell of root's, in which scripts run whose input is all their own. The password is asked for once, before anything is run, and
 * never after: what follows is not held up in its midst. @throws Refused as `runAsRoot`.
 */
export async function rootShell(shell: Shell, askPassword: AskPassword, signal: AbortSignal): Promise<Shell> {
  const asScript = (script: string): string => `sh -c ${shellWord(script)}`;
  const { way, said } = await findWay(shell, asScript(':'), askPassword, signal);
  if (said.code !== 0) {
    throw new Refused('command-refused', `sudo on the host ran nothing: ${said.stderr.toString('utf8').trim() || `it ended with code ${said.code}`}.`, { remedy: 'Log in as root, or have the user let sudo run commands as root.' });
  }
  return async (script, { stdin, ...options }) => await shell(way.line(asScript(script)), { ...options, stdin: Buffer.concat([way.given, stdin ?? Buffer.alloc(0)]) });
}

/** Runs a command once, in the way that turned out to be allowed. */
async function findWay(shell: Shell, command: string, askPassword: AskPassword, signal: AbortSignal): Promise<{ readonly said: Said; readonly way: Way }> {
  const [uid, user = ''] = (await shell('id -u; id -un', { signal })).stdout.toString('utf8').split('\n');
  const withPath = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH';
  const freely = (prefix: string): Way => ({ line: (line) => `${withPath}; ${prefix}${line}`, given: Buffer.alloc(0) });
  const run = async ({ line, given }: Way): Promise<Said> => await shell(line(command), { stdin: given, signal });
  if (uid === '0') return { said: await run(freely('')), way: freely('') };
  const free = freely('LC_ALL=C sudo -n ');
  const said = await run(free);
  if (said.code === 127) throw new Refused('command-refused', `${user} is not root on the host, and it has no sudo.`, { remedy: `Type it there as root: ${command}` });
  if (said.code !== 1 || !wantsPassword.test(said.stderr.toString('utf8'))) return { said: allowed(said, user, command), way: free };
  for (let asked = 0; asked < tries; asked++) {
    const password = await askPassword(user, asked > 0);
    if (password === null) throw new Refused('cancelled', 'The password for sudo was not given; nothing was run.');
    // -k has it asked for in any case: with an older one still good, the command itself would read what was meant for sudo. Sudo reads
    // no further than the end of the line, so that what follows is the command's.
    const way: Way = { line: (line) => `${withPath}; LC_ALL=C sudo -k -S -p '' ${line}`, given: Buffer.from(`${password}\n`) };
    const answer = await run(way);
    if (answer.code !== 1 || !wasWrong.test(answer.stderr.toString('utf8'))) return { said: allowed(answer, user, command), way };
  }
  throw new Refused('auth-failed', `sudo on the host took no password of ${user}; nothing was run.`, { remedy: 'The password is that of the user on the host.' });
}

function allowed(said: Said, user: string, command: string): Said {
  if (said.code === 1 && isForbidden.test(said.stderr.toString('utf8'))) {
    throw new Refused('command-refused', `sudo on the host does not let ${user} do this.`, { remedy: `Have it typed there by somebody who may: ${command}` });
  }
  return said;
}
