// What has to be known of a host before anything is set up there: its daemon and who listens for it, its files, its rights. Changes nothing.
import { shellWord } from '../../app/domain/virsh.ts';
import { rootJournal } from './journal.ts';
import { readUnits, type Unit } from './look.ts';
import type { Shell } from './shell.ts';

/** A file or folder that is there. */
export interface FileFacts {
  /** Where it is once links are followed. */
  readonly real: string;
  readonly owner: string;
  readonly group: string;
  /** Octal. */
  readonly mode: string;
  readonly isFolder: boolean;
  /** SHA-256 of what is in it; empty where that may not be read. */
  readonly sum: string;
}

export interface SetupFacts {
  readonly user: string;
  readonly home: string;
  readonly rights: 'root' | 'sudo' | 'password' | 'none';
  readonly system: string;
  /** Host names, then addresses, each once. */
  readonly names: readonly string[];
  readonly units: readonly Unit[];
  /** What each TLS socket unit listens on, as systemd says it. */
  readonly listens: ReadonlyMap<string, string>;
  /** TCP ports on which something listens. */
  readonly ports: ReadonlySet<number>;
  readonly programs: ReadonlySet<string>;
  /** The file that gives libvirtd its arguments where it is no socket that listens, and the variable in it. */
  readonly environment: { readonly file: string; readonly variable: string } | null;
  /** The group that QEMU's processes have. */
  readonly qemuGroup: string;
  readonly firewall: 'firewalld' | 'ufw' | null;
  readonly selinux: string;
  /** Texts of configuration files that may be read. */
  readonly texts: ReadonlyMap<string, string>;
  /** The journal of a change that was not brought to its end; empty where there is none or it may not be read. */
  readonly journal: string;
  readonly hasRequest: boolean;
}

/** Where a key waits that was made on the host. */
export const requestKey = `${rootJournal}/request.key`;

/** Sockets of the daemons that serve clients from afar, and the daemon of QEMU, which reads qemu.conf. */
const families = ['libvirtd', 'virtproxyd', 'virtqemud'] as const;
const units = families.flatMap((name) => [`${name}.service`, ...['', '-ro', '-admin', '-tls', '-tcp'].map((kind) => `${name}${kind}.socket`)]);
const texts = ['/etc/libvirt/libvirtd.conf', '/etc/libvirt/virtproxyd.conf', '/etc/libvirt/qemu.conf', '/etc/sasl2/libvirt.conf', '/etc/default/libvirtd', '/etc/sysconfig/libvirtd'];

const whole = '| base64 | tr -d "\\n"';
const script = [
  'LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin',
  'echo "user=$(id -un)"; echo "home=${HOME:-$(getent passwd "$(id -un)" | cut -d : -f 6)}"',
  'if [ "$(id -u)" = 0 ]; then echo rights=root; elif ! command -v sudo >/dev/null 2>&1; then echo rights=none; elif sudo -n true 2>/dev/null; then echo rights=sudo; else echo rights=password; fi',
  '(. /etc/os-release && echo "system=$PRETTY_NAME") 2>/dev/null',
  'for n in "$(hostname -f 2>/dev/null)" "$(hostname 2>/dev/null)"; do echo "name=$n"; done',
  'for a in $(echo "$SSH_CONNECTION" | cut -d " " -f 3) $(hostname -I 2>/dev/null); do echo "name=$a"; done',
  'for p in openssl certtool systemctl saslpasswd2 sasldblistusers2; do command -v $p >/dev/null 2>&1 && echo "program=$p"; done',
  `systemctl show --property=Id,LoadState,ActiveState,UnitFileState ${units.join(' ')} 2>/dev/null`,
  'for u in libvirtd-tls.socket virtproxyd-tls.socket; do echo "listen=$u $(systemctl show --property=Listen --value $u 2>/dev/null | tr "\\n" " ")"; done',
  'for t in /proc/net/tcp /proc/net/tcp6; do while read -r n l r s rest; do [ "$s" = 0A ] && echo "port=${l##*:}"; done < $t; done 2>/dev/null',
  'e=$(systemctl show --property=EnvironmentFiles --value libvirtd.service 2>/dev/null | head -n 1); v=$(systemctl cat libvirtd.service 2>/dev/null | sed -n "s/^ExecStart=.*[$]{*\\([A-Za-z_]*\\).*/\\1/p" | tail -n 1)',
  '[ -n "$e" ] && [ -n "$v" ] && echo "environment=$v ${e% (ignore_errors=*)}"',
  'for g in libvirt-qemu qemu; do n=$(id -gn $g 2>/dev/null) && { echo "qemu=$n"; break; }; done',
  'systemctl is-active --quiet firewalld 2>/dev/null && echo firewall=firewalld; grep -qs "^ENABLED=yes" /etc/ufw/ufw.conf && echo firewall=ufw',
  'echo "selinux=$(getenforce 2>/dev/null)"',
  `for f in ${texts.join(' ')} ${rootJournal}/journal; do [ -r "$f" ] && echo "text=$f $(cat "$f" ${whole})"; done`,
  `[ -e ${requestKey} ] && echo request=yes`,
  'true',
].join('\n');

/** Looks at a host as the user of this shell. Throws Refused as the shell does. */
export async function lookForSetup(shell: Shell, signal: AbortSignal): Promise<SetupFacts> {
  return readSetup((await shell(script, { signal })).stdout.toString('utf8'));
}

const rights = ['root', 'sudo', 'password', 'none'] as const;

/** Reads what the script printed. Lines it does not know are left out. */
export function readSetup(text: string): SetupFacts {
  const lines = text.split('\n').map((line): readonly [string, string] => {
    const equals = line.indexOf('=');
    return equals < 0 ? ['', line] : [line.slice(0, equals), line.slice(equals + 1).trim()];
  });
  const all = (name: string): readonly string[] => lines.filter(([key]) => key === name).map(([, value]) => value);
  const one = (name: string): string => all(name)[0] ?? '';
  const [variable, ...file] = one('environment').split(' ');
  const found = new Map(all('text').map((line) => {
    const [path = '', base64 = ''] = line.split(' ');
    return [path, Buffer.from(base64, 'base64').toString('utf8')];
  }));
  const firewall = one('firewall');
  return {
    user: one('user'),
    home: one('home'),
    rights: rights.find((each) => each === one('rights')) ?? 'none',
    system: one('system'),
    names: [...new Set(all('name'))].filter((name) => name !== '' && name !== 'localhost' && name !== '::1' && !name.startsWith('127.')),
    units: readUnits(lines),
    listens: new Map(all('listen').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])),
    ports: new Set(all('port').map((hex) => Number.parseInt(hex, 16))),
    programs: new Set(all('program')),
    environment: variable === undefined || file.length === 0 ? null : { file: file.join(' '), variable },
    qemuGroup: one('qemu') || 'root',
    firewall: firewall === 'firewalld' || firewall === 'ufw' ? firewall : null,
    selinux: one('selinux'),
    texts: found,
    journal: found.get(`${rootJournal}/journal`) ?? '',
    hasRequest: one('request') === 'yes',
  };
}

/** Looks at files and folders; those that are not there, or not to be seen by this user, are left out. */
export async function lookAtFiles(shell: Shell, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, FileFacts>> {
  const { stdout } = await shell(`LC_ALL=C; export LC_ALL
for f in ${paths.map(shellWord).join(' ')}; do
  [ -e "$f" ] || continue
  if [ -d "$f" ]; then k=folder; s=; else k=file; s=$(sha256sum < "$f" 2>/dev/null | cut -d ' ' -f 1); fi
  printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$f" "$(readlink -f "$f")" "$(stat -L -c '%U %G %a' "$f")" $k "$s"
done`, { signal });
  return new Map(stdout.toString('utf8').split('\n').flatMap((line): readonly (readonly [string, FileFacts])[] => {
    const [path, real, who, kind, sum = ''] = line.split('\t');
    if (path === undefined || real === undefined || who === undefined || kind === undefined) return [];
    const [owner = '', group = '', mode = ''] = who.split(' ');
    return [[path, { real, owner, group, mode, isFolder: kind === 'folder', sum }]];
  }));
}

/** The certificates among these files, as PEM; those that may not be read are left out. Never asked for a key. */
export async function readCertificates(shell: Shell, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await shell(`for f in ${paths.map(shellWord).join(' ')}; do [ -r "$f" ] && [ -f "$f" ] && printf '%s\\t%s\\n' "$f" "$(cat "$f" ${whole})"; done; true`, { signal });
  return new Map(stdout.toString('utf8').split('\n').flatMap((line): readonly (readonly [string, string])[] => {
    const [path, base64] = line.split('\t');
    return path === undefined || base64 === undefined ? [] : [[path, Buffer.from(base64, 'base64').toString('utf8')]];
  }));
}
