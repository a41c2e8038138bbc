// All certificates that are known, gathered from what is kept, from files, and from hosts; and what the section refuses.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateSummary } from '../../app/contract/certificates.ts';
import type { Connection } from '../../app/contract/connections.ts';
import { health } from '../../app/contract/health.ts';
import { labelOfMend, effectOfMend, healthRemedy, type HealthRemedy, isMendable, commandOfMend } from '../../app/pki/health-remedy.ts';
import { readCertificate } from '../pki/read-certificate.ts';
import { makeAuthority, type TestAuthority } from '../transport/certificates.test-peer.ts';
import { refusalOf, stagehand } from '../transport/stagehand.test-peer.ts';
import { healthServices } from './health.ts';

const caller = { id: 'test', gone: new AbortController().signal };
const soon = (days: number): string => `${new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`;
let home: string;
let authority: TestAuthority;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gd-known-'));
  authority = makeAuthority(join(home, 'authority'), 'Authority');
  authority.sign('client', { common: 'me', to: soon(5.5) });
  authority.sign('host', { common: 'localhost', names: 'DNS:localhost', to: soon(300) });
  authority.sign('gone', { common: 'gone', from: '20200101000000Z', to: '20210101000000Z' });
  mkdirSync(join(home, '.pki/libvirt'), { recursive: true });
  for (const [from, to] of [['cacert', 'cacert'], ['clientcert', 'clientcert']]) writeFileSync(join(home, `.pki/libvirt/${to}.pem`), readFileSync(join(authority.folder, `${from}.pem`)));
  mkdirSync(join(home, 'own'));
  writeFileSync(join(home, 'own/cacert.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
});
afterAll(() => rmSync(home, { recursive: true }));

const kept = (name: string, more: Partial<CertificateSummary> = {}): CertificateSummary => {
  const facts = readCertificate(readFileSync(join(authority.folder, `${name}cert.pem`)));
  return {
    id: `kept-${name}`, kind: 'client', label: name, subject: facts.subject.text, subjectParts: [], names: [], key: 'plain', keyType: 'ec', keyBits: 256, issuer: facts.issuer.text, authority: null,
    serial: facts.serial, notBefore: facts.notBefore.getTime(), notAfter: facts.notAfter.getTime(), expiry: { state: 'expired', days: 9 }, fingerprint: facts.fingerprint, pathLength: null, clientAuth: false,
    revokedAt: null, replacedBy: null, installedOn: null, alsoTrusts: [], crl: null, ...more,
  };
};
const saved = (id: string, uri: string, state: Connection['state']): Connection => ({
  id, name: id, uri, transport: uri.includes('+tls') ? 'tls' : 'ssh', group: '', color: null, tags: [], readOnly: false, autoConnect: false, allowPlain: false, warnings: [], state,
});
const sectionOf = (certificates: CertificateSummary[], connections: Connection[]) => healthServices({
  home, isRoot: false, openTransport: async () => await Promise.reject(new Error('nothing is opened')),
  certificates: { list: async () => ({ certificates, requests: [], damaged: [] }) }, connections: { list: async () => connections },
  uriOf: (id) => connections.find((one) => one.id === id)?.uri ?? '', surroundings: () => stagehand({ home }).surroundings, shell: () => undefined,
});

describe('all certificates that are known', () => {
  it('are found in what is kept, in files and at connected hosts, each once with all its places', async () => {
    const [cert, key] = ['hostcert', 'hostkey'].map((name) => readFileSync(join(authority.folder, `${name}.pem`)));
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    let asked = 0;
    server.on('connection', () => asked++);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const uri = `qemu+tls://localhost:${port}/system?pkipath=${join(home, 'own')}`;
    const connections = [saved('on', uri, { phase: 'ready', since: 1 }), saved('off', `${uri}2`, { phase: 'off' })];
    const { services, close } = sectionOf([kept('client'), kept('gone')], connections);
    const { certificates, failures } = await services.overview({}, caller);
    expect(health.asks.overview.gives.parse({ certificates, failures }).certificates.map(({ label, kind, warning, places }) => ({ label, kind, warning, places }))).toEqual([
      { label: 'gone', kind: 'client', warning: 0, places: [{ at: 'kept', id: 'kept-gone' }] },
      { label: 'client', kind: 'client', warning: 0, places: [{ at: 'kept', id: 'kept-client' }, { at: 'file', path: join(home, '.pki/libvirt/clientcert.pem') }] },
      { label: 'Authority', kind: 'authority', warning: 30, places: [{ at: 'file', path: join(home, '.pki/libvirt/cacert.pem') }] },
      { label: 'localhost', kind: 'host', warning: null, places: [{ at: 'host', host: 'on' }] },
    ]);
    expect(failures).toEqual([{ place: join(home, 'own/cacert.pem'), message: expect.stringContaining('cannot be understood') }]);
    // Asked again, the host is not: it shows the same as long as it is connected.
    expect((await services.warnings({}, caller)).map(({ label }) => label)).toEqual(['gone', 'client', 'Authority']);
    expect(asked).toBe(1);
    close();
    server.close();
    await once(server, 'close');
  });

  it('that were replaced or revoked are warned of only where they are still in use', async () => {
    const replaced = { replacedBy: 'other' };
    const { services, close } = sectionOf([kept('client', replaced), kept('gone', { revokedAt: 1 })], []);
    expect((await services.warnings({}, caller)).map(({ label, warning }) => [label, warning])).toEqual([['client', 7], ['Authority', 30]]);
    close();
  });
});

describe('a look', () => {
  it('is refused where there is nothing to look at', async () => {
    const { services, close } = sectionOf([], [saved('demo', 'demo:///', { phase: 'off' })]);
    expect(await refusalOf(services.check({}, caller))).toMatchObject({ code: 'bad-input', field: 'host' });
    expect(await refusalOf(services.check({ host: 'demo', uri: 'qemu+tls://a/system' }, caller))).toMatchObject({ code: 'bad-input', field: 'uri' });
    expect(await refusalOf(services.check({ uri: 'demo:///' }, caller))).toMatchObject({ code: 'bad-input', field: 'host' });
    expect(await refusalOf(services.check({ uri: 'nonsense' }, caller))).toMatchObject({ code: 'bad-uri' });
    close();
  });
});

describe('every remedy', () => {
  const all: readonly HealthRemedy[] = [
    { kind: 'restrictFile', where: 'host', path: "/etc/it's/key.pem", mode: '0600' }, { kind: 'renewKept', id: 'a' }, { kind: 'renewRevocations', id: 'a' }, { kind: 'makeNew', what: 'host', names: ['a.example'] },
    { kind: 'reinstall', where: 'here' }, { kind: 'trustAuthority', where: 'here', authority: 'CN=A', path: '/a' }, { kind: 'allowName', name: 'CN=me' }, { kind: 'connectBy', names: ['a'] }, { kind: 'correctClock' },
    { kind: 'startUnit', unit: 'libvirtd-tls.socket' }, { kind: 'openPort', port: 16_514 }, { kind: 'showCommand', label: 'How', command: 'true', where: 'here' },
  ];
  it.each(all)('$kind has a name, an effect, and a command only where one is run or shown', (remedy) => {
    expect(healthRemedy.parse(remedy)).toEqual(remedy);
    expect(labelOfMend(remedy)).toMatch(/^[A-Z]./);
    expect(effectOfMend(remedy)).toMatch(/\.$/);
    expect([isMendable(remedy), commandOfMend(remedy)]).toEqual(({
      restrictFile: [true, { command: String.raw`chmod 0600 '/etc/it'\''s/key.pem'`, asRoot: true }],
      startUnit: [true, { command: 'systemctl start libvirtd-tls.socket', asRoot: true }],
      showCommand: [false, { command: 'true', asRoot: false }],
    } as Readonly<Record<string, unknown>>)[remedy.kind] ?? [false, null]);
  });
});
