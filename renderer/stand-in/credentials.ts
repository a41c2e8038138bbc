// The stand-in's credentials: what is remembered and which keys there are, changed in memory.
import type { Remembered, SshKey } from '../../app/contract/credentials.ts';
import type { AskName, Gives, News, Takes } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';

type Answers = { readonly [A in AskName<'credentials'>]: (takes: Takes<'credentials', A>) => Gives<'credentials', A> };

const since = Date.UTC(2026, 10, 3, 14, 5, 0);

export const credentialAnswers = (tell: (news: News) => void): Answers => {
  const changed = (): null => {
    tell({ section: 'credentials', name: 'changed', told: {} });
    return null;
  };
  const remembered: Remembered[] = [
    { id: 'r1', purpose: { kind: 'password', user: 'root', host: 'atlas', port: 2222 }, user: 'root', since, lasts: 'kept' },
    { id: 'r2', purpose: { kind: 'passphrase', keyFile: '/home/admin/.ssh/id_ed25519' }, user: null, since, lasts: 'kept' },
    { id: 'r3', purpose: { kind: 'credentials', host: 'borealis', family: 'SCRAM' }, user: 'admin', since, lasts: 'session' },
    { id: 'r4', purpose: { kind: 'prompt', user: 'root', host: 'cumulus', port: 22, prompt: 'Password: ' }, user: 'root', since, lasts: 'kept' },
  ];
  const keys: SshKey[] = [
    { file: '/home/admin/.ssh/id_ed25519', type: 'ssh-ed25519', fingerprint: 'SHA256:Yv1v3mPq0d1mZ7l2m0T1n3q8aPqvFz6uYVQb2bq5h0E', comment: 'admin@desk', encrypted: true },
    { file: '/home/admin/.ssh/id_rsa', type: 'ssh-rsa', fingerprint: 'SHA256:4kq0dE1mZ7l2m0T1n3q8aPqvFz6uYVQb2bq5h0EYv1v3', comment: '', encrypted: false },
  ];
  return {
    list: () => remembered,
    forget: ({ id }) => {
      remembered.splice(remembered.findIndex((one) => one.id === id), 1);
      return changed();
    },
    storage: () => ({ available: true, name: 'Secret Service (GNOME Keyring)' }),
    keys: () => keys,
    makeKey: ({ name, type, comment, passphrase }) => {
      const file = `/home/admin/.ssh/${name}`;
      if (keys.some((key) => key.file === file)) throw new Refused('bad-input', `There is a key ${file} already.`, { field: 'name', remedy: 'Choose another name: a key is never overwritten.' });
      const made: SshKey = { file, type: `ssh-${type}`, fingerprint: 'SHA256:2bq5h0EYv1v34kq0dE1mZ7l2m0T1n3q8aPqvFz6uYVQb', comment, encrypted: passphrase !== undefined };
      keys.push(made);
      changed();
      return made;
    },
    installation: ({ keyFile }) => ({
      line: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZD/U5HwBnRxgWgQ3YGhJSu24AWMeh3osCyJs4R9afD ${keyFile}`, file: '~/.ssh/authorized_keys',
      script: 'umask 077\ncd || exit 1', uri: `qemu+ssh://root@atlas/system?keyfile=${keyFile}`,
    }),
    installKey: ({ keyFile }) => ({
      line: 'added',
      login: keyFile.endsWith('id_rsa') ? { code: 'login-failed', stage: 'login', message: `atlas does not let root in: tried: ${keyFile}. It accepts: publickey, password.`, remedy: 'Check the permissions of ~/.ssh on the host.' } : null,
    }),
  };
};
