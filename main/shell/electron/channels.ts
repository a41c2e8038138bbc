// The names of the IPC channels, for both sides.
export const askChannel = 'guestdeck:ask';
export const newsChannel = 'guestdeck:news';
/** Bytes both ways: what belongs to the contract's channels. */
export const bytesChannel = 'guestdeck:bytes';
