// The names of the two IPC channels, for both sides.
export const askChannel = 'guestdeck:ask';
export const newsChannel = 'guestdeck:news';
