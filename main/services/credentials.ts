// The contract's section of credentials: what is remembered, and SSH keys made here and installed on hosts.
import type { SshKey } from '../../app/contract/credentials.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, parseConnectionUri, printConnectionUri, uriParameter } from '../../app/domain/connection-uri.ts';
import { authorizedKeysFile, installCommand, installScript } from '../auth/authorized-keys.ts';
import { type KeyPairFile, listKeyPairs, writeKeyPair } from '../auth/key-files.ts';
import { makeKeyPair } from '../auth/make-key.ts';
import type { Link, OpenTransport } from '../transport/transport.ts';
import type { Connections } from './connections.ts';
import type { Secrets } from './secrets.ts';
import type { Services, Tell } from './services.ts';

export interface CredentialsOptions {
  readonly secrets: Secrets;
  readonly connections: Pick<Connections, 'session' | 'surroundings' | 'uriOf'>;
  readonly openTransport: OpenTransport;
  readonly home: string;
  readonly tell: Tell;
}

/** How long the host may take to add a line to a file, in milliseconds. */
const writingLimit = 30_000;

const shown = ({ file, type, fingerprint, comment, encrypted }: KeyPairFile): SshKey => ({ file, type, fingerprint, comment, encrypted });

/** The URI with these parameters instead of those of the same name; one that is undefined is left out. */
const withParameters = (uri: ConnectionUri, wanted: Readonly<Record<string, string | undefined>>): ConnectionUri => ({
  ...uri,
  parameters: [
    ...uri.parameters.filter(({ name }) => !Object.hasOwn(wanted, name.toLowerCase())),
    ...Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  ],
});

/** The connection once it logs in with the key: `sshauth=` must not rule keys out. */
const usingKey = (uri: ConnectionUri, keyFile: string): ConnectionUri => {
  const methods = uriParameter(uri, 'sshauth');
  return withParameters(uri, { keyfile: keyFile, sshauth: methods?.split(',').some((name) => name.trim() === 'privkey') === true ? methods : undefined });
};

export const credentialsServices = ({ secrets, connections, openTransport, home, tell }: CredentialsOptions): Services['credentials'] => {
  const target = async (id: string, keyFile: string): Promise<{ readonly uri: ConnectionUri; readonly key: KeyPairFile }> => {
    const uri = parseConnectionUri(connections.uriOf(id));
    if (uri.transport !== 'ssh') throw new Refused('bad-input', 'This connection does not log in by SSH.', { field: 'id' });
    const key = (await listKeyPairs(home)).find(({ file }) => file === keyFile);
    if (key === undefined) throw new Refused('bad-input', `There is no key pair ${keyFile} in ~/.ssh.`, { field: 'keyFile' });
    return { uri, key };
  };

  /** Runs on the host over the connection that stands, or over one that is made for it and let go. */
  const onHost = async <T>(id: string, uri: ConnectionUri, signal: AbortSignal, work: (run: NonNullable<Link['run']>) => Promise<T>): Promise<T> => {
    const session = await connections.session(id);
    const link = session.state.phase === 'ready' ? null : await openTransport(uri, connections.surroundings(id), signal);
    try {
      const run = link === null ? session.run : link.run;
      if (run === undefined) throw new Refused('bad-input', 'Nothing can be run on this host.', { field: 'id' });
      return await work(run);
    } finally {
      link?.close();
    }
  };

  const install = async (id: string, uri: ConnectionUri, { publicLine }: KeyPairFile, gone: AbortSignal): Promise<'added' | 'present'> =>
    await onHost(id, uri, gone, async (run) => {
      const { code, stdout, stderr } = await run(installCommand, { stdin: Buffer.from(`${publicLine}\n`), signal: AbortSignal.any([gone, AbortSignal.timeout(writingLimit)]) });
      const outcome = stdout.toString('utf8').trim();
      if (code === 0 && (outcome === 'added' || outcome === 'present')) return outcome;
      throw new Refused('command-refused', `The host did not add the key to ${authorizedKeysFile}: ${stderr.toString('utf8').trim().slice(-500) || outcome || `code ${code ?? 'unknown'}`}.`, {
        stage: 'login', remedy: 'Check on the host that the user may write to the folder ~/.ssh and the file in it.',
      });
    });

  return {
    list: async () => [...secrets.list()],
    forget: async ({ id }) => {
      if (!(await secrets.forget(id))) throw new Refused('bad-input', 'This is not remembered any more.', { field: 'id' });
      return null;
    },
    storage: async () => {
      const { storage } = secrets;
      return storage.available ? { available: true, name: storage.name } : { available: false, why: storage.why };
    },
    keys: async () => (await listKeyPairs(home)).map(shown),
    makeKey: async ({ name, type, comment, passphrase }) => {
      const file = await writeKeyPair(home, name, await makeKeyPair({ type, comment, passphrase }));
      const made = (await listKeyPairs(home)).find((pair) => pair.file === file);
      if (made === undefined) throw new Refused('storage', `The key ${file} was written and cannot be read again.`);
      tell('credentials', 'changed', {});
      return shown(made);
    },
    installation: async ({ id, keyFile }) => {
      const { uri, key } = await target(id, keyFile);
      return { line: key.publicLine, file: authorizedKeysFile, script: installScript, uri: printConnectionUri(usingKey(uri, key.file)) };
    },
    installKey: async ({ id, keyFile }, { gone }) => {
      const { uri, key } = await target(id, keyFile);
      const line = await install(id, uri, key, gone);
      try {
        const alone = withParameters(uri, { keyfile: key.file, sshauth: 'privkey' });
        (await openTransport(alone, connections.surroundings(id), gone)).close();
        return { line, login: null };
      } catch (error) {
        if (error instanceof Refused) return { line, login: error.refusal };
        throw error;
      }
    },
  };
};
