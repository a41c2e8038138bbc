/** Whether there is time for everything (`GUESTDECK_LONG=1`): what takes minutes on an emulated machine, and what shows again what something shorter shows. */
export const isLong = process.env['GUESTDECK_LONG'] !== undefined;
