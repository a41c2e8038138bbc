// Where the keyboard is.

/** Whether it is nowhere, so that what comes back may take it from nobody. */
export const isKeyboardFree = (): boolean => document.activeElement === null || document.activeElement === document.body;
