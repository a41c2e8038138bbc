// The version of this build; build.mjs puts it in from package.json.
declare const GUESTDECK_VERSION: string;

export const version = GUESTDECK_VERSION;
