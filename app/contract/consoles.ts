// Consoles of guests: their screens and serial lines, as bytes, and what is done to them beside typing.
import { ask, channel, done } from './ask.ts';
import { which } from './guests.ts';
import { z } from './schema.ts';

/** The last second of the year 9999, UTC. */
const lastMoment = 253_402_300_799_000;

export const consoles = {
  asks: {
    /** Presses keys all at once for 100 ms, by libvirt: without any display. Numbers are Linux' (KEY_… of input-event-codes.h). */
    pressKeys: ask({ ...which, keys: z.array(z.int().min(1).max(767)).min(1).max(16) }, done),
    /** What the guest shows, as the hypervisor has it; `screen` is one of several, the first is 0. */
    screenshot: ask({ ...which, screen: z.int().min(0).max(15) }, z.object({ mime: z.string(), bytes: z.instanceof(Uint8Array) })),
    /**
     * Sets the password of a running guest's display at once, and with `saved` for later starts as well; who is connected stays. `display` is
     * one of its live definition, `until` in milliseconds since 1970, null = for ever. Of a display that was started without one,
     * libvirt refuses that; what is saved is then saved all the same.
     */
    setDisplayPassword: ask({ ...which, display: z.int().min(0).max(15), password: z.string().min(1).max(60), until: z.int().min(0).max(lastMoment).nullable(), saved: z.boolean() }, done),
    /**
     * Opens a port of this computer that leads to a running guest's SPICE display, for one viewer, and closes with it or with the host. `start`:
     * the system's remote-viewer is started on it. Otherwise the answer is a file for a viewer, which has two minutes to come; no password is in it.
     */
    openViewer: ask({ ...which, display: z.int().min(0).max(15), start: z.boolean() }, z.object({ file: z.string().nullable() })),
  },
  news: {},
  channels: {
    /** A display that speaks VNC, by its number among the displays of the live definition. Who logs in is main: the page is given RFB 3.8 that asks for no password. */
    screen: channel({ ...which, display: z.int().min(0).max(15) }),
    /** A serial line, by the alias that the live definition gives it. One is open for one at a time: `force` throws out whoever has it, refused with `console-taken` otherwise. */
    serial: channel({ ...which, device: z.string().min(1).max(256), kind: z.enum(['console', 'channel']), force: z.boolean() }),
  },
};
