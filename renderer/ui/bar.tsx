// A bar from nothing to a maximum. Plain elements: a table shows dozens of them and draws them again each second.
import type { ReactNode } from 'react';
import { useColors } from './colors.ts';

/** Above this share the bar warns. */
const tight = 0.8;

/** @param share 0..1, or null when nothing is known. */
export const Bar = ({ share, label, width = 110 }: { readonly share: number | null; readonly label: string; readonly width?: number | string }): ReactNode => {
  const { track, primary, warn } = useColors();
  const known = Math.min(1, share ?? 0);
  return (
    <div role="img" aria-label={label} title={label} style={{ height: 6, width, borderRadius: 3, background: track, flex: 'none', overflow: 'hidden' }}>
      <div style={{ height: '100%', borderRadius: 3, width: `${known * 100}%`, background: known > tight ? warn.mark : primary }} />
    </div>
  );
};
