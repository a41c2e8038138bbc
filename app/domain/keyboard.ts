// Keyboards: which keys make which characters by layout, and the combinations that are pressed for a guest.

/** One key: its name as KeyboardEvent has it (https://www.w3.org/TR/uievents-code/), its number in Linux (input-event-codes.h), its X keysym. */
export interface Key {
  readonly code: string;
  readonly linux: number;
  readonly keysym: number;
}

const key = (code: string, linux: number, keysym: number): Key => ({ code, linux, keysym });
const control = key('ControlLeft', 29, 0xffe3);
const alt = key('AltLeft', 56, 0xffe9);
const altGraph = key('AltRight', 100, 0xfe03);
const shift = key('ShiftLeft', 42, 0xffe1);
/** What is held down while others are pressed. */
export const modifiers: readonly Key[] = [control, alt, shift];
const enter = key('Enter', 28, 0xff0d);
const tab = key('Tab', 15, 0xff09);
const space = key('Space', 57, 0x20);
/** F1 to F12. */
const functionKeys = Array.from({ length: 12 }, (_, at) => key(`F${at + 1}`, at < 10 ? 59 + at : 77 + at, 0xffbe + at));

/** What is pressed together, by the name that people know it by. */
export const combinations: readonly { readonly label: string; readonly keys: readonly Key[] }[] = [
  { label: 'Ctrl+Alt+Delete', keys: [control, alt, key('Delete', 111, 0xffff)] },
  { label: 'Ctrl+Alt+Backspace', keys: [control, alt, key('Backspace', 14, 0xff08)] },
  ...functionKeys.map((one) => ({ label: `Ctrl+Alt+${one.code}`, keys: [control, alt, one] })),
  { label: 'Print', keys: [key('PrintScreen', 99, 0xff61)] },
  { label: 'Alt+Tab', keys: [alt, tab] },
  { label: 'Alt+F4', keys: [alt, ...functionKeys.slice(3, 4)] },
  { label: 'Super', keys: [key('MetaLeft', 125, 0xffeb)] },
  { label: 'Escape', keys: [key('Escape', 1, 0xff1b)] },
];

/** The keys that make characters, row by row from the left, with the number of the first. */
const rows: readonly (readonly [codes: readonly string[], linux: readonly number[]])[] = [
  [['Backquote', 'Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6', 'Digit7', 'Digit8', 'Digit9', 'Digit0', 'Minus', 'Equal'], [41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]],
  [['KeyQ', 'KeyW', 'KeyE', 'KeyR', 'KeyT', 'KeyY', 'KeyU', 'KeyI', 'KeyO', 'KeyP', 'BracketLeft', 'BracketRight', 'Backslash'], [16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 43]],
  [['KeyA', 'KeyS', 'KeyD', 'KeyF', 'KeyG', 'KeyH', 'KeyJ', 'KeyK', 'KeyL', 'Semicolon', 'Quote'], [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]],
  [['IntlBackslash', 'KeyZ', 'KeyX', 'KeyC', 'KeyV', 'KeyB', 'KeyN', 'KeyM', 'Comma', 'Period', 'Slash'], [86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53]],
];

/** What the rows make by themselves, with Shift and with AltGr. A blank is a key that makes none, or only waits for the next one (dead keys). */
interface LayoutRows {
  readonly label: string;
  readonly plain: readonly string[];
  readonly shifted: readonly string[];
  readonly altGraph: readonly string[];
}

const layoutRows = {
  us: {
    label: 'English (US)',
    plain: ['`1234567890-=', 'qwertyuiop[]\\', "asdfghjkl;'", ' zxcvbnm,./'],
    shifted: ['~!@#$%^&*()_+', 'QWERTYUIOP{}|', 'ASDFGHJKL:"', ' ZXCVBNM<>?'],
    altGraph: [],
  },
  gb: {
    label: 'English (UK)',
    plain: ['`1234567890-=', 'qwertyuiop[]#', "asdfghjkl;'", '\\zxcvbnm,./'],
    shifted: ['¬!"£$%^&*()_+', 'QWERTYUIOP{}~', 'ASDFGHJKL:@', '|ZXCVBNM<>?'],
    altGraph: ['    €        '],
  },
  de: {
    label: 'German',
    plain: [' 1234567890ß ', 'qwertzuiopü+#', 'asdfghjklöä', '<yxcvbnm,.-'],
    shifted: ['°!"§$%&/()=? ', "QWERTZUIOPÜ*'", 'ASDFGHJKLÖÄ', '>YXCVBNM;:_'],
    altGraph: ['  ²³   {[]}\\ ', '@ €        ~ ', '           ', '|      µ   '],
  },
  fr: {
    label: 'French',
    plain: ['²&é"\'(-è_çà)=', 'azertyuiop $*', 'qsdfghjklmù', '<wxcvbn,;:!'],
    shifted: [' 1234567890°+', 'AZERTYUIOP £µ', 'QSDFGHJKLM%', '>WXCVBN?./§'],
    altGraph: ['  ~#{[|`\\^@]}', '  €          '],
  },
} as const satisfies Readonly<Record<string, LayoutRows>>;

/** Layouts that the system inside a guest may have. */
export type Layout = keyof typeof layoutRows;
export const layoutNames: readonly Layout[] = ['us', 'gb', 'de', 'fr'];
export const layoutLabel = (layout: Layout): string => layoutRows[layout].label;

const strokesOf = (layout: Layout): ReadonlyMap<string, readonly Key[]> => {
  const { plain, shifted, altGraph: third }: LayoutRows = layoutRows[layout];
  const found = new Map<string, readonly Key[]>([['\n', [enter]], ['\t', [tab]], [' ', [space]]]);
  for (const [made, held] of [[plain, []], [shifted, [shift]], [third, [altGraph]]] as const) {
    for (const [row, signs] of made.entries()) {
      for (const [at, sign] of Array.from(signs).entries()) {
        const [code, linux] = [rows[row]?.[0][at], rows[row]?.[1][at]];
        if (sign !== ' ' && code !== undefined && linux !== undefined && !found.has(sign)) found.set(sign, [...held, key(code, linux, sign.codePointAt(0) ?? 0)]);
      }
    }
  }
  return found;
};

/** The keys to press for each character of a text, and the characters that the layout has none for. Line ends are Enter. */
export const strokesFor = (text: string, layout: Layout): { readonly strokes: readonly (readonly Key[])[]; readonly missing: readonly string[] } => {
  const known = strokesOf(layout);
  const signs = Array.from(text.replaceAll(/\r\n?/g, '\n'));
  return { strokes: signs.flatMap((sign) => { const keys = known.get(sign); return keys === undefined ? [] : [keys]; }), missing: [...new Set(signs.filter((sign) => !known.has(sign)))] };
};

/** Keys that are called by a name, with what else people call them. */
const named: readonly (readonly [names: string, key: Key])[] = [
  ['Ctrl Control', control], ['Alt', alt], ['AltGr', altGraph], ['Shift', shift], ['Super Win Windows Meta', key('MetaLeft', 125, 0xffeb)],
  ['Enter Return', enter], ['Tab', tab], ['Space', space], ['Escape Esc', key('Escape', 1, 0xff1b)], ['Backspace', key('Backspace', 14, 0xff08)],
  ['Insert Ins', key('Insert', 110, 0xff63)], ['Delete Del', key('Delete', 111, 0xffff)], ['Home', key('Home', 102, 0xff50)], ['End', key('End', 107, 0xff57)],
  ['PageUp', key('PageUp', 104, 0xff55)], ['PageDown', key('PageDown', 109, 0xff56)],
  ['Up', key('ArrowUp', 103, 0xff52)], ['Down', key('ArrowDown', 108, 0xff54)], ['Left', key('ArrowLeft', 105, 0xff51)], ['Right', key('ArrowRight', 106, 0xff53)],
  ['Print PrintScreen SysRq', key('PrintScreen', 99, 0xff61)], ['ScrollLock', key('ScrollLock', 70, 0xff14)], ['Pause Break', key('Pause', 119, 0xff13)], ['CapsLock', key('CapsLock', 58, 0xffe5)], ['NumLock', key('NumLock', 69, 0xff7f)], ['Menu', key('ContextMenu', 127, 0xff67)],
];

/** The keys by their names in small letters: those with a name, F1 to F12, and what a US keyboard has the key of. */
const keysByName: ReadonlyMap<string, Key> = new Map([
  ...named.flatMap(([names, one]) => names.split(' ').map((name) => [name.toLowerCase(), one] as const)),
  ...functionKeys.map((one) => [one.code.toLowerCase(), one] as const),
  ...rows.flatMap(([codes, linux], row) => codes.flatMap((code, at) => {
    const [sign, number] = [layoutRows.us.plain[row]?.[at] ?? ' ', linux[at]];
    return sign === ' ' || number === undefined ? [] : [[sign, key(code, number, sign.codePointAt(0) ?? 0)] as const];
  })),
]);

/** The keys of a combination as people write it, `Ctrl+Alt+F7`; null when one of them has another name, or is named twice. At most five. */
export const combinationOf = (text: string): readonly Key[] | null => {
  // The plus sign's own key is that of `=`.
  const keys = text.split('+').map((name) => keysByName.get(name.trim().toLowerCase()));
  const known = keys.filter((one) => one !== undefined);
  return known.length < keys.length || known.length > 5 || new Set(known).size < known.length ? null : known;
};
