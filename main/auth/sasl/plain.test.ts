// PLAIN and EXTERNAL: their one message, byte for byte.
import { describe, expect, it } from 'vitest';
import { external, plain } from './plain.ts';

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());

describe('PLAIN', () => {
  // RFC 4616, section 4.
  it('sends the messages of the RFC', () => {
    expect(text(plain({ user: 'tim', password: 'tanstaaftanstaaf' }).initial)).toBe('\0tim\0tanstaaftanstaaf');
    expect(text(plain({ user: 'Kurt', password: 'xipj3plmq', actAs: 'Ursel' }).initial)).toBe('Ursel\0Kurt\0xipj3plmq');
  });

  it('sends what is not ASCII as UTF-8', () => expect(Buffer.from(plain({ user: 'jürgen', password: '密' }).initial ?? []).toString('hex')).toBe('006ac3bc7267656e00e5af86'));

  it('lets no NUL shift the fields', () => {
    expect(() => plain({ user: 'root', password: 'secret\0more' })).toThrow(/^The user name or the password holds a NUL/);
  });

  it('is done at once, and answers nothing more', async () => {
    const mechanism = plain({ user: 'tim', password: 'secret' });
    expect([mechanism.isDone, mechanism.layer]).toEqual([true, null]);
    await expect(mechanism.step(Buffer.from('more?'))).rejects.toMatchObject({ refusal: { code: 'protocol', stage: 'sasl' } });
  });
});

describe('EXTERNAL', () => {
  it('sends empty data, which is not no data, or whom to act as', () => {
    expect([text(external().initial), text(external('fred').initial)]).toEqual(['', 'fred']);
  });
});
