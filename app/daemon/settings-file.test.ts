// The editor of libvirt's configuration files: what it changes, and that it changes nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWritable, parseSettings, type SettingValue, withSetting } from './settings-file.ts';

const fault = (line: number, expected: string): Error => new Error(`line ${line}: ${expected}`);
const edited = (content: string, name: string, value: SettingValue | null): string => withSetting(content, name, value, fault);
const textsOf = (content: string, name: string): readonly string[] | undefined => parseSettings(content, fault).get(name)?.map(({ text }) => text);

describe('a setting', () => {
  it('is replaced where it stands, its comment and its neighbours kept', () => {
    const before = '# about\nmax_clients = 20  # few\n\nauth_tls="none"\r\nunknown_thing = [ "x", # odd\n "y" ]\n';
    expect(edited(before, 'max_clients', 5000)).toBe('# about\nmax_clients = 5000  # few\n\nauth_tls="none"\r\nunknown_thing = [ "x", # odd\n "y" ]\n');
    expect(edited(before, 'auth_tls', 'sasl')).toBe('# about\nmax_clients = 20  # few\n\nauth_tls="sasl"\r\nunknown_thing = [ "x", # odd\n "y" ]\n');
    expect(edited(before, 'unknown_thing', [])).toBe('# about\nmax_clients = 20  # few\n\nauth_tls="none"\r\nunknown_thing = []\n');
  });

  it('that is new stands after its commented example, or at the end', () => {
    expect(edited('#max_clients = 5000\n\n#other = 1\n', 'max_clients', 7)).toBe('#max_clients = 5000\nmax_clients = 7\n\n#other = 1\n');
    expect(edited('# see below\n#tls_allowed_dn_list = [\n#  "a",\n#  "b"\n#]\n#next = 1\n', 'tls_allowed_dn_list', ['CN=c'])).toBe('# see below\n#tls_allowed_dn_list = [\n#  "a",\n#  "b"\n#]\ntls_allowed_dn_list = [ "CN=c" ]\n#next = 1\n');
    expect(edited('a = 1', 'b', 'two')).toBe('a = 1\nb = "two"\n');
    expect(edited('a = 1\r\n', 'b', 2)).toBe('a = 1\r\nb = 2\r\n');
    expect(edited('', 'b', 2)).toBe('b = 2\n');
  });

  it('is taken out with its lines, however often it is there', () => {
    expect(edited('a = 1\nb = [\n "x",\n "y" ] # both\nc = 3\n', 'b', null)).toBe('a = 1\nc = 3\n');
    expect(edited('b = 1\na = 1\nb = 2\n', 'b', null)).toBe('a = 1\n');
    expect(edited('a = 1\n', 'b', null)).toBe('a = 1\n');
  });

  it('that is set twice counts as it stands first, and stands once after it was set', () => {
    expect(textsOf('b = 1\nb = 2\n', 'b')).toEqual(['1']);
    expect(edited('b = 1\na = 1\nb = 2\n', 'b', 3)).toBe('b = 3\na = 1\n');
  });

  it('holds no text that the form has no way to write', () => {
    expect(edited('', 'b', 'say "so"')).toBe('b = \'say "so"\'\n');
    expect(() => edited('', 'b', ['both " and \''])).toThrow(RangeError);
    expect(() => edited('', 'b', 'two\nlines')).toThrow(RangeError);
    expect(() => edited('a = \n', 'b', 1)).toThrow('line 1: a number or a text in quotes is expected');
  });
});

describe('any file', () => {
  const text = fc.string({ maxLength: 12 }).filter(isWritable);
  const value: fc.Arbitrary<SettingValue> = fc.oneof(fc.integer(), text, fc.array(text, { maxLength: 4 }));
  const line = fc.oneof(
    fc.string({ maxLength: 20 }).map((some) => `#${some.replaceAll(/[\n\r]/g, '')}`), fc.constant(''), fc.constant('   '),
    fc.tuple(fc.constantFrom('a', 'b', 'c'), value).map(([name, some]) => edited('', name, some).trimEnd()),
  );
  const file = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));

  it('gives the value back that was set, and every other setting as it was', () => {
    fc.assert(fc.property(file, value, (before, wanted) => {
      const after = edited(before, 'b', wanted);
      expect(textsOf(after, 'b')).toEqual((Array.isArray(wanted) ? wanted : [wanted]).map(String));
      for (const name of ['a', 'c']) expect(textsOf(after, name)).toEqual(textsOf(before, name));
    }));
  });

  it('loses no line that is not of the setting, and keeps their order', () => {
    fc.assert(fc.property(file, (before) => {
      const others = before.split('\n').filter((one) => !/^b\s*=/.test(one));
      expect(edited(before, 'b', null).split('\n').filter((one) => one !== '')).toEqual(others.filter((one) => one !== ''));
    }));
  });
});
