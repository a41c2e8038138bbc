import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alternativeName, alternativeNameText, distinguishedNameText, subjectProblems, type DistinguishedName } from './subject.ts';

const name = (value: string): DistinguishedName => [{ attribute: 'CN', value }];

describe('a subject', () => {
  it('may be a full name in any order', () => {
    expect(subjectProblems([
      { attribute: 'DC', value: 'example' },
      { attribute: 'C', value: 'GB' },
      { attribute: 'O', value: 'Prüfstelle, Nord' },
      { attribute: 'CN', value: 'anna' },
    ])).toEqual([]);
  });

  it('says every problem it has, in the order of its parts', () => {
    expect(subjectProblems([
      { attribute: 'C', value: 'gb' },
      { attribute: 'O', value: ' ' },
      { attribute: 'OU', value: 'a\nb' },
      { attribute: 'L', value: 'x'.repeat(129) },
      { attribute: 'DC', value: '-bad' },
    ])).toEqual([
      { code: 'notCountryCode', value: 'gb' },
      { code: 'emptyValue', attribute: 'O' },
      { code: 'controlCharacter', attribute: 'OU' },
      { code: 'tooLong', attribute: 'L', longest: 128 },
      { code: 'notDomainComponent', value: '-bad' },
      { code: 'noCommonName' },
    ]);
    expect(subjectProblems([])).toEqual([{ code: 'empty' }]);
  });

  it('counts characters, not UTF-16 units', () => {
    expect(subjectProblems(name('😀'.repeat(64)))).toEqual([]);
    expect(subjectProblems(name('😀'.repeat(65)))).toEqual([{ code: 'tooLong', attribute: 'CN', longest: 64 }]);
  });

  it('prints in certificate order without spaces, as tls_allowed_dn_list compares it', () => {
    expect(distinguishedNameText([
      { attribute: 'C', value: 'GB' },
      { attribute: 'O', value: 'proto org' },
      { attribute: 'CN', value: 'client one' },
    ])).toBe('C=GB,O=proto org,CN=client one');
  });

  it('escapes what would read as another name', () => {
    expect(distinguishedNameText(name('a,O=b'))).toBe('CN=a\\,O=b');
    expect(distinguishedNameText(name('#a+b '))).toBe('CN=\\#a\\+b\\ ');
    const unescaped = /(?<!\\)(?:\\\\)*,/;
    fc.assert(fc.property(fc.string(), (value) => !unescaped.test(distinguishedNameText(name(value)))));
  });
});

describe('an alternative name', () => {
  it.each(['host', 'host.example.com', 'xn--bcher-kva.example', 'a-1', '1and1.example', 'h'.repeat(63)])('takes %s as a DNS name', (text) => {
    expect(alternativeName(text)).toEqual({ kind: 'dns', name: text });
  });

  it.each(['127.0.0.1', '0.0.0.0', '255.255.255.255', '::', '::1', '1::', 'fe80::1', '1:2:3:4:5:6:7:8', '::ffff:10.0.0.1'])(
    'takes %s as an address',
    (text) => {
      expect(alternativeName(text)).toEqual({ kind: 'ip', address: text });
    },
  );

  it.each([
    '', '.', 'host.', 'a..b', '-a', 'a-', 'bücher.example', '*.example', 'a b', 'h'.repeat(64), `${'a.'.repeat(127)}`, '256.0.0.1', '1.2.3', '01.2.3.4',
    ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', ':1', '1:', 'fffff::', '10.0.0.1::', '::10.0.0.256', 'fe80::1%eth0', '[::1]', '10.0.0.1:2::',
  ])('refuses %j', (text) => {
    expect(alternativeName(text)).toEqual({ code: 'notHostName', value: text });
  });

  it.each([
    ['Host.EXAMPLE.com', 'host.example.com'], ['FE80::0001', 'fe80::1'], ['0:0:0:0:0:0:0:0', '::'], ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'], ['::FFFF:a00:1', '::ffff:10.0.0.1'], ['1:2:3:4:5:6:10.0.0.1', '1:2:3:4:5:6:a00:1'], ['0:0:1::', '0:0:1::'],
  ])('writes %s as %s', (text, canonical) => {
    const read = alternativeName(text);
    expect('code' in read ? read : alternativeNameText(read)).toBe(canonical);
  });

  it('takes every address the generators know, and writes it as a browser would', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => {
      expect(alternativeName(address)).toEqual({ kind: 'ip', address });
    }));
    fc.assert(fc.property(fc.ipV6(), (address) => {
      const read = alternativeName(address);
      const text = 'code' in read ? '' : alternativeNameText(read);
      // URL knows no IPv4 at the end.
      expect(new URL(`http://[${text}]/`).hostname).toBe(new URL(`http://[${address}]/`).hostname);
      if (!text.startsWith('::ffff:')) expect(`[${text}]`).toBe(new URL(`http://[${address}]/`).hostname);
    }));
  });
});
