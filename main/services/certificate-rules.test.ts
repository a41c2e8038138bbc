import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NameRead } from '../pki/names.ts';
import { nextGeneration, validityOf } from './certificate-rules.ts';

const day = 86_400_000;
const now = new Date('2026-03-01T12:00:00Z');
const days = (count: number): Date => new Date(now.getTime() + count * day);
const named = (value: string): NameRead => ({ der: Buffer.alloc(0), text: '', parts: [{ attribute: 'O', value: 'Firma G7' }, { attribute: 'CN', value }] });
const commonName = (value: string): string | undefined => nextGeneration(named(value)).find(({ attribute }) => attribute === 'CN')?.value;

describe('how long a certificate is valid', () => {
  it('is what was asked for, from an hour ago', () => {
    expect(validityOf('client', { days: 10 }, undefined, now)).toEqual({ notBefore: new Date('2026-03-01T11:00:00Z'), notAfter: days(10) });
    expect(validityOf('client', undefined, undefined, now).notAfter).toEqual(days(365));
    expect(validityOf('host', { notBefore: days(1).getTime(), notAfter: days(5).getTime() }, undefined, now)).toEqual({ notBefore: days(1), notAfter: days(5) });
    expect(validityOf('host', { notBefore: days(1).getTime(), days: 2 }, undefined, now)).toEqual({ notBefore: days(1), notAfter: days(3) });
  });

  it('is held inside the life of its authority, wherever that lies', () => {
    const offset = fc.integer({ min: -3000, max: 3000 });
    fc.assert(fc.property(offset, offset, fc.option(offset, { nil: undefined }), fc.option(offset, { nil: undefined }), (from, to, begin, end) => {
      const within = { notBefore: days(Math.min(from, to)), notAfter: days(Math.max(from, to)) };
      const asked = { ...(begin === undefined ? {} : { notBefore: days(begin).getTime() }), ...(end === undefined ? {} : { notAfter: days(end).getTime() }) };
      try {
        const { notBefore, notAfter } = validityOf('host', asked, within, now);
        expect([notBefore >= within.notBefore, notAfter <= within.notAfter, notBefore < notAfter, notAfter > now]).toEqual([true, true, true, true]);
      } catch (error) {
        expect(error).toMatchObject({ refusal: { code: 'bad-input', field: expect.stringMatching(/^validity\.(days|notBefore|notAfter)$/) } });
      }
    }));
  });
});

describe('the name of the next authority', () => {
  it('is that of the next generation, and no longer than a name may be', () => {
    expect([commonName('Lab CA'), commonName('Lab CA G2'), commonName('Lab CA G99'), commonName('G2')]).toEqual(['Lab CA G2', 'Lab CA G3', 'Lab CA G100', 'G2 G2']);
    expect(nextGeneration(named('x'))[0]).toEqual({ attribute: 'O', value: 'Firma G7' });
    expect(commonName('😀'.repeat(64))).toBe(`${'😀'.repeat(61)} G2`);
  });
});
