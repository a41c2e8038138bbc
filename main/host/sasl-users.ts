// The users libvirt knows by SASL, in the database that its configuration names: listed, added, removed, by Cyrus SASL's own programs.
import { Refused } from '../../app/contract/refusal.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import type { Said, Shell } from './shell.ts';

/** The file of libvirt's own configuration of SASL. */
export const saslSettings = '/etc/sasl2/libvirt.conf';

export interface SaslUser {
  readonly name: string;
  readonly realm: string;
}

/** Where the users are, and what logins are offered, by /etc/sasl2/libvirt.conf: `name: value` lines. */
export function readSaslSettings(text: string): { readonly database: string; readonly mechanisms: readonly string[] } {
  const values = new Map(text.split('\n').flatMap((line): readonly (readonly [string, string])[] => {
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  }));
  return { database: values.get('sasldb_path') ?? '/etc/libvirt/passwd.db', mechanisms: (values.get('mech_list') ?? '').split(/\s+/).filter((word) => word !== '') };
}

/** The users of a database, sorted; none where there is no database yet. @throws Refused `command-refused`. */
export async function listSaslUsers(root: Shell, database: string, signal: AbortSignal): Promise<readonly SaslUser[]> {
  const said = await root(`LC_ALL=C; export LC_ALL; [ -e ${shellWord(database)} ] || exit 0; sasldblistusers2 -f ${shellWord(database)}`, { signal });
  well(said, 'The users cannot be listed');
  return said.stdout.toString('utf8').split('\n').flatMap((line): readonly SaslUser[] => {
    // `name@realm: userPassword`; a realm has no colon, a name no @.
    const [, name, realm] = /^([^@]+)@([^:]*): userPassword$/.exec(line) ?? [];
    return name === undefined || realm === undefined ? [] : [{ name, realm }];
  }).toSorted((one, other) => (`${one.name}@${one.realm}` < `${other.name}@${other.realm}` ? -1 : 1));
}

const words = (user: SaslWhich, database: string): string => `-a libvirt -f ${shellWord(database)} ${user.realm === undefined ? '' : `-u ${shellWord(user.realm)} `}${shellWord(user.name)}`;

interface SaslWhich {
  readonly name: string;
  /** The host's own name when left out. */
  readonly realm?: string | undefined;
}

/** Adds a user or sets the password of one; it goes to the input of saslpasswd2 and nowhere else. @throws Refused `command-refused`. */
export async function addSaslUser(root: Shell, database: string, user: SaslWhich, password: string, signal: AbortSignal): Promise<void> {
  well(await root(`LC_ALL=C; export LC_ALL; umask 077; saslpasswd2 -p -c ${words(user, database)}`, { stdin: Buffer.from(password), signal }), `${user.name} cannot be added`);
}

/** Removes a user. @throws Refused `command-refused`, and `bad-input` when there is none such, of which saslpasswd2 says nothing. */
export async function removeSaslUser(root: Shell, database: string, user: SaslWhich, signal: AbortSignal): Promise<void> {
  const before = await listSaslUsers(root, database, signal);
  well(await root(`LC_ALL=C; export LC_ALL; saslpasswd2 -d ${words(user, database)}`, { signal }), `${user.name} cannot be removed`);
  const after = await listSaslUsers(root, database, signal);
  if (before.length === after.length) throw new Refused('bad-input', `There is no user ${user.name}${user.realm === undefined ? ' in the realm of the host’s name' : ` in the realm ${user.realm}`}.`, { field: 'name' });
}

function well({ code, stderr }: Said, doing: string): void {
  if (code === 0) return;
  const why = stderr.toString('utf8').trim().slice(-300);
  throw new Refused('command-refused', `${doing}: ${code === 127 ? 'the host has no saslpasswd2' : why || `the program ended with code ${code}`}.`, code === 127 ? { remedy: 'Install sasl2-bin (Debian) or cyrus-sasl (Fedora, RHEL) there.' } : {});
}
