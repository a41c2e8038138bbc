// Logging in at a daemon that wants SASL: which mechanism, as whom, how often asked, and what is remembered of it.
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, uriFlag, uriParameter } from '../../app/domain/connection-uri.ts';
import { storedCredentials, type StoredCredentials } from '../auth/auth-conf.ts';
import { chooseMechanism, type Way } from '../auth/sasl/choose.ts';
import type { Credentials } from '../auth/sasl/mechanism.ts';
import type { OpenOptions } from '../libvirt/open.ts';
import type { SaslDialogue } from '../libvirt/sasl.ts';
import { runStage, type Step } from '../transport/stages.ts';
import type { Surroundings } from '../transport/transport.ts';

/** How often a person may be asked in one login, as with SSH. */
const tries = 3;

const subject = { stage: 'sasl', doing: 'Logging in by SASL', remedy: 'The daemon may be busy; try again.' } as const;

/** What may be said on the way to the daemon. Over a program of the user's own, nobody knows who listens. */
const wayOf = (uri: ConnectionUri): Way => {
  const isOpen = uri.transport === 'tcp' || uri.transport === 'ext';
  const isUnverified = uri.transport === 'tls' && uriFlag(uri, 'no_verify');
  return { host: uri.host ?? 'localhost', secrecy: isOpen ? 'open' : isUnverified ? 'unverified' : 'private' };
};

const refused = (mechanism: string): Refused =>
  new Refused('auth-failed', `The daemon did not accept the login by ${mechanism}.`, {
    stage: 'sasl',
    remedy: 'Check user name and password. On the host, sasldblistusers2 lists the users, saslpasswd2 -a libvirt USER sets a password, and sasl_allowed_username_list in libvirtd.conf may leave a user out.',
  });
const unknown = (mechanism: string): Refused =>
  new Refused('auth-failed', `The daemon wants a user name and password (${mechanism}), and none were given.`, {
    stage: 'sasl',
    remedy: 'Type them when asked, or write them into ~/.config/libvirt/auth.conf (https://libvirt.org/auth.html says how).',
  });

/** The SASL logins of one host. Holds what a person typed and the daemon accepted, in memory only, so that coming back asks nothing. */
export class SaslLogins {
  #typed: Credentials | null = null;

  /** The host is another one now. */
  forget(): void {
    this.#typed = null;
  }

  /** How to authenticate a connection to this URI. */
  options(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Pick<OpenOptions, 'login' | 'insist'> {
    const [kind, insist] = (uriParameter(uri, 'auth') ?? '').split(/\.(.*)/s);
    return {
      login: async (dialogue) => await runStage(subject, surroundings, signal, async (step) => {
        const seen = await this.#login(dialogue, { uri, step, surroundings, ...(insist === undefined ? {} : { insist }) });
        return { value: undefined, seen };
      }),
      ...(kind === 'sasl' || kind === 'polkit' ? { insist: kind } : {}),
    };
  }

  async #login(dialogue: SaslDialogue, { uri, step, surroundings, insist }: Asking): Promise<string> {
    const way = wayOf(uri);
    const stored = (await storedCredentials({ authFile: uriParameter(uri, 'authfile'), home: surroundings.home, env: surroundings.env }, way.host)) ?? {};
    const known = [this.#typed, complete(stored)].filter((one) => one !== null);
    const withoutPassword = new Set<string>();
    const mostQuestions = uri.transport === 'ssh' && uriFlag(uri, 'no_tty') ? 0 : tries;
    const wrong: Credentials[] = [];
    const isWrong = (one: Credentials): boolean => wrong.some(({ user, password }) => user === one.user && password === one.password);
    let refusal: Refused | null = null;
    for (let asked = 0; ; ) {
      const offered = (await dialogue.offered()).map((name) => name.trim().toUpperCase()).filter((name) => !withoutPassword.has(name));
      if (refusal !== null && (offered.length === 0 || withoutPassword.has(insist?.toUpperCase() ?? ''))) throw refusal;
      const choice = chooseMechanism(offered, way, insist);
      const ready = choice.needsPassword ? known.find((one) => !isWrong(one)) : nobody;
      let credentials: Credentials | null = ready ?? null;
      // What was refused already may be remembered, or typed again: a second try of the same may lock an account.
      while (credentials === null && asked++ < mostQuestions) {
        const typed = await ask(step, { stored, uri, host: way.host, mechanism: choice.name, again: refusal !== null });
        if (typed === null) break;
        if (!isWrong(typed)) credentials = typed;
      }
      if (credentials === null) throw refusal ?? unknown(choice.name);
      if (await dialogue.attempt(choice.make(credentials))) {
        if (ready === undefined) this.#typed = credentials;
        return choice.needsPassword ? `Logged in as ${credentials.user} by ${choice.name}.` : `Logged in by ${choice.name}.`;
      }
      if (!choice.needsPassword) withoutPassword.add(choice.name);
      else wrong.push(credentials);
      if (credentials === this.#typed) this.#typed = null;
      refusal = refused(choice.name);
    }
  }
}

interface Asking {
  readonly uri: ConnectionUri;
  readonly step: Step;
  readonly surroundings: Surroundings;
  readonly insist?: string;
}

/** For mechanisms that know us already. */
const nobody: Credentials = { user: '', password: '' };

const complete = ({ user, password, ...more }: StoredCredentials): Credentials | null =>
  user === undefined || password === undefined ? null : { user, password, ...more };

/** What a person types; null when nobody wants to. */
const ask = async (step: Step, { stored, uri, ...about }: { readonly stored: StoredCredentials; readonly uri: ConnectionUri; readonly host: string; readonly mechanism: string; readonly again: boolean }): Promise<Credentials | null> => {
  // Over SSH the URI's user is the one who logs in there.
  const user = stored.user ?? (uri.transport === 'ssh' ? undefined : uri.user);
  const answer = await step.ask({ kind: 'credentials', ...about, ...(user === undefined ? {} : { user }) });
  if (answer.kind !== 'credentials') return null;
  const { actAs, realm } = stored;
  return { user: answer.user, password: answer.password, ...(actAs === undefined ? {} : { actAs }), ...(realm === undefined ? {} : { realm }) };
};
