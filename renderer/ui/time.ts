// Times in words.

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const spans = [['second', 60], ['minute', 60], ['hour', 24], ['day', Infinity]] as const;

/** How long ago `at` (milliseconds since 1970) was: `2 minutes ago`. */
export const timeAgo = (at: number, now: number = Date.now()): string => {
  let count = Math.max(0, (now - at) / 1000);
  for (const [unit, size] of spans) {
    if (count < size) return relative.format(-Math.floor(count), unit);
    count /= size;
  }
  return '';
};

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Date and time of day. */
export const dateTime = (at: number): string => clock.format(at);
