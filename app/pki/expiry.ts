// When a certificate begins, ends and should be renewed.

const dayMilliseconds = 86_400_000;

/** How far before its making a certificate is already valid, so that a host whose clock is behind accepts it. In milliseconds. */
const clockToleranceMilliseconds = 3_600_000;

/** Days before the end at which a certificate is warned of, each time more urgently; from the first on it is called expiring. */
export const expiryWarningDays = [60, 30, 7] as const;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The states of a certificate's life. */
export const expiryStates = ['notYetValid', 'valid', 'expiring', 'expired'] as const;

/** Where a certificate stands in its life. */
export interface Expiry {
  readonly state: (typeof expiryStates)[number];
  /** Whole days until the end, or past it; until the begin where that is still to come. */
  readonly days: number;
}

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
  const daysTo = (moment: Date): number => Math.floor(Math.abs(moment.getTime() - now.getTime()) / dayMilliseconds);
  if (now < validity.notBefore) return { state: 'notYetValid', days: daysTo(validity.notBefore) };
  const days = daysTo(validity.notAfter);
  if (now > validity.notAfter) return { state: 'expired', days };
  return { state: days < expiryWarningDays[0] ? 'expiring' : 'valid', days };
}

/** The last of the warning days that a certificate is past; 0 = it is over, null = there is nothing to warn of. */
export function warningOf({ state, days }: Expiry): number | null {
  if (state === 'expired') return 0;
  return state === 'expiring' ? (expiryWarningDays.findLast((warning) => days < warning) ?? null) : null;
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
