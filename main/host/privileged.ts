// A command as root on a host: as it is where root is logged in, else by sudo, whose password goes to its standard input and nowhere else.
import { Refused } from '../../app/contract/refusal.ts';
import type { Said, Shell } from './shell.ts';

/** How often a wrong password may be corrected. */
const tries = 3;

/** Gives the password of sudo, or null when nobody gives it. */
export type AskPassword = (user: string, again: boolean) => Promise<string | null>;

/** What sudo says, and nothing has run then. These are its own words in the C locale, those of its successor in Rust included. */
const wantsPassword = /^sudo: .*(password|authentication) is required/m;
const wasWrong = /incorrect password attempt|no password was provided|incorrect authentication attempt|Sorry, try again/;
const isForbidden = /is not in the sudoers file|is not allowed to (run|execute)|may not run sudo/;

/**
 * Runs a simple command as root.
 * @throws Refused `command-refused` when there is no sudo or it is not allowed, `cancelled` when no password is given, `auth-failed` when none was right.
 */
export async function runAsRoot(shell: Shell, command: string, askPassword: AskPassword, signal: AbortSignal): Promise<Said> {
  const [uid, user = ''] = (await shell('id -u; id -un', { signal })).stdout.toString('utf8').split('\n');
  const withPath = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH';
  if (uid === '0') return await shell(`${withPath}; ${command}`, { signal });
  const bySudo = `${withPath}; LC_ALL=C sudo`;
  const free = await shell(`${bySudo} -n ${command}`, { signal });
  if (free.code === 127) throw new Refused('command-refused', `${user} is not root on the host, and it has no sudo.`, { remedy: `Type it there as root: ${command}` });
  if (free.code !== 1 || !wantsPassword.test(free.stderr.toString('utf8'))) return allowed(free, user, command);
  for (let asked = 0; asked < tries; asked++) {
    const password = await askPassword(user, asked > 0);
    if (password === null) throw new Refused('cancelled', 'The password for sudo was not given; nothing was run.');
    // -k has it asked for in any case: with an older one still good, the command itself would read what was meant for sudo.
    const said = await shell(`${bySudo} -k -S -p '' ${command}`, { stdin: Buffer.from(`${password}\n`), signal });
    if (said.code !== 1 || !wasWrong.test(said.stderr.toString('utf8'))) return allowed(said, user, command);
  }
  throw new Refused('auth-failed', `sudo on the host took no password of ${user}; nothing was run.`, { remedy: 'The password is that of the user on the host.' });
}

function allowed(said: Said, user: string, command: string): Said {
  if (said.code === 1 && isForbidden.test(said.stderr.toString('utf8'))) {
    throw new Refused('command-refused', `sudo on the host does not let ${user} do this.`, { remedy: `Have it typed there by somebody who may: ${command}` });
  }
  return said;
}
