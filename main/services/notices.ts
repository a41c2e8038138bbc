// Notices of what happened that nobody here asked for.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Connection } from '../../app/contract/connections.ts';
import type { News } from '../../app/contract/contract.ts';
import type { KnownCertificate } from '../../app/contract/health.ts';
import type { Notice } from '../../app/contract/notices.ts';
import type { Preferences } from '../../app/contract/program.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import type { Task } from '../../app/contract/tasks.ts';
import type { GuestAction } from '../../app/domain/guest.ts';
import { levelOf } from '../../app/domain/notice.ts';
import type { Context } from './context.ts';
import { changeJson, readJson } from './files.ts';
import type { Mark } from './marks.ts';
import type { Services } from './services.ts';

/** Notices that are kept. */
const mostKept = 100;
/** Certificates are looked at so long after the start and again so often, in milliseconds. */
const certificatesAfter = 15_000;
const certificatesEvery = 12 * 3_600_000;

/** The actions after which a guest stops because somebody here wanted it. */
const stops: ReadonlySet<GuestAction> = new Set(['shutdown', 'destroy', 'managedSave']);

/** What was told of certificates before, over restarts of the program. */
const toldForm = z.object({ certificates: z.array(z.string()) });

export interface NoticeOptions {
  readonly context: Pick<Context, 'tell' | 'session' | 'hostName' | 'complain'>;
  readonly dataFolder: string;
  readonly listen: (hear: (news: News) => void) => () => void;
  readonly connections: () => Promise<readonly Connection[]>;
  readonly tasks: () => Promise<readonly Task[]>;
  readonly preferences: () => Promise<Preferences>;
  /** Those that end soon or are over. */
  readonly warnings: () => Promise<readonly KnownCertificate[]>;
}

export interface Notices {
  readonly services: Services['notices'];
  /** The same services, of which is remembered what is wanted of guests. */
  readonly guests: (guests: Services['guests']) => Services['guests'];
  /** Tells of certificates whose time is running out, each once for each of the warning days. */
  readonly lookAtCertificates: () => Promise<void>;
  /** Waits for what is being looked at. */
  readonly close: () => Promise<void>;
}

/** The last happening of a guest, where it is one to tell of. */
const endOf = (marks: readonly Mark[]): { readonly at: number; readonly isCrash: boolean } | null => {
  const last = marks.at(-1);
  // A crash is told as such and as the stop that comes with it, in either order.
  const before = marks.at(-2);
  if (last === undefined || (last.what !== 'crashed' && last.what !== 'stopped')) return null;
  return { at: last.at, isCrash: last.what === 'crashed' || before?.what === 'crashed' };
};

const taskWords = { done: 'is done', failed: 'failed', cancelled: 'was cancelled' } as const;

const certificateTitle = ({ label, expiry: { state, days } }: KnownCertificate): string =>
  (state === 'expired' ? `The certificate ${label} has expired` : `The certificate ${label} expires ${days === 0 ? 'today' : `in ${days} ${days === 1 ? 'day' : 'days'}`}`);

export const noticeServices = ({ context, dataFolder, listen, connections, tasks, preferences, warnings }: NoticeOptions): Notices => {
  const began = Date.now();
  const path = join(dataFolder, 'notices.json');
  let kept: readonly Notice[] = [];
  /** Hosts that were lost and are not back. */
  const away = new Set<string>();
  /** Guests that somebody here wants to stop, and when each was told of last. */
  const wanted = new Set<string>();
  const toldAt = new Map<string, number>();
  const toldTasks = new Set<string>();

  const raise = async (about: Pick<Notice, 'kind' | 'title' | 'text' | 'host' | 'uuid'>): Promise<void> => {
    const level = levelOf(about.kind, (await preferences()).notices);
    if (level === 'off') return;
    const notice: Notice = { id: randomUUID(), at: Date.now(), read: false, ...about };
    kept = [notice, ...kept].slice(0, mostKept);
    context.tell('notices', 'raised', { notice, system: level === 'system' });
    context.tell('notices', 'changed', {});
  };

  const lookAtHost = async (id: string, connection: Connection | undefined): Promise<void> => {
    if (connection === undefined || connection.state.phase === 'off') return void away.delete(id);
    const { name, state } = connection;
    const about = { host: id, uuid: null };
    if (state.phase === 'lost' && !away.has(id)) {
      away.add(id);
      // Setting a host up restarts its daemon.
      const isOurs = (await tasks()).some(({ kind, host, ended }) => kind === 'setup' && host === id && ended === null);
      if (!isOurs) await raise({ kind: 'hostLost', title: `${name} is lost`, text: state.refusal.message, ...about });
    } else if (state.phase === 'ready' && away.delete(id)) await raise({ kind: 'hostBack', title: `${name} is back`, text: '', ...about });
    else if (state.phase === 'failed' && away.delete(id)) await raise({ kind: 'hostLost', title: `${name} does not come back by itself`, text: state.refusal.message, ...about });
  };

  const changedHosts = new Set<string>();
  const lookAtHosts = async (): Promise<void> => {
    const ids = [...changedHosts];
    changedHosts.clear();
    const all = await connections();
    for (const id of ids) await lookAtHost(id, all.find((one) => one.id === id));
  };
  /** What is told in one turn, as by many hosts that are connected at once, is looked at together. */
  const hostChanged = (id: string): void => {
    changedHosts.add(id);
    if (changedHosts.size === 1) setImmediate(() => void lookAtHosts().catch(context.complain));
  };

  const lookAtGuest = async (host: string, uuid: string, name: string, marks: readonly Mark[]): Promise<void> => {
    const key = `${host}/${uuid}`;
    const end = endOf(marks);
    if (end === null) {
      if (marks.at(-1)?.what === 'started') wanted.delete(key);
      return;
    }
    if (end.at < began || end.at <= (toldAt.get(key) ?? 0)) return;
    toldAt.set(key, end.at);
    if (wanted.delete(key)) return;
    const where = context.hostName(host);
    await (end.isCrash
      ? raise({ kind: 'guestCrashed', title: `${name} crashed`, text: `On ${where}.`, host, uuid })
      : raise({ kind: 'guestStopped', title: `${name} stopped`, text: `On ${where}; nobody asked for it here.`, host, uuid }));
  };
  const lookAtGuests = async (host: string, uuids: readonly string[] | null): Promise<void> => {
    try {
      const { inventory, facts } = (await context.session(host)).reached;
      for (const uuid of uuids ?? inventory.list().map((guest) => guest.uuid)) await lookAtGuest(host, uuid, inventory.find(uuid)?.name ?? uuid, facts.marks.of(uuid));
    } catch (error) {
      // A host that is gone meanwhile has its own notice.
      if (!(error instanceof Refused)) throw error;
    }
  };

  const lookAtTask = async (id: string): Promise<void> => {
    const task = (await tasks()).find((one) => one.id === id);
    if (task === undefined || task.outcome === null || toldTasks.has(id)) return;
    toldTasks.add(id);
    if (task.outcome !== 'cancelled') await raise({ kind: 'taskEnded', title: `${task.title} ${taskWords[task.outcome]}`, text: task.words, host: task.host, uuid: task.uuid });
  };

  const lookAtCertificates = async (): Promise<void> => {
    const ending = (await warnings()).map((certificate) => ({ certificate, key: `${certificate.fingerprint} ${certificate.warning ?? ''}` }));
    const before = new Set((await readJson(path, toldForm))?.certificates);
    const fresh = ending.filter(({ key }) => !before.has(key));
    if (fresh.length === 0) return;
    // Those that are gone from the list are gone from the file.
    await changeJson(path, toldForm, () => ({ certificates: ending.map(({ key }) => key) }));
    for (const { certificate } of fresh) {
      const place = certificate.places.find(({ at }) => at === 'host');
      await raise({ kind: 'certificate', title: certificateTitle(certificate), text: certificate.subject, host: place?.at === 'host' ? place.host : null, uuid: null });
    }
  };

  const silence = listen((news) => {
    const look = async (): Promise<void> => {
      if (news.section === 'connections' && news.name === 'changed' && news.told.id !== null) hostChanged(news.told.id);
      if (news.section === 'guests' && news.name === 'changed') await lookAtGuests(news.told.host, news.told.uuids);
      if (news.section === 'tasks' && news.name === 'changed' && news.told.isOver) await lookAtTask(news.told.id);
    };
    void look().catch(context.complain);
  });
  let looking = Promise.resolve();
  const lookLater = (): void => {
    looking = looking.then(lookAtCertificates).catch(context.complain);
  };
  const timers = [setTimeout(lookLater, certificatesAfter).unref(), setInterval(lookLater, certificatesEvery).unref()];

  return {
    services: {
      list: async () => [...kept],
      read: async ({ ids }) => {
        kept = kept.map((one) => (ids.includes(one.id) ? { ...one, read: true } : one));
        context.tell('notices', 'changed', {});
        return null;
      },
      clear: async () => {
        kept = [];
        context.tell('notices', 'changed', {});
        return null;
      },
    },
    guests: (guests) => ({
      ...guests,
      act: async (takes, caller) => {
        const key = `${takes.host}/${takes.uuid}`;
        if (!stops.has(takes.action)) return await guests.act(takes, caller);
        wanted.add(key);
        try {
          return await guests.act(takes, caller);
        } catch (error) {
          wanted.delete(key);
          throw error;
        }
      },
    }),
    lookAtCertificates,
    close: async () => {
      silence();
      for (const timer of timers) clearTimeout(timer);
      await looking;
    },
  };
};
