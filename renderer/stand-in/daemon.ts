// The stand-in's daemons: on every host a file of settings with comments of its own, and a database of SASL users.
import type { Gives, Takes } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { PlannedStep } from '../../app/contract/setup.ts';
import { daemonSettingNames, daemonSettings, readDaemonValues, settingProblems, settingWarnings } from '../../app/daemon/daemon-settings.ts';
import { parseSettings, type SettingValue, withSetting } from '../../app/daemon/settings-file.ts';
import { difference } from '../../app/xml/difference.ts';

const path = '/etc/libvirt/libvirtd.conf';
const database = '/etc/libvirt/passwd.db';

const asInstalled = `# Master libvirt daemon configuration file
#
#listen_tls = 0
#auth_tls = "none"
auth_tls = "sasl"  # asked for since 2024

#tls_allowed_dn_list = ["DN1", "DN2"]

# The maximum number of concurrent client connections to allow
#max_clients = 5000
max_clients = 800
site_note = "kept as it is"

#min_workers = 5
#max_workers = 20
`;

type Changes = Extract<Takes<'setup', 'plan'>['wish'], { kind: 'settings' }>['changes'];
type User = Gives<'setup', 'users'>['users'][number];

const fault = (line: number, expected: string): Refused => new Refused('plan-invalid', `${path} cannot be understood in line ${line}: ${expected}.`);
const copied = (value: SettingValue | null): string | number | string[] | null => (typeof value === 'object' && value !== null ? [...value] : value);

/** The daemon of each host, begun when it is first asked for. */
export const standInDaemons = () => {
  const files = new Map<string | null, string>();
  const databases = new Map<string | null, User[]>();
  const fileOf = (host: string | null): string => files.get(host) ?? asInstalled;
  const usersOf = (host: string | null): User[] => {
    const users = databases.get(host) ?? [{ name: 'backup', realm: 'atlas' }, { name: 'fred', realm: 'atlas' }];
    databases.set(host, users);
    return users;
  };
  const after = (host: string | null, changes: Changes): string => changes.reduce((text, { name, value }) => withSetting(text, name, value, fault), fileOf(host));
  return {
    settings: ({ host }: Takes<'setup', 'settings'>): Gives<'setup', 'settings'> => {
      const values = readDaemonValues(parseSettings(fileOf(host), fault));
      return {
        path,
        settings: daemonSettingNames.map((name) => {
          const { form, usual, explains } = daemonSettings[name];
          return { name, value: copied(values[name] ?? null), usual, form: form.kind === 'choice' ? { ...form, among: [...form.among] } : form, explains };
        }),
        warnings: settingWarnings(values).map(({ message }) => message),
      };
    },
    users: ({ host }: Takes<'setup', 'users'>): Gives<'setup', 'users'> => ({ database, users: [...usersOf(host)], mechanisms: ['scram-sha-256'] }),
    addUser: ({ host, name, realm = 'atlas' }: Takes<'setup', 'addUser'>): null => {
      const users = usersOf(host);
      if (!users.some((one) => one.name === name && one.realm === realm)) users.push({ name, realm });
      return null;
    },
    removeUser: ({ host, name, realm }: Takes<'setup', 'removeUser'>): null => {
      databases.set(host, usersOf(host).filter((one) => one.name !== name || one.realm !== realm));
      return null;
    },
    /** @throws Refused `plan-invalid` where a rule is broken. */
    plan: (host: string | null, changes: Changes): { readonly steps: PlannedStep[]; readonly warnings: string[] } => {
      const text = after(host, changes);
      const values = readDaemonValues(parseSettings(text, fault));
      const [problem] = settingProblems(values);
      if (problem !== undefined) throw new Refused('plan-invalid', problem.message, { field: 'wish.changes' });
      return {
        warnings: settingWarnings(values).map(({ message }) => message),
        steps: [
          { kind: 'file', title: `Replace ${path}: settings`, path, owner: 'root:root', mode: '0644', content: 'settings', isMadeThere: false, fingerprint: null, backup: `${path}.20261121T084500Z.old`, difference: [...difference(fileOf(host), text)] },
          { kind: 'units', title: 'Restart libvirtd.service', command: 'systemctl restart libvirtd.service' },
        ],
      };
    },
    write: (host: string | null, changes: Changes): void => {
      files.set(host, after(host, changes));
    },
  };
};
