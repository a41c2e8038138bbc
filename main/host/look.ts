// A look at a host: who is logged in there, which daemons, units, sockets and programs it has. Changes nothing.
import type { Shell } from './shell.ts';

export interface Unit {
  readonly name: string;
  /** As `systemctl show` says: `active`, `inactive`, `failed`, … */
  readonly state: string;
  /** `enabled`, `disabled`, `static`, …; empty where it is not known. */
  readonly file: string;
}

export interface HostSocket {
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  /** Octal. */
  readonly mode: string;
  /** Whether the user who is logged in may open it. */
  readonly mayOpen: boolean;
}

/** What was found. What the host does not tell is empty. */
export interface HostLook {
  readonly user: string;
  readonly isRoot: boolean;
  /** Those the login has now; one that was joined since is missing. */
  readonly groups: readonly string[];
  /** Members of the groups `libvirt` and `libvirtd`, by group, whether or not they have logged in since. */
  readonly members: ReadonlyMap<string, readonly string[]>;
  readonly system: string;
  readonly programs: ReadonlySet<string>;
  readonly units: readonly Unit[];
  readonly sockets: readonly HostSocket[];
  /** Names of processes of libvirt's daemons that run. */
  readonly running: readonly string[];
  /** `Enforcing`, `Permissive`, or empty without SELinux. */
  readonly selinux: string;
  readonly appArmor: boolean;
  /** The last errors in the daemons' journal, where the user may read it. */
  readonly errors: readonly string[];
}

const daemons = ['libvirtd', 'virtqemud', 'virtproxyd', 'virtxend', 'virtlxcd', 'virtvboxd', 'virtchd'] as const;
const others = ['virt-ssh-helper', 'nc', 'sudo', 'systemctl', 'apt-get', 'dnf', 'zypper', 'pacman'] as const;
const units = daemons.flatMap((name) => [`${name}.socket`, `${name}.service`]).concat('libvirtd-tls.socket', 'virtproxyd-tls.socket', 'libvirtd-tcp.socket', 'virtproxyd-tcp.socket');

const script = [
  'LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin',
  'echo "user=$(id -un)"; echo "uid=$(id -u)"; echo "groups=$(id -Gn)"',
  'for g in libvirt libvirtd; do getent group $g 2>/dev/null | sed "s/^/members=/"; done',
  '(. /etc/os-release && echo "system=$PRETTY_NAME") 2>/dev/null',
  `for p in ${[...daemons, ...others].join(' ')}; do command -v $p >/dev/null 2>&1 && echo "program=$p"; done`,
  // -S follows links, which would list one socket by two names; those of a user's own daemon lie in a folder of that user.
  'for s in /run/libvirt/*-sock /run/libvirt/*-sock-ro "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"/libvirt/*-sock; do ' +
    'test -S "$s" && { test -w "$s" && m=yes || m=no; echo "socket=$m $(stat -c "%U %G %a" "$s") $s"; }; done',
  `systemctl show --property=Id,LoadState,ActiveState,UnitFileState ${units.join(' ')} 2>/dev/null`,
  `for p in /proc/[0-9]*/comm; do read -r c < "$p"; case $c in ${daemons.join('|')}) echo "running=$c";; esac; done 2>/dev/null`,
  'echo "selinux=$(getenforce 2>/dev/null)"; echo "apparmor=$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)"',
  `journalctl --quiet --no-pager --output=cat --priority=err --lines=3 ${daemons.map((name) => `--unit=${name}`).join(' ')} 2>/dev/null | sed "s/^/error=/"`,
  'true',
].join('; ');

/** Looks at the host. Throws Refused as the shell does. */
export async function lookAt(shell: Shell, signal: AbortSignal): Promise<HostLook> {
  return readLook((await shell(script, { signal })).stdout.toString('utf8'));
}

/** Reads what the script printed. Lines it does not know are left out. */
export function readLook(text: string): HostLook {
  const lines = text.split('\n').map((line): readonly [string, string] => {
    const equals = line.indexOf('=');
    return equals < 0 ? ['', line] : [line.slice(0, equals), line.slice(equals + 1).trim()];
  });
  const all = (name: string): readonly string[] => lines.filter(([key]) => key === name).map(([, value]) => value);
  const one = (name: string): string => all(name)[0] ?? '';
  const words = (value: string): readonly string[] => value.split(/[\s,]+/).filter((word) => word !== '');
  return {
    user: one('user'),
    isRoot: one('uid') === '0',
    groups: words(one('groups')),
    members: new Map(all('members').map((line) => {
      const [group = '', , , members = ''] = line.split(':');
      return [group, words(members)];
    })),
    system: one('system'),
    programs: new Set(all('program')),
    units: readUnits(lines),
    sockets: all('socket').flatMap((line) => {
      const [mayOpen, owner, group, mode, ...path] = line.split(' ');
      return owner === undefined || group === undefined || mode === undefined ? [] : [{ path: path.join(' '), owner, group, mode, mayOpen: mayOpen === 'yes' }];
    }),
    running: [...new Set(all('running'))],
    selinux: one('selinux'),
    appArmor: one('apparmor') === 'Y',
    errors: [...new Set(all('error'))],
  };
}

/** `systemctl show` prints a block of lines for each unit; the order of lines in it differs by version. Units that are not there are left out. */
export function readUnits(lines: readonly (readonly [string, string])[]): readonly Unit[] {
  const blocks: Map<string, string>[] = [];
  for (const [key, value] of lines) {
    if (!['Id', 'LoadState', 'ActiveState', 'UnitFileState'].includes(key)) continue;
    const last = blocks.at(-1);
    if (last === undefined || last.has(key)) blocks.push(new Map([[key, value]]));
    else last.set(key, value);
  }
  return blocks
    .filter((block) => block.get('LoadState') === 'loaded')
    .map((block) => ({ name: block.get('Id') ?? '', state: block.get('ActiveState') ?? '', file: block.get('UnitFileState') ?? '' }));
}
