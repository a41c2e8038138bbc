// A bar from nothing to a maximum. Plain elements: a page shows dozens of them and draws them again each second.
import type { ReactNode } from 'react';
import { type Colors, useColors } from './colors.ts';
import type { ToneName } from './tag.tsx';

/** Above this share a bar warns. */
const tight = 0.8;

/** Of the part that is in use. */
export const barColor = (share: number, { primary, warn }: Colors): string => (share > tight ? warn.mark : primary);

/** @param share 0..1, or null when nothing is known. @param tone where much is not tight, but good or bad. */
export const Bar = ({ share, label, width = 110, tone }: { readonly share: number | null; readonly label: string; readonly width?: number | string; readonly tone?: ToneName }): ReactNode => {
  const colors = useColors();
  const { track } = colors;
  const known = Math.min(1, share ?? 0);
  return (
    <div role="img" aria-label={label} title={label} style={{ height: 6, width, borderRadius: 3, background: track, flex: 'none', overflow: 'hidden' }}>
      <div style={{ height: '100%', borderRadius: 3, width: `${known * 100}%`, background: tone !== undefined ? colors[tone].mark : barColor(known, colors) }} />
    </div>
  );
};
