// The built program with a window of ours that draws nothing: what main itself takes, seen from outside.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { AskName, Gives, News, SectionName, Takes } from '../../app/contract/contract.ts';
import { type Answer, Refused } from '../../app/contract/refusal.ts';
import { isActive } from '../../app/domain/guest.ts';
import { z } from '../../app/contract/schema.ts';
import type { Asking } from '../../main/services/asking.test-peer.ts';
import { ready } from '../../main/shell/prepare.mjs';
import { type Program, startProgram } from '../flows/program.ts';
import { processFile } from '../lab/processes.ts';
import { LabError } from '../lab/state.ts';

/** A page on the program's socket. */
export interface Window {
  readonly ask: Asking;
  /** The next piece of news that fits. */
  readonly heard: (fits: (news: News) => boolean) => Promise<News>;
  /** Bytes that came so far. */
  readonly received: () => number;
  readonly close: () => Promise<void>;
}

const message = z.union([
  z.object({ id: z.number(), answer: z.custom<Answer<unknown>>((value) => z.object({ ok: z.boolean() }).safeParse(value).success) }),
  z.object({ news: z.custom<News>((value) => z.object({ section: z.string() }).safeParse(value).success) }),
]);

/** Opens the program's address as a browser does: the one-time address for a cookie, the cookie for a socket. */
export const openWindow = async (address: string): Promise<Window> => {
  const { headers } = await fetch(address, { redirect: 'manual' });
  const cookie = headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new LabError('the program took its own address for none of its own');
  const { origin, host } = new URL(address);
  const socket = new WebSocket(`ws://${host}/ws`, { headers: { cookie, origin }, perMessageDeflate: false });
  const waiting = new Map<number, (answer: Answer<unknown>) => void>();
  const hearers = new Set<(news: News) => void>();
  let [received, last] = [0, 0];
  socket.on('message', (data: Buffer) => {
    received += data.length;
    const told = message.parse(JSON.parse(data.toString()));
    if ('news' in told) for (const hear of hearers) hear(told.news);
    else {
      waiting.get(told.id)?.(told.answer);
      waiting.delete(told.id);
    }
  });
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    ask: async <S extends SectionName, A extends AskName<S>>(section: S, name: A, takes: Takes<S, A>) => {
      const answer = await new Promise<Answer<unknown>>((resolve) => {
        waiting.set((last += 1), resolve);
        socket.send(JSON.stringify({ id: last, section, name, takes }));
      });
      if (!answer.ok) throw new Refused(answer.refusal.code, answer.refusal.message, answer.refusal);
      // The program answers what the contract says of this ask.
      return answer.value as Gives<S, A>;
    },
    heard: async (fits) => await new Promise((resolve) => {
      const hear = (news: News): void => {
        if (!fits(news)) return;
        hearers.delete(hear);
        resolve(news);
      };
      hearers.add(hear);
    }),
    received: () => received,
    close: async () => await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.close();
    }),
  };
};

export interface StartedProgram {
  readonly program: Program;
  readonly window: Window;
  /** Milliseconds from its start until the window had the list of the host's guests. */
  readonly listed: number;
  /** Of the guests that run. */
  readonly uuids: readonly string[];
  readonly close: () => Promise<void>;
}

/** The id that the one saved host has. */
export const host = 'many';

/** Starts the program on a data folder and a home of its own under `home`, with one saved host that it connects to by itself unless told otherwise. */
export const programOn = async (home: string, uri: string, autoConnect = true): Promise<Program> => {
  await ready();
  const folder = await mkdtemp(join(home, 'program-'));
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  await writeFile(join(data, 'connections.json'), JSON.stringify([{ id: host, name: 'Many', uri, autoConnect }]), { mode: 0o600 });
  return await startProgram(data, folder);
};

/** The same, with a window, once that has the host's guests. */
export const programWith = async (home: string, uri: string): Promise<StartedProgram> => {
  await ready();
  const began = performance.now();
  const program = await programOn(home, uri);
  try {
    const window = await openWindow(program.address);
    const list = async (): Promise<Gives<'guests', 'list'>> => {
      // Heard from before it is asked: nothing can change unseen in between.
      const changed = window.heard((news) => news.section === 'connections');
      const { state } = (await window.ask('connections', 'list', {})).find(({ id }) => id === host) ?? {};
      if (state?.phase === 'ready') return await window.ask('guests', 'list', { host });
      await changed;
      return await list();
    };
    const guests = await list();
    return {
      program, window, listed: performance.now() - began, uuids: guests.filter(({ state }) => isActive(state)).map(({ uuid }) => uuid),
      close: async () => {
        await window.close();
        await program.stop();
      },
    };
  } catch (error) {
    await program.kill();
    throw error;
  }
};

/** Processor time of a process so far, in milliseconds; Linux counts in hundredths of a second. */
export const processorTime = async (pid: number): Promise<number> => {
  const stat = (await processFile(pid, 'stat')) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** Memory that a process holds, in bytes. */
export const residentBytes = async (pid: number): Promise<number> => Number(/VmRSS:\s+(\d+)/.exec((await processFile(pid, 'status')) ?? '')?.[1]) * 1024;
