// What a guest did in the last minutes, hours or days: asked for whole once, then only what is newer.
import { useEffect, useState } from 'react';
import type { Past, Range } from '../../app/contract/live.ts';
import type { Client } from './client.ts';
import type { Samples } from './samples.ts';

/** Slots that a picture of this range is wide. */
export const slotsOf: Readonly<Record<Range, number>> = { minutes: 300, hours: 720, days: 2016 };

export const rangeNames: Readonly<Record<Range, string>> = { minutes: '5 min', hours: '2 h', days: '7 days' };

/** When each value was, in seconds since 1970. */
export const timesOf = ({ end, step }: Pick<Past, 'end' | 'step'>, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => (end - (count - 1 - index) * step) / 1000);

/** Curves that end at the same time, one value a step, oldest first; a gap is null. */
export interface Curves extends Pick<Past, 'last' | 'step' | 'end' | 'marks'> {
  readonly values: ReadonlyMap<string, readonly (number | null)[]>;
}

/** What is known after another answer came. A series that is not told of any more has gaps until it is out of sight. */
export const extended = (before: Curves | null, told: Past, slots: number): Curves => {
  const more = new Map(told.series.map(({ name, values }) => [name, values] as const));
  const { last, step, end, marks } = told;
  if (told.whole || before === null) return { last, step, end, marks, values: more };
  const count = last - before.last;
  const gap = (length: number): readonly null[] => Array.from({ length }, () => null);
  const values = new Map<string, readonly (number | null)[]>();
  for (const name of new Set([...before.values.keys(), ...more.keys()])) {
    const all = [...(before.values.get(name) ?? gap(slots)), ...(more.get(name) ?? gap(count))].slice(-slots);
    if (all.some((value) => value !== null)) values.set(name, all);
  }
  return { last, step, end, marks, values };
};

/** Keeps the curves of one guest up to date until the returned function is called. */
const follow = ({ client, samples }: { readonly client: Client; readonly samples: Samples }, host: string, uuid: string | null, range: Range, show: (curves: Curves) => void): (() => void) => {
  let curves: Curves | null = null;
  let asking = false;
  let over = false;
  const look = (): void => {
    // Nothing can be newer within a step.
    if (asking || (curves !== null && Date.now() - curves.end < curves.step)) return;
    asking = true;
    client.ask('live', 'past', { host, uuid, range, after: curves?.last ?? null })
      .then((told) => {
        curves = extended(curves, told, slotsOf[range]);
        if (!over) show(curves);
      })
      // Main does not answer: the next sample comes when it does again.
      .catch(() => undefined)
      .finally(() => (asking = false));
  };
  look();
  const stop = samples.onSample(host, look);
  return () => {
    over = true;
    stop();
  };
};

/** The curves of one guest, or with null of the host itself, drawn again with each new slot; null before the first answer. */
export const usePast = (api: { readonly client: Client; readonly samples: Samples }, host: string, uuid: string | null, range: Range): Curves | null => {
  const { client, samples } = api;
  const [shown, setShown] = useState<{ readonly of: string; readonly curves: Curves } | null>(null);
  const of = `${host}/${uuid ?? ''}/${range}`;
  useEffect(() => follow({ client, samples }, host, uuid, range, (curves) => setShown({ of, curves })), [client, samples, host, uuid, range, of]);
  return shown?.of === of ? shown.curves : null;
};
