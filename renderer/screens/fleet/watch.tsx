// Watches what is in view; draws nothing.
import type { ReactNode } from 'react';
import { useInterest } from '../../api/api.tsx';
import type { Interest } from '../../api/samples.ts';

const One = ({ interest }: { readonly interest: Interest }): ReactNode => {
  useInterest(interest);
  return null;
};

export const Watch = ({ interests }: { readonly interests: readonly Interest[] }): ReactNode => interests.map((interest) => <One key={interest.host} interest={interest} />);
