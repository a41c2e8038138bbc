// Lines of a text that were removed and added.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { DifferenceLine } from '../../app/xml/difference.ts';
import { useColors } from './colors.ts';
import { monospace } from './theme.ts';

const signs: Readonly<Record<DifferenceLine['kind'], string>> = { same: ' ', added: '+', removed: '-', skipped: ' ' };

export const DifferenceView = ({ lines, label }: { readonly lines: readonly DifferenceLine[]; readonly label: string }): ReactNode => {
  const { good, bad, mute } = useColors();
  const grounds = { same: 'transparent', added: good.soft, removed: bad.soft, skipped: 'transparent' } as const;
  return (
    <Box component="pre" role="figure" aria-label={label} tabIndex={0} sx={{ m: 0, font: `12px/1.5 ${monospace}`, overflow: 'auto', maxHeight: '52vh' }}>
      <Box component="code" sx={{ display: 'block', width: 'max-content', minWidth: '100%', font: 'inherit' }}>
        {lines.map(({ kind, line }, index) => (
          <Box component="span" key={index} sx={{ display: 'block', bgcolor: grounds[kind], ...(kind === 'skipped' && { color: mute, fontStyle: 'italic' }) }}>
            {kind === 'skipped' ? `… ${line}` : `${signs[kind]} ${line}`}
          </Box>
        ))}
      </Box>
    </Box>
  );
};
