// The CPUs of one row as text: "1-4,^2". What cannot be is said right there and not taken over.
import Box from '@mui/material/Box';
import InputBase from '@mui/material/InputBase';
import { type KeyboardEvent, memo, type ReactNode, useId, useState } from 'react';
import type { Finding } from '../../app/tuning/knob.ts';
import { useColors } from '../ui/colors.ts';
import { monospace } from '../ui/theme.ts';
import { pinName } from './field-names.ts';
import { rowHeight } from './matrix-drawing.ts';

/** What fields do, each with the key of its row; the same object for all fields and as long as they are shown. */
export interface PinFieldActs {
  readonly check: (row: string, text: string) => readonly Finding[];
  readonly commit: (row: string, text: string) => void;
  /** Takes the row's edits back: Escape, or what is typed cannot be, so that nothing else than what is read gets applied. */
  readonly drop: (row: string) => void;
}

export const PinField = memo(function PinField({ row, label, value, mixed, mark, floats, acts, disabled }: {
  readonly row: string;
  readonly label: string;
  /** A cpuset; '' = no pin. */
  readonly value: string;
  /** Said instead of the value where now and after restart are edited as one and differ; what is typed then becomes both. */
  readonly mixed: string | null;
  /** Why the field is marked: edited, or now and after restart differ. */
  readonly mark: string | null;
  /** Said when there is no pin. */
  readonly floats: string;
  readonly acts: PinFieldActs;
  readonly disabled: boolean;
}): ReactNode {
  const { bad, panel, accent, ink } = useColors();
  /** The text as it is typed, and what is wrong with it. */
  const [typing, setTyping] = useState<{ readonly text: string; readonly problem: Finding | undefined } | null>(null);
  const id = useId();
  const problem = typing?.problem;
  const type = (text: string): void => {
    const wrong = acts.check(row, text).find(({ level }) => level === 'error');
    setTyping({ text, problem: wrong });
    // The plan follows each key; the text stays as typed until the field is left.
    if (wrong === undefined) acts.commit(row, text.trim());
    else acts.drop(row);
  };
  const leave = (): void => {
    if (problem === undefined) setTyping(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') leave();
    if (event.key !== 'Escape' || typing === null) return;
    setTyping(null);
    acts.drop(row);
  };
  return (
    <Box sx={{ position: 'relative', height: rowHeight, display: 'flex', alignItems: 'center' }}>
      <InputBase
        value={typing?.text ?? (mixed === null ? value : '')}
        placeholder={mixed ?? floats}
        disabled={disabled}
        onChange={(event) => type(event.target.value)}
        onBlur={leave}
        onKeyDown={onKeyDown}
        slotProps={{ input: { 'aria-label': pinName(label), 'aria-invalid': problem !== undefined, ...(problem !== undefined && { 'aria-describedby': id }), spellCheck: false, title: mark ?? undefined } }}
        sx={{
          width: '100%', height: 22, px: '6px', borderRadius: '4px', font: `11px ${monospace}`, border: 1, borderColor: problem !== undefined ? bad.mark : mark === null ? 'divider' : accent.mark,
          bgcolor: mark === null ? 'transparent' : accent.soft, '&.Mui-focused': { bgcolor: panel, borderColor: problem === undefined ? accent.mark : bad.mark },
          '& input': { p: 0, font: 'inherit', '&::placeholder': { color: 'text.secondary', opacity: 1 } },
        }}
      />
      {problem !== undefined && (
        <Box id={id} role="alert" sx={{ position: 'absolute', right: 0, top: rowHeight, zIndex: 3, bgcolor: bad.soft, color: ink, border: `1px solid ${bad.mark}`, borderRadius: '6px', p: '4px 8px', fontSize: 12, width: 'max-content', maxWidth: 320 }}>
          {problem.message}
        </Box>
      )}
    </Box>
  );
});
