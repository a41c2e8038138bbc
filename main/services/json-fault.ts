// Where a text ceases to be JSON: JSON.parse does not always tell.

const token = /("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null)|[[\]{},:]/y;
const blanks = /[ \t\n\r]*/y;

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

/** What may follow, when this token may stand where `expected` holds; undefined when it may not. `open` holds the brackets that are not closed yet. */
const after = (found: string, kind: 'string' | 'literal' | 'sign', expected: Expected, open: string[]): Expected | undefined => {
  const isValue = expected === 'value' || expected === 'value or end';
  const over = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end');
  if (kind === 'string' && (expected === 'key' || expected === 'key or end')) return 'colon';
  if (kind !== 'sign') return isValue ? over() : undefined;
  if (found === '[' || found === '{') {
    if (!isValue) return undefined;
    open.push(found);
    return found === '[' ? 'value or end' : 'key or end';
  }
  if (found === ':') return expected === 'colon' ? 'value' : undefined;
  if (found === ',') return expected === 'comma or end' ? (open.at(-1) === '[' ? 'value' : 'key') : undefined;
  const [opening, empty] = found === ']' ? ['[', 'value or end'] : ['{', 'key or end'];
  if (open.at(-1) !== opening || (expected !== empty && expected !== 'comma or end')) return undefined;
  open.pop();
  return over();
};

/** Line and column, both from 1, of the first character that cannot stand where it stands, or of the end when something is missing there; null for JSON. */
export const jsonFault = (text: string): { readonly line: number; readonly column: number } | null => {
  const open: string[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ; ) {
    blanks.lastIndex = at;
    at += blanks.exec(text)?.[0].length ?? 0;
    if (at === text.length && expected === 'nothing') return null;
    token.lastIndex = at;
    const match = token.exec(text);
    const next: Expected | undefined = match === null ? undefined : after(match[0], match[1] !== undefined ? 'string' : match[2] !== undefined ? 'literal' : 'sign', expected, open);
    if (match === null || next === undefined) {
      const lines = text.slice(0, at).split('\n');
      return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    }
    at += match[0].length;
    expected = next;
  }
};
