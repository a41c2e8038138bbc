// Logging in to an SSH server: which credentials are tried, in which order, and what became of each.
import ssh2, { type AnyAuthMethod, type AuthenticationType, type ParsedKey } from 'ssh2';
import { Refused } from '../../app/contract/refusal.ts';
import { agentAddresses } from '../auth/ssh-agents.ts';
import { defaultIdentityFiles, publicKeyOf, readIdentityFile, type IdentityFile } from '../auth/identity-files.ts';
import { privateKeyText, type KeyText, type UnlockedKeys } from '../auth/private-key.ts';
import { wordsOf } from './sockets.ts';
import { orderedAgent } from './ssh-agent.ts';
import type { SshHop } from './ssh-route.ts';
import type { Step } from './stages.ts';
import type { Surroundings } from './transport.ts';

/** How often a wrong password or passphrase may be corrected, as with OpenSSH. */
const tries = 3;

/** One way to prove who we are: by which SSH method, and what it takes. */
interface Credential {
  readonly method: 'publickey' | 'password' | 'keyboard-interactive';
  /** For a person, as in "SSH agent". */
  readonly name: string;
  /** Undefined when it cannot be used after all; why is then noted. `fail` ends the login for what goes wrong later. */
  readonly prepare: (step: Step, fail: (error: unknown) => void) => Promise<AnyAuthMethod | undefined>;
}

/** The course of one login. `next` is asked for a method until the server is content. */
export class Login {
  readonly #user: string;
  readonly #host: string;
  readonly #port: number;
  readonly #waiting: Credential[];
  readonly #tried: string[] = [];
  readonly #unlocked: UnlockedKeys | undefined;
  #declined = false;
  #unreadable: Refused | undefined;

  private constructor(
    hop: SshHop,
    surroundings: Surroundings,
    { identities, unreadable }: { readonly identities: readonly IdentityFile[]; readonly unreadable: readonly string[] },
  ) {
    this.#user = hop.user;
    this.#host = hop.host;
    this.#port = hop.port;
    this.#tried.push(...unreadable);
    this.#unlocked = surroundings.unlockedKeys;
    this.#waiting = this.#credentials(hop, surroundings, identities);
  }

  /**
   * Reads the key files. @throws Refused `key-unreadable` when the one named by `keyfile=` cannot be used; the default ones may be missing.
   */
  static async prepare(hop: SshHop, surroundings: Surroundings): Promise<Login> {
    const { from, paths } = hop.keyFiles;
    const isRequired = from === 'uri';
    const identities: IdentityFile[] = [];
    const unreadable: string[] = [];
    for (const path of from === 'defaults' ? defaultIdentityFiles(surroundings.home) : paths) {
      try {
        const file = await readIdentityFile(path);
        if (file !== undefined) identities.push(file);
        else if (isRequired) throw keyUnreadable(path, 'does not exist');
        else if (from === 'configuration') unreadable.push(`${path} does not exist`);
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (isRequired) throw keyUnreadable(path, `cannot be read: ${wordsOf(error)}`, error);
        unreadable.push(`${path} cannot be read`);
      }
    }
    return new Login(hop, surroundings, { identities, unreadable });
  }

  /** Who logs in. */
  get user(): string {
    return this.#user;
  }

  /** What was tried last: after success, what convinced the server. */
  get last(): string {
    return this.#tried.at(-1) ?? 'no credential';
  }

  /** Notes what went wrong beside the login itself: an agent that does not answer. */
  note(words: string): void {
    this.#tried.push(words);
  }

  /**
   * The next method among those the server takes (null before it said which: then it is asked by the method "none").
   * `fail` takes what goes wrong while the server asks its own questions.
   * @throws Refused `login-failed` or `key-unreadable` when there is none left.
   */
  async next(accepted: readonly AuthenticationType[] | null, step: Step, fail: (error: unknown) => void): Promise<AnyAuthMethod> {
    if (accepted === null) return { type: 'none', username: this.#user };
    for (;;) {
      // After a partial success the server asks for other methods: whatever was not tried yet is looked at again.
      const at = this.#waiting.findIndex(({ method }) => accepted.includes(method) && !(this.#declined && method !== 'publickey'));
      const [credential] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (credential === undefined) throw this.#failure(accepted);
      const prepared = await credential.prepare(step, fail);
      if (prepared === undefined) continue;
      if (this.#tried.at(-1) !== credential.name) this.#tried.push(credential.name);
      return prepared;
    }
  }

  #failure(accepted: readonly AuthenticationType[]): Refused {
    if (this.#unreadable !== undefined && this.#tried.length === 0) return this.#unreadable;
    const tried = this.#tried.length === 0 ? 'nothing to try was at hand' : `tried: ${this.#tried.join('; ')}`;
    return new Refused('login-failed', `${this.#host} does not let ${this.#user} in: ${tried}. It accepts: ${accepted.join(', ')}.`, {
      stage: 'login',
      remedy: accepted.includes('password') || accepted.includes('keyboard-interactive')
        ? 'Check the user name and the password, or add a key to the SSH agent.'
        : `Add the public key to ~/.ssh/authorized_keys of ${this.#user} on the host, or the private key to the SSH agent.`,
    });
  }

  /** In the order of trying: what needs no person first. `sshauth=` chooses methods and their order. Keys of the agent that are also among the files come before its others. */
  #credentials(hop: SshHop, surroundings: Surroundings, identities: readonly IdentityFile[]): Credential[] {
    const username = this.#user;
    const wanted = identities.flatMap((file) => publicKeyOf(file) ?? []);
    const agents = agentAddresses(hop.identityAgent, surroundings.env, process.platform).map((address): Credential => ({
      method: 'publickey',
      name: address === 'pageant' ? 'Pageant' : 'SSH agent',
      prepare: async () => ({ type: 'agent', username, agent: orderedAgent(address, wanted, hop.identitiesOnly) }),
    }));
    const usable = identities.filter((file) => !file.isPublic);
    const isOpen = (file: IdentityFile): boolean => !file.encrypted || this.#unlocked?.find(file) !== undefined;
    const open = usable.filter(isOpen).map((file) => this.#key(file));
    const locked = hop.mayAsk ? usable.filter((file) => !isOpen(file)).map((file) => this.#key(file)) : [];
    // A key named in the URI comes before those of the agent, of which a server may not look at more than a few.
    const keys = hop.keyFiles.from === 'uri' ? [...open, ...agents, ...locked] : [...agents, ...open, ...locked];
    const passwords = hop.mayAsk ? Array.from({ length: tries }, (_, index) => this.#password(index > 0)) : [];
    const prompts = hop.mayAsk ? Array.from({ length: tries }, () => this.#prompts()) : [];
    const byName: Readonly<Record<string, readonly Credential[]>> = {
      agent: agents, privkey: [...open, ...locked], password: passwords, 'keyboard-interactive': prompts,
    };
    if (hop.methods === undefined) return [...keys, ...passwords, ...prompts];
    return hop.methods.flatMap((name) => (Object.hasOwn(byName, name) ? (byName[name] ?? []) : []));
  }

  #key(file: IdentityFile): Credential {
    return {
      method: 'publickey',
      name: file.path,
      prepare: async (step) => {
        const known = this.#unlocked?.find(file);
        const key = known !== undefined ? parsed(known) : file.encrypted ? await this.#unlock(file, step) : await keyOf(file);
        if (key === undefined) return undefined;
        if (!(key instanceof Error)) return { type: 'publickey', username: this.#user, key };
        this.#unreadable ??= new Refused('key-unreadable', `The private key ${file.path} cannot be used: ${key.message}.`, {
          stage: 'login',
          remedy: 'Use a key in OpenSSH’s format (ssh-keygen -p -f FILE converts one), or add it to the SSH agent.',
        });
        this.note(`${file.path} cannot be used`);
        return undefined;
      },
    };
  }

  async #unlock(file: IdentityFile, step: Step): Promise<ParsedKey | Error | undefined> {
    for (let index = 0; index < tries; index++) {
      const answer = await step.ask({ kind: 'passphrase', keyFile: file.path, again: index > 0 });
      if (answer.kind !== 'passphrase') {
        this.note(`${file.path} stayed locked`);
        return undefined;
      }
      const key = await keyOf(file, answer.passphrase, this.#unlocked);
      if (!(key instanceof WrongPassphrase)) return key;
    }
    this.#unreadable ??= new Refused('key-unreadable', `No passphrase given opens the private key ${file.path}.`, {
      stage: 'login',
      remedy: 'Try again with the right passphrase, or add the key to the SSH agent with ssh-add.',
    });
    this.note(`${file.path} stayed locked`);
    return undefined;
  }

  get #whom(): { readonly user: string; readonly host: string; readonly port: number } {
    return { user: this.#user, host: this.#host, port: this.#port };
  }

  #password(again: boolean): Credential {
    return {
      method: 'password',
      name: 'password',
      prepare: async (step) => {
        const answer = await step.ask({ kind: 'password', ...this.#whom, again });
        if (answer.kind === 'password') return { type: 'password', username: this.#user, password: answer.password };
        this.#decline('the password was not given');
        return undefined;
      },
    };
  }

  #prompts(): Credential {
    return {
      method: 'keyboard-interactive',
      name: 'the server’s questions',
      prepare: async (step, fail) => ({
        type: 'keyboard-interactive',
        username: this.#user,
        prompt: (name, instructions, _language, prompts, finish) => {
          const asked = prompts.map(({ prompt, echo }) => ({ text: prompt, echo: echo === true }));
          const answered = step.ask({ kind: 'prompts', ...this.#whom, name, instructions, prompts: asked });
          answered.then((answer) => {
            if (answer.kind !== 'prompts') this.#decline('the server’s questions were not answered');
            finish(answer.kind === 'prompts' ? [...answer.answers] : []);
          }).catch(fail);
        },
      }),
    };
  }

  /** Who does not answer wants no further question. */
  #decline(words: string): void {
    this.#declined = true;
    this.note(words);
  }
}

const keyUnreadable = (path: string, words: string, cause?: unknown): Refused =>
  new Refused('key-unreadable', `The private key ${path} ${words}.`, { stage: 'login', remedy: 'Correct keyfile= or the file’s permissions.' }, { cause });

class WrongPassphrase extends Error {
  override readonly name = 'WrongPassphrase';
}

/** The key in a file; one that a passphrase opened is kept for the next time. */
async function keyOf(file: IdentityFile, passphrase?: string, unlocked?: UnlockedKeys): Promise<ParsedKey | Error> {
  try {
    const text = await privateKeyText(file, passphrase);
    if (text === undefined) return new WrongPassphrase('the passphrase is wrong');
    const key = parsed(text);
    // ssh2 does not tell a wrong passphrase from a file it cannot read.
    if (key instanceof Error) return text.passphrase === undefined ? key : new WrongPassphrase(key.message);
    if (file.encrypted) unlocked?.keep(file, text);
    return key;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function parsed({ text, passphrase }: KeyText): ParsedKey | Error {
  const key = ssh2.utils.parseKey(text, passphrase);
  if (key instanceof Error || key.isPrivateKey()) return key;
  return new Error('it holds no private key');
}
