// The host form and its URI.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printConnectionUri, type UriParameter } from '../../../app/domain/connection-uri.ts';
import { describeUriParameter, uriParameters } from '../../../app/domain/uri-parameters.ts';
import { dangersOf, emptyForm, formOfUri, formTransports, parametersFor, uriOfForm, uriProblem, usualPort, valuesOf, withoutField, withValues } from './uri-form.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,12}$/);
/** A value that the parameter takes, or any text for one that is the daemon's. */
const valueOf = (name: string): fc.Arbitrary<string> => {
  const parameter = describeUriParameter(name);
  if (parameter === undefined || parameter.problem('?&=# ü%') === null) return fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
  const { control } = parameter;
  return control.kind === 'choice' ? fc.constantFrom(...control.choices.map(({ value }) => value)) : fc.constantFrom('0', '1', control.kind === 'flag' ? '1' : control.example);
};
const parameter = fc.oneof(fc.constantFrom(...uriParameters.map(({ name }) => name)), word)
  .chain((name) => valueOf(name).map((value) => ({ name, value })))
  .filter(({ name, value }) => (describeUriParameter(name)?.problem(value) ?? null) === null);
const parameters = fc.array(parameter, { maxLength: 8 })
  // The one pair that excludes each other.
  .filter((list) => !(list.some(({ name }) => name === 'netcat') && list.findLast(({ name }) => name === 'proxy')?.value === 'native'));
const host = fc.oneof(word, fc.constantFrom('fd00::1', 'fe80::1%eth0', '10.0.0.7'));
const uri = fc.record({ driver: fc.constantFrom('qemu', 'xen', 'remote', 'test'), transport: fc.constantFrom(...formTransports), path: fc.constantFrom('', '/', '/system', '/a b/ü'), parameters })
  .chain((rest) => (rest.transport === 'unix' ? fc.constant(rest) : fc.record({ host, user: fc.option(word, { nil: '' }), port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: 0 }) })
    .map(({ host: at, user, port }) => ({ ...rest, host: at, ...(user !== '' && { user }), ...(port > 0 && { port }) }))));

describe('the form and the URI', () => {
  it('keep every part and every parameter of each other', () => {
    fc.assert(fc.property(uri, (value) => {
      const text = printConnectionUri(value);
      const form = formOfUri(text);
      expect(form?.parameters).toEqual(value.parameters);
      expect(form === null ? null : uriOfForm(form)).toBe(text);
    }));
  });

  it('agree after a parameter was filled in, and keep all others in their order', () => {
    fc.assert(fc.property(uri, parameter, (value, { name, value: typed }) => {
      const form = formOfUri(printConnectionUri(value));
      if (form === null) throw new Error('not understood');
      const after = { ...form, parameters: withValues(form.parameters, name, [typed]) };
      const others = (list: readonly UriParameter[]) => list.filter((one) => one.name !== name);
      expect(others(after.parameters)).toEqual(others(value.parameters));
      const known = describeUriParameter(name);
      if (known !== undefined) expect(valuesOf(after, known)).toEqual([typed]);
      expect(withValues(after.parameters, name, []).some((one) => one.name === name)).toBe(false);
    }));
  });

  it('show each parameter as a field or as one that has none, never as both', () => {
    fc.assert(fc.property(uri, (value) => {
      const form = formOfUri(printConnectionUri(value));
      if (form === null) throw new Error('not understood');
      const fields = new Set(parametersFor(form.transport).map(({ name }) => name));
      expect(withoutField(form)).toEqual(value.parameters.filter(({ name }) => !fields.has(name)));
    }));
  });

  it('leave out what a transport has no place for', () => {
    const form = { ...emptyForm, host: 'atlas', user: 'root', port: '22' };
    expect(uriOfForm({ ...form, transport: 'tls' })).toBe('qemu+tls://root@atlas:22/system');
    expect(uriOfForm({ ...form, transport: 'unix' })).toBe('qemu:///system');
    expect(formTransports.map(usualPort)).toEqual(['22', '16514', '16509', '', '']);
  });

  it('let the last of several values count, and all of one that may be repeated', () => {
    const form = formOfUri('qemu+ext://atlas/system?command=/a&argv=-x&AUTH=polkit&argv=-y&auth=sasl');
    const of = (name: string) => {
      const known = describeUriParameter(name);
      return form === null || known === undefined ? null : valuesOf(form, known);
    };
    expect([of('argv'), of('auth'), of('authfile')]).toEqual([['-x', '-y'], ['sasl'], []]);
  });
});

describe('what is said of a URI', () => {
  it('is what is missing or wrong, in words', () => {
    expect(uriProblem(uriOfForm(emptyForm))).toBe('Name the host to log in to.');
    expect(uriProblem('qemu+ext://h/system')).toBe('Name the program that carries the bytes.');
    expect(uriProblem('qemu+pigeon://h/system')).toContain('a transport that does not exist');
    expect(uriProblem(uriOfForm({ ...emptyForm, host: 'atlas' }))).toBeNull();
    expect([formOfUri('demo:///'), formOfUri('nonsense')]).toEqual([null, null]);
  });

  it('is what it gives up, only where that has an effect', () => {
    const dangers = (text: string) => {
      const form = formOfUri(text);
      return form === null ? null : dangersOf(form).length;
    };
    expect(['qemu+tls://h/system?no_verify=1', 'qemu+tls://h/system?no_verify=0', 'qemu:///system?no_verify=1', 'qemu+ssh://h/system?known_hosts_verify=ignore'].map(dangers)).toEqual([1, 0, 0, 1]);
  });
});
