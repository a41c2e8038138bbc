// TLS set up on the virtual host, whose systemd, sudo and libvirtd are real: to a connection that virsh makes too, and every failure put back to the byte.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import type { SetupReport, SetupWish } from '../../app/contract/setup.ts';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { hostDown, hostShell, hostStatus, hostUp, type VirtualHost } from '../../e2e/lab/host/host.ts';
import { createAuthority, createClientCertificate, createHostCertificate, type Identity } from '../pki/certificates.ts';
import { openTransport } from '../transport/open-transport.ts';
import type { OpenTransport } from '../transport/transport.ts';
import type { Services } from './services.ts';
import { setupServices } from './tls-setup.ts';

const execute = promisify(execFile);
const password = 'correct horse';
const day = 86_400_000;

describe('the virtual host', () => {
  let machine: VirtualHost;
  let wasUp = false;
  let folder: string;
  let close = (): void => undefined;
  let setup: Services['setup'];
  let answers: QuestionAnswer[] = [];
  const said: string[] = [];
  const told: string[] = [];
  const installed: string[] = [];
  const history: string[] = [];
  const caller = { id: 'test', gone: new AbortController().signal };

  let authority: Identity;
  /** By id, as the certificates kept here. */
  const kept = new Map<string, { readonly side: 'server' | 'client'; readonly identity: Identity; readonly hasKey: boolean }>();
  const keep = (id: string, side: 'server' | 'client', identity: Identity, hasKey = true): void => void kept.set(id, { side, identity, hasKey });
  const certificates: Pick<Services['certificates'], 'export'> = {
    export: async ({ id }) => {
      const { side, identity, hasKey } = kept.get(id) ?? { side: 'client', identity: authority, hasKey: false };
      const file = (name: string, content: string, mode = '0644') => ({ name, mode, content });
      return { as: 'pem', files: [file('cacert.pem', authority.certificatePem), file(`${side}cert.pem`, identity.certificatePem), ...(hasKey ? [file(`${side}key.pem`, identity.keyPem, '0600')] : [])] };
    },
  };
  const hostCertificate = async (name: string, now = new Date(), days = 30): Promise<Identity> => await createHostCertificate(authority, {
    subject: [{ attribute: 'O', value: 'Setup lab' }, { attribute: 'CN', value: name }], names: [{ kind: 'dns', name }, ...(name === 'other.example' ? [] : [{ kind: 'ip', address: '127.0.0.1' } as const])], keyBits: 2048, now, days,
  });

  /** Ends the login after the step with this number, or when it is in the midst of it. */
  let cut: { readonly after: number } | { readonly within: number } | null = null;
  const cutting: OpenTransport = async (uri, surroundings, signal) => {
    const link = await openTransport(uri, surroundings, signal);
    const { run } = link;
    if (run === undefined) return link;
    return {
      ...link,
      run: async (command, options) => {
        said.push(command);
        const number = Number(/^n=(\d+)$/m.exec(command)?.[1] ?? Number.NaN);
        if (cut !== null && 'after' in cut && cut.after === number) {
          await run(command, options);
          link.close();
          throw new Refused('connection-lost', 'The test cut it.');
        }
        if (cut !== null && 'within' in cut && cut.within === number) {
          const running = run(command, options);
          await Promise.all([running.catch((error: unknown) => error), hostShell(machine, `until grep -q "^${number}.unit" /var/lib/guestdeck/journal; do :; done`).then(() => link.close())]);
          return await running;
        }
        return await run(command, options);
      },
    };
  };
  const services = (patience: number) => setupServices({
    dataFolder: folder, openTransport: cutting, certificates, patience, installed: async (certificate, host) => void installed.push(`${certificate} on ${host}`),
    user: 'tester', hostName: (id) => id, history: { append: async ({ title, outcome }) => void history.push(`${title}: ${outcome}`) }, tell: (section, name, news) => void told.push(JSON.stringify([section, name, news])), complain: (error) => {
      throw error;
    },
    uriOf: (user) => `qemu+ssh://${user}@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}&known_hosts=${machine.knownHosts}`,
    surroundings: () => ({ home: folder, env: { PATH: process.env['PATH'] }, isRoot: false, stageLimit: 60_000, report: () => undefined, ask: async () => answers.shift() ?? { kind: 'declined' } }),
  });

  beforeAll(async () => {
    wasUp = (await hostStatus()).state === 'up';
    machine = await hostUp();
    folder = await mkdtemp(join(tmpdir(), 'gd-setup-'));
    // A daemon that ends by itself when idle would be another one at each look.
    await hostShell(machine, `echo 'LIBVIRTD_ARGS=""' >> /etc/default/libvirtd; systemctl restart libvirtd.service
      for u in doer nobodys; do useradd --create-home $u && echo "$u:${password}" | chpasswd && cp -r /home/keeper/.ssh /home/$u/.ssh && chown -R $u:$u /home/$u/.ssh; done; usermod --append --groups sudo doer`);
    authority = await createAuthority({ subject: [{ attribute: 'CN', value: 'Setup lab' }], keyBits: 2048, now: new Date(Date.now() - 100 * day) });
    keep('good', 'server', await hostCertificate('guestdeck-host'));
    keep('other', 'server', await hostCertificate('other.example'));
    keep('expired', 'server', await hostCertificate('guestdeck-host', new Date(Date.now() - 90 * day)));
    keep('client', 'client', await createClientCertificate(authority, { subject: [{ attribute: 'O', value: 'Setup lab' }, { attribute: 'CN', value: 'client' }], keyBits: 2048 }));
    ({ services: setup, close } = services(120_000));
  }, 900_000);
  afterAll(async () => {
    close();
    await rm(folder, { recursive: true });
    if (wasUp) await hostShell(machine, 'for u in doer nobodys; do pkill -KILL -u $u; userdel --force --remove $u; done');
    else await hostDown();
  }, 120_000);

  const units = ['libvirtd.service', 'libvirtd.socket', 'libvirtd-ro.socket', 'libvirtd-admin.socket', 'libvirtd-tls.socket'];
  /** All of /etc to the byte, with modes, owners and times of files, and what the units are. */
  const state = async (): Promise<string> => await hostShell(machine, `cd /; tar --sort=name --mtime=@0 --numeric-owner -cf - etc | sha256sum
    find etc \\( -type d -printf '%p %m %u %g\\n' \\) -o -printf '%p %m %u %g %s %T@ %l\\n' | sort | sha256sum
    for u in ${units.join(' ')}; do echo "$u $(systemctl is-active $u) $(systemctl is-enabled $u)"; done; ls -d /var/lib/guestdeck 2>&1 || true`);
  const host = (certificate: string, more: Partial<Extract<SetupWish, { kind: 'host' }>> = {}): SetupWish =>
    ({ kind: 'host', certificate, uses: ['daemon'], client: 'client', reachedAs: { name: '127.0.0.1', port: machine.tlsPort }, ...more });
  const install = async (wish: SetupWish, user: string | null = 'root', from = setup): Promise<SetupReport> => {
    const { basis } = await from.plan({ host: user, wish }, caller);
    return await from.install({ host: user, wish, basis }, caller);
  };
  const outcomes = ({ steps }: SetupReport): readonly string[] => steps.map(({ outcome }) => outcome);
  const changesOf = (changes: Extract<SetupWish, { kind: 'settings' }>['changes']): SetupWish => ({ kind: 'settings', changes });

  it('is looked at: what runs there, what listens, who may do what', async () => {
    expect(await setup.look({ host: 'keeper' }, caller)).toMatchObject({
      user: 'keeper', rights: 'sudo', system: expect.stringContaining('Debian'), names: expect.arrayContaining(['guestdeck-host']), daemon: 'monolithic', listens: 'socket', port: 16_514, isListening: false,
      files: [], firewall: null, selinux: '', keyMaker: 'certtool', interrupted: null, hasRequest: false,
    });
    expect(await setup.look({ host: 'nobodys' }, caller)).toMatchObject({ user: 'nobodys', rights: 'password' });
  }, 120_000);

  it('shows exactly what will be written where, and no key', async () => {
    const plan = await setup.plan({ host: 'root', wish: host('good') }, caller);
    expect(plan.steps.map((step) => ('path' in step ? [step.kind, step.path, step.owner, step.mode] : [step.kind]))).toEqual([
      ['folder', '/etc/pki', 'root:root', '0755'], ['folder', '/etc/pki/CA', 'root:root', '0755'], ['file', '/etc/pki/CA/cacert.pem', 'root:root', '0644'],
      ['folder', '/etc/pki/libvirt', 'root:root', '0755'], ['file', '/etc/pki/libvirt/servercert.pem', 'root:root', '0644'],
      ['folder', '/etc/pki/libvirt/private', 'root:root', '0755'], ['file', '/etc/pki/libvirt/private/serverkey.pem', 'root:root', '0600'], ['units'], ['verify'],
    ]);
    expect(JSON.stringify(plan)).not.toContain('PRIVATE');
    expect((await setup.plan({ host: 'root', wish: host('other') }, caller)).warnings).toContainEqual(expect.stringContaining('not for 127.0.0.1'));
  }, 120_000);

  it('does nothing without the right: sudo refused, its password wrong or not given', async () => {
    const before = await state();
    answers = [{ kind: 'sudo', password }];
    await expect(install(host('good'), 'nobodys')).rejects.toMatchObject({ refusal: { code: 'command-refused' } });
    answers = Array.from({ length: 3 }, () => ({ kind: 'sudo', password: 'wrong' }));
    await expect(install(host('good'), 'doer')).rejects.toMatchObject({ refusal: { code: 'auth-failed' } });
    answers = [];
    await expect(install(host('good'), 'doer')).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    expect(await state()).toBe(before);
  }, 240_000);

  const drills: readonly (readonly [name: string, prepare: string, after: string, wish: () => SetupWish, failed: RegExp, message: RegExp])[] = [
    ['a disk that is full', 'mkdir /etc/pki && mount -t tmpfs -o size=8k tmpfs /etc/pki', 'umount /etc/pki && rmdir /etc/pki', () => host('good'), /serverkey/, /No space left on device/],
    ['an /etc that is read-only', 'mount --bind /etc /etc && mount -o remount,ro,bind /etc', 'umount /etc', () => host('good'), /Make the folder \/etc\/pki$/, /Read-only file system/],
    ['a certificate with which the daemon does not start', ':', ':', () => host('expired'), /listen/, /did not start.*expired/],
    ['a certificate for another name', ':', ':', () => host('other'), /Connect to/, /not for 127\.0\.0\.1/],
  ];
  it.each(drills)('is as before after %s', async (_name, prepare, after, wish, failed, message) => {
    await hostShell(machine, prepare);
    let before = '';
    try {
      before = await state();
      const report = await install(wish());
      expect(report).toMatchObject({ outcome: 'put-back', verified: null, refusal: { message: expect.stringMatching(message) } });
      const at = report.steps.findIndex(({ outcome }) => outcome === 'failed');
      expect(report.steps[at]?.title).toMatch(failed);
      expect(outcomes(report)).toEqual(report.steps.map((_, each) => (each < at ? 'put-back' : each === at ? 'failed' : 'not-reached')));
      expect(await state()).toBe(before);
    } finally {
      await hostShell(machine, after);
    }
  }, 300_000);

  it('is as before when the connection is cut after any step, or while the daemon restarts', async () => {
    const before = await state();
    const { steps, basis } = await setup.plan({ host: 'root', wish: host('good') }, caller);
    const last = steps.length - 2;
    for (const where of [...Array.from({ length: last + 1 }, (_, after) => ({ after })), { within: last }]) {
      cut = where;
      const wasTold = told.length;
      const running = setup.install({ host: 'root', wish: host('good'), basis }, caller);
      const report = await running.finally(() => (cut = null));
      const at = 'after' in where ? where.after : where.within;
      expect(report).toMatchObject({ outcome: 'put-back', refusal: { code: expect.stringMatching(/connection-lost|not-connected/) } });
      expect(outcomes(report)).toEqual(steps.map((_, each) => (each < at ? 'put-back' : each === at ? 'failed' : 'not-reached')));
      expect(told.slice(wasTold).some((news) => news.includes('"put-back"'))).toBe(at > 0);
      expect(await state()).toBe(before);
    }
  }, 900_000);

  it('tells of a change whose end nobody saw, lets no other begin, and takes it back when told to', async () => {
    const before = await state();
    const brief = services(0);
    const plan = await setup.plan({ host: 'root', wish: host('good') }, caller);
    cut = { after: 2 };
    const report = await brief.services.install({ host: 'root', wish: host('good'), basis: plan.basis }, caller).finally(() => (cut = null));
    expect(report).toMatchObject({ outcome: 'interrupted' });
    expect(outcomes(report).slice(0, 4)).toEqual(['unknown', 'unknown', 'unknown', 'not-reached']);
    brief.close();
    expect(await setup.look({ host: 'keeper' }, caller)).toMatchObject({ interrupted: { since: plan.basis.split('.')[0], did: ['folder /etc/pki', 'folder /etc/pki/CA', 'file /etc/pki/CA/cacert.pem'] } });
    expect((await hostShell(machine, 'stat -c "%a %U" /var/lib/guestdeck /var/lib/guestdeck/journal')).trim()).toBe('700 root\n600 root');
    await expect(install(host('good'))).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
    expect(await setup.putBack({ host: 'keeper' }, caller)).toMatchObject({ outcome: 'put-back' });
    expect(await state()).toBe(before);
    await expect(setup.putBack({ host: 'root' }, caller)).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  }, 300_000);

  const folderOf = (id: string): string => join(folder, `exported-${id}`);
  const virsh = async (...words: readonly string[]): Promise<string> =>
    (await execute('virsh', ['--connect', `qemu+tls://127.0.0.1:${machine.tlsPort}/system?pkipath=${folderOf('client')}`, ...words])).stdout.trim();

  it('listens for TLS after an install with the password of sudo, as virsh, systemctl, ss and virt-pki-validate see it', async () => {
    answers = Array.from({ length: 2 }, () => ({ kind: 'sudo', password }));
    const report = await install(host('good'), 'doer');
    expect(report).toMatchObject({ outcome: 'complete', verified: expect.stringMatching(/^TLSv1\.[23].*guestdeck-host/) });
    expect([outcomes(report).every((outcome) => outcome === 'done'), installed]).toEqual([true, ['good on doer']]);
    expect(history.slice(-2)).toEqual(['Set up TLS on doer: interrupted', 'Set up TLS on doer: complete']);
    expect(await hostShell(machine, 'cd /etc/pki; stat -c "%n %a %U:%G" CA CA/cacert.pem libvirt libvirt/servercert.pem libvirt/private libvirt/private/serverkey.pem; ls -d /var/lib/guestdeck 2>/dev/null; systemctl is-enabled libvirtd-tls.socket; ss -ltn | grep -c :16514')).toBe([
      'CA 755 root:root', 'CA/cacert.pem 644 root:root', 'libvirt 755 root:root', 'libvirt/servercert.pem 644 root:root', 'libvirt/private 755 root:root', 'libvirt/private/serverkey.pem 600 root:root', 'enabled', '1', '',
    ].join('\n'));
    const validated = await hostShell(machine, 'virt-pki-validate 2>&1 || true');
    expect(validated).toContain('Found server private key /etc/pki/libvirt/private/serverkey.pem');
    expect(validated).not.toMatch(/should be|need to be|not seem|Missing server|as root do: ch/);
    await setup.install({ host: null, wish: { kind: 'client', certificate: 'client', place: 'app' }, basis: (await setup.plan({ host: null, wish: { kind: 'client', certificate: 'client', place: 'app' } }, caller)).basis }, caller);
    const { pkipath } = await setup.plan({ host: null, wish: { kind: 'client', certificate: 'client', place: 'app' } }, caller);
    await execute('cp', ['-r', pkipath ?? '', folderOf('client')]);
    expect((await stat(join(folderOf('client'), 'clientkey.pem'))).mode & 0o777).toBe(0o600);
    expect(await virsh('uri')).toContain('qemu+tls://127.0.0.1');
    expect(await virsh('list', '--all', '--name')).toContain('plain');
    // A plan made again finds all of it there, and has nothing left but to look.
    expect((await setup.plan({ host: 'root', wish: host('good') }, caller)).steps.map(({ kind }) => kind)).toEqual(['verify']);
    expect(said.some((command) => command.includes('PRIVATE KEY') || command.includes(password))).toBe(false);
  }, 300_000);

  it('takes a certificate whose key was made there and never left, and keeps the files it replaces beside them', async () => {
    const { pem } = await setup.request({ host: 'root', names: ['guestdeck-host', '127.0.0.1'], organization: 'Setup lab', keyBits: 2048 }, caller);
    await Promise.all([writeFile(join(folder, 'csr.pem'), pem), writeFile(join(folder, 'ca.pem'), authority.certificatePem), writeFile(join(folder, 'ca.key'), authority.keyPem)]);
    const asked = (await execute('openssl', ['req', '-in', join(folder, 'csr.pem'), '-noout', '-verify', '-text', '-nameopt', 'multiline'])).stdout;
    for (const words of ['= Setup lab\n', '= guestdeck-host\n', 'IP Address:127.0.0.1']) expect(asked).toContain(words);
    await writeFile(join(folder, 'ext'), 'subjectAltName=DNS:guestdeck-host,IP:127.0.0.1\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n');
    await execute('openssl', ['x509', '-req', '-in', join(folder, 'csr.pem'), '-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca.key'), '-set_serial', '4711', '-days', '20', '-extfile', join(folder, 'ext'), '-out', join(folder, 'signed.pem')]);
    keep('signed', 'server', { certificatePem: await readFile(join(folder, 'signed.pem'), 'utf8'), keyPem: '' }, false);
    const keyBefore = await hostShell(machine, 'sha256sum < /etc/pki/libvirt/private/serverkey.pem');
    const report = await install(host('signed', { keyOnHost: true, uses: ['daemon', 'vnc', 'migration'] }));
    expect(report).toMatchObject({ outcome: 'complete' });
    expect(await virsh('uri')).toContain('qemu+tls://');
    expect(await hostShell(machine, 'sha256sum < /etc/pki/libvirt/private/serverkey.pem.*.old; ls -d /var/lib/guestdeck 2>/dev/null || true')).toBe(keyBefore);
    expect(await hostShell(machine, 'cd /etc/pki/libvirt-vnc && stat -c "%n %a %U:%G" . *; grep -n "^vnc_tls" /etc/libvirt/qemu.conf; ls /etc/pki/libvirt-migrate')).toMatch(/^\. 750 root:\w+\nca-cert\.pem 644 root:root\nserver-cert\.pem 644 root:root\nserver-key\.pem 640 root:\w+\n\d+:vnc_tls = 1\nca-cert\.pem\nclient-cert\.pem\nclient-key\.pem\nserver-cert\.pem\nserver-key\.pem\n$/);
    expect(await hostShell(machine, 'systemctl is-active libvirtd.service')).toBe('active\n');
    expect(said.some((command) => command.includes('PRIVATE KEY'))).toBe(false);
  }, 300_000);

  it('has its daemon’s settings read, explained, changed with the lines shown, and put back where the daemon does not start', async () => {
    const { path, settings } = await setup.settings({ host: 'root' }, caller);
    expect(path).toBe('/etc/libvirt/libvirtd.conf');
    expect(settings.find(({ name }) => name === 'max_workers')).toMatchObject({ value: null, usual: 20, form: { kind: 'count' }, explains: expect.stringContaining('threads') });
    await expect(setup.plan({ host: 'root', wish: changesOf([{ name: 'min_workers', value: 30 }]) }, caller)).rejects.toMatchObject({ refusal: { code: 'plan-invalid', field: 'wish.changes.0.value' } });
    const wish = changesOf([{ name: 'max_workers', value: 33 }, { name: 'tls_allowed_dn_list', value: ['O=Setup lab,CN=client'] }]);
    const { steps: [step] } = await setup.plan({ host: 'root', wish }, caller);
    expect(step?.kind === 'file' ? step.difference?.filter(({ kind }) => kind === 'added' || kind === 'removed').map(({ line }) => line) : []).toEqual(['tls_allowed_dn_list = [ "O=Setup lab,CN=client" ]', 'max_workers = 33']);
    expect(await install(wish)).toMatchObject({ outcome: 'complete' });
    expect(await hostShell(machine, 'virt-admin server-threadpool-info libvirtd | grep maxWorkers')).toMatch(/: 33\n/);
    expect(await virsh('uri')).toContain('qemu+tls://');

    // Fewer clients than may wait to log in is nothing the daemon starts with; the rules here do not know that setting.
    const before = await state();
    await hostShell(machine, 'mkdir -p /run/systemd/system/libvirtd.service.d; printf "[Service]\\nExecStartPre=/bin/sh -c \\"! grep -q ^max_clients.=.3 /etc/libvirt/libvirtd.conf\\"\\n" > /run/systemd/system/libvirtd.service.d/lab.conf; systemctl daemon-reload');
    const failed = await install(changesOf([{ name: 'max_clients', value: 3 }]));
    expect([failed.outcome, outcomes(failed)]).toEqual(['put-back', ['put-back', 'failed']]);
    await hostShell(machine, 'rm -r /run/systemd/system/libvirtd.service.d; systemctl daemon-reload');
    expect(await state()).toBe(before);
    expect(await virsh('uri')).toContain('qemu+tls://');
  }, 300_000);

  it('has SASL users listed, added and removed, their passwords in no command', async () => {
    const names = async () => (await setup.users({ host: 'root' }, caller)).users.map(({ name, realm }) => `${name}@${realm}`);
    expect(await names()).toEqual([]);
    await setup.addUser({ host: 'keeper', name: "o'neil", password: 'p w"d' }, caller);
    await setup.addUser({ host: 'keeper', name: 'ada', realm: 'lab', password: 'x' }, caller);
    expect(await names()).toEqual(['ada@lab', "o'neil@guestdeck-host"]);
    expect(await hostShell(machine, 'sasldblistusers2 -f /etc/libvirt/passwd.db; stat -c %a /etc/libvirt/passwd.db')).toMatch(/o'neil@guestdeck-host: userPassword[\s\S]*600\n$/);
    await setup.removeUser({ host: 'keeper', name: "o'neil" }, caller);
    expect(await names()).toEqual(['ada@lab']);
    await expect(setup.removeUser({ host: 'root', name: 'nobody' }, caller)).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'name' } });
    expect(said.some((command) => command.includes('p w"d'))).toBe(false);
  }, 300_000);

  it('gets a client’s certificate for one user without root, and for all users with it', async () => {
    expect(await install({ kind: 'client', certificate: 'client', place: 'user' }, 'nobodys')).toMatchObject({ outcome: 'complete' });
    expect(await hostShell(machine, 'cd /home/nobodys/.pki/libvirt; stat -c "%n %a %U" . *')).toBe('. 700 nobodys\ncacert.pem 644 nobodys\nclientcert.pem 644 nobodys\nclientkey.pem 600 nobodys\n');
    expect(await install({ kind: 'client', certificate: 'client', place: 'system' }, 'keeper')).toMatchObject({ outcome: 'complete' });
    expect(await hostShell(machine, 'virsh --connect qemu+tls://guestdeck-host/system uri')).toContain('qemu+tls://guestdeck-host/system');
  }, 300_000);
});
