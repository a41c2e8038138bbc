// What a page of ours may load and do: nothing but its own files, whichever shell shows it.
import { randomBytes } from 'node:crypto';

/** A nonce for one delivery of the page: 128 random bits. */
export const newNonce = (): string => randomBytes(16).toString('base64url');

/**
 * Headers for the page. Scripts come from files only; styles from files and from what carries the nonce (emotion).
 * @param connect where the page may connect to, besides nothing.
 */
export const pageHeaders = (nonce: string, connect: readonly string[]): Readonly<Record<string, string>> => ({
  ...fileHeaders,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${connect.length === 0 ? "'none'" : connect.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=(), hid=()',
});

/** Headers for everything else. */
export const fileHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
