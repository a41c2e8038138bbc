// The health of certificates against a real libvirtd and certificates that openssl and certtool made: one thing wrong, one line that says so.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { makeAuthority, type TestAuthority, type TestCertificate } from '../transport/certificates.test-peer.ts';
import { openTransport } from '../transport/open-transport.ts';
import { stagehand } from '../transport/stagehand.test-peer.ts';
import type { HealthReport } from '../../app/contract/health.ts';
import { healthChecks } from '../../app/pki/health.ts';
import { healthServices } from './health.ts';

const name = 'certhealth';
const names = 'DNS:localhost,IP:127.0.0.1';
const caller = { id: 'test', gone: new AbortController().signal };
/** So many days from now, as openssl writes a moment. */
const soon = (days: number): string => `${new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`;
const longAgo = { from: '20200101000000Z', to: '20210101000000Z' };
const farOff = { from: '20900101000000Z', to: '20910101000000Z' };
const usual = { common: 'localhost', names, usage: 'serverAuth' };
const own = { common: 'lab client', usage: 'clientAuth' };

let daemon: LabDaemon;
let folder: string;
let ours: TestAuthority;
let theirs: TestAuthority;
const { services, close } = healthServices({
  home: '/nonexistent', isRoot: true, openTransport,
  certificates: { list: async () => ({ certificates: [], requests: [], damaged: [] }) },
  connections: { list: async () => [] },
  uriOf: () => daemon.ssh.uri,
  surroundings: () => stagehand({ home: folder, env: { PATH: process.env['PATH'] }, isRoot: true, stageLimit: 5_000 }).surroundings,
  shell: () => undefined,
});

/** A folder with cacert.pem, NAMEcert.pem and NAMEkey.pem. */
type Made = Pick<TestAuthority, 'folder'>;

/** What the daemon reads: its certificate with the key, whom it trusts, and more lines of its configuration. */
interface Serving {
  readonly certificate?: readonly [signer: Made, name: string];
  readonly authority?: Made;
  readonly revocations?: string;
  readonly lines?: readonly string[];
}
let base: string;

/** Has the daemon begin again with other files. */
async function serve({ certificate: [signer, file] = [ours, 'host'], authority = ours, revocations, lines = [] }: Serving): Promise<void> {
  const pki = join(daemon.dir, 'pki/host');
  copyFileSync(join(authority.folder, 'cacert.pem'), join(pki, 'cacert.pem'));
  for (const [from, to] of [['cert', 'servercert'], ['key', 'serverkey']] as const) copyFileSync(join(signer.folder, `${file}${from}.pem`), join(pki, `${to}.pem`));
  const configuration = [base, ...(revocations === undefined ? [] : [`crl_file = "${revocations}"`]), ...lines, ''].join('\n');
  for (const path of [join(daemon.dir, 'libvirtd.conf'), join(daemon.dir, 'root/etc/libvirt/libvirtd.conf')]) writeFileSync(path, configuration);
  daemon = await restartLibvirtd(daemon);
}

/** A folder for pkipath=: the authority's certificate, and a certificate with its key, where there is one. */
function clientFolder(made: string, { authority = join(ours.folder, 'cacert.pem'), client = [ours, 'client'], revocations }: { readonly authority?: string; readonly client?: readonly [Made, string] | null; readonly revocations?: string } = {}): string {
  const path = join(folder, made);
  mkdirSync(path);
  copyFileSync(authority, join(path, 'cacert.pem'));
  if (revocations !== undefined) copyFileSync(revocations, join(path, 'cacrl.pem'));
  if (client !== null) for (const kind of ['cert', 'key']) copyFileSync(join(client[0].folder, `${client[1]}${kind}.pem`), join(path, `client${kind}.pem`));
  return path;
}

const uriOf = (pki: string, host = 'localhost'): string => `qemu+tls://${host}:${daemon.tls.port}/system?pkipath=${pki}`;
const check = async (pki: string, { host, over }: { readonly host?: string; readonly over?: string } = {}): Promise<HealthReport> => await services.check({ uri: uriOf(pki, host), over }, caller);
/** All lines that are not well, with their state, those that only follow from another left out. */
const wrong = ({ lines }: HealthReport): readonly string[] => lines.filter(({ state }) => state === 'fail' || state === 'warn').map(({ check: line, state }) => `${line} ${state}`);
const seen = ({ lines }: HealthReport, wanted: string): string => lines.find(({ check: line }) => line === wanted)?.seen ?? '';
const virsh = (pki: string): boolean => {
  try {
    execFileSync('virsh', ['-c', uriOf(pki), 'version'], { stdio: 'pipe', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
};

/** As https://libvirt.org/kbase/tlscerts.html has it done, template by template. */
function certtoolFiles(made: string): Made {
  mkdirSync(made);
  const at = (file: string): string => join(made, file);
  const certtool = (...words: readonly string[]): void => void execFileSync('certtool', words, { stdio: 'pipe' });
  const key = (file: string): void => certtool('--generate-privkey', '--bits', '2048', '--outfile', at(`${file}key.pem`));
  for (const file of ['ca', 'host', 'client']) key(file);
  writeFileSync(at('ca.info'), 'cn = Libvirt Project\nca\ncert_signing_key\nexpiration_days = 3650\n');
  certtool('--generate-self-signed', '--load-privkey', at('cakey.pem'), '--template', at('ca.info'), '--outfile', at('cacert.pem'));
  writeFileSync(at('host.info'), 'organization = Libvirt Project\ncn = localhost\ndns_name = localhost\nip_address = 127.0.0.1\ntls_www_server\nencryption_key\nsigning_key\nexpiration_days = 700\n');
  writeFileSync(at('client.info'), 'country = GB\nstate = London\nlocality = London\norganization = Libvirt Project\ncn = client1\ntls_www_client\nencryption_key\nsigning_key\nexpiration_days = 700\n');
  for (const file of ['host', 'client']) {
    certtool('--generate-certificate', '--load-privkey', at(`${file}key.pem`), '--load-ca-certificate', at('cacert.pem'), '--load-ca-privkey', at('cakey.pem'), '--template', at(`${file}.info`), '--outfile', at(`${file}cert.pem`));
  }
  return { folder: made };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gd-health-'));
  daemon = await extraDaemon(name, { configuration: ['tls_no_sanity_certificate = 1'] });
  base = readFileSync(join(daemon.dir, 'libvirtd.conf'), 'utf8');
  ours = makeAuthority(join(folder, 'ours'), 'Our Authority');
  theirs = makeAuthority(join(folder, 'theirs'), 'Their Authority');
  // Those of the test's own authorities are valid for thirty days: too few for no warning.
  ours.signItself('ca-long', { lines: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'], to: '20400101000000Z' });
  copyFileSync(join(ours.folder, 'ca-longcert.pem'), join(ours.folder, 'cacert.pem'));
  ours.sign('host', { ...usual, to: '20390101000000Z' });
  ours.sign('client', { ...own, to: '20390101000000Z' });
  await serve({});
}, 90_000);
afterAll(async () => {
  close();
  await extraDaemonDown(name);
  rmSync(folder, { recursive: true });
});

const late = { to: '20390101000000Z' };
const noHost = { ...usual, ...late };
const noClient = { ...own, ...late };

describe('a host where all is well', () => {
  it('is well in every line, and lets virsh in as well', async () => {
    const pki = clientFolder('well');
    const report = await check(pki, { over: 'ssh' });
    expect(report.lines.map(({ check: line, state }) => `${line} ${state}`)).toEqual(healthChecks.map((line) => `${line} ok`));
    expect(report).toMatchObject({ state: 'ok', over: 'ssh', client: 'CN=lab client' });
    expect(seen(report, 'hostFiles')).toContain('key and certificate belong together');
    expect(virsh(pki)).toBe(true);
  }, 60_000);

  it('is well with the files certtool makes by libvirt’s own instructions', async () => {
    const made = certtoolFiles(join(folder, 'certtool'));
    await serve({ certificate: [made, 'host'], authority: made });
    const pki = clientFolder('certtool-client', { authority: join(made.folder, 'cacert.pem'), client: [made, 'client'] });
    const report = await check(pki, { over: 'ssh' });
    expect(wrong(report)).toEqual([]);
    expect(report).toMatchObject({ state: 'ok', client: 'C=GB,ST=London,L=London,O=Libvirt Project,CN=client1' });
    expect(virsh(pki)).toBe(true);
  }, 90_000);
});

describe('a certificate of a host', () => {
  type Case = readonly [what: string, made: Partial<TestCertificate>, line: string, words: RegExp];
  const cases: readonly Case[] = [
    ['out of date', longAgo, 'hostDates fail', /Out of date since 2021-01-01 00:00 UTC/],
    ['not valid yet', farOff, 'hostDates fail', /Not valid before 2090-01-01 00:00 UTC; the clock of this computer says/],
    ['that ends soon', { to: soon(20) }, 'hostDates warn', /(19|20) days left/],
    ['for clients only', { usage: 'clientAuth' }, 'hostPurpose fail', /does not allow a server \(serverAuth\)/],
    ['for another name', { names: 'DNS:other.example' }, 'hostName fail', /It is for other\.example, not for localhost/],
    ['without key encipherment', { lines: ['keyUsage=critical,digitalSignature'] }, 'hostPurpose warn', /key encipherment, which libvirt up to 11\.5 asks for/],
    ['of an authority', { lines: ['basicConstraints=critical,CA:TRUE'] }, 'hostPurpose fail', /certificate of an authority/],
    ['with a short key', { key: ['-newkey', 'rsa:1024'] }, 'hostStrength warn', /RSA key of 1024 bits/],
    ['signed over SHA-1', { key: ['-newkey', 'rsa:2048'], digest: 'sha1' }, 'hostStrength fail', /SHA-1/],
  ];
  it.each(cases)('%s is told by its line and no other', async (what, made, line, words) => {
    const file = what.replaceAll(' ', '-');
    ours.sign(file, { ...noHost, ...made });
    await serve({ certificate: [ours, file] });
    const report = await check(clientFolder(file));
    expect(wrong(report)).toEqual([line]);
    expect(seen(report, line.split(' ')[0] ?? '')).toMatch(words);
    expect(report.lines.filter(({ state }) => state === 'fail').flatMap(({ remedies }) => remedies.map(({ label }) => label)).includes('Make a host certificate')).toBe(line.endsWith('fail'));
  }, 60_000);

  it('of another authority is told by its signature', async () => {
    theirs.sign('host', noHost);
    await serve({ certificate: [theirs, 'host'] });
    const report = await check(clientFolder('foreign'));
    expect(wrong(report)).toEqual(['hostChain fail']);
    expect(report.lines.find(({ check: line }) => line === 'hostChain')?.remedies.map(({ label }) => label)).toEqual(['Trust CN=Their Authority on this computer', 'Make a host certificate']);
  }, 60_000);
});

describe('what this computer has', () => {
  beforeAll(async () => await serve({}), 30_000);

  type Case = readonly [what: string, folderOf: (name: string) => string, lines: readonly string[], words: RegExp];
  const signed = (made: Partial<TestCertificate>, by = () => ours) => (file: string): string => {
    by().sign(file, { ...noClient, ...made });
    return clientFolder(file, { client: [by(), file] });
  };
  const authority = (lines: readonly string[], life: { readonly from?: string; readonly to?: string } = late) => (file: string): string => {
    ours.signItself(file, { lines, ...life });
    return clientFolder(file, { authority: join(ours.folder, `${file}cert.pem`) });
  };
  const isOne = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  const cases: readonly Case[] = [
    ['no client certificate', (file) => clientFolder(file, { client: null }), ['client fail'], /There is none/],
    ['a client certificate that is out of date', signed(longAgo), ['clientDates fail'], /Out of date since 2021/],
    ['a client certificate that is not valid yet', signed(farOff), ['clientDates fail'], /Not valid before 2090/],
    ['a client certificate of another authority', signed({}, () => theirs), ['clientIssuer fail'], /issued by CN=Their Authority; the host takes only clients of CN=Our Authority/],
    ['a client certificate for servers only', signed({ usage: 'critical,serverAuth' }), ['clientPurpose fail'], /does not allow a client \(clientAuth\)\.$/],
    ['a client certificate for servers, not critical', signed({ usage: 'serverAuth' }), ['clientPurpose warn'], /libvirt lets that pass/],
    ['a client certificate without its key usage', signed({ lines: ['keyUsage=critical,dataEncipherment'] }), ['clientPurpose fail'], /digital signatures and key encipherment/],
    ['a client certificate without key encipherment', signed({ lines: ['keyUsage=critical,digitalSignature'] }), ['clientPurpose fail'], /libvirt up to 11\.5 asks for/],
    ['a client certificate over SHA-1', signed({ key: ['-newkey', 'rsa:2048'], digest: 'sha1' }), ['clientStrength fail'], /SHA-1/],
    ['a client certificate with a short key', signed({ key: ['-newkey', 'rsa:1024'] }), ['clientStrength warn'], /1024 bits/],
    ['a key of another certificate', (file) => {
      const path = clientFolder(file);
      copyFileSync(join(ours.folder, 'hostkey.pem'), join(path, 'clientkey.pem'));
      return path;
    }, ['client fail'], /do not belong together/],
    ['an authority that is none', authority(['basicConstraints=critical,CA:FALSE']), ['authorityPurpose fail'], /do not say that it is an authority/],
    ['an authority that is out of date', authority(isOne, longAgo), ['authorityDates fail'], /Out of date since 2021/],
    ['an authority that ends soon', authority(isOne, { to: soon(5) }), ['authorityDates warn'], /[45] days left/],
    ['no authority', (file) => {
      const path = clientFolder(file);
      rmSync(join(path, 'cacert.pem'));
      return path;
    }, ['files fail'], /no authority certificate at/],
    ['rubbish for an authority', (file) => {
      const path = clientFolder(file);
      writeFileSync(join(path, 'cacert.pem'), 'rubbish');
      return path;
    }, ['files fail'], /cacert\.pem cannot be understood: there is no certificate in it/],
  ];
  it.each(cases)('%s is told by its line and no other', async (what, folderOf, lines, words) => {
    const report = await check(folderOf(what.replaceAll(/[ ,]+/g, '-')));
    expect(wrong(report)).toEqual(lines);
    expect(seen(report, lines[0]?.split(' ')[0] ?? '')).toMatch(words);
    // A refusal that has its reason elsewhere points there.
    for (const line of report.lines.filter(({ check: one, state }) => one === 'welcome' && state === 'unknown')) expect(line.because).toBe(lines[0]?.split(' ')[0]);
  }, 30_000);

  it('revocation lists are told: out of date, of nobody who is trusted, and with the host in it', async () => {
    ours.sign('revoked', noHost);
    const list = (file: string, from: TestAuthority): string => {
      copyFileSync(join(from.folder, 'cacrl.pem'), join(folder, file));
      return join(folder, file);
    };
    ours.list();
    theirs.list();
    expect(wrong(await check(clientFolder('list-good', { revocations: list('good.pem', ours) })))).toEqual([]);
    expect(wrong(await check(clientFolder('list-foreign', { revocations: list('foreign.pem', theirs) })))).toEqual(['revocations fail']);
    ours.revoke('host');
    const revoked = await check(clientFolder('list-revoked', { revocations: list('revoked.pem', ours) }));
    expect([wrong(revoked), seen(revoked, 'revocations')]).toEqual([['revocations fail'], expect.stringContaining('holds the certificate the host shows')]);
    ours.list({ expired: true });
    const expired = await check(clientFolder('list-expired', { revocations: list('expired.pem', ours) }));
    expect([wrong(expired), seen(expired, 'revocations')]).toEqual([['revocations fail'], expect.stringContaining('holds the certificate')]);
    ours.sign('host', noHost);
    await serve({});
    expect(seen(await check(clientFolder('list-old', { revocations: join(folder, 'expired.pem') })), 'revocations')).toContain('is out of date since 2020-02-01');
  }, 60_000);

  it('a key that others may read is told, and mended by its button', async () => {
    const pki = clientFolder('wide');
    chmodSync(join(pki, 'clientkey.pem'), 0o644);
    const report = await check(pki);
    expect(wrong(report)).toEqual(['files warn']);
    const [offer] = report.lines.find(({ check: line }) => line === 'files')?.remedies ?? [];
    expect(offer).toMatchObject({ label: 'Set the mode of clientkey.pem to 0600', mends: true, remedy: { kind: 'restrictFile', where: 'here', path: join(pki, 'clientkey.pem'), mode: '0600' } });
    const restrict = { kind: 'restrictFile', where: 'here', path: join(pki, 'clientkey.pem'), mode: '0600' } as const;
    expect(await services.mend({ uri: uriOf(pki), remedy: restrict }, caller)).toMatchObject({ state: 'ok' });
    expect(statSync(join(pki, 'clientkey.pem')).mode & 0o777).toBe(0o600);
    // Only what a look offers is done.
    await expect(services.mend({ uri: uriOf(pki), remedy: { ...restrict, path: '/etc/passwd' } }, caller)).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'remedy' } });
  }, 30_000);
});

describe('a host that does not let this computer in', () => {
  it('because of its list of names is told by it, and from outside as far as can be known', async () => {
    await serve({ lines: ['tls_allowed_dn_list = ["C=GB,CN=somebody", "CN=other *"]'] });
    const pki = clientFolder('unlisted');
    const [outside, inside] = [await check(pki), await check(pki, { over: 'ssh' })];
    expect(wrong(outside)).toEqual(['welcome fail']);
    expect(seen(outside, 'welcome')).toMatch(/It knows the authority of this computer: its tls_allowed_dn_list lacks CN=lab client, or its revocation list/);
    expect(wrong(inside)).toEqual(['allowedNames fail']);
    expect(seen(inside, 'allowedNames')).toContain('CN=lab client is not let in: tls_allowed_dn_list in /etc/libvirt/libvirtd.conf has “C=GB,CN=somebody”, “CN=other *”');
    expect(inside.lines.find(({ check: line }) => line === 'welcome')).toMatchObject({ state: 'unknown', because: 'allowedNames' });
    await serve({ lines: ['tls_allowed_dn_list = ["CN=l?b *"]'] });
    expect(wrong(await check(pki, { over: 'ssh' }))).toEqual([]);
  }, 60_000);

  it('because it revoked the certificate is told by its list', async () => {
    ours.sign('withdrawn', noClient);
    ours.revoke('withdrawn');
    copyFileSync(join(ours.folder, 'cacrl.pem'), join(folder, 'host-list.pem'));
    await serve({ revocations: join(folder, 'host-list.pem') });
    const report = await check(clientFolder('withdrawn', { client: [ours, 'withdrawn'] }), { over: 'ssh' });
    expect(wrong(report)).toEqual(['hostRevocations fail']);
    expect(seen(report, 'hostRevocations')).toContain('holds the client certificate of this computer');
  }, 60_000);

  it('with files that others may use is told, and mended there', async () => {
    await serve({});
    const key = join(daemon.dir, 'pki/host/serverkey.pem');
    chmodSync(key, 0o644);
    const asked = { uri: uriOf(clientFolder('host-wide')), over: 'ssh' };
    expect(wrong(await services.check(asked, caller))).toEqual(['hostFiles warn']);
    expect(await services.mend({ ...asked, remedy: { kind: 'restrictFile', where: 'host', path: key, mode: '0600' } }, caller)).toMatchObject({ state: 'ok' });
    expect(statSync(key).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('because nothing listens, or something else does, is told by that', async () => {
    const pki = clientFolder('elsewhere');
    const at = async (port: number): Promise<HealthReport> => await services.check({ uri: `qemu+tls://127.0.0.1:${port}/system?pkipath=${pki}` }, caller);
    const [closed, plain] = [await at(1), await at(daemon.tcp.port)];
    expect(wrong(closed)).toEqual(['port fail']);
    expect(closed.lines.filter(({ because }) => because === 'port').map(({ check: line }) => line)).toEqual(['handshake', 'hostChain', 'hostDates', 'hostName', 'hostPurpose', 'hostStrength', 'welcome']);
    expect(wrong(plain)).toEqual(['handshake fail']);
  }, 30_000);
});
