import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLetIn, lettingIn } from './allowed-names.ts';

describe('a pattern of tls_allowed_dn_list', () => {
  it.each([
    ['C=GB,O=Example,CN=red', 'C=GB,O=Example,CN=red', true],
    ['C=GB,O=Example,CN=*', 'C=GB,O=Example,CN=red', true],
    ['*', '', true],
    ['CN=r?d', 'CN=red', true],
    ['CN=r?d', 'CN=rd', false],
    ['CN=re', 'CN=red', false],
    ['CN=*d,O=*', 'CN=red,O=', true],
    ['CN=[r]ed', 'CN=red', false],
    ['cn=red', 'CN=red', false],
    ['CN=r?d', 'CN=r😀d', true],
  ])('%s and the name %s: %s', (pattern, name, expected) => {
    expect(isLetIn(pattern, name)).toBe(expected);
  });

  it('lets in the name that it is, and every name that some of it was replaced by a star for', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', ',', '=', 'é') });
    fc.assert(fc.property(name, name, name, (before, between, after) => {
      expect(isLetIn(`${before}${between}${after}`, `${before}${between}${after}`)).toBe(true);
      expect(isLetIn(`${before}*${after}`, `${before}${between}${after}`)).toBe(true);
    }));
  });

  it('takes time in proportion to pattern and name, however many stars there are', () => {
    expect(isLetIn('*a'.repeat(200), 'a'.repeat(2000) + 'b')).toBe(false);
  });

  it('of a list is the first that fits; an empty list lets nobody in', () => {
    expect(lettingIn(['CN=x', 'CN=r*', '*'], 'CN=red')).toBe('CN=r*');
    expect(lettingIn([], 'CN=red')).toBeNull();
  });
});
