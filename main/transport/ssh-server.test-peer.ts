// Debian's own sshd for tests, one process for each connection to a loopback port, with keys and configuration in a private folder.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

export interface SshServer {
  readonly port: number;
  /** What the processes wrote to their log. */
  readonly log: () => string;
  /** How many sessions were begun. */
  readonly connections: () => number;
  /** How many are still there. */
  readonly sessions: () => number;
  /** Ends the processes of all connections at once. */
  readonly kill: () => void;
  readonly close: () => Promise<void>;
}

/** Makes a key pair with ssh-keygen: `file` and `file.pub`. */
export function makeKey(file: string, type = 'ed25519', passphrase = ''): void {
  // One round of key derivation, where people's keys have 16 or more, keeps the tests quick.
  execFileSync('ssh-keygen', ['-q', '-a', '1', '-t', type, '-N', passphrase, '-C', 'test', '-f', file]);
}

/** Starts the server. `folder` gets host keys of two kinds; `settings` are lines for sshd_config. */
export async function startSshServer(folder: string, settings: readonly string[] = []): Promise<SshServer> {
  mkdirSync(folder, { recursive: true });
  // Only root's sshd separates privileges, and wants this folder for it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  for (const type of ['ed25519', 'ecdsa']) makeKey(join(folder, `host_${type}`), type);
  const configuration = join(folder, 'sshd_config');
  writeFileSync(configuration, [
    `HostKey ${folder}/host_ed25519`, `HostKey ${folder}/host_ecdsa`, `AuthorizedKeysFile ${folder}/authorized_keys`,
    'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin yes', 'PrintMotd no',
    ...settings, '',
  ].join('\n'));
  const processes = new Set<ChildProcess>();
  let log = '';
  let connections = 0;
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    connections++;
    const child = spawn('/usr/sbin/sshd', ['-i', '-e', '-f', configuration], { stdio: [socket, socket, 'pipe'] });
    processes.add(child);
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    child.once('exit', () => processes.delete(child));
    socket.on('error', () => undefined).destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kill = (): void => {
    for (const child of processes) child.kill('SIGKILL');
  };
  return {
    port: (server.address() as AddressInfo).port,
    log: () => log,
    connections: () => connections,
    sessions: () => processes.size,
    kill,
    close: async () => {
      server.close();
      const ended = [...processes].map((child) => once(child, 'exit'));
      kill();
      await Promise.all(ended);
    },
  };
}

/** A line for known_hosts or authorized_keys from a .pub file: its type and key. */
export const publicKey = (file: string): string => readFileSync(file, 'utf8').split(' ').slice(0, 2).join(' ');
