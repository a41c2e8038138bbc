// What is typed: its parts, its problems where they are shown, and the names that are proposed.
import { describe, expect, it } from 'vitest';
import { certificates } from '../../../app/contract/certificates.ts';
import { addressesIn, daysOf, emptySubject, momentsOf, namesIn, namesProblem, partsOf, problemsOf, proposedNames, reachedOf, subjectProblem, typedOf, withRefusal } from './form.ts';

const { createAuthority, createHost } = certificates.asks;

describe('a name', () => {
  it('consists of what was filled in, in certificate order', () => {
    expect(partsOf({ ...emptySubject, CN: ' Example Net CA ', O: 'Example Net', OU: '  ' })).toEqual([{ attribute: 'O', value: 'Example Net' }, { attribute: 'CN', value: 'Example Net CA' }]);
  });
  it('fills the fields again', () => {
    const typed = { ...emptySubject, C: 'DE', CN: 'one' };
    expect(typedOf([...partsOf(typed), { attribute: 'DC', value: 'net' }])).toEqual(typed);
  });
  it('is told wrong at the field it is wrong in', () => {
    const typed = { ...emptySubject, C: 'de', CN: 'x'.repeat(65) };
    const problems = problemsOf(createAuthority.takes, { subject: partsOf(typed), newPassphrase: 'long enough' });
    expect(subjectProblem(problems, 'subject', typed, 'C')).toBe('A country is two capital letters, such as DE.');
    expect(subjectProblem(problems, 'subject', typed, 'CN')).toBe('The common name has more than 64 characters.');
    expect(subjectProblem(problems, 'subject', typed, 'O')).toBeNull();
  });
  it('without a common name is told at that field', () => {
    const typed = { ...emptySubject, O: 'Example Net' };
    const problems = problemsOf(createAuthority.takes, { subject: partsOf(typed), newPassphrase: 'short' });
    expect(subjectProblem(problems, 'subject', typed, 'CN')).toBe('A common name is needed.');
    expect(problems.get('newPassphrase')).toBe('At least eight characters.');
  });
});

describe('names of a host', () => {
  const of = (names: readonly string[]): string | null => namesProblem(problemsOf(createHost.takes, { authority: 'ca', hosts: [{ names }] }), 'hosts.0.names', names);
  it.each([
    [[], 'At least one name is needed.'],
    [['atlas', '10.0.0.300'], /^10\.0\.0\.300: neither a DNS name nor an IP address/],
    [['atlas', 'ATLAS'], 'ATLAS: atlas is in the list twice.'],
    [['atlas', '10.0.0.3', 'fe80::1'], null],
  ] as const)('%j', (names, problem) => {
    if (problem instanceof RegExp) expect(of(names)).toMatch(problem);
    else expect(of(names)).toBe(problem);
  });
  it('are taken from whatever was pasted', () => {
    expect(namesIn(' atlas, atlas.example.net;10.0.0.3\n[fe80::1] ')).toEqual(['atlas', 'atlas.example.net', '10.0.0.3', 'fe80::1']);
  });
  it('are proposed once each, DNS names first', () => {
    expect(proposedNames(['10.0.0.3', 'Atlas', undefined, 'atlas', 'not a name', 'atlas.example.net', '10.0.0.3'])).toEqual(['atlas', 'atlas.example.net', '10.0.0.3']);
  });
  it('are found in what connecting saw', () => {
    expect(addressesIn('cumulus is 10.0.4.17, fe80::1')).toEqual(['10.0.4.17', 'fe80::1']);
  });
});

it('what main refused stands at its field', () => {
  expect(withRefusal(problemsOf(createAuthority.takes, {}), { code: 'key-unreadable', message: 'Wrong.', field: 'passphrase' }).get('passphrase')).toBe('Wrong.');
});

it.each([['825', 825], [' 30 ', 30], ['', null], ['1.5', null], ['-3', null], ['many', null]] as const)('%j days', (text, days) => {
  expect(daysOf(text)).toBe(days);
});

it.each([
  ['', {}], ['atlas', { name: 'atlas' }], ['atlas:16514', { name: 'atlas', port: 16_514 }], [':5000', { port: 5000 }], ['fe80::1', { name: 'fe80::1' }], ['[fe80::1]:5000', { name: 'fe80::1', port: 5000 }], ['10.0.0.3:1', { name: '10.0.0.3', port: 1 }],
  ['atlas:99999', null], ['atlas:0', null], ['not a name', null], ['[x', null], ['atlas:', null],
] as const)('%j is reached at %j', (text, reached) => {
  expect(reachedOf(text)).toEqual(reached);
});

describe('two dates', () => {
  const problemsWith = (from: string, until: string): string | undefined => problemsOf(createHost.takes, { authority: 'ca', hosts: [{ names: ['atlas'] }], validity: momentsOf({ from, until }) }).get('validity.notAfter');
  it('are the whole days, the first one from now on when it is left out', () => {
    const { notBefore = 0, notAfter } = momentsOf({ from: '2026-03-01', until: '2026-03-01' });
    expect([notAfter - notBefore, momentsOf({ from: '', until: '2026-03-01' })]).toEqual([86_399_000, { notAfter }]);
  });
  it.each([['2026-03-02', '2026-03-01'], ['', ''], ['2026-03-02', 'soon']])('%j to %j is told at the end', (from, until) => expect(problemsWith(from, until)).toBe('The end is before the start.'));
  it('in order are fine', () => expect(problemsWith('2026-03-01', '2026-03-02')).toBeUndefined());
});
