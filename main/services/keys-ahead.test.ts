import { describe, expect, it } from 'vitest';
import { KeysAhead } from './keys-ahead.ts';

const modulusOf = (key: { readonly export: (options: { readonly format: 'jwk' }) => object }): unknown => Object.entries(key.export({ format: 'jwk' })).find(([name]) => name === 'n')?.[1];

describe('keys made ahead', () => {
  it('are given once each, and only those of the size that was asked for', async () => {
    const ahead = new KeysAhead();
    ahead.prepare(2048, 2);
    ahead.prepare(2048, 2);
    const keys = await Promise.all([ahead.take(2048), ahead.take(2048), ahead.take(2048)]);
    expect(keys.map((key) => key.asymmetricKeyDetails?.modulusLength)).toEqual([2048, 2048, 2048]);
    expect(new Set(keys.map(modulusOf)).size).toBe(3);
    expect((await ahead.take(3072)).asymmetricKeyDetails?.modulusLength).toBe(3072);
  }, 30_000);

  it('are made in any number, until nobody waits for them', async () => {
    const ahead = new KeysAhead();
    const many = await ahead.takeMany(3, 2048, new AbortController().signal);
    expect(new Set(many?.map(modulusOf)).size).toBe(3);
    expect(await ahead.takeMany(3, 2048, AbortSignal.abort())).toBeUndefined();
  }, 30_000);
});
