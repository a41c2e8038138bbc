// Certificates for tests, made by openssl so that they do not depend on our own way of making them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority in its own folder: cacert.pem, cakey.pem and openssl's records. */
export interface TestAuthority {
  readonly folder: string;
  /** Signs a certificate into FOLDER/NAMEcert.pem with its key in NAMEkey.pem; dates as YYYYMMDDHHMMSSZ. */
  readonly sign: (name: string, options: { readonly common: string; readonly names?: string; readonly usage?: string; readonly from?: string; readonly to?: string }) => void;
  readonly revoke: (name: string) => void;
  /** Writes FOLDER/cacrl.pem anew; out of date on demand. */
  readonly list: (options?: { readonly expired?: boolean }) => void;
}

const openssl = (...words: readonly string[]): void => {
  execFileSync('openssl', words, { stdio: 'pipe' });
};
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function makeAuthority(folder: string, common: string): TestAuthority {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(at('ca.conf'), [
    '[ca]', 'default_ca=here', '[here]', `database=${at('index.txt')}`, `new_certs_dir=${folder}`, `certificate=${at('cacert.pem')}`,
    `private_key=${at('cakey.pem')}`, 'default_md=sha256', 'default_days=30', 'default_crl_days=30', 'policy=any', 'rand_serial=yes',
    '[any]', 'commonName=supplied', '',
  ].join('\n'));
  openssl('req', '-x509', ...newKey, '-keyout', at('cakey.pem'), '-out', at('cacert.pem'), '-days', '30', '-subj', `/CN=${common}`,
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
  const list: TestAuthority['list'] = ({ expired = false } = {}) =>
    openssl('ca', '-config', at('ca.conf'), '-gencrl', '-out', at('cacrl.pem'), ...(expired ? ['-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z'] : []));
  return {
    folder,
    sign: (name, { common: subject, names, usage = 'serverAuth,clientAuth', from, to }) => {
      openssl('req', '-new', ...newKey, '-keyout', at(`${name}key.pem`), '-out', at(`${name}.csr`), '-subj', `/CN=${subject}`);
      writeFileSync(at(`${name}.ext`), `extendedKeyUsage=${usage}\n${names === undefined ? '' : `subjectAltName=${names}\n`}`);
      openssl('ca', '-batch', '-notext', '-config', at('ca.conf'), '-in', at(`${name}.csr`), '-out', at(`${name}cert.pem`), '-extfile', at(`${name}.ext`),
        ...(from === undefined ? [] : ['-startdate', from]), ...(to === undefined ? [] : ['-enddate', to]));
    },
    revoke: (name) => {
      openssl('ca', '-config', at('ca.conf'), '-revoke', at(`${name}cert.pem`));
      list();
    },
    list,
  };
}
