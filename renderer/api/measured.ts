// What guests use, for who puts them in order by it: taken once for each, so that rows stay where they are while values change.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from './api.tsx';
import type { Usage } from './samples.ts';

interface Guest {
  readonly host: string;
  readonly uuid: string;
}

/** Samples of many hosts that come shortly after each other are looked at together, in milliseconds. */
const gathering = 250;

/** Tells shortly after samples came, of whatever host, while there is something to tell. */
export const useAnySample = (tell: (() => void) | null): void => {
  const { samples } = useApi();
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  const isOn = tell !== null;
  useEffect(() => {
    if (!isOn) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = samples.onAny(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current?.();
      }, gathering);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [samples, isOn]);
};

export interface Measured {
  /** What a guest used when it was first known since all were taken anew. */
  readonly of: (guest: Guest) => Usage;
  /** When all were taken anew, in milliseconds since 1970. */
  readonly at: number;
  /** Takes all anew. */
  readonly again: () => void;
}

const nothing: Usage = { cpu: null, usedKiB: null };

/** @param wanted nothing is taken, and nothing kept, while nobody wants it. */
export const useMeasured = (guests: readonly Guest[], wanted: boolean): Measured => {
  const { samples } = useApi();
  const [taken, setTaken] = useState<{ readonly at: number; readonly uses: ReadonlyMap<string, Usage> }>({ at: 0, uses: new Map() });
  const take = (before: ReadonlyMap<string, Usage>, at: number): void => {
    const uses = new Map(before);
    for (const { host, uuid } of guests) {
      const key = `${host}/${uuid}`;
      if (uses.has(key)) continue;
      const usage = samples.usage(host, uuid, Date.now());
      if (usage.cpu !== null) uses.set(key, usage);
    }
    if (uses.size !== before.size || at !== taken.at) setTaken({ at, uses });
  };
  useAnySample(wanted ? () => take(taken.uses, taken.at) : null);
  useEffect(() => setTaken({ at: Date.now(), uses: new Map() }), [wanted]);
  const { at, uses } = taken;
  return { at, of: useCallback(({ host, uuid }: Guest) => uses.get(`${host}/${uuid}`) ?? nothing, [uses]), again: () => take(new Map(), Date.now()) };
};
