// Links that point at a guest from outside: guestdeck://HOST/GUEST[/TAB]. A link leads somewhere; it never does anything.
import { z } from './schema.ts';

/** The scheme that the system opens Guestdeck for. */
export const linkScheme = 'guestdeck';

/** Longest link that is looked at, and longest part of one, in signs. */
const longest = { link: 2048, part: 255 } as const;

/** Signs that a name shows nothing of, or that turn the others around: no link needs them. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const part = z.string().min(1).max(longest.part).refine((text) => !unseen.test(text) && text.trim() === text);

/** Where a link points. Host and guest are names as people see them, or ids; whether they exist is for the reader to find out. */
export const deepLink = z.strictObject({ host: part, guest: part, tab: part.nullable() });
export type DeepLink = z.infer<typeof deepLink>;

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
};

/** What `HOST/GUEST` or `HOST/GUEST/TAB` points at, each part percent-encoded where it has a `/`, `?`, `#` or `%`; null = it is none. */
export const parseTarget = (text: string): DeepLink | null => {
  if (text.length > longest.link || /[?#\\]/.test(text)) return null;
  const parts = text.replace(/\/$/, '').split('/').map(decoded);
  const [host, guest, tab = null] = parts;
  return parts.length > 3 ? null : deepLink.safeParse({ host, guest, tab }).data ?? null;
};

/** What a whole link points at; null = it is none of ours. */
export const parseDeepLink = (text: string): DeepLink | null => {
  const scheme = `${linkScheme}://`;
  return text.slice(0, scheme.length).toLowerCase() === scheme ? parseTarget(text.slice(scheme.length)) : null;
};

/** The parts as a path, which `parseTarget` reads. */
const targetOf = ({ host, guest, tab }: DeepLink): string => [host, guest, ...(tab === null ? [] : [tab])].map(encodeURIComponent).join('/');

/** The link to a guest. */
export const deepLinkOf = (to: DeepLink): string => `${linkScheme}://${targetOf(to)}`;

/** Where the page of the program goes for a link: the part of its address from `#` on. */
export const linkAddress = (to: DeepLink): string => `#/open/${targetOf(to)}`;

/** The link that such an address is for; null = it is for none. */
export const linkAt = (address: string): DeepLink | null => {
  const [, target] = /^#\/open\/(.*)$/.exec(address) ?? [];
  return target === undefined ? null : parseTarget(target);
};
