// Watches what is in view, once it stays there; draws nothing.
import { type ReactNode, useEffect, useState } from 'react';
import { useInterest } from '../../api/api.tsx';
import type { Interest } from '../../api/samples.ts';

/** Rows that are scrolled past, and hosts of a filter that is still being typed, are not asked about: milliseconds. */
const settling = 150;

const One = ({ interest }: { readonly interest: Interest }): ReactNode => {
  useInterest(interest);
  return null;
};

export const Watch = ({ interests }: { readonly interests: readonly Interest[] }): ReactNode => {
  const [watched, setWatched] = useState(interests);
  const text = JSON.stringify(interests);
  useEffect(() => {
    const timer = setTimeout(() => setWatched(JSON.parse(text) as readonly Interest[]), settling);
    return () => clearTimeout(timer);
  }, [text]);
  return watched.map((interest) => <One key={`${interest.host} ${interest.uuids === null ? 'all' : ''}`} interest={interest} />);
};
