// A button that copies text and says whether it did.
import Button from '@mui/material/Button';
import { type ReactNode, useEffect, useState } from 'react';

const said = { ready: null, copied: 'Copied', refused: 'Copying was refused' } as const;

/** How long the answer is shown, in milliseconds. */
const shownFor = 2000;

export const CopyButton = ({ text, label }: { readonly text: () => string; readonly label: string }): ReactNode => {
  const [state, setState] = useState<keyof typeof said>('ready');
  useEffect(() => {
    if (state === 'ready') return undefined;
    const timer = setTimeout(() => setState('ready'), shownFor);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    navigator.clipboard.writeText(text()).then(() => setState('copied'), () => setState('refused'));
  };
  return <Button variant="text" sx={{ color: 'text.secondary' }} aria-live="polite" onClick={copy}>{said[state] ?? label}</Button>;
};
