// What happened that nobody asked for: guests that stopped, hosts that were lost, tasks and certificates that end.
import { noticeKindNames } from '../domain/notice.ts';
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

export const notice = z.object({
  id: z.string(),
  kind: z.enum(noticeKindNames),
  /** Milliseconds since 1970. */
  at: z.number(),
  title: z.string(),
  /** Why, or what came of it; may be empty. */
  text: z.string(),
  /** What it is about; null = no one guest, no one host. */
  host: hostIdOf.nullable(),
  uuid: z.string().nullable(),
  read: z.boolean(),
});
export type Notice = z.infer<typeof notice>;

export const notices = {
  asks: {
    /** The last ones since the program was started, newest first. */
    list: ask({}, z.array(notice)),
    /** These were seen. */
    read: ask({ ids: z.array(z.string().max(64)).max(1000) }, done),
    clear: ask({}, done),
  },
  news: {
    /** The list changed. */
    changed: z.object({}),
    /** One was added; `system`: the system is to tell it, too, where the window is not looked at. */
    raised: z.object({ notice, system: z.boolean() }),
    /** One was chosen outside of the window, which goes to what it is about. */
    chosen: z.object({ id: z.string() }),
  },
};
