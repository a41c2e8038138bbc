// When a certificate begins, ends and should be renewed.

const dayMilliseconds = 86_400_000;

/** How far before its making a certificate is already valid, so that a host whose clock is behind accepts it. In milliseconds. */
const clockToleranceMilliseconds = 3_600_000;

/** Days before the end from which a certificate is called expiring. */
export const expiryWarningDays = 30;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Where a certificate stands in its life; `days` are whole days left, or whole days past the end. */
export type Expiry =
  | { readonly state: 'notYetValid'; readonly from: Date }
  | { readonly state: 'valid'; readonly days: number }
  | { readonly state: 'expiring'; readonly days: number }
  | { readonly state: 'expired'; readonly days: number };

/**
 * Validity of a certificate made now. A leaf never outlives its authority: with `within`, both ends are held inside it.
 * Seconds are whole, because certificates know no smaller unit.
 */
export function validityFrom(now: Date, days: number, within?: Validity): Validity {
  const begin = new Date(wholeSeconds(now.getTime() - clockToleranceMilliseconds));
  const end = new Date(wholeSeconds(now.getTime()) + days * dayMilliseconds);
  if (within === undefined) return { notBefore: begin, notAfter: end };
  return {
    notBefore: begin < within.notBefore ? within.notBefore : begin,
    notAfter: end > within.notAfter ? within.notAfter : end,
  };
}

/** Where a certificate stands at a moment; both ends of its validity count as valid (RFC 5280 §4.1.2.5). */
export function expiryAt(validity: Validity, now: Date): Expiry {
  if (now < validity.notBefore) return { state: 'notYetValid', from: validity.notBefore };
  const left = validity.notAfter.getTime() - now.getTime();
  const days = Math.floor(Math.abs(left) / dayMilliseconds);
  if (left < 0) return { state: 'expired', days };
  return { state: days < expiryWarningDays ? 'expiring' : 'valid', days };
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
