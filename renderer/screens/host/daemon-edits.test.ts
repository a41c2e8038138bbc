// Editing a daemon's settings: what counts as a change, what is asked of main with it, and what is told at a field.
import { describe, expect, it } from 'vitest';
import { daemonSettingNames } from '../../../app/daemon/daemon-settings.ts';
import { connections } from '../../stand-in/data.ts';
import { standInDaemons } from '../../stand-in/daemon.ts';
import { changesOf, countOf, findingsOf, loginFor, noEdits, settingGroups, type ShownSetting, valueNow, withEdit } from './daemon-edits.ts';

const { settings } = standInDaemons().settings({ host: 'atlas' });
const setting = (name: ShownSetting['name']): ShownSetting => {
  const found = settings.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the stand-in has no ${name}`);
  return found;
};

it('every setting stands in one group', () => {
  expect(settingGroups.flatMap(({ names }) => [...names]).toSorted()).toEqual(daemonSettingNames.toSorted());
});

describe('an edit', () => {
  it('that is taken back by hand is none', () => {
    const edited = withEdit(noEdits, setting('max_clients'), 20);
    expect([changesOf(edited), valueNow(setting('max_clients'), edited)]).toEqual([[{ name: 'max_clients', value: 20 }], 20]);
    expect(changesOf(withEdit(edited, setting('max_clients'), 800))).toEqual([]);
  });
  it('of null takes the setting out of the file', () => {
    const edited = withEdit(noEdits, setting('max_clients'), null);
    expect([changesOf(edited), valueNow(setting('max_clients'), edited)]).toEqual([[{ name: 'max_clients', value: null }], null]);
  });
  it('of a list is one when a name was added, and an empty list is not the same as none', () => {
    const some = withEdit(noEdits, setting('tls_allowed_dn_list'), ['CN=*']);
    expect(changesOf(some)).toEqual([{ name: 'tls_allowed_dn_list', value: ['CN=*'] }]);
    expect(changesOf(withEdit(some, setting('tls_allowed_dn_list'), []))).toEqual([{ name: 'tls_allowed_dn_list', value: [] }]);
    expect(changesOf(withEdit(some, setting('tls_allowed_dn_list'), null))).toEqual([]);
  });
});

it('is told wrong, or dangerous, at the setting it is about', () => {
  const wrong = withEdit(withEdit(noEdits, setting('min_workers'), 21), setting('max_clients'), countOf('many'));
  expect(findingsOf(settings, wrong).problems).toEqual(new Map([['max_clients', 'max_clients is a whole number from 1 to 100000, not many.'], ['min_workers', 'min_workers (21) is greater than max_workers (20).']]));
  const shut = findingsOf(settings, withEdit(noEdits, setting('tls_allowed_dn_list'), []));
  expect([shut.problems.size, shut.warnings.get('tls_allowed_dn_list')]).toEqual([0, 'An empty tls_allowed_dn_list lets nobody in over TLS.']);
});

it.each([['', null], ['  ', null], [' 20 ', 20], ['0', 0], ['-1', '-1'], ['many', 'many'], ['1.5', '1.5']] as const)('%j typed is %j', (text, value) => expect(countOf(text)).toBe(value));

it('is read over SSH or on this computer, for a TLS connection over SSH to the same machine', () => {
  const of = (id: string) => connections.find((one) => one.id === id) ?? connections[0];
  const [atlas, local, cumulus, borealis] = ['atlas', 'local', 'cumulus', 'borealis'].map(of);
  if (atlas === undefined || local === undefined || cumulus === undefined || borealis === undefined) throw new Error('the stand-in lacks a host');
  expect([atlas, local, cumulus].map((one) => loginFor(one, connections))).toEqual(['atlas', 'local', null]);
  expect(loginFor(borealis, [...connections, { ...atlas, id: 'by-ssh', uri: 'qemu+ssh://root@borealis/system' }])).toBe('by-ssh');
});
