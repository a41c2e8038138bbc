// A guest's VNC display as a line: reached the way of its host, logged in to here, so that no password ever is in the page.
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import type { ConnectionUri } from '../../app/domain/connection-uri.ts';
import type { DisplayPlace } from '../../app/xml/displays.ts';
import { runStage } from '../transport/stages.ts';
import { contextOf, judge } from '../transport/tls.ts';
import { certificatePlaces, readCertificateFiles } from '../transport/tls-files.ts';
import { optionsOfPriority } from '../transport/tls-priority.ts';
import type { Surroundings } from '../transport/transport.ts';
import { logInToVnc } from '../transport/vnc-login.ts';
import type { HostSession } from './host-session.ts';
import type { Line } from './services.ts';

interface Wanted {
  readonly session: HostSession;
  readonly guest: string;
  /** What the host is called by people. */
  readonly hostName: string;
  readonly place: DisplayPlace | null;
  readonly uri: ConnectionUri;
  readonly surroundings: Surroundings;
}

/** A password may be mistyped. */
const tries = 3;

/** What a VNC server without any login says, each once the page has sent so many bytes: its version, its one kind of login, which is none, and that it is granted. */
const greetings: readonly (readonly [after: number, says: Buffer])[] = [[0, Buffer.from('RFB 003.008\n')], [12, Buffer.from([1, 1])], [13, Buffer.from([0, 0, 0, 0])]];
/** Bytes of the page that answer all that: its version, and its choice. */
const answers = 13;

/** Opens the display, and asks for its password where it wants one. Throws Refused with why there is no way to it, or what it refused. */
export const openDisplay = async ({ session, guest, hostName, place, uri, surroundings }: Wanted, gone: AbortSignal): Promise<Line> => {
  const { reach } = session;
  if (place === null) throw new Refused('unreachable', `The display of ${guest} listens nowhere.`, { remedy: 'Give it an address or a socket in the guest’s definition; a display that only libvirt hands out can be used on the host alone.' });
  if (reach === undefined) throw new Refused('unreachable', `This kind of connection leads to libvirt and to nothing else, so the display of ${guest} cannot be reached.`, { remedy: 'Connect to the host over SSH.' });
  const host = uri.host ?? 'localhost';
  const subject = { stage: 'login', doing: `Opening the display of ${guest}`, remedy: 'The display does not answer; the guest may be stuck.' } as const;
  const stream = await runStage(subject, surroundings, gone, async ({ signal, ask }) => {
    for (let tried = 1; ; tried += 1) {
      const plain = await reach(place, signal);
      // How it ended shows to whoever reads.
      plain.on('error', () => undefined);
      let asked = false;
      try {
        const value = await logInToVnc(plain, {
          host, signal,
          ask: async (withUser) => {
            asked = true;
            const prompts = [...(withUser ? [{ text: 'User of the display', echo: true }] : []), { text: 'Password of the display', echo: false }];
            const answer = await ask({ kind: 'prompts', user: guest, host: hostName, name: `Display of ${guest}`, instructions: `The VNC display of ${guest} on ${hostName} asks for a password.`, prompts, ...(tried > 1 && { again: true }) });
            if (answer.kind !== 'prompts') throw new Refused('cancelled', 'No password was given for the display.');
            return { user: withUser ? (answer.answers[0] ?? '') : '', password: answer.answers.at(-1) ?? '' };
          },
          secure: async () => {
            const files = await readCertificateFiles(uri, certificatePlaces(uri, surroundings));
            return { secureContext: contextOf(files, optionsOfPriority('NORMAL')), judge: (tls) => void judge(tls, host, files) };
          },
        });
        return { value, seen: 'the display' };
      } catch (error) {
        plain.destroy();
        if (!asked || tried >= tries || !(error instanceof Refused) || error.refusal.code !== 'auth-failed') throw error;
      }
    }
  });
  return lineOf(stream);
};

/** The display as the page is given it: the login is over, and one that asks for nothing is played in its place. */
const lineOf = (stream: Duplex): Line => {
  let heard = 0;
  let look = (): void => undefined;
  /** Resolves when the page has sent so many bytes, or nothing more comes of it. */
  const sent = (count: number): Promise<void> => new Promise((resolve) => {
    look = () => (heard >= count || stream.destroyed) && resolve();
    look();
  });
  stream.once('close', () => look());

  async function* incoming(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const [after, says] of greetings) {
      await sent(after);
      yield says;
    }
    try {
      for await (const piece of stream) if (piece instanceof Uint8Array) yield piece;
    } catch (error) {
      throw error instanceof Refused ? error : new Refused('connection-lost', 'The connection to the display broke.', {}, { cause: error });
    }
  }

  return {
    incoming: incoming(),
    write: async (bytes) => {
      const rest = bytes.subarray(Math.max(0, answers - heard));
      heard += bytes.length;
      look();
      if (rest.length === 0 || stream.destroyed || stream.write(rest)) return;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          stream.off('drain', go).off('close', go);
          resolve();
        };
        stream.on('drain', go).on('close', go);
      });
    },
    close: () => void stream.destroy(),
  };
};
