// Many buttons as one tab stop: Tab reaches the one used last, arrows, Home and End move between them, as in a toolbar.
import Box from '@mui/material/Box';
import type { SxProps, Theme } from '@mui/material/styles';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from 'react';

const steps: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(at + 1, last),
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** Its buttons may come and go; the group keeps exactly one of them reachable by Tab. */
export const OneStop = ({ label, sx, style, children }: { readonly label: string; readonly sx?: SxProps<Theme>; readonly style?: CSSProperties; readonly children: ReactNode }): ReactNode => {
  const group = useRef<HTMLDivElement>(null);
  const buttons = (): readonly HTMLButtonElement[] => [...(group.current?.querySelectorAll('button') ?? [])];
  const settle = (stop: Element | null): void => {
    const all = buttons();
    const kept = all.find((button) => button === stop) ?? all.find((button) => button.tabIndex === 0) ?? all[0];
    for (const button of all) button.tabIndex = button === kept ? 0 : -1;
  };
  // After every render, since buttons that are new come as tab stops of their own.
  useLayoutEffect(() => settle(null));
  const onKeyDown = (event: KeyboardEvent): void => {
    const all = buttons();
    const at = all.findIndex((button) => button === event.target);
    const step = steps[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    all[step(at, all.length - 1)]?.focus();
  };
  return (
    <Box ref={group} role="toolbar" aria-label={label} onKeyDown={onKeyDown} onFocus={({ target }) => settle(target)} {...(sx === undefined ? {} : { sx })} {...(style === undefined ? {} : { style })}>
      {children}
    </Box>
  );
};
