// The users that a host's libvirt knows by SASL: listed, added, given another password, removed by name.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Gives } from '../../../app/contract/contract.ts';
import { setup as section } from '../../../app/contract/setup.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { monospace } from '../../ui/theme.ts';
import { useAct } from '../certificates/act.ts';
import { AskDialog } from '../certificates/ask-dialog.tsx';
import { noProblems, problemsOf, withRefusal } from '../certificates/form.ts';
import { TextRow } from '../certificates/rows.tsx';

type Users = Gives<'setup', 'users'>;
type User = Users['users'][number];

const fullName = ({ name, realm }: User): string => `${name}@${realm}`;
/** Logins that look into the database; others, such as gssapi, have their users elsewhere. */
const byPassword = /^(scram-|digest-md5$|cram-md5$|plain$|login$|srp$)/i;

/** @param user whose password is set; null = a new one. */
const PasswordDialog = ({ host, user, onClose }: { readonly host: string; readonly user: User | null; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [name, setName] = useState(user?.name ?? '');
  const [realm, setRealm] = useState(user?.realm ?? '');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [tried, setTried] = useState(false);
  const takes = { host, name: name.trim(), password, ...(realm.trim() !== '' && { realm: realm.trim() }) };
  const found = problemsOf(section.asks.addUser.takes, takes);
  const problems = withRefusal(tried ? found : noProblems, act.refusal);
  const submit = (): void => {
    setTried(true);
    if (found.size > 0 || password !== repeated) return;
    act.run(async () => {
      await client.ask('setup', 'addUser', takes);
      onClose();
    });
  };
  return (
    <AskDialog title={user === null ? 'Add a SASL user' : `Set the password of ${fullName(user)}`} verb={user === null ? 'Add the user' : 'Set the password'} act={act} onClose={onClose} onSubmit={submit}>
      {user === null && (
        <>
          <TextRow label="User" value={name} disabled={act.busy} problem={name === '' && tried ? 'A name is needed.' : problems.get('name') ?? null} hint="Whom sasl_allowed_username_list can let in or keep out." onChange={setName} />
          <TextRow label="Realm" value={realm} disabled={act.busy} placeholder="the host’s own name" problem={problems.get('realm') ?? null} hint="What stands behind the @. Clients that name none mean the host’s own name." onChange={setRealm} />
        </>
      )}
      <TextRow label="Password" secret autoComplete="new-password" value={password} disabled={act.busy} problem={problems.get('password') ?? null} hint="Goes to saslpasswd2 on the host, and is kept nowhere else." onChange={setPassword} />
      <TextRow label="Password again" secret autoComplete="new-password" value={repeated} disabled={act.busy} problem={repeated !== password && (tried || repeated !== '') ? 'Differs from the first.' : null} onChange={setRepeated} />
    </AskDialog>
  );
};

const RemoveUser = ({ host, user, onClose }: { readonly host: string; readonly user: User; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const { refusal, run } = useAct();
  return (
    <ConfirmByName
      title={`Remove the SASL user ${fullName(user)}?`}
      effect={(
        <>
          The user and the password are taken out of the database on the host. Connections that are open stay open; the next login is refused.
          {refusal !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusal} title="Not removed" /></Box>}
        </>
      )}
      name={user.name}
      verb="Remove"
      onCancel={onClose}
      onConfirm={() => run(async () => {
        await client.ask('setup', 'removeUser', { host, ...user });
        onClose();
      })}
    />
  );
};

type Open = { readonly what: 'password'; readonly user: User | null } | { readonly what: 'remove'; readonly user: User };

const List = ({ host, read: { users, database, mechanisms }, fixed }: { readonly host: string; readonly read: Users; readonly fixed: string | null }): ReactNode => {
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <Typography sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>In <Box component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{database}</Box>; logins offered: {mechanisms.join(', ') || 'whatever is installed'}. Asked for where auth_tls or auth_tcp is sasl.</Typography>
      {mechanisms.length > 0 && !mechanisms.some((one) => byPassword.test(one)) && <Typography sx={{ color: 'warning.main' }}>None of these logins uses a password: users of this database cannot log in before mech_list in /etc/sasl2/libvirt.conf has one that does, such as scram-sha-256.</Typography>}
      {users.length === 0 && <Typography>There is no user yet.</Typography>}
      <Box component="ul" aria-label="SASL users" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {users.map((user) => (
          <Box component="li" key={fullName(user)} sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px 10px', alignItems: 'center', py: '6px', borderTop: 1, borderColor: 'divider' }}>
            <Box component="span" sx={{ mr: 'auto', overflowWrap: 'anywhere' }}><Box component="span" sx={{ fontWeight: 600 }}>{user.name}</Box><Box component="span" sx={{ color: 'text.secondary' }}>@{user.realm}</Box></Box>
            <Button disabled={fixed !== null} aria-label={`Set the password of ${fullName(user)}`} onClick={() => setOpen({ what: 'password', user })}>Set password…</Button>
            <Button disabled={fixed !== null} aria-label={`Remove ${fullName(user)}`} onClick={() => setOpen({ what: 'remove', user })}>Remove…</Button>
          </Box>
        ))}
      </Box>
      <Box><Button disabled={fixed !== null} title={fixed ?? undefined} onClick={() => setOpen({ what: 'password', user: null })}>Add a user…</Button></Box>
      {open?.what === 'password' && <PasswordDialog host={host} user={open.user} onClose={close} />}
      {open?.what === 'remove' && <RemoveUser host={host} user={open.user} onClose={close} />}
    </>
  );
};

/** @param login the saved connection to read over. @param fixed why nothing can be changed; null = it can. */
export const SaslCard = ({ connection: { name }, login, fixed }: { readonly connection: Connection; readonly login: string; readonly fixed: string | null }): ReactNode => {
  const [asked, setAsked] = useState(false);
  const { data, error, isFetching, refetch } = useAsk('setup', 'users', { host: login }, asked);
  const read = (): void => {
    setAsked(true);
    void refetch();
  };
  return (
    <Card title="SASL users" beside={<><Box sx={{ flex: 1 }} /><Button loading={isFetching} onClick={read}>{asked ? 'Read again' : 'Read users'}</Button></>}>
      <Box sx={{ display: 'grid', gap: '10px' }}>
        {!asked && <Typography sx={{ color: 'text.secondary' }}>Users with a password of libvirt’s own on {name}. Only root may read who they are.</Typography>}
        {asked && isFetching && data === undefined && <LinearProgress aria-label="Reading the users" />}
        {asked && error !== null && <RefusalCard refusal={refusalOf(error)} title="Not read" />}
        {asked && error === null && data !== undefined && <List host={login} read={data} fixed={fixed} />}
      </Box>
    </Card>
  );
};
