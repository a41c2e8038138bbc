import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expiryAt, validityFrom, warningOf } from './expiry.ts';

const day = 86_400_000;
const noon = new Date('2026-03-01T12:00:00.700Z');

describe('validity', () => {
  it('begins an hour early for clocks that are behind, and has whole seconds', () => {
    expect(validityFrom(noon, 365)).toEqual({ notBefore: new Date('2026-03-01T11:00:00Z'), notAfter: new Date('2027-03-01T12:00:00Z') });
  });

  it('stays inside that of the authority at both ends', () => {
    const authority = { notBefore: new Date('2026-03-01T11:30:00Z'), notAfter: new Date('2026-04-01T00:00:00Z') };
    expect(validityFrom(noon, 365, authority)).toEqual(authority);
    expect(validityFrom(noon, 1, authority).notAfter).toEqual(new Date('2026-03-02T12:00:00Z'));
  });
});

describe('expiry', () => {
  const validity = { notBefore: new Date(0), notAfter: new Date(100 * day) };

  it.each([
    [new Date(-1), { state: 'notYetValid', days: 0 }],
    [new Date(0), { state: 'valid', days: 100 }],
    [new Date(-3.5 * day), { state: 'notYetValid', days: 3 }],
    [new Date(40 * day), { state: 'valid', days: 60 }],
    [new Date(40 * day + 1), { state: 'expiring', days: 59 }],
    [new Date(100 * day), { state: 'expiring', days: 0 }],
    [new Date(100 * day + 1), { state: 'expired', days: 0 }],
    [new Date(102.5 * day), { state: 'expired', days: 2 }],
  ])('at %s is %j', (now, expected) => {
    expect(expiryAt(validity, now)).toEqual(expected);
  });

  it('of a certificate just made is never in the future nor past', () => {
    fc.assert(fc.property(fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }), fc.integer({ min: 1, max: 7300 }), (now, days) => {
      expect(['valid', 'expiring']).toContain(expiryAt(validityFrom(now, days), now).state);
    }));
  });

  it.each([
    [{ state: 'valid', days: 60 }, null],
    [{ state: 'expiring', days: 59 }, 60],
    [{ state: 'expiring', days: 30 }, 60],
    [{ state: 'expiring', days: 29 }, 30],
    [{ state: 'expiring', days: 6 }, 7],
    [{ state: 'expired', days: 3 }, 0],
    [{ state: 'notYetValid', days: 3 }, null],
  ] as const)('%j is warned of as %s', (expiry, warning) => {
    expect(warningOf(expiry)).toBe(warning);
  });
});
