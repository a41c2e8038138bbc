// One host's session over a demo host, for tests of its life.
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, vi } from 'vitest';
import { type Refusal, Refused, type RefusalCode } from '../../app/contract/refusal.ts';
import { createDemoHost, type DemoHost } from '../demo/demo-host.ts';
import type { Connection } from '../libvirt/connection.ts';
import { openConnection } from '../libvirt/open.ts';
import type { OpenTransport } from '../transport/transport.ts';
import { HostSession } from './host-session.ts';

/** A session over a demo host of its own, and what it told. */
export interface Scene {
  readonly session: HostSession;
  readonly demo: DemoHost;
  /** Our ends of what was opened, in order. */
  readonly streams: Duplex[];
  readonly phases: string[];
  readonly changed: (readonly string[] | null)[];
  readonly complaints: unknown[];
  /** While set, reaching the host fails with it. */
  obstacle: Refused | null;
  readonly second: () => Promise<Connection>;
}

/** Ends with the test, and holds it to leaving no stream open. */
export const scene = async (options: { readonly scale?: number } = {}): Promise<Scene> => {
  const demo = createDemoHost(options);
  const streams: Duplex[] = [];
  const phases: string[] = [];
  const changed: (readonly string[] | null)[] = [];
  const complaints: unknown[] = [];
  const openTransport: OpenTransport = async () => {
    if (made.obstacle !== null) throw made.obstacle;
    let end: (refusal: Refusal | null) => void = () => undefined;
    const closed = new Promise<Refusal | null>((resolve) => (end = resolve));
    const own: Duplex[] = [];
    return {
      open: async () => {
        const stream = demo.connect();
        streams.push(stream);
        own.push(stream);
        return stream;
      },
      closed,
      close: () => {
        for (const stream of own) stream.destroy();
        end(null);
      },
    };
  };
  const session = new HostSession('a', 'demo:///', {
    openTransport, surroundings: { ask: async () => ({ kind: 'declined' }), report: () => undefined, home: '/', env: {}, isRoot: false },
    stateChanged: () => {
      const { phase } = session.state;
      if (phases.at(-1) !== phase) phases.push(phase);
    },
    guestsChanged: (uuids) => changed.push(uuids),
    complain: (error) => complaints.push(error),
  });
  const made: Scene = {
    session, demo, streams, phases, changed, complaints, obstacle: null,
    second: async () => (await openConnection(demo.connect(), { name: 'qemu:///system' })).connection,
  };
  onTestFinished(async () => {
    await session.end();
    demo.close();
    expect(streams.filter((stream) => !stream.destroyed)).toEqual([]);
  });
  return made;
};
export const named = (session: HostSession, name: string) => {
  const guest = session.guests.list().find((one) => one.name === name);
  if (guest === undefined) throw new Error(`no guest ${name}`);
  return guest;
};
export const domNamed = (session: HostSession, name: string) => ({ name, uuid: named(session, name).uuid, id: -1 });
export const refused = (code: RefusalCode): Refused => new Refused(code, 'Not now.', { stage: 'port', remedy: 'Wait.' });
/** The timers a test may wait for are its own; the machine's stand still. */
export const still = (): void => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
};
export const becomes = async (session: HostSession, phase: string): Promise<void> => await vi.waitFor(() => expect(session.state.phase).toBe(phase));
