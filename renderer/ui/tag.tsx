// Small marks: a tag in monospace, a chip with weight, a dot of state. Plain elements, since tables show hundreds.
import type { CSSProperties, ReactNode } from 'react';
import { useColors } from './colors.ts';
import { monospace } from './theme.ts';

export type ToneName = 'good' | 'warn' | 'bad' | 'accent' | 'quiet';

interface MarkProps {
  readonly tone?: ToneName;
  readonly children: ReactNode;
  readonly title?: string;
}

const useTone = (tone: ToneName): CSSProperties => {
  const { soft, text } = useColors()[tone];
  return { background: soft, color: text, display: 'inline-block', whiteSpace: 'nowrap' };
};

/** A fact in passing: a transport, a tuning badge. `label` is what a screen reader says instead of what is shown. */
export const Tag = ({ tone = 'quiet', children, title, label }: MarkProps & { readonly label?: string }): ReactNode => (
  <span title={title} {...(label !== undefined && { role: 'img', 'aria-label': label })} style={{ ...useTone(tone), font: `10px/16px ${monospace}`, padding: '0 6px', borderRadius: 8 }}>{children}</span>
);

/** How wide a tag is at most, in CSS pixels: a monospace letter is at most 0.61 of its height. */
export const tagWidth = (text: string): number => Math.ceil(text.length * 6.1) + 12;

/** A state that matters. */
export const Chip = ({ tone = 'quiet', children, title }: MarkProps): ReactNode => (
  <span title={title} style={{ ...useTone(tone), padding: '1px 8px', borderRadius: 10, fontSize: 11, fontWeight: 600 }}>{children}</span>
);

/** A dot of state beside a name; `label` says it to those who do not see colours. */
export const Dot = ({ tone, label }: { readonly tone: ToneName; readonly label: string }): ReactNode => (
  <span role="img" aria-label={label} title={label} style={{ width: 8, height: 8, borderRadius: '50%', flex: 'none', background: useColors()[tone].mark }} />
);
