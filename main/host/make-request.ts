// A private key made on a host by its own openssl or certtool, and the request for its certificate; the key never leaves.
import { Refused } from '../../app/contract/refusal.ts';
import { type AlternativeName, alternativeNameText } from '../../app/pki/subject.ts';
import { rootJournal } from './journal.ts';
import { requestKey } from './setup-facts.ts';
import type { Shell } from './shell.ts';

/** What the certificate is to say; the first name is the common name. */
export interface HostRequest {
  readonly names: readonly AlternativeName[];
  readonly organization: string | undefined;
  /** Bits of the RSA modulus. */
  readonly keyBits: number;
}

/** The configuration of `openssl req`, in which $ begins a variable and # a comment. */
export function opensslRequest({ names, organization }: HostRequest): string {
  const value = (text: string): string => text.replaceAll(/[\\$#"';]/g, String.raw`\$&`);
  const list = names.map((name) => `${name.kind === 'dns' ? 'DNS' : 'IP'}:${alternativeNameText(name)}`);
  return `[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = name
req_extensions = more
[name]
${organization === undefined ? '' : `O = ${value(organization)}\n`}CN = ${value(commonName(names))}
[more]
subjectAltName = ${list.join(',')}
`;
}

/** The template of certtool, whose texts stand in quotes. */
export function certtoolRequest({ names, organization }: HostRequest): string {
  const value = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  const lines = names.map((name) => `${name.kind === 'dns' ? 'dns_name' : 'ip_address'} = ${value(alternativeNameText(name))}`);
  return `${organization === undefined ? '' : `organization = ${value(organization)}\n`}cn = ${value(commonName(names))}\n${lines.join('\n')}\n`;
}

const commonName = ([first]: readonly AlternativeName[]): string => (first === undefined ? '' : alternativeNameText(first));

/**
 * Makes the key in root's folder of changes, in the place of one that waits there, and answers the request as PEM.
 * @throws Refused `command-refused` when there is no program for it or it fails.
 */
export async function makeRequest(root: Shell, maker: 'openssl' | 'certtool', request: HostRequest, signal: AbortSignal): Promise<string> {
  const made = maker === 'openssl'
    ? [`openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:${request.keyBits} -out "$k" 2>/dev/null || openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:${request.keyBits} -out "$k"`, 'openssl req -new -sha256 -key "$k" -config "$t"']
    : [`certtool --generate-privkey --pkcs8 --password= --key-type=rsa --bits ${request.keyBits} --outfile "$k"`, 'certtool --generate-request --load-privkey "$k" --template "$t"'];
  const said = await root(`LC_ALL=C; export LC_ALL; umask 077; set -e
d=${rootJournal}; k=${requestKey}.new; t=$d/request.template
mkdir -p "$d"; chmod 700 "$d"
trap 'rm -f "$t" "$k"; rmdir "$d" 2>/dev/null || :' EXIT
cat > "$t"
(${made[0]}) >&2
${made[1]} > "$t.pem"
sed -n '/-----BEGIN/,/-----END/p' "$t.pem"
rm -f "$t.pem"
mv -f "$k" ${requestKey}`, { stdin: Buffer.from(maker === 'openssl' ? opensslRequest(request) : certtoolRequest(request)), signal });
  const pem = said.stdout.toString('utf8');
  if (said.code !== 0 || !pem.includes('CERTIFICATE REQUEST')) {
    throw new Refused('command-refused', `${maker} on the host made no request: ${said.stderr.toString('utf8').trim().split('\n').slice(-2).join(' ').slice(-300) || `it ended with code ${said.code}`}.`);
  }
  return pem;
}
