// What the wizard proposes: which host, which names, which certificates it could take instead of making new ones.
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../app/contract/connections.ts';
import { certificateAnswers } from '../../stand-in/certificates.ts';
import { connections } from '../../stand-in/data.ts';
import { chosenOf, emptyDraft, firstHost, hostOfCertificate, namesOfHost, newOne, serverAsked, signers, trusted, usable } from './draft.ts';

const { certificates } = certificateAnswers(true, () => undefined).list({});
const atlas = connections.find(({ id }) => id === 'atlas');
if (atlas === undefined) throw new Error('the stand-in has no atlas');
const of = (part: Partial<Connection>): Connection => ({ ...atlas, ...part });

describe('the host it begins with', () => {
  it('is the one it was opened for', () => expect(firstHost('atlas', connections)).toBe('atlas'));
  it('is the same machine over SSH, when it was opened for its TLS connection', () => {
    expect(firstHost('tls', [...connections, of({ id: 'tls', transport: 'tls', uri: 'qemu+tls://atlas/system' })])).toBe('atlas');
  });
  it('is nobody’s guess otherwise', () => expect([firstHost('cumulus', connections), firstHost('gone', connections), firstHost('', [...connections, of({ id: 'second' })])]).toEqual(['', '', '']));
  it('is the only one there is', () => expect(firstHost('', connections)).toBe('atlas'));
});

it('proposes the names of the URI, of the host itself and of where it was found', () => {
  const ready = of({ state: { phase: 'ready', since: 0, stages: [{ stage: 'name', outcome: 'done', seen: '10.0.4.11', milliseconds: 1 }] } });
  expect(namesOfHost(ready, 'atlas.example.net')).toEqual(['atlas', 'atlas.example.net', '10.0.4.11']);
  expect(namesOfHost(of({ uri: 'qemu+ssh://10.0.4.11/system' }), 'atlas')).toEqual(['atlas', '10.0.4.11']);
});

describe('certificates that are there', () => {
  it('sign only with their key and while they last', () => {
    expect(signers(certificates).map(({ id }) => id)).toEqual(['ca']);
    expect(signers(certificates.map((one) => ({ ...one, key: 'none' as const })))).toEqual([]);
    expect(signers(certificates.map((one) => ({ ...one, expiry: { state: 'expired' as const, days: 1 } })))).toEqual([]);
  });
  it('are taken for a host whose name is in them, and for a client of the same authority', () => {
    expect(usable(certificates, 'host', 'ca', ['borealis']).map(({ id }) => id)).toEqual(['borealis']);
    expect(usable(certificates, 'host', 'other', ['borealis'])).toEqual([]);
    expect(usable(certificates, 'client', 'ca', []).map(({ id }) => id)).toEqual(['me']);
  });
  it('are proposed until another is chosen, and no more when they are gone', () => {
    const offered = usable(certificates, 'client', 'ca', []);
    expect([chosenOf(null, offered), chosenOf(newOne, offered), chosenOf('me', offered), chosenOf('me', [])]).toEqual(['me', newOne, 'me', newOne]);
    expect([chosenOf(newOne, offered, false), chosenOf(newOne, [], false)]).toEqual(['me', '']);
  });
  it('are taken when they were meant, whatever names they are for', () => {
    expect(usable(certificates, 'host', 'ca', ['atlas'], 'borealis').map(({ id }) => id)).toEqual(['borealis']);
  });
  it('of an authority elsewhere are of use where their own key is here', () => {
    const elsewhere = certificates.map((one) => (one.id === 'ca' ? { ...one, key: 'none' as const } : one));
    expect([trusted(certificates), trusted(elsewhere).map(({ id }) => id), trusted(elsewhere.map((one) => ({ ...one, key: 'none' as const })))]).toEqual([[], ['ca'], []]);
  });
  it('belong to the host they were installed on, or to the one that is called as they say', () => {
    const [borealis] = certificates.filter(({ id }) => id === 'borealis');
    if (borealis === undefined) throw new Error('the stand-in has no borealis');
    const gone = { ...borealis, installedOn: 'gone' };
    expect([hostOfCertificate(borealis, connections), hostOfCertificate(gone, connections), hostOfCertificate({ ...gone, names: ['10.9.9.9', 'atlas'] }, connections)]).toEqual(['borealis', '', 'atlas']);
  });
});

it('asks for what was typed, and for what is proposed where nothing was', () => {
  const draft = emptyDraft('atlas');
  const proposed = { names: ['atlas'], organization: 'Example Net CA' };
  expect(serverAsked(draft, 'ca', proposed).hosts).toEqual([{ names: ['atlas'], subject: [{ attribute: 'O', value: 'Example Net CA' }], host: 'atlas' }]);
  const typed = { ...draft, server: { ...draft.server, names: ['10.0.0.1'], organization: '' } };
  expect(serverAsked(typed, 'ca', proposed).hosts).toEqual([{ names: ['10.0.0.1'], subject: [], host: 'atlas' }]);
});
