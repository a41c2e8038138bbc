// PEM found in a text with whatever stands around it (RFC 7468).
import { DerFault } from './der.ts';

export interface PemBlock {
  /** What stands after BEGIN. */
  readonly label: string;
  /** With both its lines. */
  readonly text: string;
  /** What the base64 says, without the headers that old key files have. */
  readonly bytes: Buffer;
}

const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;

/** All blocks in a text, in their order. Takes time in proportion to the text. @throws DerFault when one has no end. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  begin.lastIndex = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const [line, label = ''] = match;
    const last = `-----END ${label}-----`;
    const end = text.indexOf(last, match.index);
    if (end < 0) throw new DerFault(`${line} has no end`);
    const body = text.slice(match.index + line.length, end).replace(/^(?:\s*[A-Za-z-]+:.*\r?\n)+/, '');
    blocks.push({ label, text: `${text.slice(match.index, end)}${last}\n`, bytes: Buffer.from(body, 'base64') });
    begin.lastIndex = end + last.length;
  }
  return blocks;
}
