// All of main put together, in order. A shell makes one and shows it.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { News } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { KeepaliveOptions } from '../libvirt/keepalive.ts';
import type { FarPlace, OpenTransport } from '../transport/transport.ts';
import { createDemoHost } from '../demo/demo-host.ts';
import { UnlockedKeys } from '../auth/private-key.ts';
import { openTransport } from '../transport/open-transport.ts';
import { bulkServices } from './bulk.ts';
import { openCertificates } from './certificates.ts';
import { channelDesk } from './channel-desk.ts';
import { Connections } from './connections.ts';
import type { Context } from './context.ts';
import { consoleChannels, consoleServices } from './consoles.ts';
import { credentialsServices } from './credentials.ts';
import { guestServices } from './guests.ts';
import { healthServices } from './health.ts';
import { HistoryFile } from './history-file.ts';
import { historyServices } from './history.ts';
import { hostServices } from './hosts.ts';
import { withConfigured } from './libvirt-conf.ts';
import { liveServices } from './live.ts';
import { openLog } from './log.ts';
import { memoryServices } from './memory.ts';
import { networkServices } from './networks.ts';
import { noticeServices } from './notices.ts';
import { profileServices } from './profiles.ts';
import { programServices } from './program.ts';
import { Remembering } from './remembering.ts';
import { type SafeStorage, Secrets } from './secrets.ts';
import { type Caller, channelDoorOf, doorOf, type Main, type Tell } from './services.ts';
import { setupServices } from './tls-setup.ts';
import { tagServices } from './tags.ts';
import { taskServices } from './tasks.ts';
import { tuningServices } from './tuning.ts';

export interface MainOptions {
  /** Exists and is private to the user. */
  readonly dataFolder: string;
  readonly shell: 'electron' | 'web' | 'cli';
  readonly version: string;
  /** The user's home folder: where .ssh and .pki are. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where passwords can be kept. Without one they are remembered until main is closed. */
  readonly safeStorage?: SafeStorage;
  /** How soon a dead host is found; libvirt's own defaults when left out. */
  readonly keepalive?: KeepaliveOptions;
}

/** Main itself as one who asks. */
const own: Caller = { id: 'main', gone: new AbortController().signal };

const noSafeStorage: SafeStorage = { available: false, why: 'This way of running Guestdeck has no access to the safe storage of the computer.' };

/** Builds main on a data folder. Throws Refused `storage` when the folder's files cannot be read. */
export const createMain = async (options: MainOptions): Promise<Main> => {
  const { dataFolder, shell, home, env } = options;
  const complain = openLog(dataFolder);
  const hearers = new Map<(news: News) => void, Caller | undefined>();
  const tell: Tell = (section, name, told, to) => {
    // The three belong together by Tell's signature; the union cannot be spelled from type parameters.
    const news = { section, name, told } as unknown as News;
    for (const [hear, caller] of hearers) if (to === undefined || caller === undefined || caller.id === to) hear(news);
  };
  const { username, uid } = userInfo();
  const demos = demoTransport(Number(env['GUESTDECK_DEMO_SCALE'] ?? 0));
  const open: OpenTransport = async (uri, surroundings, signal) =>
    uri.transport === 'demo' ? await demos.open(uri, surroundings, signal) : await openTransport(await withConfigured(uri, surroundings), surroundings, signal);
  const secrets = await Secrets.open({ path: join(dataFolder, 'secrets.json'), storage: options.safeStorage ?? noSafeStorage, tell, complain });
  const connections = await Connections.open({
    dataFolder,
    tell,
    openTransport: open,
    surroundings: { home, env, isRoot: uid === 0, unlockedKeys: new UnlockedKeys() },
    isInteractive: shell !== 'cli',
    remembering: new Remembering(secrets, complain),
    complain,
    // A command line is there for its one question.
    arrived: (host) => (shell === 'cli' ? undefined : void whileOpen(tuning.arrived(host))),
    ...(options.keepalive === undefined ? {} : { keepalive: options.keepalive }),
  });
  const historyFile = await HistoryFile.open(join(dataFolder, 'history'));
  const context: Context = {
    tell,
    session: async (host) => await connections.session(host),
    hostName: (host) => connections.nameOf(host),
    history: historyFile,
    user: username,
    complain,
  };
  const live = liveServices(context, join(dataFolder, 'samples'));
  const tuning = tuningServices(context);
  const history = historyServices(context);
  const listen: Main['listen'] = (hear, caller) => {
    hearers.set(hear, caller);
    return () => hearers.delete(hear);
  };
  const tasks = taskServices({ context, listen });
  const program = programServices(options, username, tell);
  const notices = noticeServices({
    context, dataFolder, listen, connections: async () => await connections.services.list({}, own), tasks: async () => await tasks.services.list({}, own), preferences: async () => await program.preferences({}, own),
    warnings: async () => await health.services.warnings({}, own),
  });
  const guests = notices.guests(tasks.guests(guestServices(context)));
  const bulk = bulkServices({ context, tuning: tuning.services, guests, history, listen });
  tasks.bulk(bulk.services);
  const { services: certificates, within, installed } = await openCertificates({ ...context, dataFolder, secrets, questions: connections.questionsOfNoHost, isInteractive: shell !== 'cli' });
  const setup = setupServices({
    dataFolder, openTransport: open, certificates: within, installed, ...context, uriOf: (id) => connections.uriOf(id), surroundings: (id) => connections.surroundings(id),
  });
  const health = healthServices({
    home, isRoot: uid === 0, openTransport: open, certificates, connections: connections.services,
    uriOf: (id) => connections.uriOf(id), surroundings: (id) => connections.surroundings(id), shell: (id) => connections.shellOf(id),
  });
  const door = doorOf(
    {
      program,
      connections: connections.services,
      credentials: credentialsServices({ secrets, connections, openTransport: open, home, tell }),
      certificates,
      setup: tasks.setup(setup.services),
      health: health.services,
      hosts: hostServices(context),
      guests,
      consoles: consoleServices({ ...context, env }),
      live: live.services,
      memory: tasks.memory(memoryServices(context)),
      networks: networkServices(context),
      tuning: tuning.services,
      bulk: bulk.services,
      tasks: tasks.services,
      notices: notices.services,
      profiles: profileServices(context, dataFolder),
      tags: tagServices(dataFolder, tell),
      history,
    },
    complain,
  );
  const channelDoor = channelDoorOf({ consoles: consoleChannels({ ...context, uriOf: (id) => connections.uriOf(id), surroundings: (id) => connections.surroundings(id) }) });
  if (shell !== 'cli') connections.connectMarked();
  const underWay = new Set<Promise<unknown>>();
  const whileOpen = async <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  };
  const ending = new AbortController();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    // Windows keep showing what was there: that every host is let go now is no news for them.
    hearers.clear();
    ending.abort();
    const liveOver = live.close();
    setup.close();
    const noticesOver = notices.close();
    const bulkOver = bulk.close();
    await connections.close();
    await bulkOver;
    await noticesOver;
    await liveOver;
    // With the connections gone these end at once; the history is to have what became of them.
    await Promise.all(underWay);
    await secrets.close();
    demos.close();
    await historyFile.close();
    hearers.clear();
  };
  return {
    answer: async (...question) => {
      if (closing !== null) return { ok: false, refusal: { code: 'cancelled', message: 'Guestdeck is closing.' } };
      return await whileOpen(door(...question));
    },
    listen,
    channels: ({ id, gone }, post) => channelDesk({
      caller: { id, gone: AbortSignal.any([gone, ending.signal]) }, post, complain,
      open: async (...wish) => await whileOpen(channelDoor(...wish)),
    }),
    close: async () => await (closing ??= close()),
  };
};

/** The demo host as a transport: one host for all connections to it, made when first needed; `demo:///large` is another one. */
const demoTransport = (scale: number): { readonly open: OpenTransport; readonly close: () => void } => {
  const hosts = new Map<string, ReturnType<typeof createDemoHost>>();
  return {
    open: async ({ path }) => {
      const machine = path === '/large' ? 'large' : 'usual';
      const demo = hosts.get(machine) ?? createDemoHost({ scale, machine });
      hosts.set(machine, demo);
      let end: () => void = () => undefined;
      const closed = new Promise<null>((resolve) => (end = () => resolve(null)));
      const reach = async (place: FarPlace): Promise<Duplex> => {
        const stream = place.kind === 'port' ? demo.reach(place.port) : null;
        if (stream === null) throw new Refused('unreachable', 'Nothing listens there on the demo host.');
        void closed.then(() => stream.destroy());
        return stream;
      };
      return { open: async () => demo.connect(), reach, closed, close: () => end() };
    },
    close: () => {
      for (const host of hosts.values()) host.close();
    },
  };
};
