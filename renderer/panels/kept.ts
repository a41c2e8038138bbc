// What a window keeps over being loaded again: in its own session storage, which ends with the window. Never a secret.

const nameOf = (place: string): string => `guestdeck.${place}`;

/** This window's storage; null where the browser lets pages keep nothing: then things last as long as the page. */
const storage = (): Storage | null => {
  try {
    return globalThis.sessionStorage ?? null;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
};

/** What was kept under this name, each value to be checked; nothing when there is none, or it is not ours. */
export const kept = (place: string): Readonly<Record<string, unknown>> => {
  const text = storage()?.getItem(nameOf(place)) ?? null;
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
};

/** Keeps this in place of what was there. */
export const keep = (place: string, values: Readonly<Record<string, unknown>>): void => {
  try {
    storage()?.setItem(nameOf(place), JSON.stringify(values));
  } catch (error) {
    // Full: what is kept is then older than what is shown, and checked against the host like everything.
    if (!(error instanceof DOMException)) throw error;
  }
};
