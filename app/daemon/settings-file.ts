// The form of libvirt's configuration files: read, and edited so that comments, order and lines nobody knows stay byte for byte.

/** A text of the file, and its line, from 1. */
export interface Placed {
  readonly text: string;
  readonly line: number;
}

/** Setting → its text, or those of its list; a number is left as its digits. */
export type SettingsOfFile = ReadonlyMap<string, readonly Placed[]>;

/** A number, a text, or a list of texts. */
export type SettingValue = number | string | readonly string[];

/** Makes the error for a file that is not understood: the line, from 1, and what was expected there. */
export type Fault = (line: number, expected: string) => Error;

/** One assignment: where it stands, as offsets into the text. `end` is that of the value; what follows in the line is a comment at most. */
interface Statement {
  readonly name: string;
  readonly values: readonly Placed[];
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

const blanks = /(?:\s|#[^\n]*)*/y;
const assignment = /([A-Za-z_][\w.:/-]*)[ \t]*=[ \t]*/y;
const literal = /"""([^]*?)"""|"([^"\n]*)"|'([^'\n]*)'|(-?\d+)/y;
const restOfLine = /[ \t\r]*(?:#[^\n]*)?(?=\n|$)/y;
const comma = /,/y;
const opening = /\[/y;
const closing = /\]/y;

function statementsOf(content: string, fault: Fault): readonly Statement[] {
  const found: Statement[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const taken = pattern.exec(content);
    at += taken?.[0].length ?? 0;
    return taken;
  };
  const lineHere = (): number => content.slice(0, at).split('\n').length;
  const fail = (expected: string): Error => fault(lineHere(), expected);
  const value = (): Placed => {
    const line = lineHere();
    const [, long, double, single, digits] = take(literal) ?? [];
    const text = long ?? double ?? single ?? digits;
    if (text === undefined) throw fail('a number or a text in quotes is expected');
    return { text, line };
  };
  for (take(blanks); at < content.length; take(blanks)) {
    const start = at;
    const [, name] = take(assignment) ?? [];
    if (name === undefined) throw fail('name = value is expected');
    const valueStart = at;
    const values: Placed[] = [];
    if (take(opening) === null) values.push(value());
    else {
      for (take(blanks); take(closing) === null; take(blanks)) {
        if (values.length > 0 && take(comma) === null) throw fail('a comma or ] is expected');
        take(blanks);
        // A comma may stand after the last one.
        if (values.length > 0 && take(closing) !== null) break;
        values.push(value());
      }
    }
    const end = at;
    if (take(restOfLine) === null) throw fail('nothing more is expected in the line');
    found.push({ name, values, start, valueStart, end });
  }
  return found;
}

/**
 * Reads `name = value` with numbers, quoted texts without escapes, and lists of those. Which settings there are does not matter; of a name
 * that is set twice the first counts, as in libvirt.
 */
export function parseSettings(content: string, fault: Fault): SettingsOfFile {
  return new Map(statementsOf(content, fault).toReversed().map(({ name, values }) => [name, values]));
}

/** A text can be written when it has no line end, and not both kinds of quotes: the form knows no escapes. */
export const isWritable = (text: string): boolean => !/[\n\r\0]/.test(text) && !(text.includes('"') && text.includes("'"));

const quoted = (text: string): string => (text.includes('"') ? `'${text}'` : `"${text}"`);
const written = (value: SettingValue): string =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? quoted(value) : value.length === 0 ? '[]' : `[ ${value.map(quoted).join(', ')} ]`;

/** The line after which a setting that is not there yet belongs: after the example of it that distributions leave as a comment. */
function placeFor(content: string, name: string): number | null {
  const examples = [...content.matchAll(new RegExp(`^#[ \\t]*${name}[ \\t]*=.*(?:\\n|$)`, 'gm'))];
  const last = examples.at(-1);
  if (last === undefined) return null;
  // An example may be a list of several lines, each of them a comment.
  let end = last.index + last[0].length;
  if (/\[[^\]]*$/.test(last[0])) {
    const rest = /^(?:#[^\n]*(?:\n|$))*?#[^\n]*\][^\n]*(?:\n|$)/.exec(content.slice(end));
    end += rest?.[0].length ?? 0;
  }
  return end;
}

/**
 * The file with one setting changed: its value is replaced where it stands first, later ones of the same name are taken out, or it is added
 * after its commented example or at the end. `null` takes the setting out, so that the default counts. All else stays byte for byte.
 * @throws RangeError for a text that the form cannot hold, and what `fault` makes of a file that is not understood.
 */
export function withSetting(content: string, name: string, value: SettingValue | null, fault: Fault): string {
  if (value !== null && typeof value !== 'number') {
    for (const text of typeof value === 'string' ? [value] : value) if (!isWritable(text)) throw new RangeError(`${name}: this text cannot be written in the file`);
  }
  const own = statementsOf(content, fault).filter((statement) => statement.name === name);
  const [first, ...later] = own;
  let text = content;
  // From the end on, so that the places before stay right.
  for (const { start, end } of (value === null ? own : later).toReversed()) text = withoutLines(text, start, end);
  if (value === null) return text;
  if (first !== undefined) return `${text.slice(0, first.valueStart)}${written(value)}${text.slice(first.end)}`;
  const eol = content.includes('\r\n') ? '\r\n' : '\n';
  const line = `${name} = ${written(value)}${eol}`;
  const place = placeFor(text, name) ?? text.length;
  const before = text.slice(0, place);
  return `${before}${before === '' || before.endsWith('\n') ? '' : eol}${line}${text.slice(place)}`;
}

/** Without the lines from `start` to `end`, and the comment that ends the last of them; the line's start holds nothing else but blanks. */
function withoutLines(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  return `${text.slice(0, lineStart)}${lineEnd < 0 ? '' : text.slice(lineEnd + 1)}`;
}
