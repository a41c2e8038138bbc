// What may be seen a frame later than the rest.
import { useEffect, useState } from 'react';

/** The value as it was when the page was last drawn: what is made of it keeps nobody from seeing what else has changed. It must be the same one while nothing changes. */
export const useAfterPaint = <T>(value: T): T => {
  const [drawn, setDrawn] = useState(() => value);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Before the frame is drawn, and what waits from then on is done after it.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setDrawn(() => value));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [value]);
  return drawn;
};
