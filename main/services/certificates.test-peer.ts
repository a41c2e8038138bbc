// Certificates made elsewhere, as libvirt's own instructions make them with certtool (https://libvirt.org/kbase/tlscerts.html), for tests of importing.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testFolder } from './folder.test-peer.ts';

const execute = promisify(execFile);

/** Where the files are, and one or more of them as an ask takes them. */
export interface MadeElsewhere {
  readonly folder: string;
  readonly file: (name: string) => Promise<string>;
}

const templates = {
  ca: ['cn = Libvirt CA', 'ca', 'cert_signing_key', 'crl_signing_key', 'expiration_days = 700'],
  server: ['organization = Libvirt CA', 'cn = compute1.libvirt.org', 'dns_name = compute1.libvirt.org', 'ip_address = 10.0.0.74', 'ip_address = 2001:db8::74', 'tls_www_server', 'encryption_key', 'signing_key', 'expiration_days = 365'],
  client: ['country = GB', 'state = London', 'locality = London', 'organization = Libvirt CA', 'cn = client1', 'tls_www_client', 'encryption_key', 'signing_key', 'expiration_days = 365'],
} as const;

/** cacert.pem, cakey.pem, servercert.pem and so on. @param kind what certtool calls the kind of key. */
export const madeByCerttool = async (kind: 'rsa' | 'ecdsa' | 'ed25519'): Promise<MadeElsewhere> => {
  const folder = await testFolder();
  const at = (name: string): string => join(folder, name);
  for (const [name, lines] of Object.entries(templates)) {
    await writeFile(at(`${name}.info`), `${lines.join('\n')}\n`);
    await execute('certtool', ['--generate-privkey', '--key-type', kind, ...(kind === 'rsa' ? ['--bits', '2048'] : []), '--outfile', at(`${name}key.pem`)]);
    const signing = name === 'ca' ? ['--generate-self-signed'] : ['--generate-certificate', '--load-ca-certificate', at('cacert.pem'), '--load-ca-privkey', at('cakey.pem')];
    await execute('certtool', [...signing, '--load-privkey', at(`${name}key.pem`), '--template', at(`${name}.info`), '--outfile', at(`${name}cert.pem`)]);
  }
  return { folder, file: async (name) => (await readFile(at(name))).toString('base64') };
};
