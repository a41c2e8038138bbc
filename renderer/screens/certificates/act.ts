// A call that holds a passphrase or a key: made once, and nothing of it kept but whether it was refused.
import { useState } from 'react';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { refusalOf } from '../../api/api.tsx';

export interface Act {
  readonly busy: boolean;
  /** Why the last one was refused; null while one is under way, and when it was not. */
  readonly refusal: Refusal | null;
  /** Does it unless one is under way; what it throws becomes the refusal. */
  readonly run: (act: () => Promise<void>) => void;
  readonly clear: () => void;
}

/** Not a mutation: its cache would keep what was sent. */
export const useAct = (): Act => {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const run = (act: () => Promise<void>): void => {
    if (busy) return;
    setBusy(true);
    setRefusal(null);
    act().catch((error: unknown) => setRefusal(refusalOf(error))).finally(() => setBusy(false));
  };
  return { busy, refusal, run, clear: () => setRefusal(null) };
};
