// A program of one's own as the way to a daemon.
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openTransport } from './open-transport.ts';
import { refusalOf, stagehand } from './stagehand.test-peer.ts';
import type { Link } from './transport.ts';

const never = new AbortController().signal;
const open = async (parameters: string, hand = stagehand({ home: '/nowhere', env: { PATH: '/usr/bin:/bin', WORD: 'hello' } })): Promise<Link> =>
  await openTransport(parseConnectionUri(`qemu+ext:///system?${parameters}`), hand.surroundings, never);
const shell = (script: string): string => `command=sh&argv=-c&argv=${encodeURIComponent(script)}`;

describe('a program as transport', () => {
  it('is started for each stream with its words as they are, and carries bytes both ways', async () => {
    const hand = stagehand({ home: '/nowhere', env: { PATH: '/usr/bin:/bin' } });
    const link = await open(`${shell('printf "%s\\n" "$1"; exec cat')}&argv=x&argv=${encodeURIComponent("$(id) 'a'")}`, hand);
    const streams = [await link.open(never), await link.open(never)];
    for (const stream of streams) {
      expect(String((await once(stream, 'data'))[0])).toBe("$(id) 'a'\n");
      const large = Buffer.alloc(1_000_000, 'x');
      stream.write(large);
      let heard = 0;
      for await (const chunk of stream) if (Buffer.isBuffer(chunk) && (heard += chunk.length) === large.length) break;
      expect(heard).toBe(large.length);
    }
    link.close();
    expect(await link.closed).toBeNull();
    expect(hand.stages().slice(0, 1)).toEqual(['socket started']);
  });

  it('ends in the ordinary way, or fails with its code and complaint', async () => {
    const link = await open(shell('echo bye'));
    const chunks: unknown[] = [];
    for await (const chunk of await link.open(never)) chunks.push(chunk);
    expect(chunks.join('')).toBe('bye\n');
    const failing = await (await open(shell('echo "no way" >&2; exit 3'))).open(never);
    const [error]: unknown[] = await once(failing, 'error');
    expect(error).toMatchObject({ refusal: { code: 'socket-missing', message: 'sh ended with code 3: no way' } });
    link.close();
  });

  it('is ended with its stream', async () => {
    const link = await open(shell('echo $$; exec sleep 1000'));
    const stream = await link.open(never);
    const pid = Number(String((await once(stream, 'data'))[0]));
    expect(process.kill(pid, 0)).toBe(true);
    link.close();
    await expect.poll(() => {
      try {
        return process.kill(pid, 0);
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error;
      }
    }).toBe('ESRCH');
  });

  it('that is missing or not named is refused', async () => {
    expect(await refusalOf(open(''))).toMatchObject({ code: 'bad-uri', stage: 'uri' });
    const link = await open('command=no-such-program-here');
    expect(await refusalOf(link.open(never))).toMatchObject({ code: 'socket-missing', stage: 'socket', message: expect.stringContaining('cannot be started') });
    link.close();
  });
});
