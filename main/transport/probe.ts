// A closer look at a name or a port that could not be used: what the resolver says, and how each address answers.
import { getServers, promises as dns } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { codeOf, connected, wordsOf } from './sockets.ts';

/** How an address answered a connection to a port. */
export interface Knock {
  readonly address: string;
  readonly port: number;
  /** `refused`: the machine is there and nothing listens. `silent`: what was sent was dropped. `unroutable`: no way leads there. */
  readonly answer: 'open' | 'refused' | 'silent' | 'unroutable' | 'broken';
  /** The system's words for it. */
  readonly words: string;
}

/** Longest time an address has to answer, in milliseconds. */
const patience = 3_000;

const meaning = (code: string): Knock['answer'] => {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ETIMEDOUT') return 'silent';
  return ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'].includes(code) ? 'unroutable' : 'broken';
};

/** Connects to each port of each address of the host, side by side, and lets go at once. Empty when the name does not resolve. */
export async function knock(host: string, ports: readonly number[], signal: AbortSignal): Promise<readonly Knock[]> {
  const addresses = await dns.lookup(host, { all: true }).catch(() => []);
  const tries = addresses.flatMap(({ address }) => ports.map((port) => ({ address, port })));
  return await Promise.all(tries.map(async ({ address, port }): Promise<Knock> => {
    const limit = AbortSignal.timeout(patience);
    const socket: Socket = connect({ host: address, port });
    try {
      await connected(socket, AbortSignal.any([signal, limit]));
      return { address, port, answer: 'open', words: 'it is open' };
    } catch (error) {
      if (limit.aborted) return { address, port, answer: 'silent', words: `no answer within ${patience / 1000} s` };
      return { address, port, answer: meaning(codeOf(error)), words: wordsOf(error) };
    } finally {
      socket.destroy();
    }
  }));
}

/** What the system's resolver and the name servers themselves say of a name, a sentence each. */
export async function askResolver(host: string): Promise<readonly string[]> {
  const system = await dns.lookup(host, { all: true }).then(
    (found) => `The resolver of this computer knows ${host} as ${found.map(({ address }) => address).join(', ')}.`,
    (error: unknown) => `The resolver of this computer answers ${codeOf(error) || wordsOf(error)} for ${host}.`,
  );
  const resolver = new dns.Resolver({ timeout: patience / 2, tries: 1 });
  const records = await Promise.all((['A', 'AAAA'] as const).map(async (kind) => await resolver.resolve(host, kind).then(
    (found) => `${kind}: ${found.join(', ')}`,
    (error: unknown) => `${kind}: ${codeOf(error) || wordsOf(error)}`,
  )));
  const servers = getServers();
  return [system, servers.length === 0 ? 'No name server is configured.' : `Name server ${servers.join(', ')} answers ${records.join('; ')}.`];
}

/** What a service says by itself within a moment of connecting, such as the greeting of an SSH server; empty when it waits for us. */
export async function greetingOf(host: string, port: number, signal: AbortSignal): Promise<string> {
  const socket = connect({ host, port });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience / 3)]);
  try {
    await connected(socket, limit);
    return await new Promise<string>((resolve) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1', 0, 200).replaceAll(/[^\x20-\x7e]+/g, ' ').trim()));
      socket.once('close', () => resolve('')).on('error', () => undefined);
      limit.addEventListener('abort', () => resolve(''), { once: true });
    });
  } catch (error) {
    // A port that was open a moment ago, and is not now, says nothing.
    if (limit.aborted || codeOf(error) !== '') return '';
    throw error;
  } finally {
    socket.destroy();
  }
}
