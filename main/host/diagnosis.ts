// What a look at a host means for a daemon that cannot be reached: findings in words, and what can be done.
import { type PackageManager, packageManagers, type Remedy, startableUnits, type StartableUnit } from '../../app/domain/remedy.ts';
import type { HostLook, HostSocket } from './look.ts';

export interface Diagnosis {
  /** A sentence each. */
  readonly findings: readonly string[];
  /** The likeliest first. */
  readonly remedies: readonly Remedy[];
}

/** What was to be reached. */
export interface Wanted {
  /** The driver's own daemon, such as `virtqemud`; undefined where only libvirtd serves it. */
  readonly daemon: string | undefined;
  readonly isSession: boolean;
  /** Over SSH, where a stream to a socket needs forwarding, virt-ssh-helper or netcat. */
  readonly isRemote: boolean;
}

/** Why there is no way to the daemon's socket. */
export function diagnoseSocket(look: HostLook, wanted: Wanted): Diagnosis {
  const installed = ['libvirtd', ...(wanted.daemon === undefined ? [] : [wanted.daemon])].filter((name) => look.programs.has(name));
  const about = `${look.user}${look.isRoot ? '' : ` (groups ${look.groups.join(', ')})`} is logged in${look.system === '' ? '' : ` on ${look.system}`}.`;
  const facts = [about, ...guards(look)];
  if (installed.length === 0) {
    return { findings: [`No libvirt daemon is installed${wanted.daemon === undefined ? '' : `: neither libvirtd nor ${wanted.daemon}`}.`, ...facts], remedies: withManager(look, 'libvirt') };
  }
  if (wanted.isSession) {
    const daemon = installed.includes('virtqemud') ? 'virtqemud' : 'libvirtd';
    return { findings: [`${daemon} is installed and does not run for this user.`, ...facts], remedies: [{ kind: 'startSession', daemon }] };
  }
  const sockets = look.sockets.filter(({ path }) => serves(path, wanted));
  const open = sockets.filter(({ mayOpen }) => mayOpen);
  const kind = `${installed.join(' and ')} ${installed.length > 1 ? 'are' : 'is'} installed (${look.programs.has('libvirtd') ? 'one daemon for all drivers' : 'one daemon for each driver'}).`;
  const found = [kind, ...sockets.map(describeSocket), ...look.units.filter(({ name }) => installed.some((daemon) => name.startsWith(`${daemon}.`))).map(({ name, state, file }) => `${name} is ${state}${file === '' ? '' : ` and ${file}`}.`)];
  const errors = look.errors.map((line) => `The daemon's journal says: ${line}`);
  if (open.length > 0) return { findings: [...found, ...facts, ...errors], remedies: openButUnreached(look, wanted, installed) };
  if (sockets.length > 0) return denied(look, sockets, [...found, ...facts]);
  return { findings: [...found, 'There is no socket of it in /run/libvirt.', ...facts, ...errors], remedies: starting(look, installed) };
}

/** The read-only socket serves nobody who wants to change something; a user's own socket is another daemon's. */
const serves = (path: string, { daemon }: Wanted): boolean => ['libvirt', ...(daemon === undefined ? [] : [daemon])].some((name) => path === `/run/libvirt/${name}-sock`);

const describeSocket = ({ path, owner, group, mode, mayOpen }: HostSocket): string => `${path} (${owner}:${group}, mode ${mode}) ${mayOpen ? 'may' : 'may not'} be opened by this user.`;

function guards({ selinux, appArmor }: HostLook): readonly string[] {
  if (selinux === 'Enforcing') return ['SELinux is enforcing; what it forbids is in the audit log (ausearch -m avc -ts recent).'];
  return appArmor ? ['AppArmor is on; what it forbids is in the kernel log (journalctl -k --grep DENIED).'] : [];
}

/** Somebody may open it, and yet nobody got through. */
function openButUnreached(look: HostLook, { isRemote }: Wanted, installed: readonly string[]): readonly Remedy[] {
  const lacksWay = isRemote && !look.programs.has('nc') && !look.programs.has('virt-ssh-helper');
  // A socket file without a daemon behind it stays when the daemon was killed.
  const isDead = !look.units.some(({ name, state }) => name.endsWith('.socket') && state === 'active') && look.running.length === 0;
  return [...(isDead ? starting(look, installed) : []), ...(lacksWay ? withManager(look, 'netcat') : [])];
}

function denied(look: HostLook, sockets: readonly HostSocket[], found: readonly string[]): Diagnosis {
  const group = sockets.map((socket) => socket.group).find((name) => name === 'libvirt' || name === 'libvirtd');
  if (group === undefined || look.isRoot) return { findings: found, remedies: [] };
  if (look.members.get(group)?.includes(look.user) === true && !look.groups.includes(group)) {
    return { findings: [`${look.user} was added to the group ${group} after this login; it counts from the next one.`, ...found], remedies: [] };
  }
  return { findings: [`${look.user} is not in the group ${group}.`, ...found], remedies: [{ kind: 'addToGroup', user: look.user, group }] };
}

const isStartable = (name: string): name is StartableUnit => (startableUnits as readonly string[]).includes(name);

/** The unit that gives the socket: one that is enabled before others, the socket before the service. */
function starting(look: HostLook, installed: readonly string[]): readonly Remedy[] {
  const names = installed.flatMap((daemon) => [`${daemon}.socket`, `${daemon}.service`]);
  const units = look.units.filter(({ name, state }) => names.includes(name) && state !== 'active');
  const ordered = [...units.filter(({ file }) => file === 'enabled'), ...units.filter(({ file }) => file !== 'enabled')];
  const unit = (ordered.find(({ name }) => name.endsWith('.socket')) ?? ordered[0])?.name;
  if (unit !== undefined && isStartable(unit)) return [{ kind: 'startUnit', unit }];
  const [daemon] = installed;
  // Without systemd, how daemons are started is the host's own affair.
  return daemon === undefined || look.programs.has('systemctl') && look.units.length > 0 ? [] : [{ kind: 'showCommand', label: `How to start ${daemon}`, command: `sudo ${daemon} --daemon`, where: 'host' }];
}

function withManager(look: HostLook, program: 'libvirt' | 'netcat'): readonly Remedy[] {
  const manager = packageManagers.find((name): name is PackageManager => look.programs.has(name));
  return manager === undefined ? [] : [{ kind: 'installPackage', manager, program }];
}

/** polkit's rules are asked where the socket is open to all; what lets a user through, in its own language. */
export function diagnosePolkit(look: HostLook): Diagnosis {
  const rule = `polkit.addRule(function(action, subject) { if (action.id == "org.libvirt.unix.manage" && subject.user == "${look.user}") return polkit.Result.YES; });`;
  const group = look.members.has('libvirt') ? 'libvirt' as const : look.members.has('libvirtd') ? 'libvirtd' as const : undefined;
  const isMember = group !== undefined && look.groups.includes(group);
  return {
    findings: [
      `polkit on the host was asked whether ${look.user} may do org.libvirt.unix.manage, and said no; nobody there can type a password for it.`,
      ...(group === undefined ? [] : [`${look.user} is ${isMember ? '' : 'not '}in the group ${group}${isMember ? ', which this host gives no right by that' : ', whose members need no password where the distribution’s rule is in place'}.`]),
    ],
    remedies: [
      ...(group === undefined || isMember || look.isRoot ? [] : [{ kind: 'addToGroup', user: look.user, group } as const]),
      { kind: 'showCommand', label: 'A polkit rule for this user', command: `echo '${rule}' | sudo tee /etc/polkit-1/rules.d/50-guestdeck.rules`, where: 'host' },
    ],
  };
}
