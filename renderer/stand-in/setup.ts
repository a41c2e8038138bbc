// The stand-in's hosts as they are set up: a daemon without TLS, into which everything can be installed, except on one whose daemon will not restart.
import type { Gives, News, Takes } from '../../app/contract/contract.ts';
import type { PlannedStep, SetupReport } from '../../app/contract/setup.ts';
import type { Connection } from '../../app/contract/connections.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { standInDaemons } from './daemon.ts';

/** The host whose daemon does not restart. */
const stubbornHost = 'drift';

type FileStep = Extract<PlannedStep, { kind: 'file' }>;
const file = (path: string, mode: string, content: FileStep['content'], owner = 'root:root'): FileStep => ({
  kind: 'file', title: `Write ${path}`, path, owner, mode, content, isMadeThere: false, fingerprint: content === 'authority' || content === 'certificate' ? '5C:0F:9A:51' : null, backup: null, difference: null,
});

/** Answers for the stand-in's hosts. */
export const setupAnswers = (connections: readonly Connection[], tell: (news: News) => void) => {
  const { settings, users, addUser, removeUser, ...daemons } = standInDaemons();
  const changed = <T>(host: string | null, answer: T): T => {
    tell({ section: 'setup', name: 'changed', told: { host } });
    return answer;
  };
  const nameOf = (host: string | null): string => {
    const uri = connections.find(({ id }) => id === host)?.uri;
    return uri === undefined ? 'localhost' : parseConnectionUri(uri).host ?? 'localhost';
  };
  const plan = ({ host, wish }: Takes<'setup', 'plan'>): Gives<'setup', 'plan'> => {
    const pkipath = '/home/admin/.local/share/guestdeck/client';
    const base = { warnings: [], hints: [], basis: JSON.stringify([host, wish]) };
    switch (wish.kind) {
      case 'client': return { ...base, pkipath: wish.place === 'app' ? pkipath : null, steps: [file(`${pkipath}/cacert.pem`, '0644', 'authority', 'admin:admin'), file(`${pkipath}/clientcert.pem`, '0644', 'certificate', 'admin:admin'), file(`${pkipath}/clientkey.pem`, '0600', 'key', 'admin:admin')] };
      case 'settings': return { ...base, pkipath: null, ...daemons.plan(host, wish.changes) };
      case 'host': return {
        ...base, pkipath: null, hints: [{ label: 'The firewall there (ufw) may keep the port closed:', command: 'ufw allow 16514/tcp' }],
        steps: [
          { kind: 'folder', title: 'Make /etc/pki/libvirt/private', path: '/etc/pki/libvirt/private', owner: 'root:root', mode: '0700' },
          file('/etc/pki/CA/cacert.pem', '0644', 'authority'), file('/etc/pki/libvirt/servercert.pem', '0644', 'certificate'), file('/etc/pki/libvirt/private/serverkey.pem', '0600', 'key'),
          {
            ...file('/etc/libvirt/libvirtd.conf', '0644', 'settings'), backup: '/etc/libvirt/libvirtd.conf.guestdeck-20261121',
            difference: [{ kind: 'skipped', line: '20 lines' }, { kind: 'removed', line: '#tls_no_verify_certificate = 1' }, { kind: 'added', line: 'tls_no_verify_certificate = 0' }],
          },
          { kind: 'units', title: 'Listen for TLS now and after a restart', command: 'systemctl enable --now libvirtd-tls.socket' },
          { kind: 'verify', title: 'Connect from here and see the certificate', uri: `qemu+tls://${wish.reachedAs?.name ?? nameOf(host)}/system` },
        ],
      };
    }
  };
  const install = (asked: Takes<'setup', 'install'>): SetupReport => {
    const { host, wish } = asked;
    const { steps } = plan({ host, wish });
    const fails = host === stubbornHost ? steps.findIndex(({ kind }) => kind === 'units') : -1;
    const refusal = { code: 'command-refused' as const, message: 'libvirtd-tls.socket did not start: the port is in use.' };
    const ended = steps.map(({ title }, index): SetupReport['steps'][number] => (fails < 0 ? { title, outcome: 'done' } : index < fails ? { title, outcome: 'put-back' } : index === fails ? { title, outcome: 'failed', refusal } : { title, outcome: 'not-reached' }));
    for (const [step, { outcome }] of ended.entries()) tell({ section: 'setup', name: 'progress', told: { host, step, outcome } });
    if (wish.kind === 'settings' && fails < 0) daemons.write(host, wish.changes);
    changed(host, null);
    return { outcome: fails < 0 ? 'complete' : 'put-back', steps: ended, ...(fails >= 0 && { refusal }), verified: wish.kind === 'host' && fails < 0 ? 'TLS 1.3 with the new certificate.' : null };
  };
  const look = ({ host }: Takes<'setup', 'look'>): Gives<'setup', 'look'> => ({
    user: 'admin', rights: 'password', system: 'Debian GNU/Linux 12 (bookworm)', names: [nameOf(host), `${nameOf(host)}.example.net`, '10.0.4.11', '2001:db8::11'], daemon: 'monolithic', listens: 'socket',
    units: [{ name: 'libvirtd-tls.socket', state: 'inactive', file: 'disabled' }], port: 16_514, isListening: false, files: [], firewall: 'ufw', selinux: '', keyMaker: 'openssl', interrupted: null, hasRequest: false,
  });
  return {
    look, plan, install,
    request: (): Gives<'setup', 'request'> => ({ pem: '-----BEGIN CERTIFICATE REQUEST-----\n' }),
    putBack: (): SetupReport => ({ outcome: 'complete', steps: [], verified: null }),
    settings, users,
    addUser: (asked: Takes<'setup', 'addUser'>): null => changed(asked.host, addUser(asked)),
    removeUser: (asked: Takes<'setup', 'removeUser'>): null => changed(asked.host, removeUser(asked)),
  };
};
