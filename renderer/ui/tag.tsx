// Small marks: a tag in monospace, a chip with weight, a dot of state.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { type Colors, useColors } from './colors.ts';
import { monospace } from './theme.ts';

export type ToneName = 'good' | 'warn' | 'bad' | 'accent' | 'quiet';

const toned = (colors: Colors, tone: ToneName) => ({ bgcolor: colors[tone].soft, color: colors[tone].text });

interface MarkProps {
  readonly tone?: ToneName;
  readonly children: ReactNode;
  readonly title?: string;
}

/** A fact in passing: a transport, a tuning badge. */
export const Tag = ({ tone = 'quiet', children, title }: MarkProps): ReactNode => (
  <Box component="span" title={title} sx={{ ...toned(useColors(), tone), font: `10px/16px ${monospace}`, px: '6px', borderRadius: '8px', display: 'inline-block', whiteSpace: 'nowrap' }}>{children}</Box>
);

/** A state that matters. */
export const Chip = ({ tone = 'quiet', children, title }: MarkProps): ReactNode => (
  <Box component="span" title={title} sx={{ ...toned(useColors(), tone), display: 'inline-block', px: '8px', py: '1px', borderRadius: '10px', fontSize: 11, fontWeight: 600, whiteSpace: 'nowrap' }}>{children}</Box>
);

/** A dot of state beside a name; `label` says it to those who do not see colours. */
export const Dot = ({ tone, label }: { readonly tone: ToneName; readonly label: string }): ReactNode => (
  <Box component="span" role="img" aria-label={label} title={label} sx={{ width: 8, height: 8, borderRadius: '50%', flex: 'none', bgcolor: useColors()[tone].mark }} />
);
