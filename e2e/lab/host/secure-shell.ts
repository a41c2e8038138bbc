// The way into a running virtual host: its pinned keys, OpenSSH's configuration for them, and running a command inside.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { run } from './program.ts';

/** What OpenSSH needs to reach one forwarded port as root. */
export interface Access {
  readonly port: number;
  readonly keyFile: string;
  /** Names the host's keys for 127.0.0.1 and this port. */
  readonly knownHosts: string;
  /** `ssh` with a configuration of its own, nothing of the user's; also for virsh's `command=`. */
  readonly command: string;
}

/** Writes the files of an access into `folder`, whose path must be free of quotation marks. */
export async function makeAccess(folder: string, disk: Disk, port: number): Promise<Access> {
  const configuration = join(folder, 'ssh_config');
  const access: Access = { port, keyFile: disk.keyFile, knownHosts: join(folder, 'known_hosts'), command: join(folder, 'ssh') };
  const hostKeys = (await readFile(disk.hostKeys, 'utf8')).trimEnd().split('\n');
  await writeFile(access.knownHosts, hostKeys.map((key) => `[127.0.0.1]:${port} ${key}\n`).join(''));
  await writeFile(configuration, `Host *
  Port ${port}
  User root
  IdentityFile "${access.keyFile}"
  IdentitiesOnly yes
  UserKnownHostsFile "${access.knownHosts}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 60
`);
  await writeFile(access.command, `#!/bin/sh\nexec ssh -F '${configuration}' "$@"\n`);
  await chmod(access.command, 0o700);
  return access;
}

/** Runs a command of the host's shell as root; resolves to its standard output. */
export const shell = (access: Access, command: string): Promise<string> => run(access.command, ['-T', '127.0.0.1', command]);
