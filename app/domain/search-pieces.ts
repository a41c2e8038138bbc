// Cuts what is typed into a search field into its pieces, each with its place; knows nothing of what they mean.

/** One of a piece's alternatives, without its quotes. */
interface Part {
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** What stands between spaces: `-name:"a b",c`. Without a key it is one part, commas and all. */
export interface Piece {
  readonly at: number;
  readonly end: number;
  readonly not: boolean;
  readonly key: string | null;
  readonly operator: string | null;
  readonly parts: readonly Part[];
  /** A quote in it is not closed. */
  readonly isOpen: boolean;
}

const isSpace = (letter: string): boolean => /\s/.test(letter);

/** Reads what stands up to the next space outside of quotes; in quotes a backslash takes the next letter as it is. */
const valueAt = (text: string, start: number, isSplit: boolean): { readonly end: number; readonly parts: readonly Part[]; readonly isOpen: boolean } => {
  const parts: Part[] = [];
  let [at, from, held, isQuoted] = [start, start, '', false];
  for (; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted && letter === '\\' && at + 1 < text.length) {
      at += 1;
      held += text.charAt(at);
    } else if (!isQuoted && isSpace(letter)) break;
    else if (!isQuoted && isSplit && letter === ',') {
      parts.push({ at: from, end: at, text: held });
      [from, held] = [at + 1, ''];
    } else held += letter;
  }
  return { end: at, parts: [...parts, { at: from, end: at, text: held }], isOpen: isQuoted };
};

/** The pieces of a text, from left to right. */
export const scan = (text: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text.charAt(at))) {
      at += 1;
      continue;
    }
    const not = text.charAt(at) === '-';
    const start = not ? at + 1 : at;
    const [head = '', key = null, operator = null] = /^([a-z]+)(>=|<=|[:=<>])/i.exec(text.slice(start)) ?? [];
    const value = valueAt(text, start + head.length, key !== null);
    pieces.push({ at, not, key, operator, ...value });
    at = value.end;
  }
  return pieces;
};

/** A text as it is written in a search: in quotes where it has to be. */
export const quoted = (text: string): string =>
  (text !== '' && !/[\s",\\]/.test(text) && !/^(-|[a-z]+[:=<>])/i.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
