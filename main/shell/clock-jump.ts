// Noticing that the machine slept, where nothing tells: the clock on the wall went on while the program stood still.

/** How often one looks, and how much more than that must have gone by; in milliseconds. */
const usual = 10_000;
const jump = 30_000;

/**
 * Calls `awake` when the clock went on by more than 30 s beyond the time between two looks, until the returned function is called.
 * A clock that is set forward counts too, which costs a ping; one that is set back does not. Keeps no process alive.
 */
export const onClockJump = (awake: () => void): (() => void) => {
  let looked = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    const isJump = now - looked - usual > jump;
    looked = now;
    if (isJump) awake();
  }, usual);
  timer.unref();
  return () => clearInterval(timer);
};
