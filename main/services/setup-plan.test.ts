// Plans of what is set up, from hosts as they are found: old and new daemons, other places by configuration, what is there already.
import { beforeAll, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import type { SetupWish } from '../../app/contract/setup.ts';
import { type FileFacts, readSetup, type SetupFacts } from '../host/setup-facts.ts';
import { createAuthority, createClientCertificate, createHostCertificate } from '../pki/certificates.ts';
import { daemonOf, type Material, withListen } from './setup-places.ts';
import { pathsOf, planOf, type Planned } from './setup-plan.ts';

let material: Material;
beforeAll(async () => {
  const authority = await createAuthority({ subject: [{ attribute: 'CN', value: 'Plans' }], keyBits: 2048 });
  const { certificatePem, keyPem } = await createHostCertificate(authority, { subject: [{ attribute: 'CN', value: 'node.example' }], names: [{ kind: 'dns', name: 'node.example' }], keyBits: 2048 });
  material = { authority: authority.certificatePem, certificate: certificatePem, key: keyPem, revocations: null };
}, 30_000);

const text = (path: string, content: string): string => `text=${path} ${Buffer.from(content).toString('base64')}\n`;
const unit = (name: string, state: string, file = 'disabled'): string => `Id=${name}\nLoadState=loaded\nActiveState=${state}\nUnitFileState=${file}\n`;
const monolithic = ['user=root', 'home=/root', 'rights=root', 'name=node', 'qemu=kvm', 'listen=libvirtd-tls.socket [::]:16514 (Stream)', ''].join('\n')
  + unit('libvirtd.service', 'active', 'enabled') + unit('libvirtd.socket', 'active', 'enabled') + unit('libvirtd-tls.socket', 'inactive');
const modular = ['user=root', 'home=/root', 'rights=root', 'qemu=qemu', 'listen=virtproxyd-tls.socket 0.0.0.0:17000 (Stream)', 'firewall=firewalld', ''].join('\n')
  + unit('libvirtd.service', 'inactive') + unit('virtproxyd.service', 'inactive') + unit('virtproxyd.socket', 'active', 'enabled') + unit('virtproxyd-tls.socket', 'inactive') + unit('virtqemud.service', 'active') + unit('virtqemud.socket', 'active', 'enabled');
/** libvirt before 5.6: no sockets of systemd's. */
const old = ['user=root', 'home=/root', 'rights=root', 'environment=LIBVIRTD_ARGS /etc/sysconfig/libvirtd', ''].join('\n')
  + unit('libvirtd.service', 'active', 'enabled') + text('/etc/sysconfig/libvirtd', '# args\n#LIBVIRTD_ARGS="--listen"\n') + text('/etc/libvirt/libvirtd.conf', 'listen_tls = 0 # off\ntls_port = "16515"\n');

const there = (content: string, mode = '644', owner = 'root'): FileFacts => ({ real: '', owner, group: 'root', mode, isFolder: false, sum: createHash('sha256').update(content).digest('hex') });
const planned = (facts: SetupFacts, wish: SetupWish, files: Readonly<Record<string, FileFacts>> = {}, certificate: Material | null = material): Planned =>
  planOf(wish, { facts, files: new Map(Object.entries(files).map(([path, file]) => [path, { ...file, real: file.real || path }])), material: certificate, reachedAs: 'node.example', ownFolder: '/data/pki/x', stamp: '20260102T030405Z' });
const wish = (more: Partial<Extract<SetupWish, { kind: 'host' }>> = {}): SetupWish => ({ kind: 'host', certificate: 'c', uses: ['daemon'], ...more });
const written = ({ plan: { steps } }: Planned): readonly string[] => steps.flatMap((step) => (step.kind === 'file' ? [`${step.path} ${step.owner} ${step.mode}`] : []));
const unitsOf = ({ steps }: Planned) => steps.filter(({ kind }) => kind === 'units');

describe('the daemon of a host', () => {
  it('is found whether there is one for all drivers or one for each, and by whom it listens', () => {
    expect(daemonOf(readSetup(monolithic))).toMatchObject({ kind: 'monolithic', name: 'libvirtd', listens: 'socket', port: 16_514, sockets: ['libvirtd.socket', 'libvirtd-tls.socket'] });
    expect(daemonOf(readSetup(modular))).toMatchObject({ kind: 'modular', name: 'virtproxyd', listens: 'socket', port: 17_000, settingsPath: '/etc/libvirt/virtproxyd.conf' });
    expect(daemonOf(readSetup(old))).toMatchObject({ kind: 'monolithic', listens: 'itself', port: 16_515 });
    expect(daemonOf(readSetup(''))).toMatchObject({ kind: 'none' });
    expect(daemonOf(readSetup(`${monolithic}port=4082\n`))).toMatchObject({ isListening: true });
  });
});

describe('a plan', () => {
  it('has systemd listen where it can, and names what is restarted', () => {
    const plan = planned(readSetup(modular), wish());
    expect(unitsOf(plan)).toEqual([{ kind: 'units', service: 'virtproxyd.service', sockets: ['virtproxyd.socket', 'virtproxyd-tls.socket'], enable: 'virtproxyd-tls.socket' }]);
    expect(plan.verify).toEqual({ name: 'node.example', port: 17_000 });
    expect(plan.plan.hints).toEqual([{ label: 'Open port 17000 in firewalld', command: 'sudo firewall-cmd --permanent --add-port=17000/tcp && sudo firewall-cmd --reload' }]);
  });

  it('has an old daemon listen by itself: its arguments and settings, and one restart', () => {
    const plan = planned(readSetup(old), wish());
    const edits = plan.plan.steps.flatMap((step) => (step.kind === 'file' && step.content === 'settings' ? [[step.path, step.difference?.filter(({ kind }) => kind !== 'same').map(({ line }) => line)]] : []));
    expect(edits).toEqual([['/etc/libvirt/libvirtd.conf', ['listen_tls = 0 # off', 'listen_tls = 1 # off']], ['/etc/sysconfig/libvirtd', ['LIBVIRTD_ARGS="--listen"']]]);
    expect(unitsOf(plan)).toMatchObject([{ service: 'libvirtd.service', enable: null }]);
  });

  it('goes by the places that the host’s configuration names, and through links', () => {
    const facts = readSetup(monolithic + text('/etc/libvirt/libvirtd.conf', 'key_file = "/srv/tls/key.pem"\n') + text('/etc/libvirt/qemu.conf', 'vnc_tls_x509_cert_dir = "/srv/vnc"\n'));
    const plan = planned(facts, wish({ uses: ['daemon', 'vnc', 'spice'] }), { '/etc/pki/CA/cacert.pem': { ...there('old'), real: '/srv/ca.pem' } });
    expect(written(plan)).toEqual([
      '/srv/ca.pem root:root 0644', '/etc/pki/libvirt/servercert.pem root:root 0644', '/srv/tls/key.pem root:root 0600',
      '/srv/vnc/ca-cert.pem root:root 0644', '/srv/vnc/server-cert.pem root:root 0644', '/srv/vnc/server-key.pem root:kvm 0640',
      '/etc/pki/libvirt-spice/ca-cert.pem root:root 0644', '/etc/pki/libvirt-spice/server-cert.pem root:root 0644', '/etc/pki/libvirt-spice/server-key.pem root:kvm 0640', '/etc/libvirt/qemu.conf root:root 0644',
    ]);
    expect(plan.plan.steps.find((step) => step.kind === 'file')).toMatchObject({ backup: '/srv/ca.pem.20260102T030405Z.old', title: expect.stringMatching(/^Replace /) });
    expect(pathsOf(facts, wish(), '')).toEqual(expect.arrayContaining(['/srv/tls/key.pem', '/srv/tls', '/srv', '/etc/pki/CA/cacert.pem']));
  });

  it('writes nothing that is there already, with the same owner and mode; a wider key is written anew', () => {
    const running = readSetup(monolithic.replace('libvirtd-tls.socket\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled', 'libvirtd-tls.socket\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled'));
    const files = { '/etc/pki/CA/cacert.pem': there(material.authority), '/etc/pki/libvirt/servercert.pem': there(material.certificate), '/etc/pki/libvirt/private/serverkey.pem': there(material.key ?? '', '600') };
    expect(planned(running, wish(), files).plan.steps.map(({ kind }) => kind)).toEqual(['verify']);
    const wider = planned(running, wish(), { ...files, '/etc/pki/libvirt/private/serverkey.pem': there(material.key ?? '', '644'), '/etc/pki/libvirt/private': there('', '755') });
    expect(written(wider)).toEqual(['/etc/pki/libvirt/private/serverkey.pem root:root 0600']);
    expect(unitsOf(wider)).toMatchObject([{ enable: null }]);
  });

  it('holds no key, and changes its basis with the host', () => {
    const [one, same, other] = [{}, {}, { '/etc': there('') }].map((files) => planned(readSetup(monolithic), wish(), files).plan);
    expect(JSON.stringify(one)).not.toContain('PRIVATE');
    expect([one?.basis === same?.basis, one?.basis === other?.basis]).toEqual([true, false]);
  });

  it('is refused for a key of another certificate, one that is not here, and a host without libvirt', async () => {
    const authority = await createAuthority({ subject: [{ attribute: 'CN', value: 'Other' }], keyBits: 2048 });
    const client = await createClientCertificate(authority, { subject: [{ attribute: 'CN', value: 'other' }], keyBits: 2048 });
    const invalid = (message: string): unknown => expect.objectContaining({ refusal: expect.objectContaining({ code: 'plan-invalid', message: expect.stringContaining(message) }) });
    const facts = readSetup(monolithic);
    expect(() => planned(facts, wish(), {}, { ...material, key: client.keyPem })).toThrow(invalid('does not belong'));
    expect(() => planned(facts, wish(), {}, { ...material, key: null })).toThrow(invalid('is not here'));
    expect(() => planned(facts, wish(), {}, { ...material, certificate: 'junk' })).toThrow(invalid('cannot be read'));
    expect(() => planned(facts, wish(), {}, { ...material, authority: material.certificate })).toThrow(invalid('not one of an authority'));
    expect(() => planned(facts, wish({ keyOnHost: true }), {}, { ...material, key: null })).toThrow(invalid('No key waits'));
    expect(() => planned(readSetup('user=root\n'), wish())).toThrow(invalid('no libvirt daemon'));
    expect(() => planned(readSetup(monolithic + text('/etc/libvirt/libvirtd.conf', 'a = \n')), wish())).toThrow(invalid('line 1'));
  });

  it('of a client is for its user alone without root, and has no host to connect to', () => {
    const plan = planned(readSetup(monolithic), { kind: 'client', certificate: 'c', place: 'user' });
    expect([plan.asRoot, plan.verify, written(plan)]).toEqual([false, null, ['/root/.pki/libvirt/cacert.pem root 0644', '/root/.pki/libvirt/clientcert.pem root 0644', '/root/.pki/libvirt/clientkey.pem root 0600']]);
    expect(planned(readSetup(monolithic), { kind: 'client', certificate: 'c', place: 'app' }).plan.pkipath).toBe('/data/pki/x');
  });

  it('of settings that are so already is refused', () => {
    const facts = readSetup(monolithic + text('/etc/libvirt/libvirtd.conf', 'max_clients = 7\n'));
    expect(() => planned(facts, { kind: 'settings', changes: [{ name: 'max_clients', value: 7 }] }, {}, null)).toThrow('The settings are like this already.');
    expect(planned(facts, { kind: 'settings', changes: [{ name: 'tls_allowed_dn_list', value: [] }] }, {}, null).plan.warnings).toEqual(['An empty tls_allowed_dn_list lets nobody in over TLS.']);
  });
});

describe('the arguments of an old daemon', () => {
  it.each([
    ['', 'ARGS="--listen"\n'], ['#ARGS="--listen"', '#ARGS="--listen"\nARGS="--listen"\n'], ['ARGS="-v --timeout 120"\nOTHER=1\n', 'ARGS="--listen -v"\nOTHER=1\n'], ["ARGS='-v'", 'ARGS="--listen -v"'],
    ['ARGS="-v --listen"\n', null], ['ARGS=-l\n', null],
  ])('of %j become %j', (before, after) => expect(withListen(before, 'ARGS')).toBe(after));
});
