// Links from outside on their way to the window: of this start, of later ones that hand theirs over, and of macOS.
import { type DeepLink, deepLink, linkAddress, parseDeepLink } from '../../../app/domain/deep-link.ts';
import { z } from '../../../app/contract/schema.ts';
import { pageUrl } from './scheme.ts';

/** The part of Electron's App that is used. */
export interface LinkApp {
  on(event: 'second-instance', hear: (event: unknown, words: readonly string[], folder: string, handed: unknown) => void): unknown;
  on(event: 'open-url', hear: (event: { preventDefault(): void }, url: string) => void): unknown;
}

const handed = z.object({ link: deepLink.nullable() });

/** What a later start gives the one that runs: Chromium puts the words of its command line in another order, this it leaves alone. */
export const handOver = (link: DeepLink | null): z.infer<typeof handed> => ({ link });

/** The page's address, at a guest where one is named. */
export const pageAt = (to: DeepLink | null): string => `${pageUrl}${to === null ? '' : linkAddress(to)}`;

/** Hears links for as long as the program runs. @param lead called with null where only the window is wanted. */
export const hearLinks = (app: LinkApp, lead: (to: DeepLink | null) => void): void => {
  app.on('second-instance', (_event, _words, _folder, data) => lead(handed.safeParse(data).data?.link ?? null));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    lead(parseDeepLink(url));
  });
};
