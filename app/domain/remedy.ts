// What can be done so that a host is reached: a closed list, what each is called, and the very command that it runs.
import { z } from './schema.ts';

/** Programs that install packages; which of them a host has is found by looking. */
export const packageManagers = ['apt-get', 'dnf', 'zypper', 'pacman'] as const;
export type PackageManager = (typeof packageManagers)[number];

/** What a host may lack. */
const missing = ['libvirt', 'netcat'] as const;

/** Units of libvirt's daemons that may be started: the monolithic daemon, one daemon per driver, and what listens for TLS and TCP. */
export const startableUnits = [
  'libvirtd.socket', 'libvirtd.service', 'libvirtd-tls.socket', 'libvirtd-tcp.socket',
  'virtqemud.socket', 'virtxend.socket', 'virtlxcd.socket', 'virtvboxd.socket', 'virtchd.socket',
  'virtproxyd.socket', 'virtproxyd-tls.socket', 'virtproxyd-tcp.socket',
] as const;
export type StartableUnit = (typeof startableUnits)[number];

/** Names that no shell reads anything else into. */
const userName = z.string().max(64).regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/);

const acceptHostKey = z.strictObject({ kind: z.literal('acceptHostKey') });
const addToGroup = z.strictObject({ kind: z.literal('addToGroup'), user: userName, group: z.enum(['libvirt', 'libvirtd']) });
const installPackage = z.strictObject({ kind: z.literal('installPackage'), manager: z.enum(packageManagers), program: z.enum(missing) });
const startUnit = z.strictObject({ kind: z.literal('startUnit'), unit: z.enum(startableUnits) });
const startSession = z.strictObject({ kind: z.literal('startSession'), daemon: z.enum(['libvirtd', 'virtqemud']) });
const makeCertificates = z.strictObject({ kind: z.literal('makeCertificates'), host: z.string() });
const openPort = z.strictObject({ kind: z.literal('openPort'), port: z.number().int().min(1).max(65_535) });
/** `where` is the machine to type it at: `here`, or the `host`. */
const showCommand = z.strictObject({ kind: z.literal('showCommand'), label: z.string(), command: z.string(), where: z.enum(['here', 'host']) });

/** What Guestdeck does itself when it is told to: ask about the host key again, or run one command on the host. */
export const runnableRemedy = z.discriminatedUnion('kind', [acceptHostKey, addToGroup, installPackage, startUnit, startSession]);
export type RunnableRemedy = z.infer<typeof runnableRemedy>;

/** All that can be offered; what is not runnable is for a person to read or copy. */
export const remedy = z.discriminatedUnion('kind', [acceptHostKey, addToGroup, installPackage, startUnit, startSession, makeCertificates, openPort, showCommand]);
export type Remedy = z.infer<typeof remedy>;

export const isRunnable = (offered: Remedy): offered is RunnableRemedy => !['makeCertificates', 'openPort', 'showCommand'].includes(offered.kind);

const packages: Readonly<Record<PackageManager, Readonly<Record<(typeof missing)[number], string>>>> = {
  'apt-get': { libvirt: 'libvirt-daemon-system', netcat: 'netcat-openbsd' },
  dnf: { libvirt: 'libvirt-daemon-kvm', netcat: 'nmap-ncat' },
  zypper: { libvirt: 'libvirt-daemon-qemu', netcat: 'netcat-openbsd' },
  pacman: { libvirt: 'libvirt qemu-base', netcat: 'openbsd-netcat' },
};

/** Each installs without a question, which nobody there could answer. */
const installing: Readonly<Record<PackageManager, string>> = {
  'apt-get': 'env DEBIAN_FRONTEND=noninteractive apt-get install --yes', dnf: 'dnf install --assumeyes', zypper: 'zypper --non-interactive install', pacman: 'pacman --sync --noconfirm --needed',
};

/** What a remedy runs, and whether root has to. Made of fields that hold nothing a shell understands; null where nothing is run. */
export function commandOfRemedy(offered: Remedy): { readonly command: string; readonly asRoot: boolean } | null {
  switch (offered.kind) {
    case 'addToGroup':
      return { command: `usermod --append --groups ${offered.group} ${offered.user}`, asRoot: true };
    case 'installPackage':
      return { command: `${installing[offered.manager]} ${packages[offered.manager][offered.program]}`, asRoot: true };
    case 'startUnit':
      return { command: `systemctl start ${offered.unit}`, asRoot: true };
    case 'startSession':
      return { command: `${offered.daemon} --daemon --timeout=120`, asRoot: false };
    case 'showCommand':
      return { command: offered.command, asRoot: false };
    case 'acceptHostKey':
    case 'makeCertificates':
    case 'openPort':
      return null;
  }
}

/** What a remedy is called on its button. */
export function labelOfRemedy(offered: Remedy): string {
  switch (offered.kind) {
    case 'acceptHostKey':
      return 'Look at the host key again';
    case 'addToGroup':
      return `Add ${offered.user} to the group ${offered.group}`;
    case 'installPackage':
      return `Install ${packages[offered.manager][offered.program]}`;
    case 'startUnit':
      return `Start ${offered.unit}`;
    case 'startSession':
      return `Start ${offered.daemon} for this user`;
    case 'makeCertificates':
      return 'Make certificates';
    case 'openPort':
      return `Open port ${offered.port}`;
    case 'showCommand':
      return offered.label;
  }
}

/** What is to be known before a remedy is used. */
export function effectOfRemedy(offered: Remedy): string {
  switch (offered.kind) {
    case 'acceptHostKey':
      return 'The fingerprint is shown again. Compare it with the one the host itself shows before it is accepted.';
    case 'addToGroup':
      return `Members of ${offered.group} may do everything with libvirt, which is as much as root may. Takes effect with the next login.`;
    case 'installPackage':
      return 'Packages are fetched and installed on the host, with what they depend on.';
    case 'startUnit':
      return `Until the host restarts; systemctl enable ${offered.unit} makes it last.`;
    case 'startSession':
      return 'It ends by itself two minutes after the last connection.';
    case 'makeCertificates':
      return `The host needs servercert.pem and serverkey.pem for the name ${offered.host}, this computer clientcert.pem and clientkey.pem, all signed by the authority whose cacert.pem is on both. Setting up TLS for the host makes them, installs them and verifies the connection.`;
    case 'openPort':
      return `A firewall on the way drops port ${offered.port}. On the host, with firewalld: firewall-cmd --add-port=${offered.port}/tcp --permanent and firewall-cmd --reload; with ufw: ufw allow ${offered.port}/tcp.`;
    case 'showCommand':
      return offered.where === 'here' ? 'To be typed on this computer.' : 'To be typed on the host.';
  }
}
