// Words that people give to guests. They are kept by this program and belong to a guest wherever it runs: hosts know nothing of them, so that every guest's are there at once, also of hosts that may only be read.
import { ask, done } from './ask.ts';
import { mostGuests } from './bulk.ts';
import { uuidOf } from './guests.ts';
import { z } from './schema.ts';

/** Tags of one guest. */
export const mostTags = 32;
export const tagOf = z.string().trim().min(1).max(64);
const some = z.array(tagOf).max(mostTags);

export const tagged = z.strictObject({ uuid: uuidOf, tags: some });

export const tags = {
  asks: {
    /** Every guest that has any, whether a host that is connected has it or not. */
    list: ask({}, z.array(tagged)),
    /** Adds these to each of the guests, after those that each has, and takes those away. Refused where one would have more than 32. */
    change: ask({ uuids: z.array(uuidOf).min(1).max(mostGuests), add: some, remove: some }, done),
  },
  news: { changed: z.object({}) },
};
