// The program itself: what it is, where its data is, and the settings of its windows.
import { rateUnits } from '../domain/bytes.ts';
import { deepLink } from '../domain/deep-link.ts';
import { noticeKindNames, noticeLevels } from '../domain/notice.ts';
import { ask, done } from './ask.ts';
import { fleetColumns, namedView } from './fleet.ts';
import { z } from './schema.ts';

export const preferences = z.strictObject({
  appearance: z.enum(['system', 'light', 'dark']).optional(),
  /** How rates of networks are written; left out, in bytes. */
  networkRates: z.enum(rateUnits).optional(),
  /** Keys pressed together for guests, besides the usual ones, as `Ctrl+Alt+F7`. */
  keyCombinations: z.array(z.string().max(60)).max(40).optional(),
  /** Groups of hosts whose hosts are not listed. */
  foldedGroups: z.array(z.string().max(200)).max(1_000).optional(),
  /** Columns of the table of all guests, and its views that are kept. */
  fleetColumns: z.array(z.enum(fleetColumns)).max(fleetColumns.length).optional(),
  fleetViews: z.array(namedView).max(100).optional(),
  /** What was chosen in the palette lately, the last one first, by its keys. */
  recent: z.array(z.string().max(200)).max(20).optional(),
  /** How loud notices of each kind are; what is left out is as usual. */
  notices: z.partialRecord(z.enum(noticeKindNames), z.enum(noticeLevels)).optional(),
});
export type Preferences = z.infer<typeof preferences>;

export const program = {
  asks: {
    about: ask({}, z.object({ version: z.string(), shell: z.enum(['electron', 'web', 'cli']), dataFolder: z.string(), platform: z.string(), user: z.string() })),
    preferences: ask({}, preferences),
    setPreferences: ask({ preferences }, done),
  },
  news: {
    preferencesChanged: z.object({}),
    /** A link was opened for this window, which goes where it points. */
    linked: deepLink,
  },
};
