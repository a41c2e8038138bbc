// The time of day for what counts down or up on screen.
import { useEffect, useState } from 'react';

/** Milliseconds since 1970, anew each second. */
export const useNow = (): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
};
