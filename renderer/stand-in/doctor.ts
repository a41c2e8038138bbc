// The stand-in's doctor: a daemon that does not run on one host, until its remedy is used; all others are well.
import type { Connection } from '../../app/contract/connections.ts';
import type { DoctorReport, DoctorStage, RemedyOutcome } from '../../app/contract/doctor.ts';
import { commandOfRemedy, effectOfRemedy, labelOfRemedy, type Remedy } from '../../app/contract/doctor.ts';
import type { Takes } from '../../app/contract/contract.ts';

const done = (stage: DoctorStage['stage'], seen: string, milliseconds: number, warnings: string[] = []): DoctorStage => ({ outcome: 'done', stage, seen, milliseconds, warnings });

const way = (): DoctorStage[] => [
  done('uri', 'qemu+ssh://root@cumulus/system', 0), done('name', '10.0.4.17', 3), done('port', '10.0.4.17 port 22', 11),
  done('hostKey', 'ssh-ed25519 SHA256:x2Jc0Zk1n0qVJ9v7m3uXo5T8wq4h1rGd0sYbEoZlK4c, known from /home/admin/.ssh/known_hosts line 7', 64), done('login', 'admin, by SSH agent', 41),
];

const remedies: readonly Remedy[] = [{ kind: 'startUnit', unit: 'libvirtd.socket' }, { kind: 'showCommand', label: 'A polkit rule for this user', command: "echo 'polkit.addRule(…);' | sudo tee /etc/polkit-1/rules.d/50-guestdeck.rules", where: 'host' }];

const unwell = (): DoctorStage[] => [
  ...way(),
  {
    outcome: 'failed', stage: 'socket', milliseconds: 187,
    refusal: { code: 'socket-missing', stage: 'socket', message: 'No libvirt daemon could be reached on cumulus: /var/run/libvirt/libvirt-sock is missing or forwarding is not allowed.', remedy: 'Start libvirt on the host.' },
    findings: ['libvirtd is installed (one daemon for all drivers).', 'libvirtd.socket is inactive and enabled.', 'There is no socket of it in /run/libvirt.', 'admin (groups admin, libvirt) is logged in on Debian GNU/Linux 12 (bookworm).'],
  },
  ...(['libvirt', 'sasl', 'driver', 'versions', 'permissions'] as const).map((stage): DoctorStage => ({ outcome: 'skipped', stage, why: 'Not reached.' })),
];

const well = (): DoctorStage[] => [
  ...way(), done('socket', '/var/run/libvirt/libvirt-sock', 88), done('libvirt', 'A libvirt daemon answers.', 3), { outcome: 'skipped', stage: 'sasl', why: 'The daemon asks for no login of its own.' },
  done('driver', 'qemu:///system is open.', 12), done('versions', 'libvirt 9.0.0 with QEMU 7.2.0 on cumulus; it has events by callback, keepalive', 6, ['When the hypervisor goes away, the daemon does not say so.']),
  done('permissions', 'May list 12 guests; read definitions with passwords; change guests', 9),
];

/** Answers for the hosts of the stand-in. */
export const doctorAnswers = (connections: readonly Connection[]) => {
  const mended = new Set<string>();
  const report = (id: string): DoctorReport => {
    const { uri, state } = connections.find((one) => one.id === id) ?? { uri: '', state: { phase: 'off' as const } };
    const isWell = state.phase !== 'failed' || mended.has(id);
    return {
      uri, at: Date.now(), well: isWell, stages: isWell ? well() : unwell(),
      remedies: isWell ? [] : remedies.map((remedy) => ({ remedy, label: labelOfRemedy(remedy), effect: effectOfRemedy(remedy), command: commandOfRemedy(remedy)?.command ?? null })),
    };
  };
  return {
    doctor: ({ id = '' }: Takes<'connections', 'doctor'>): DoctorReport => report(id),
    remedy: ({ id, remedy }: Takes<'connections', 'remedy'>): RemedyOutcome => {
      mended.add(id);
      return { command: commandOfRemedy(remedy)?.command ?? null, code: 0, output: '', report: report(id) };
    },
  };
};
