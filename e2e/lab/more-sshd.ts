// One more SSH daemon beside a lab's own two, for what these do not do: PAM, certificates, several proofs at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startInside } from './daemon.ts';
import { fileContent, freePorts } from './processes.ts';
import { LabError, type LabDaemon } from './state.ts';

/** Starts it with the lab's host keys and these lines of sshd_config; answers its port. It ends with the lab's daemon. */
export async function moreSshd({ dir, ssh, pids }: LabDaemon, name: string, lines: readonly string[]): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new LabError('There is no free port');
  const configuration = join(dir, 'ssh', `${name}_config`);
  const pidFile = join(dir, 'ssh', `${port}.pid`);
  await writeFile(configuration, [
    'ListenAddress 127.0.0.1', `Port ${port}`, ...ssh.hostKeyFiles.map((file) => `HostKey ${file}`), `PidFile ${pidFile}`, 'StrictModes no', 'UseDNS no', 'MaxStartups 100', 'LogLevel VERBOSE', ...lines, '',
  ].join('\n'));
  await startInside(pids.anchor, '/usr/sbin/sshd', ['-D', '-f', configuration, '-E', join(dir, 'log', `${name}.log`)], join(dir, 'log', `${name}.log`));
  await fileContent(pidFile, (content) => content?.endsWith('\n') === true, 60_000);
  return port;
}
