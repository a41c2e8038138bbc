// Reaching a TCP port: the stages `name` and `port` that SSH, TLS and TCP have in common.
import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { connect, type LookupFunction, type Socket } from 'node:net';
import { Refused } from '../../app/contract/refusal.ts';
import { codeOf, connected, wordsOf } from './sockets.ts';
import { runStage } from './stages.ts';
import type { Surroundings } from './transport.ts';

/**
 * Resolves the name and connects to the first of its addresses that answers. Nagle's algorithm is off: requests are small and awaited.
 * @throws Refused `name-unresolved`, `unreachable`, `timed-out`, `cancelled`.
 */
export async function dial(host: string, port: number, surroundings: Surroundings, signal: AbortSignal): Promise<Socket> {
  const addresses = await runStage(
    { stage: 'name', doing: `Looking up ${host}`, remedy: 'Check the name servers of this machine, or write the address instead of the name.' },
    surroundings,
    signal,
    async () => {
      const value = await resolve(host);
      return { value, seen: value.map(({ address }) => address).join(', ') };
    },
  );
  return await runStage(
    { stage: 'port', doing: `Connecting to port ${port} of ${host}`, remedy: 'Check that the host is on and that no firewall drops this port.' },
    surroundings,
    signal,
    async (step) => {
      const socket = connect({ host, port, noDelay: true, lookup: answer(addresses) });
      try {
        await connected(socket, step.signal);
      } catch (error) {
        if (error instanceof Refused) throw error;
        throw unreachable(host, port, error);
      }
      return { value: socket, seen: `${socket.remoteAddress ?? host} port ${port}` };
    },
  );
}

async function resolve(host: string): Promise<readonly LookupAddress[]> {
  try {
    return await lookup(host, { all: true });
  } catch (error) {
    const unknown = codeOf(error) === 'ENOTFOUND';
    throw new Refused('name-unresolved', unknown ? `No machine is known by the name ${host}.` : `The name ${host} could not be looked up: ${wordsOf(error)}.`, {
      stage: 'name',
      remedy: unknown ? 'Check the spelling, or write the address instead of the name.' : 'Check the network and the name servers of this machine.',
    }, { cause: error });
  }
}

/** Hands over the addresses already found, in the two ways `net.connect` may ask. */
const answer = (addresses: readonly LookupAddress[]): LookupFunction => (_host, options, callback) => {
  const [first] = addresses;
  if (options.all === true) callback(null, [...addresses]);
  else if (first === undefined) callback(new Error('no address'), '');
  else callback(null, first.address, first.family);
};

function unreachable(host: string, port: number, error: unknown): Refused {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const refused = errors.some((each) => codeOf(each) === 'ECONNREFUSED');
  return new Refused(
    'unreachable',
    refused ? `Nothing listens on port ${port} of ${host}.` : `Port ${port} of ${host} cannot be reached: ${errors.map(wordsOf).join('; ')}.`,
    {
      stage: 'port',
      remedy: refused ? 'Start the service on the host, or correct the port.' : 'Check that the host is on and reachable from this network.',
    },
    { cause: error },
  );
}
