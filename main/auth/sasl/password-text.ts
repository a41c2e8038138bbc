// Preparing names and passwords for SCRAM: the practical part of SASLprep (RFC 4013).
import { Refused } from '../../../app/contract/refusal.ts';

/** Spaces of other writing systems that stand for the plain one (RFC 3454, table C.1.2). */
const spaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** Marks that are not seen and do not count (table B.1). */
const unseen = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;
/** Controls, private use, half surrogates, non-characters and marks that reorder or tag text (tables C.2 to C.9). */
const forbidden = /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]|\u0340|\u0341/u;

/**
 * The form in which client and server compare: spaces unified, unseen marks dropped, NFKC.
 * Not done: the rule against mixing directions of writing and the one against code points that Unicode 3.2 did not have.
 * @throws Refused `auth-failed` for what no name or password may hold; the text is not repeated.
 */
export const prepared = (text: string, what: 'user name' | 'password'): string => {
  const plain = text.replace(spaces, ' ').replace(unseen, '').normalize('NFKC');
  if (forbidden.test(plain)) throw new Refused('auth-failed', `The ${what} holds a character that SASL does not allow.`, { stage: 'sasl', remedy: 'Type it again; it may have been pasted with invisible characters.' });
  return plain;
};
