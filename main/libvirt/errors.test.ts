// libvirt's errors become refusals by their numbers; text decides nothing but "unknown procedure".
import { describe, expect, it } from 'vitest';
import { errorCode } from './constants.ts';
import { isUnsupported, libvirtError } from './errors.ts';
import { errorOf } from './scripted.test-peer.ts';

describe('an error of libvirt', () => {
  it.each([
    [errorCode.noDomain, 'unknown-guest'],
    [errorCode.operationDenied, 'read-only'],
    [errorCode.authFailed, 'auth-failed'],
    [errorCode.authCancelled, 'auth-failed'],
    [errorCode.authUnavailable, 'auth-failed'],
    [errorCode.operationInvalid, 'libvirt'],
    [9_999, 'libvirt'],
  ])('%i is refused as %s, in the server’s own words', (code, refused) => {
    const { refusal } = libvirtError(errorOf(code, 'Domäne nicht gefunden'), 'domainGetXmlDesc');
    expect(refusal).toMatchObject({ code: refused, message: 'Domäne nicht gefunden', libvirt: { code, domain: 10 } });
  });

  it('without a message says what failed', () => {
    expect(libvirtError(errorOf(38, null), 'domainCreate').message).toBe('domainCreate failed with libvirt\'s error 38.');
  });

  it('about an unknown procedure is "not supported", and only that text is read', () => {
    const old = libvirtError(errorOf(39, 'unknown procedure: 456', { domain: 7 }), 'domainAnnounceInterface');
    expect([old.error.code, old.refusal.libvirt, isUnsupported(old)]).toEqual([3, { code: 3, domain: 13 }, true]);
    expect(old.message).toBe('This host\'s libvirt is too old for domainAnnounceInterface.');
    const other = [libvirtError(errorOf(39, 'authentication required'), 'x'), libvirtError(errorOf(1, 'unknown procedure: 1'), 'x'), libvirtError(errorOf(39, null), 'x')];
    expect(other.map((error) => [error.error.code, isUnsupported(error)])).toEqual([[39, false], [1, false], [39, false]]);
  });

  it('says by 3, 67, 74 and 84 that something is not there, by nothing else', () => {
    const codes = Object.values(errorCode).filter((code) => isUnsupported(libvirtError(errorOf(code, 'x'), 'x')));
    expect(codes.sort((left, right) => left - right)).toEqual([3, 67, 74, 84]);
    expect(isUnsupported(new Error('no support'))).toBe(false);
  });
});
