// Consoles of a lab's guests as a page opens them: main with one host of the lab, reached in any way.
import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Asking, asking } from '../../main/services/asking.test-peer.ts';
import { createMain } from '../../main/services/main.ts';
import { type Heard, opening } from '../../main/services/page-channels.test-peer.ts';
import type { LabDaemon } from './state.ts';

/** A home whose known hosts are the lab's; its owner removes it. */
export const consoleHome = async (lab: LabDaemon): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), 'gd-consoles-'));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  await copyFile(lab.ssh.knownHosts, join(home, '.ssh', 'known_hosts'));
  return home;
};

/** URIs of a lab's daemon, the host and its port as given where a proxy is to be in between. */
export const wayTo = {
  unix: ({ unix }: LabDaemon) => `qemu:///system?socket=${unix.socket}`,
  ssh: ({ ssh }: LabDaemon, port = `${ssh.port}`) => `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${ssh.keyFile}&known_hosts=${ssh.knownHosts}${port === `${ssh.port}` ? '' : '&known_hosts_verify=ignore'}`,
  'ssh, by the program': ({ ssh }: LabDaemon) => `qemu+ssh://root@127.0.0.1:${ssh.port}/system?keyfile=${ssh.keyFile}&known_hosts=${ssh.knownHosts}&command=ssh`,
  tls: ({ tls }: LabDaemon, port = `${tls.port}`) => `qemu+tls://127.0.0.1:${port}/system?pkipath=${tls.pkiDir}`,
} as const;

export interface ConsoleScene {
  readonly ask: Asking;
  readonly host: string;
  /** The page goes away when it aborts. */
  readonly gone: AbortController;
  readonly screen: (uuid: string, hear?: (piece: Uint8Array) => void) => Heard;
  readonly serial: (uuid: string, options?: { readonly force?: boolean; readonly hear?: (piece: Uint8Array) => void; readonly host?: string }) => Heard;
  /** Adds one more host of this main and connects to it; answers its id. */
  readonly add: (uri: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Main of its own, connected to the host. */
export const consoleScene = async (home: string, uri: string): Promise<ConsoleScene> => {
  const main = await createMain({ dataFolder: await mkdtemp(join(home, 'data-')), shell: 'web', version: 'test', home, env: { PATH: process.env['PATH'] } });
  const ask = asking(main);
  const add = async (wanted: string): Promise<string> => {
    const { id } = await ask('connections', 'add', { uri: wanted, autoConnect: false });
    await ask('connections', 'connect', { id });
    return id;
  };
  const host = await add(uri);
  const gone = new AbortController();
  const open = opening(main, gone.signal);
  return {
    ask, host, gone, add,
    close: async () => await main.close(),
    screen: (uuid, hear) => open('consoles', 'screen', { host, uuid, display: 0 }, hear),
    serial: (uuid, { force = false, hear, host: other = host } = {}) => open('consoles', 'serial', { host: other, uuid, device: 'serial0', kind: 'console', force }, hear),
  };
};
