// What leaves the store: files by the names libvirt gives them, archives with a README, and the key of an authority when that is what is wanted.
import { Refused } from '../../app/contract/refusal.ts';
import { authoritiesAbove } from '../pki/authorities.ts';
import { authoritiesIn, trustedWith, trustFiles } from './certificate-shelf.ts';
import type { Kept } from './certificate-store.ts';
import type { Workshop } from './certificates-make.ts';
import type { Services } from './services.ts';
import { zip } from './zip.ts';

interface TextFile {
  readonly name: string;
  readonly mode: string;
  readonly content: string;
}

const open = (name: string, content: string): TextFile => ({ name, mode: '0644', content });
const secret = (name: string, content: string): TextFile => ({ name, mode: '0600', content });

/** How libvirt names the files of each kind, and where it looks for them (https://libvirt.org/kbase/tlscerts.html). */
const leafNames = { host: 'server', client: 'client' } as const;

const hostReadme = ({ label }: Kept): string => [
  `TLS for the libvirt daemon on ${label}`,
  '',
  'Each file, where it belongs on the host, with owner and mode:',
  '',
  '  cacert.pem      /etc/pki/CA/cacert.pem                   root:root 0644',
  '  cacrl.pem       /etc/pki/CA/cacrl.pem                    root:root 0644  (when it is here)',
  '  servercert.pem  /etc/pki/libvirt/servercert.pem          root:root 0644',
  '  serverkey.pem   /etc/pki/libvirt/private/serverkey.pem   root:root 0600',
  '',
  'Then on the host, with the one daemon:',
  '  systemctl stop libvirtd.service && systemctl enable --now libvirtd-tls.socket',
  'with the daemons for each driver:',
  '  systemctl stop virtproxyd.service && systemctl enable --now virtproxyd-tls.socket',
  '',
  'virt-pki-validate checks the files. serverkey.pem is secret: delete this archive once it is unpacked.',
  '',
].join('\n');

const clientReadme = ({ facts }: Kept, host: string): string => [
  `TLS client of libvirt: ${facts.subject.text}`,
  '',
  'For one user, all files go to ~/.pki/libvirt/ (the folder 0700, clientkey.pem 0600).',
  'For all users of a machine:',
  '',
  '  cacert.pem      /etc/pki/CA/cacert.pem                   root:root 0644',
  '  cacrl.pem       /etc/pki/CA/cacrl.pem                    root:root 0644  (when it is here)',
  '  clientcert.pem  /etc/pki/libvirt/clientcert.pem          root:root 0644',
  '  clientkey.pem   /etc/pki/libvirt/private/clientkey.pem   root:root 0600',
  '',
  'Or in any folder, which the connection then names:',
  `  virsh -c 'qemu+tls://${host}/system?pkipath=/the/folder'`,
  '',
  'Where a host lets in certain clients only, this is the line for tls_allowed_dn_list:',
  `  "${facts.subject.text.replaceAll(/["\\]/g, '\\$&')}"`,
  '',
  'clientkey.pem is secret: delete this archive once it is unpacked.',
  '',
].join('\n');

const fileName = (label: string): string => label.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-.]+|-+$/g, '') || 'certificate';

type Exporting = Pick<Services['certificates'], 'chain' | 'exportAuthority' | 'export'>;

/** @param audited what leaves is written down; within main nothing leaves. */
export const exportingServices = ({ store, keys }: Workshop, audited: Workshop['audited']): Exporting => ({
  chain: async ({ id }) => {
    const kept = await store.find(id);
    const { certificates } = await store.list();
    return { pem: [kept, ...authoritiesAbove(kept, authoritiesIn(certificates))].map(({ facts }) => facts.pem).join('') };
  },

  exportAuthority: async ({ id, withKey = false, passphrase }, { gone }) => {
    const authority = await store.find(id);
    if (authority.record.kind !== 'authority') throw new Refused('bad-input', `${authority.label} is not an authority.`, { field: 'id' });
    const { cacert, cacrl } = trustFiles(trustedWith(authority, (await store.list()).certificates));
    const files = [open('cacert.pem', cacert), ...(cacrl === null ? [] : [open('cacrl.pem', cacrl)])];
    if (!withKey) return { files };
    if (passphrase === undefined) throw new Refused('bad-input', 'The key leaves only with its passphrase.', { field: 'passphrase' });
    // Whoever does not know the passphrase could do nothing with the key, and shall not have it either.
    await keys.open(authority, { passphrase }, gone);
    return await audited(`Exported the key of the authority ${authority.label}`, async () => ({ files: [...files, secret('cakey.pem', await store.keyText(authority))] }));
  },

  export: async ({ id, as }) => {
    const kept = await store.find(id);
    const { kind, key } = kept.record;
    if (kind === 'authority') throw new Refused('bad-input', `${kept.label} is an authority.`, { field: 'id', remedy: 'Export it as an authority.' });
    const { cacert, cacrl } = trustFiles(trustedWith(kept, (await store.list()).certificates));
    const name = leafNames[kind];
    const gather = async (): Promise<readonly TextFile[]> => [
      ...(cacert === '' ? [] : [open('cacert.pem', cacert)]),
      ...(cacrl === null ? [] : [open('cacrl.pem', cacrl)]),
      open(`${name}cert.pem`, kept.facts.pem),
      ...(key === 'none' ? [] : [secret(`${name}key.pem`, await store.keyText(kept))]),
    ];
    const files = key === 'none' ? await gather() : await audited(`Exported the certificate and key of ${kept.label}`, gather);
    if (as === 'pem') return { as, files: [...files] };
    const folder = `${fileName(kept.label)}-libvirt`;
    const readme = open('README.txt', kind === 'host' ? hostReadme(kept) : clientReadme(kept, 'HOST'));
    const archive = zip([readme, ...files].map((one) => ({ name: `${folder}/${one.name}`, content: Buffer.from(one.content, 'utf8'), mode: Number.parseInt(one.mode, 8) })));
    return { as, name: `${folder}.zip`, base64: archive.toString('base64') };
  },
});
