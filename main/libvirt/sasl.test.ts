// SASL on the wire: what nil means, who has the last word, and the layer that begins in the middle of a read.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { authType } from './constants.ts';
import { openConnection, type Opened, type OpenOptions } from './open.ts';
import type { Layer } from './packets.ts';
import { remote } from './procedures.ts';
import type { SaslDialogue, SaslMechanism } from './sasl.ts';
import { errorOf, keepaliveFrame, Peer, replyFrame } from './scripted.test-peer.ts';

afterEach(() => vi.useRealTimers());

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const nothing = new Uint8Array();

/** Answers `answers` in turn and is done after them. */
const mechanism = ({ initial = null, answers = [], layer = null }: { readonly initial?: Uint8Array | null; readonly answers?: readonly (Uint8Array | null)[]; readonly layer?: Layer | null } = {}) => {
  const heard: string[] = [];
  const made: SaslMechanism & { readonly heard: readonly string[] } = {
    name: 'TEST',
    initial,
    heard,
    layer,
    get isDone() {
      return heard.length >= answers.length;
    },
    step: async (said) => {
      heard.push(Buffer.from(said).toString());
      return answers[heard.length - 1] ?? null;
    },
  };
  return made;
};

const opening = (login: (dialogue: SaslDialogue) => Promise<void>, options: Partial<OpenOptions> = {}): { readonly peer: Peer; readonly asked: Promise<Opened> } => {
  const peer = new Peer();
  const asked = openConnection(peer.near, { name: 'qemu:///system', login, ...options });
  // A test looks at it later; until then its failure is nobody's fault.
  asked.catch(() => undefined);
  return { peer, asked };
};
const refusalOf = async (asked: Promise<Opened>): Promise<unknown> => await asked.then(() => 'opened', (error: unknown) => (error instanceof Refused ? error.refusal : error));
const attempting = (one: SaslMechanism) => async (dialogue: SaslDialogue): Promise<void> => {
  await dialogue.offered();
  if (!(await dialogue.attempt(one))) throw new Refused('auth-failed', 'refused', { stage: 'sasl' });
};
const begin = async (peer: Peer, mechlist = 'TEST'): Promise<void> => {
  await peer.answer(remote.authList, { types: [authType.sasl] });
  await peer.answer(remote.authSaslInit, { mechlist });
};
const playOpen = async (peer: Peer): Promise<void> => {
  await peer.answer(remote.connectSupportsFeature, { supported: 1 });
  await peer.answer(remote.connectOpen, {});
  await peer.answer(remote.connectSupportsFeature, { supported: 1 });
  await peer.answer(remote.connectSupportsFeature, { supported: 0 });
};

describe('a login by SASL', () => {
  it('hands on what is offered, takes the exchange to its end and opens the driver', async () => {
    const one = mechanism({ initial: bytes('hello'), answers: [bytes('proof'), null] });
    let offered: readonly string[] = [];
    const { peer, asked } = opening(async (dialogue) => {
      offered = await dialogue.offered();
      expect(await dialogue.attempt(one)).toBe(true);
    });
    await begin(peer, 'SCRAM-SHA-256,TEST');
    expect((await peer.answer(remote.authSaslStart, { complete: 0, nil: 0, data: bytes('challenge') })).args).toEqual({ mech: 'TEST', nil: 0, data: bytes('hello') });
    expect((await peer.answer(remote.authSaslStep, { complete: 1, nil: 0, data: bytes('signature') })).args).toEqual({ nil: 0, data: bytes('proof') });
    await playOpen(peer);
    (await asked).connection.close();
    expect([offered, one.heard]).toEqual([['SCRAM-SHA-256', 'TEST'], ['challenge', 'signature']]);
  });

  it.each([[null, 1], [nothing, 0]] as const)('tells no data from empty data: %o has nil=%i', async (initial, nil) => {
    const { peer, asked } = opening(attempting(mechanism({ initial })));
    await begin(peer);
    expect((await peer.answer(remote.authSaslStart, { complete: 1, nil: 1, data: nothing })).args).toEqual({ mech: 'TEST', nil, data: nothing });
    await playOpen(peer);
    (await asked).connection.close();
  });

  it('gives empty data to a mechanism that waits for it, and no data to none', async () => {
    const one = mechanism({ answers: [bytes('credentials')] });
    const { peer, asked } = opening(attempting(one));
    await begin(peer);
    await peer.answer(remote.authSaslStart, { complete: 0, nil: 0, data: nothing });
    expect((await peer.answer(remote.authSaslStep, { complete: 0, nil: 1, data: nothing })).args).toEqual({ nil: 0, data: bytes('credentials') });
    expect((await peer.answer(remote.authSaslStep, { complete: 1, nil: 1, data: nothing })).args).toEqual({ nil: 1, data: nothing });
    await playOpen(peer);
    (await asked).connection.close();
    expect(one.heard).toEqual(['']);
  });

  it('can be tried again on the same connection after a refusal, from INIT on', async () => {
    const { peer, asked } = opening(async (dialogue) => {
      for (const accepted of [false, true]) {
        await dialogue.offered();
        expect(await dialogue.attempt(mechanism())).toBe(accepted);
      }
    });
    await begin(peer);
    await peer.refuse(remote.authSaslStart, errorOf(45, 'authentication failed', { domain: 7 }));
    await peer.answer(remote.authSaslInit, { mechlist: 'TEST' });
    await peer.answer(remote.authSaslStart, { complete: 1, nil: 1, data: nothing });
    await playOpen(peer);
    (await asked).connection.close();
  });

  it('sends no ping between a message and what it turns on, and pings again afterwards', async () => {
    vi.useFakeTimers();
    const { peer, asked } = opening(attempting(mechanism()), { stepLimit: 100_000, keepalive: { interval: 1_000, count: 5 } });
    await begin(peer);
    const { header } = await peer.call(remote.authSaslStart);
    await vi.advanceTimersByTimeAsync(60_000);
    peer.send(replyFrame(header, remote.authSaslStart.ret, { complete: 1, nil: 1, data: nothing }));
    await playOpen(peer);
    const { connection } = await asked;
    await vi.advanceTimersByTimeAsync(2_500);
    expect((await peer.next()).program).toBe(0x6b656570);
    connection.close();
  });
});

describe('a login by SASL ends with a daemon that', () => {
  it('is content before the mechanism is', async () => {
    const { peer, asked } = opening(attempting(mechanism({ initial: bytes('hello'), answers: [bytes('proof'), null] })));
    await begin(peer);
    await peer.answer(remote.authSaslStart, { complete: 1, nil: 1, data: nothing });
    expect(await refusalOf(asked)).toMatchObject({ code: 'protocol', stage: 'sasl' });
    expect(peer.near.destroyed).toBe(true);
  });

  it('is content with a challenge unanswered', async () => {
    const { peer, asked } = opening(attempting(mechanism({ answers: [bytes('proof')] })));
    await begin(peer);
    await peer.answer(remote.authSaslStart, { complete: 1, nil: 0, data: bytes('challenge') });
    expect(await refusalOf(asked)).toMatchObject({ code: 'protocol', stage: 'sasl' });
  });

  it('goes on for ever', async () => {
    const { peer, asked } = opening(attempting(mechanism()));
    await begin(peer);
    await peer.answer(remote.authSaslStart, { complete: 0, nil: 1, data: nothing });
    for (let round = 0; round < 10; round++) await peer.answer(remote.authSaslStep, { complete: 0, nil: 1, data: nothing });
    expect(await refusalOf(asked)).toMatchObject({ code: 'protocol', message: 'The daemon broke the SASL login: TEST does not come to an end.' });
  });

  it('fails otherwise than by refusing', async () => {
    const { peer, asked } = opening(attempting(mechanism()));
    await begin(peer);
    await peer.refuse(remote.authSaslStart, errorOf(1, 'internal error'));
    expect(await refusalOf(asked)).toMatchObject({ code: 'libvirt', libvirt: { code: 1 } });
  });

  it('has nothing to offer', async () => {
    const { peer, asked } = opening(attempting(mechanism()));
    await peer.answer(remote.authList, { types: [authType.sasl] });
    await peer.refuse(remote.authSaslInit, errorOf(45, 'authentication failed', { domain: 7 }));
    expect(await refusalOf(asked)).toMatchObject({ code: 'auth-unsupported', stage: 'sasl', remedy: expect.stringContaining('mech_list') });
  });

  it('says nothing', async () => {
    const { peer, asked } = opening(attempting(mechanism()), { stepLimit: 5 });
    await peer.answer(remote.authList, { types: [authType.sasl] });
    expect(await refusalOf(asked)).toMatchObject({ code: 'timed-out' });
  });
});

describe('what the URI insists on', () => {
  it.each([['sasl', authType.none], ['sasl', authType.polkit], ['polkit', authType.sasl]] as const)('%s is not given up for kind %i', async (insist, type) => {
    const { peer, asked } = opening(attempting(mechanism()), { insist });
    await peer.answer(remote.authList, { types: [type] });
    expect(await refusalOf(asked)).toMatchObject({ code: 'auth-unsupported', message: expect.stringMatching(/insists/) });
  });

  it('is taken although the daemon names another first', async () => {
    const { peer, asked } = opening(attempting(mechanism()), { insist: 'sasl' });
    await peer.answer(remote.authList, { types: [authType.polkit, authType.sasl] });
    await peer.call(remote.authSaslInit);
    peer.end();
    expect(await refusalOf(asked)).toMatchObject({ code: 'connection-lost' });
  });
});

/** Turns every bit round, and refuses a zero. */
const turning: Layer = {
  seal: (plain) => Buffer.from(plain.map((byte) => byte ^ 255)),
  open: (sealed) => {
    if (sealed.includes(0)) throw new Refused('protocol', 'a zero', { stage: 'sasl' });
    return Buffer.from(sealed.map((byte) => byte ^ 255));
  },
};

describe('the layer', () => {
  it('begins with the byte after the reply that completes the login, also within one read', async () => {
    const { peer, asked } = opening(attempting(mechanism({ layer: turning })));
    await begin(peer);
    const { header } = await peer.call(remote.authSaslStart);
    const sealed: Buffer[] = [];
    peer.far.removeAllListeners('data');
    peer.far.on('data', (piece: Buffer) => sealed.push(piece));
    const arrived = new Promise((resolve) => peer.far.once('data', resolve));
    peer.send(replyFrame(header, remote.authSaslStart.ret, { complete: 1, nil: 1, data: nothing }), turning.seal(keepaliveFrame(1)));
    await arrived;
    await vi.waitFor(() => expect(turning.open(Buffer.concat(sealed)).length).toBeGreaterThan(28));
    // The answer to the ping, then the question for keepalive: both sealed.
    const said = turning.open(Buffer.concat(sealed));
    expect([said.subarray(0, 28), said.readInt32BE(28 + 12)]).toEqual([keepaliveFrame(2), 60]);
    peer.end();
    expect(await refusalOf(asked)).toMatchObject({ code: 'connection-lost' });
  });

  it('that refuses what came ends the connection with its own words', async () => {
    const { peer, asked } = opening(attempting(mechanism({ layer: turning })));
    await begin(peer);
    const { header } = await peer.call(remote.authSaslStart);
    peer.send(replyFrame(header, remote.authSaslStart.ret, { complete: 1, nil: 1, data: nothing }), Buffer.from([0]));
    expect(await refusalOf(asked)).toMatchObject({ code: 'protocol', message: 'a zero', stage: 'sasl' });
    expect(peer.near.destroyed).toBe(true);
  });
});
