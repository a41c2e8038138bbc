// Profiles: named sets of settings, which guests are to have them, and which differ.
import { knobNames } from '../tuning/knobs.ts';
import { profileText } from '../tuning/profile.ts';
import { ask, done } from './ask.ts';
import { mostGuests } from './bulk.ts';
import { which } from './guests.ts';
import { z } from './schema.ts';

const profileId = z.string().min(1).max(64);
const guests = z.array(z.strictObject(which)).max(mostGuests);

export const profile = profileText.extend({
  id: profileId,
  /** Those that are to be as it says. */
  guests,
});
export type Profile = z.infer<typeof profile>;

/** How one guest stands to a profile. `unknown`: its host does not answer, or it is gone. */
export const standing = z.object({
  ...which,
  name: z.string(),
  state: z.enum(['matches', 'differs', 'unknown']),
  differences: z.array(z.object({ knob: z.enum(knobNames), unit: z.string(), field: z.string().nullable(), has: z.string(), wants: z.string() })),
});
export type Standing = z.infer<typeof standing>;

export const profiles = {
  asks: {
    list: ask({}, z.array(profile)),
    /** Keeps one, in the place of that with this id; null = a new one. Its guests stay. */
    save: ask({ id: profileId.nullable(), profile: profileText }, profile),
    remove: ask({ id: profileId }, done),
    /** These guests are to be as it says, or are no more. */
    assign: ask({ id: profileId, guests: guests.min(1) }, done),
    release: ask({ id: profileId, guests: guests.min(1) }, done),
    /** How its guests stand to it, by what they have after a restart. */
    drift: ask({ id: profileId }, z.array(standing)),
    /** Profiles as a text to keep or to give away, without the guests. */
    exportText: ask({ ids: z.array(profileId).min(1).max(1000) }, z.object({ text: z.string() })),
    /** Adds those of such a text; one of a name that is taken is given another. */
    importText: ask({ text: z.string().max(5_000_000) }, z.array(z.object({ name: z.string() }))),
  },
  news: { changed: z.object({}) },
};
