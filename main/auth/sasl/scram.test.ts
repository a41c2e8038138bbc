// SCRAM by the conversations of its RFCs, against a server of the test's own, and against servers that lie.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scram, type ScramHash } from './scram.ts';

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
const answer = async (scram: Scram, said: string): Promise<string | null> => text(await scram.step(Buffer.from(said)));
const pencil = { user: 'user', password: 'pencil' };
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const first = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
const final = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

describe('SCRAM speaks as in', () => {
  it('RFC 5802, section 5 (SHA-1)', async () => {
    const scram = new Scram('sha1', pencil, 'fyko+d2lbbFgONRv9qkxdawL');
    expect(text(scram.initial)).toBe('n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL');
    expect(await answer(scram, 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096')).toBe(
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    );
    expect([await answer(scram, 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ='), scram.isDone]).toEqual([null, true]);
  });

  it('RFC 7677, section 3 (SHA-256)', async () => {
    const scram = new Scram('sha256', pencil, nonce);
    expect(text(scram.initial)).toBe(`n,,n=user,r=${nonce}`);
    expect(await answer(scram, first)).toBe('c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=');
    expect([await answer(scram, final), scram.isDone]).toEqual([null, true]);
  });
});

/** What a server that knows the password says, by the RFC's formulas. */
const serverOf = (hash: ScramHash, password: string, clientFirst: string) => {
  const [, header = '', bare = '', clientNonce = ''] = /^(n,[^,]*,)(n=[^,]*,r=(.*))$/s.exec(clientFirst) ?? [];
  const said = `r=${clientNonce}server,s=${Buffer.from('salt').toString('base64')},i=4096`;
  const hmac = (key: Uint8Array, over: string) => createHmac(hash, key).update(over).digest();
  const salted = pbkdf2Sync(password, 'salt', 4096, createHash(hash).digest().length, hash);
  return {
    said,
    /** The proof's verdict and the server's signature. */
    judge: (last: string) => {
      const [, without = '', proof = ''] = /^(.*),p=(.*)$/.exec(last) ?? [];
      const dialogue = `${bare},${said},${without}`;
      const stored = createHash(hash).update(hmac(salted, 'Client Key')).digest();
      const key = Buffer.from(proof, 'base64').map((byte, at) => byte ^ (hmac(stored, dialogue)[at] ?? 0));
      return { isRight: createHash(hash).update(key).digest().equals(stored), header: Buffer.from(/c=([^,]*)/.exec(without)?.[1] ?? '', 'base64').toString() === header, final: `v=${hmac(hmac(salted, 'Server Key'), dialogue).toString('base64')}` };
    },
  };
};

describe('SCRAM', () => {
  it.each(['sha1', 'sha256', 'sha512'] as const)('with %s convinces a server that knows the password, and no other', async (hash) => {
    for (const [known, isRight] of [['s3cr3t', true], ['other', false]] as const) {
      const scram = new Scram(hash, { user: 'a=b,c', password: 's3cr3t', actAs: 'boss' });
      expect(text(scram.initial)).toMatch(/^n,a=boss,n=a=3Db=2Cc,r=/);
      const server = serverOf(hash, known, text(scram.initial) ?? '');
      const verdict = server.judge((await answer(scram, server.said)) ?? '');
      expect([verdict.isRight, verdict.header]).toEqual([isRight, true]);
      if (isRight) expect([await answer(scram, verdict.final), scram.isDone]).toEqual([null, true]);
      else await expect(answer(scram, verdict.final)).rejects.toMatchObject({ refusal: { code: 'auth-failed', message: expect.stringContaining('did not prove') } });
    }
  });

  it('prepares name and password, and sends UTF-8', async () => {
    const scram = new Scram('sha256', { user: 'ju\u0308rgen', password: 'I\u00adX\u00a0\u2168' });
    expect(text(scram.initial)).toMatch(/^n,,n=j\u00fcrgen,r=/);
    const server = serverOf('sha256', 'IX IX', text(scram.initial) ?? '');
    expect(server.judge((await answer(scram, server.said)) ?? '').isRight).toBe(true);
  });

  it('takes a new nonce every time', () => expect(text(new Scram('sha1', pencil).initial)).not.toBe(text(new Scram('sha1', pencil).initial)));
});

describe('SCRAM refuses a server', () => {
  it.each([
    ['whose nonce is not built on ours', first.replace('r=rOpr', 'r=xOpr')],
    ['that only repeats our nonce', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['that makes guessing cheap', first.replace('i=4096', 'i=1')],
    ['that would keep us busy for ever', first.replace('i=4096', 'i=2147483647')],
    ['with a mandatory extension', `m=x,${first}`],
    ['with another order of fields', 's=W22ZaJ0SNY7soEsUEjb6gQ==,r=rOprNGfwEbeRWgbNEkqOx,i=4096'],
    ['with a salt that is not base64', first.replace('W22Z', '{22Z')],
    ['that says nothing', ''],
  ])('%s', async (_, said) => {
    const scram = new Scram('sha256', pencil, nonce);
    await expect(answer(scram, said)).rejects.toMatchObject({ refusal: { code: 'protocol', stage: 'sasl' } });
    expect(scram.isDone).toBe(false);
  });

  it.each([
    ['with a wrong signature', final.replace('6rri', '7rri'), 'auth-failed'],
    ['with a short signature', 'v=6rri', 'auth-failed'],
    ['with none', 'x=1', 'protocol'],
    ['that names an error', 'e=invalid-proof', 'auth-failed'],
  ])('%s', async (_, said, code) => {
    const scram = new Scram('sha256', pencil, nonce);
    await answer(scram, first);
    await expect(answer(scram, said)).rejects.toMatchObject({ refusal: { code, stage: 'sasl' } });
    expect(scram.isDone).toBe(false);
  });

  it('that goes on after the end', async () => {
    const scram = new Scram('sha256', pencil, nonce);
    await answer(scram, first);
    await answer(scram, final);
    await expect(answer(scram, final)).rejects.toMatchObject({ refusal: { code: 'protocol' } });
  });

  it('with any other bytes, too, without a crash and without the password in the words', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array(), fc.string().map((more) => Buffer.from(`r=${nonce}${more}`))), async (said) => {
      const error: unknown = await new Scram('sha256', pencil, nonce).step(said).then(() => null, (thrown: unknown) => thrown);
      expect(error).toMatchObject({ refusal: { code: 'protocol' }, message: expect.not.stringContaining('pencil') });
    }), { numRuns: 200 });
  });
});
