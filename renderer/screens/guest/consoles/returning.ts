// How a console stands, and when it is opened again by itself: with the guest, with the host, and after a break of its own.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Refusal, RefusalCode } from '../../../../app/contract/refusal.ts';

export type Standing =
  | { readonly phase: 'opening' }
  | { readonly phase: 'open' }
  /** `returns`: it is tried again by itself. */
  | { readonly phase: 'over'; readonly refusal: Refusal | null; readonly returns: boolean };

/** What passes by itself; anything else is told once, and waits for a person. */
const passing: ReadonlySet<RefusalCode> = new Set(['connection-lost', 'not-connected', 'timed-out', 'unreachable']);

const firstPause = 500;
const longestPause = 8_000;
/** A console that stood so long, in milliseconds, starts with the first pause again. */
const steady = 5_000;

export interface Returning {
  readonly standing: Standing;
  /** Each number is one try: what opens the console does so anew when it changes; null = it is not to be open. */
  readonly attempt: number | null;
  /** Whether this try may throw out whoever has it. */
  readonly force: boolean;
  readonly opened: () => void;
  readonly ended: (refusal: Refusal | null) => void;
  /** Tries at once, because a person says so. */
  readonly again: (force?: boolean) => void;
}

/** @param possible whether there is something to open: the guest runs and its host answers. */
export const useReturning = (possible: boolean): Returning => {
  const [wish, setWish] = useState({ attempt: 1, force: false });
  const [standing, setStanding] = useState<Standing>({ phase: 'opening' });
  const pause = useRef(firstPause);
  const since = useRef(0);

  const again = useCallback((force = false): void => {
    setStanding({ phase: 'opening' });
    setWish(({ attempt }) => ({ attempt: attempt + 1, force }));
  }, []);
  const opened = useCallback((): void => {
    since.current = performance.now();
    setStanding({ phase: 'open' });
  }, []);
  const ended = useCallback((refusal: Refusal | null): void => {
    if (since.current > 0 && performance.now() - since.current > steady) pause.current = firstPause;
    since.current = 0;
    setStanding({ phase: 'over', refusal, returns: refusal === null || passing.has(refusal.code) });
  }, []);

  const wasPossible = useRef(possible);
  useEffect(() => {
    if (possible && !wasPossible.current) {
      pause.current = firstPause;
      again();
    }
    wasPossible.current = possible;
  }, [possible, again]);
  const waits = possible && standing.phase === 'over' && standing.returns;
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setTimeout(again, pause.current);
    pause.current = Math.min(pause.current * 2, longestPause);
    return () => clearTimeout(timer);
  }, [waits, again]);

  return { standing, attempt: possible ? wish.attempt : null, force: wish.force, opened, ended, again };
};
