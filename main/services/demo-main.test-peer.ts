// Main on a data folder of its own with the demo host in it, for tests; and a way to get between main and a call.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { News } from '../../app/contract/contract.ts';
import { type CallOptions, Connection } from '../libvirt/connection.ts';
import type { Call, Named } from '../libvirt/procedure.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { testFolder } from './folder.test-peer.ts';
import { createMain, type MainOptions } from './main.ts';
import type { Main } from './services.ts';

export { testFolder };

export interface DemoMain {
  readonly main: Main;
  readonly ask: Asking;
  readonly news: News[];
  readonly folder: string;
}

/** Main as a window meets it, with one saved connection, `demo`, which is not connected yet. */
export const demoMain = async (options: Partial<MainOptions> = {}): Promise<DemoMain> => {
  const folder = options.dataFolder ?? (await testFolder());
  if (options.dataFolder === undefined) {
    await writeFile(join(folder, 'connections.json'), JSON.stringify([{ id: 'demo', name: 'Demo host', uri: 'demo:///', autoConnect: false }]));
  }
  const main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {}, ...options });
  onTestFinished(async () => await main.close());
  const news: News[] = [];
  main.listen((one) => news.push(one));
  return { main, ask: asking(main), news, folder };
};

/** The same, connected. */
export const connectedMain = async (options: Partial<MainOptions> = {}): Promise<DemoMain> => {
  const demo = await demoMain(options);
  await demo.ask('connections', 'connect', { id: 'demo' });
  return demo;
};

/** A call on its way: how often this procedure was called before it, its connection, and how to let it pass. */
export interface Intercepted {
  readonly nth: number;
  readonly connection: Connection;
  readonly args: unknown;
  readonly pass: () => Promise<unknown>;
}

/** Until the test ends, calls of these procedures go through `instead`; every call's name is noted. */
export const intercept = (instead: Readonly<Record<string, (call: Intercepted) => Promise<unknown>>> = {}): { readonly called: string[] } => {
  const real = Connection.prototype.call;
  const called: string[] = [];
  const spy = vi.spyOn(Connection.prototype, 'call').mockImplementation(function call<A, R>(this: Connection, line: Named<Call<A, R>>, args: A, options?: CallOptions<R>): Promise<R> {
    const nth = called.filter((name) => name === line.name).length;
    called.push(line.name);
    const pass = async (): Promise<R> => await Reflect.apply(real, this, [line, args, options]);
    const other = instead[line.name];
    // The stand-in answers what the procedure answers, or throws.
    return other === undefined ? pass() : (other({ nth, connection: this, args, pass }) as Promise<R>);
  });
  onTestFinished(() => spy.mockRestore());
  return { called };
};

/** The connection main has to its host, for a second pair of hands on it. */
export const connectionOf = async (ask: Asking): Promise<Connection> => {
  const seen: Connection[] = [];
  const real = Connection.prototype.call;
  const spy = vi.spyOn(Connection.prototype, 'call').mockImplementation(function call<A, R>(this: Connection, line: Named<Call<A, R>>, args: A, options?: CallOptions<R>): Promise<R> {
    seen.push(this);
    return Reflect.apply(real, this, [line, args, options]);
  });
  await ask('hosts', 'describe', { host: 'demo' });
  spy.mockRestore();
  const [connection] = seen;
  if (connection === undefined) throw new Error('main made no call');
  return connection;
};

/** The demo host's guest of this name. */
export const uuidOf = async (ask: Asking, name: string): Promise<string> => {
  const found = (await ask('guests', 'list', { host: 'demo' })).find((guest) => guest.name === name);
  if (found === undefined) throw new Error(`no guest ${name}`);
  return found.uuid;
};
