// The choice of a mechanism: the strongest allowed, what is insisted on, and the words when there is none.
import { describe, expect, it } from 'vitest';
import { Refused } from '../../../app/contract/refusal.ts';
import { chooseMechanism, type Way } from './choose.ts';

const way = (secrecy: Way['secrecy']): Way => ({ host: 'host', secrecy });
const all = ['GSSAPI', 'PLAIN', 'DIGEST-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'ANONYMOUS'];
const refusalOf = (choose: () => unknown): unknown => {
  try {
    return choose();
  } catch (error) {
    return error instanceof Refused ? error.refusal : error;
  }
};

describe('of what is offered', () => {
  it.each([
    ['private', all, 'SCRAM-SHA-512'],
    ['private', [...all, 'EXTERNAL'], 'EXTERNAL'],
    ['private', ['PLAIN', 'SCRAM-SHA-1', 'DIGEST-MD5'], 'SCRAM-SHA-1'],
    ['private', ['PLAIN', 'DIGEST-MD5'], 'DIGEST-MD5'],
    ['private', ['GSSAPI', 'PLAIN'], 'PLAIN'],
    ['private', ['plain'], 'PLAIN'],
    ['unverified', all, 'SCRAM-SHA-512'],
    ['unverified', ['PLAIN', 'DIGEST-MD5'], 'DIGEST-MD5'],
    ['open', [...all, 'EXTERNAL'], 'DIGEST-MD5'],
  ] as const)('on a way that is %s, %j, the strongest allowed is taken: %s', (secrecy, offered, expected) => {
    const choice = chooseMechanism(offered, way(secrecy));
    expect([choice.name, choice.needsPassword, choice.make({ user: 'u', password: 'p' }).name]).toEqual([expected, expected !== 'EXTERNAL', expected]);
  });

  it('what the URI insists on is taken, although there is better', () => expect(chooseMechanism(all, way('private'), 'Plain').name).toBe('PLAIN'));
});

describe('there is a clear word', () => {
  it.each([
    ['private', ['GSSAPI'], undefined, 'The daemon offers only GSSAPI: Kerberos, which Guestdeck does not speak.'],
    ['open', ['PLAIN', 'SCRAM-SHA-256'], undefined, 'The daemon offers PLAIN, SCRAM-SHA-256, of which PLAIN is not used over plain TCP, where everyone on the way could take part.'],
    ['unverified', ['PLAIN'], undefined, 'The daemon offers PLAIN, of which PLAIN is not used while the host’s certificate goes unverified, since an impostor would get the password.'],
    ['private', ['ANONYMOUS'], undefined, 'The daemon offers ANONYMOUS, none of which is known here.'],
    ['private', [''], undefined, 'The daemon offers no SASL mechanism.'],
    ['private', ['<b>$(reboot)</b>'], undefined, 'The daemon offers no SASL mechanism.'],
    ['private', all, 'gssapi', 'The URI insists on GSSAPI, which is Kerberos, which Guestdeck does not speak.'],
    ['private', all, 'otp', 'The URI insists on a SASL mechanism that Guestdeck does not know.'],
    ['private', ['PLAIN'], 'scram-sha-1', 'The URI insists on SCRAM-SHA-1, but the daemon offers PLAIN.'],
    ['open', all, 'plain', 'The URI insists on PLAIN, which is not used over plain TCP, where everyone on the way could take part.'],
  ] as const)('on a way that is %s, offered %j, insisting on %s: %s', (secrecy, offered, insist, message) => {
    expect(refusalOf(() => chooseMechanism(offered, way(secrecy), insist))).toEqual({ code: 'auth-unsupported', stage: 'sasl', message, remedy: expect.stringMatching(/./) });
  });
});
