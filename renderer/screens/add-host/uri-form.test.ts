// The add-host form and its URI.
import { describe, expect, it } from 'vitest';
import { emptyForm, formOfUri, uriOfForm, uriProblem } from './uri-form.ts';

describe('the form and the URI', () => {
  it.each([
    'qemu:///system', 'qemu+ssh://root@atlas/system', 'qemu+ssh://atlas:2222/system?keyfile=/k', 'qemu+tls://[fd00::1]/system', 'qemu+tcp://atlas:16510/system', 'test:///default',
  ])('%s is the same after going through the fields', (uri) => {
    const form = formOfUri(uri);
    expect(form === null ? null : uriOfForm(form)).toBe(uri);
  });

  it('leaves out what a transport has no place for', () => {
    const form = { ...emptyForm, host: 'atlas', user: 'root', port: '22' };
    expect(uriOfForm({ ...form, transport: 'tls' })).toBe('qemu+tls://atlas:22/system');
    expect(uriOfForm({ ...form, transport: 'unix' })).toBe('qemu:///system');
  });

  it('says what is missing or wrong in words', () => {
    expect(uriProblem(uriOfForm(emptyForm))).toBe('Name the host to log in to.');
    expect(uriProblem('qemu+pigeon://h/system')).toContain('a transport that does not exist');
    expect(uriProblem(uriOfForm({ ...emptyForm, host: 'atlas' }))).toBeNull();
  });

  it('has no fields for what it cannot show', () => expect([formOfUri('demo:///'), formOfUri('nonsense')]).toEqual([null, null]));
});
