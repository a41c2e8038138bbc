// Certificates for tests, made by openssl so that they do not depend on our own way of making them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority in its own folder: cacert.pem, cakey.pem and openssl's records. */
export interface TestAuthority {
  readonly folder: string;
  /** Signs a certificate into FOLDER/NAMEcert.pem with its key in NAMEkey.pem. */
  readonly sign: (name: string, options: TestCertificate) => void;
  /** Signs a certificate of its own key and name into FOLDER/NAMEcert.pem, as `TestCertificate` says. */
  readonly signItself: (name: string, options: Pick<TestCertificate, 'from' | 'to' | 'lines'>) => void;
  readonly revoke: (name: string) => void;
  /** Writes FOLDER/cacrl.pem anew; out of date on demand. */
  readonly list: (options?: { readonly expired?: boolean }) => void;
}

/** `usage`: of the extended key usage; `lines`: more extensions. Dates as YYYYMMDDHHMMSSZ. `key`: as openssl-req(1) takes it. */
export interface TestCertificate {
  readonly common: string;
  readonly names?: string;
  readonly usage?: string;
  readonly lines?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly key?: readonly string[];
  readonly digest?: string;
}

const openssl = (...words: readonly string[]): void => {
  execFileSync('openssl', words, { stdio: 'pipe' });
};
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const dates = ({ from, to }: Pick<TestCertificate, 'from' | 'to'>): readonly string[] => [...(from === undefined ? [] : ['-startdate', from]), ...(to === undefined ? [] : ['-enddate', to])];

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
  openssl('req', '-x509', ...curve, '-nodes', '-keyout', at('cakey.pem'), '-out', at('cacert.pem'), '-days', '30', '-subj', `/CN=${common}`,
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
  const list: TestAuthority['list'] = ({ expired = false } = {}) =>
    openssl('ca', '-config', at('ca.conf'), '-gencrl', '-out', at('cacrl.pem'), ...(expired ? ['-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z'] : []));
  return {
    folder,
    sign: (name, { common: subject, names, usage = 'serverAuth,clientAuth', lines = [], key = curve, digest, ...life }) => {
      openssl('req', '-new', ...key, '-nodes', '-keyout', at(`${name}key.pem`), '-out', at(`${name}.csr`), '-subj', `/CN=${subject}`);
      writeFileSync(at(`${name}.ext`), [`extendedKeyUsage=${usage}`, ...(names === undefined ? [] : [`subjectAltName=${names}`]), ...lines, ''].join('\n'));
      openssl('ca', '-batch', '-notext', '-config', at('ca.conf'), '-in', at(`${name}.csr`), '-out', at(`${name}cert.pem`), '-extfile', at(`${name}.ext`),
        ...(digest === undefined ? [] : ['-md', digest]), ...dates(life));
    },
    signItself: (name, { lines = [], ...life }) => {
      openssl('req', '-new', '-key', at('cakey.pem'), '-out', at(`${name}.csr`), '-subj', `/CN=${common}`);
      writeFileSync(at(`${name}.ext`), [...lines, ''].join('\n'));
      openssl('ca', '-batch', '-notext', '-selfsign', '-config', at('ca.conf'), '-in', at(`${name}.csr`), '-out', at(`${name}cert.pem`), '-extfile', at(`${name}.ext`), ...dates(life));
    },
    revoke: (name) => {
      openssl('ca', '-config', at('ca.conf'), '-revoke', at(`${name}cert.pem`));
      list();
    },
    list,
  };
}
