// The Material theme, light and dark as CSS variables, dense enough for tables of a thousand guests.
import { createTheme, darken, lighten } from '@mui/material/styles';
import { colors, type Scheme } from './colors.ts';

export const monospace = 'ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace';

const scheme = (name: Scheme) => {
  const { ground, panel, line, ink, mute, primary, onPrimary, good, warn, bad } = colors[name];
  // What the pointer rests on moves away from the text on it, never towards it.
  const tone = (main: string) => ({ main, dark: (name === 'dark' ? lighten : darken)(main, 0.2) });
  return {
    palette: {
      primary: { ...tone(primary), contrastText: onPrimary },
      success: tone(good.text),
      warning: tone(warn.text),
      error: tone(bad.text),
      background: { default: ground, paper: panel },
      text: { primary: ink, secondary: mute },
      divider: line,
    },
  };
};

/** Where the keys go. */
const focusRing = { outline: '2px solid var(--mui-palette-primary-main)', outlineOffset: 1 } as const;

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data-scheme' },
  colorSchemes: { light: scheme('light'), dark: scheme('dark') },
  shape: { borderRadius: 7 },
  typography: {
    fontFamily: '"Inter", "Segoe UI", "Roboto", "DejaVu Sans", system-ui, sans-serif',
    fontSize: 13,
    htmlFontSize: 16,
    body1: { fontSize: 13, lineHeight: 1.45 },
    body2: { fontSize: 12, lineHeight: 1.45 },
    h1: { fontSize: 20, fontWeight: 700, lineHeight: 1.3 },
    h2: { fontSize: 14, fontWeight: 700, lineHeight: 1.4 },
    h3: { fontSize: 13, fontWeight: 700, lineHeight: 1.4 },
    button: { textTransform: 'none', fontWeight: 500, fontSize: 13 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        'html, body, #root': { height: '100%' },
        body: { overflow: 'hidden', fontSize: 13 },
        // What is inherited by name has a browser look through all children of an element whose style changes: of each row that moves, for one.
        '*, *::before, *::after': { boxSizing: 'border-box' },
        '*:focus-visible': focusRing,
        '@media (prefers-reduced-motion: reduce)': { '*, *::before, *::after': { animation: 'none !important', transition: 'none !important' } },
      },
    },
    // Buttons take the outline away with a rule of their own, to show a ripple instead.
    MuiButtonBase: { defaultProps: { disableRipple: true }, styleOverrides: { root: { '&:focus-visible': focusRing } } },
    MuiButton: {
      defaultProps: { size: 'small', variant: 'outlined', color: 'inherit', disableElevation: true },
      styleOverrides: {
        root: { padding: '4px 12px', minWidth: 0, lineHeight: 1.5, whiteSpace: 'nowrap' },
        outlined: { borderColor: 'var(--mui-palette-divider)', backgroundColor: 'var(--mui-palette-background-paper)' },
      },
    },
    MuiIconButton: { defaultProps: { size: 'small' } },
    MuiTextField: { defaultProps: { size: 'small' } },
    MuiOutlinedInput: { styleOverrides: { root: { fontSize: 13 }, notchedOutline: { borderColor: 'var(--mui-palette-divider)' } } },
    MuiSelect: { defaultProps: { size: 'small' } },
    MuiMenuItem: { styleOverrides: { root: { fontSize: 13, minHeight: 32, '&:focus-visible': { outlineOffset: -2 } } } },
    MuiCheckbox: { defaultProps: { size: 'small' } },
    MuiSwitch: { defaultProps: { size: 'small' } },
    MuiTooltip: { defaultProps: { enterDelay: 400, disableInteractive: true, slotProps: { popper: { disablePortal: true } } } },
    MuiAutocomplete: { styleOverrides: { paper: { border: '1px solid var(--mui-palette-divider)' } } },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiDialog: { styleOverrides: { paper: { border: '1px solid var(--mui-palette-divider)', borderRadius: 10 } } },
    MuiDialogTitle: { styleOverrides: { root: { fontSize: 15, fontWeight: 700, padding: '14px 20px' } } },
    MuiDialogContent: { styleOverrides: { root: { padding: '14px 20px' } } },
    MuiDialogActions: { styleOverrides: { root: { padding: '10px 20px' } } },
    MuiTabs: { styleOverrides: { root: { minHeight: 36 } } },
    MuiTab: { styleOverrides: { root: { minHeight: 36, minWidth: 0, padding: '6px 0', marginRight: 22, fontWeight: 400, '&.Mui-selected': { fontWeight: 600 }, '&:focus-visible': { outlineOffset: -2 } } } },
    MuiToggleButton: { styleOverrides: { root: { padding: '3px 10px', textTransform: 'none', fontSize: 12, lineHeight: 1.5, color: 'var(--mui-palette-text-secondary)', '&.Mui-selected': { color: 'var(--mui-palette-primary-main)', fontWeight: 600 }, '&.Mui-selected:hover': { backgroundColor: 'var(--mui-palette-background-default)' }, '&:focus-visible': { outlineOffset: -3 } } } },
  },
});
