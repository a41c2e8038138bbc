import { describe, expect, it } from 'vitest';
import { healthChecks } from './health.ts';
import type { Authority, CertificateView, ClientShown, FilesHere, FilesThere, HealthFacts, HostShown } from './health-facts.ts';
import { judgeHealth } from './judge-health.ts';

const now = new Date('2026-06-01T12:00:00Z');
const view = (subject: string, more: Partial<CertificateView> = {}): CertificateView => ({
  subject: { text: subject }, issuer: { text: 'CN=Authority' }, names: [], isAuthority: false, keyUsage: null, extendedKeyUsage: null, key: { type: 'rsa', bits: 3072 }, signatureAlgorithm: '1.2.840.113549.1.1.11',
  notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z'), ...more,
});
const alone = { kept: null, anyPurpose: false };
const shown: HostShown = { ...alone, certificate: view('CN=host', { names: [{ kind: 'dns', name: 'host' }] }), isSigned: true, isNamed: true, verdict: null };
const client: ClientShown = { ...alone, certificate: view('O=A,CN=me'), isSigned: true, hasItsKey: true };
const authority: Authority = { ...alone, certificate: view('CN=Authority', { isAuthority: true }), isUsed: true };
const files: FilesHere = { authorityFile: '/pki/cacert.pem', problem: null, authorities: [authority], client, revocations: null, found: [{ path: '/pki/clientkey.pem', owner: 'me', isOwn: true, mode: 0o600, isKey: true }] };
const there: FilesThere = {
  daemon: 'libvirtd', found: [{ path: '/host/serverkey.pem', owner: 'root', isOwn: true, mode: 0o600, isKey: true }], missing: [], unread: [], keyMatches: true, isShown: true, authorityFile: '/host/cacert.pem', signsClient: true,
  revocations: null, settings: { path: '/etc/libvirt/libvirtd.conf', allowedNames: null, listenTls: true, port: 16_514, address: null, verifiesClients: true },
  units: [{ name: 'libvirtd-tls.socket', state: 'active', file: 'enabled' }],
};
const well: HealthFacts = {
  now, host: 'host', port: 16_514, unverified: false, reach: { isOpen: true, seen: 'open', remedies: [] }, handshake: { protocol: 'TLSv1.3', cipher: 'X' }, shown, files, accepts: null, welcome: 'welcomed', refused: null, there,
};
const wrong = (facts: Partial<HealthFacts>): readonly string[] => judgeHealth({ ...well, ...facts }).filter(({ state }) => state === 'fail' || state === 'warn').map(({ check, state }) => `${check} ${state}`);
const line = (facts: Partial<HealthFacts>, check: string) => judgeHealth({ ...well, ...facts }).find((one) => one.check === check);

describe('the health of a connection', () => {
  it('has every line in its order, and none that needs a shell where nobody has one', () => {
    expect(judgeHealth(well).map(({ check, state }) => `${check} ${state}`)).toEqual(healthChecks.map((check) => `${check} ok`));
    expect(judgeHealth({ ...well, there: null }).map(({ check }) => check)).toEqual(healthChecks.slice(0, healthChecks.indexOf('hostFiles')));
    expect(judgeHealth({ ...well, there: 'No login.' }).filter(({ state }) => state === 'unknown').map(({ check, seen }) => `${check} ${seen}`)).toEqual(healthChecks.slice(healthChecks.indexOf('hostFiles')).map((check) => `${check} No login.`));
  });

  it.each<readonly [string, Partial<HealthFacts>, readonly string[]]>([
    ['the key of the host is another one', { there: { ...there, keyMatches: false } }, ['hostFiles fail']],
    ['a file of the host is missing', { there: { ...there, missing: ['/host/servercert.pem'] } }, ['hostFiles fail']],
    ['the host has not read its new certificate yet', { there: { ...there, isShown: false } }, ['hostFiles warn']],
    ['others may write a file of the host', { there: { ...there, found: [{ path: '/host/cacert.pem', owner: 'root', isOwn: true, mode: 0o666, isKey: false }] } }, ['hostFiles warn']],
    ['a group of the host may read its key', { there: { ...there, found: [{ path: '/host/serverkey.pem', owner: 'root', isOwn: true, mode: 0o640, isKey: true }] } }, []],
    ['the group of a user may read the key here', { files: { ...files, found: [{ path: '/pki/clientkey.pem', owner: 'me', isOwn: true, mode: 0o640, isKey: true }] } }, ['files warn']],
    ['somebody else owns the key here', { files: { ...files, found: [{ path: '/pki/clientkey.pem', owner: 'user 7', isOwn: false, mode: 0o600, isKey: true }] } }, ['files warn']],
    ['the host asks nobody for a certificate', { there: { ...there, settings: { path: '/c', allowedNames: null, listenTls: true, port: 16_514, address: null, verifiesClients: false } } }, ['allowedNames warn']],
    ['OpenSSL follows no chain that ends below its root', { shown: { ...shown, verdict: 'UNABLE_TO_GET_ISSUER_CERT' } }, ['hostChain fail']],
    ['OpenSSL finds a path too long', { shown: { ...shown, verdict: 'PATH_LENGTH_EXCEEDED' } }, ['authorityPurpose fail']],
    ['OpenSSL refuses, and no_verify takes it all the same', { shown: { ...shown, verdict: 'UNABLE_TO_GET_ISSUER_CERT' }, unverified: true }, []],
    ['a connection as usual is refused for what nothing else shows', { refused: 'The host refused.' }, ['welcome fail']],
    ['the daemon is silent', { welcome: 'silent' }, ['welcome fail']],
    ['something else answers', { welcome: 'other' }, ['welcome fail']],
    ['an authority that signed nothing here is out of date', { files: { ...files, authorities: [authority, { ...alone, isUsed: false, certificate: view('CN=Old', { isAuthority: true, notAfter: new Date('2025-01-01T00:00:00Z') }) }] } }, ['authorityDates warn']],
    ['a revocation list ends soon', { files: { ...files, revocations: { path: '/pki/cacrl.pem', nextUpdate: new Date('2026-06-05T00:00:00Z'), isSigned: true, revokesHost: false, revokesClient: false, kept: 'a' } } }, ['revocations warn']],
    ['the host may be used for any purpose only', { shown: { ...shown, anyPurpose: true, certificate: view('CN=host', { extendedKeyUsage: { critical: false, uses: [] } }) } }, ['hostPurpose fail']],
    ['the client may be used for any purpose', { files: { ...files, client: { ...client, anyPurpose: true, certificate: view('CN=me', { extendedKeyUsage: { critical: true, uses: [] } }) } } }, []],
  ])('where %s', (_, facts, expected) => {
    expect(wrong(facts)).toEqual(expected);
  });

  it('where nothing listens says what would, and that all else was not reached', () => {
    const facts: Partial<HealthFacts> = { reach: { isOpen: false, seen: 'refused', remedies: [] }, handshake: null, shown: null, welcome: null, there: { ...there, units: [{ name: 'virtproxyd-tls.socket', state: 'inactive', file: 'disabled' }] } };
    expect(wrong(facts)).toEqual(['port fail', 'listening fail']);
    expect(line(facts, 'listening')).toMatchObject({ seen: 'virtproxyd-tls.socket is inactive and disabled.', remedies: [{ kind: 'startUnit', unit: 'virtproxyd-tls.socket' }] });
    expect(line(facts, 'hostDates')).toMatchObject({ state: 'unknown', because: 'port' });
    const itself: FilesThere = { ...there, units: [], settings: { path: '/c', allowedNames: null, listenTls: false, port: 1, address: '127.0.0.1', verifiesClients: true } };
    expect(line({ ...facts, there: itself }, 'listening')?.seen).toBe('There is no socket unit for TLS, and libvirtd does not listen by itself. /c says listen_tls = 0. /c names port 1, not 16514. /c names 127.0.0.1 to listen on.');
  });

  it('offers to renew what is kept here, and to make anew what is not', () => {
    const ended = view('CN=host', { notAfter: new Date('2026-05-01T00:00:00Z') });
    expect(line({ shown: { ...shown, certificate: ended, kept: 'id' } }, 'hostDates')?.remedies).toEqual([{ kind: 'renewKept', id: 'id' }]);
    expect(line({ shown: { ...shown, certificate: ended } }, 'hostDates')?.remedies).toEqual([{ kind: 'makeNew', what: 'host', names: ['host'] }]);
  });

  it('blames a refusal on the line that explains it best, even where that alone would only be a warning', () => {
    const logged = { ...client, certificate: view('CN=me', { extendedKeyUsage: { critical: false, uses: ['serverAuth'] } }) };
    expect(wrong({ files: { ...files, client: logged } })).toEqual(['clientPurpose warn']);
    expect(wrong({ files: { ...files, client: logged }, welcome: 'refused' })).toEqual(['clientPurpose fail']);
    expect(line({ files: { ...files, client: logged }, welcome: 'refused' }, 'welcome')).toMatchObject({ state: 'unknown', because: 'clientPurpose' });
    expect(wrong({ accepts: { names: ['CN=Other'], ours: false }, welcome: 'refused' })).toEqual(['clientIssuer fail']);
    expect(wrong({ welcome: 'refused', there: null })).toEqual(['welcome fail']);
  });
});
