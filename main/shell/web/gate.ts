// Who may talk to the web shell: a one-time nonce is swapped for a cookie, and Host, Origin and cookie are checked each time.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How long a nonce that was handed out may be redeemed, in milliseconds. A printed URL has to be copied by a person. */
export const nonceLife = 10 * 60_000;

export interface Gate {
  /** The origin of this server, `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** A nonce that opens the door once, within `life` milliseconds. */
  newNonce(life?: number): string;
  /** Swaps a nonce for the value of a Set-Cookie header; undefined when it was never given, already used, or is too old. */
  redeem(nonce: string): string | undefined;
  /** Whether nonces are out that may still be redeemed. */
  expectsSomeone(): boolean;
  /** Why a request may not even be looked at, or undefined. Holds for every request, before any cookie. */
  foreign(headers: IncomingHttpHeaders): string | undefined;
  /** Whether the request carries a cookie that was given out. */
  isKnown(headers: IncomingHttpHeaders): boolean;
  /** Whether a request to change protocols comes from our own page: there, Origin has to be present. */
  mayUpgrade(headers: IncomingHttpHeaders): boolean;
}

const secret = (): string => randomBytes(32).toString('base64url');
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares without telling by the time it takes how much was right. */
export const sameSecret = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/** @param now milliseconds of a clock that does not go back. */
export const gateOf = (port: number, now: () => number = () => performance.now()): Gate => {
  const host = `127.0.0.1:${port}`;
  const origin = `http://${host}`;
  // Cookies know no ports: the name keeps two Guestdecks of one browser apart.
  const cookieName = `guestdeck-${port}`;
  const nonces = new Map<string, number>();
  const cookies: string[] = [];

  const drop = (): void => {
    for (const [nonce, until] of nonces) if (until <= now()) nonces.delete(nonce);
  };
  const cookieIn = (headers: IncomingHttpHeaders): readonly string[] =>
    (headers.cookie ?? '').split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${cookieName}=`)).map((pair) => pair.slice(cookieName.length + 1));
  const isKnown = (headers: IncomingHttpHeaders): boolean =>
    cookieIn(headers).some((sent) => cookies.some((cookie) => sameSecret(sent, cookie)));
  const foreign = (headers: IncomingHttpHeaders): string | undefined => {
    // A name that was rebound to 127.0.0.1 shows in Host; a page of another origin shows in Origin or Sec-Fetch-Site.
    if (headers.host !== host) return 'This server answers only to its own address.';
    if (headers.origin !== undefined && headers.origin !== origin) return 'This server answers only to its own page.';
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'This server answers only to its own page.';
    return undefined;
  };

  return {
    origin,
    newNonce: (life = nonceLife) => {
      drop();
      const nonce = secret();
      nonces.set(nonce, now() + life);
      return nonce;
    },
    redeem: (nonce) => {
      drop();
      const known = [...nonces.keys()].find((given) => sameSecret(given, nonce));
      if (known === undefined) return undefined;
      nonces.delete(known);
      const cookie = secret();
      cookies.push(cookie);
      return `${cookieName}=${cookie}; Path=/; HttpOnly; SameSite=Strict`;
    },
    expectsSomeone: () => {
      drop();
      return nonces.size > 0;
    },
    foreign,
    isKnown,
    mayUpgrade: (headers) => foreign(headers) === undefined && headers.origin === origin && isKnown(headers),
  };
};
