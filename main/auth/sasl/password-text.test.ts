// SASLprep by the examples of its RFC, and what it must not let pass.
import { describe, expect, it } from 'vitest';
import { prepared } from './password-text.ts';

describe('text for SASL', () => {
  // RFC 4013, section 3.
  it.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['a\u00a0b', 'a b'],
    ['u\u0308', '\u00fc'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => expect(prepared(text, 'password')).toBe(expected));

  it.each(['\u0007', 'a\u0000b', '\ue000', '\ud800', '\ufffe', 'a\u202eb'])('%j is refused without repeating it', (text) => {
    expect(() => prepared(`secret${text}`, 'password')).toThrow(expect.objectContaining({ refusal: expect.objectContaining({ code: 'auth-failed', message: 'The password holds a character that SASL does not allow.' }) }));
  });
});
