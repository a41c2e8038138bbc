// Consoles of guests: their screens and serial lines, as bytes, and what is done to them beside typing.
import { channel } from './ask.ts';
import { which } from './guests.ts';
import { z } from './schema.ts';

export const consoles = {
  asks: {},
  news: {},
  channels: {
    /** A serial line, by the alias that the live definition gives it. One is open for one at a time: `force` throws out whoever has it, refused with `console-taken` otherwise. */
    serial: channel({ ...which, device: z.string().min(1).max(256), kind: z.enum(['console', 'channel']), force: z.boolean() }),
  },
};
