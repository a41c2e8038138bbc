// The route to an SSH host: what the user's SSH configuration and the connection URI say of it and of each jump host before it.
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Refused } from '../../app/contract/refusal.ts';
import { uriFlag, uriParameter, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import { knownHostName } from '../auth/known-hosts.ts';
import { parseJump, parseSshOptions, sshSettings, type SshContext, type SshOptions, type SshSettings } from '../auth/ssh-config.ts';
import { optionsFromFiles } from '../auth/ssh-config-file.ts';
import { codeOf, wordsOf } from './sockets.ts';
import { runStage, type Step } from './stages.ts';
import type { Surroundings } from './transport.ts';

/** One host to log in to: the last of a route, or a jump host on the way. */
export interface SshHop {
  /** As the user writes it. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** The key named in the URI has to be usable; configured and default ones may be missing. */
  readonly keyFiles: { readonly from: 'uri' | 'configuration' | 'defaults'; readonly paths: readonly string[] };
  readonly identitiesOnly: boolean;
  readonly identityAgent: string | undefined;
  /** The name under which the host's key is known. */
  readonly knownAs: string;
  /** All that are looked into; a new key goes into the first of the user's own, if there is one. */
  readonly knownHostsFiles: readonly string[];
  readonly newKeysFile: string | undefined;
  /** What to do with a key never seen: ask, refuse, or keep it; `ignore` lets a changed one pass as well, which only a URI may say. */
  readonly policy: 'normal' | 'strict' | 'auto' | 'ignore';
  readonly mayAsk: boolean;
  /** From `sshauth=`. */
  readonly methods: readonly string[] | undefined;
  readonly isJump: boolean;
}

export interface SshRoute {
  /** At least one; the last is the host itself. */
  readonly hops: readonly SshHop[];
  /** Why the ssh program is needed, as a noun for a sentence; undefined when it is not. */
  readonly needsProgram: string | undefined;
  /** The program's configuration file, where it would not find the right one by itself. */
  readonly configuration: readonly string[];
}

/** More than anybody has in a row; a configuration that leads in circles ends here. */
const longestRoute = 8;

/**
 * Finds the route in the stage `uri`, which is reported only when there is a configuration to read.
 * @throws Refused `storage` when it cannot be used, `bad-uri` when its jump hosts make no sense.
 */
export async function findRoute(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<SshRoute> {
  const reader = await Reader.of(surroundings);
  const find = async (step: Pick<Step, 'signal'>): Promise<SshRoute> => {
    const settings: SshSettings[] = [];
    const target = await reader.settings({ host: uri.host ?? 'localhost', user: uri.user, port: uri.port }, step.signal);
    for (const jump of target.jumps) settings.push(...(await jumpTo(jump, settings.length === 0, reader, step.signal, [target.host])));
    const hops = [...settings.map((each) => hopOf(each, undefined, uri)), hopOf(target, uri, uri)];
    return { hops, needsProgram: [...settings, target].find((each) => each.needsProgram !== undefined)?.needsProgram, configuration: reader.arguments };
  };
  if (!reader.hasConfiguration) return await find({ signal });
  const subject = { stage: 'uri', doing: 'Reading the SSH configuration', remedy: 'A program of Match exec in ~/.ssh/config may hang.' } as const;
  return await runStage(subject, surroundings, signal, async (step) => {
    const value = await find(step);
    return { value, seen: describeRoute(value) };
  });
}

const describeHop = ({ user, hostName, port }: SshHop): string => `${user}@${hostName} port ${port}`;

function describeRoute({ hops }: SshRoute): string {
  const through = hops.slice(0, -1).map(describeHop);
  const [target] = hops.slice(-1);
  return `${target === undefined ? '' : describeHop(target)}${through.length === 0 ? '' : `, through ${through.join(', then ')}`}`;
}

/** A jump host, and before it those it is itself reached through: OpenSSH looks for these only for the first one of a list. */
async function jumpTo(written: string, isFirst: boolean, reader: Reader, signal: AbortSignal, before: readonly string[]): Promise<readonly SshSettings[]> {
  const jump = parseJump(written);
  if (jump === undefined) throw misrouted(`The jump host ${JSON.stringify(written)} in the SSH configuration cannot be understood.`);
  if (before.includes(jump.host) || before.length > longestRoute) throw misrouted(`The jump hosts in the SSH configuration lead in a circle through ${jump.host}.`);
  const settings = await reader.settings({ user: undefined, port: undefined, ...jump }, signal);
  const way: SshSettings[] = [];
  for (const further of isFirst ? settings.jumps : []) way.push(...(await jumpTo(further, way.length === 0, reader, signal, [...before, jump.host])));
  return [...way, settings];
}

const misrouted = (message: string): Refused =>
  new Refused('bad-uri', message, { stage: 'uri', remedy: 'Correct ProxyJump in ~/.ssh/config; `ssh -G HOST` shows what it says.' });

/** What the configuration says, with the URI's parameters, which are about its own host, not about jump hosts, and win. */
function hopOf(settings: SshSettings, own: ConnectionUri | undefined, uri: ConnectionUri): SshHop {
  const parameter = (name: string): string | undefined => (own === undefined ? undefined : uriParameter(own, name));
  const keyFile = parameter('keyfile');
  const knownHosts = parameter('known_hosts');
  const userFiles = knownHosts === undefined ? settings.userKnownHostsFiles : [knownHosts, ...settings.userKnownHostsFiles.filter((file) => file.endsWith('known_hosts2'))];
  const configured = settings.identityFiles;
  return {
    host: settings.host, hostName: settings.hostName, port: settings.port, user: settings.user,
    keyFiles:
      keyFile !== undefined ? { from: 'uri', paths: [keyFile] }
      : configured !== undefined ? { from: 'configuration', paths: configured }
      : { from: 'defaults', paths: [] },
    identitiesOnly: settings.identitiesOnly,
    identityAgent: settings.identityAgent,
    knownAs: settings.hostKeyAlias?.toLowerCase() ?? knownHostName(settings.hostName, settings.port),
    knownHostsFiles: [...userFiles, ...settings.globalKnownHostsFiles],
    newKeysFile: userFiles[0],
    policy: policyOf(parameter('known_hosts_verify'), own !== undefined && uriFlag(own, 'no_verify'), settings),
    mayAsk: !uriFlag(uri, 'no_tty'),
    methods: parameter('sshauth')?.split(',').map((name) => name.trim().toLowerCase()),
    isJump: own === undefined,
  };
}

function policyOf(verify: string | undefined, noVerify: boolean, { strictHostKeyChecking }: SshSettings): SshHop['policy'] {
  if (verify === 'normal' || verify === 'auto' || verify === 'ignore') return verify;
  if (noVerify) return 'auto';
  return ({ ask: 'normal', yes: 'strict', 'accept-new': 'auto' } as const)[strictHostKeyChecking];
}

/** Asks the system's ssh, which knows its files best; where there is none, reads them itself. */
class Reader {
  readonly #surroundings: Surroundings;
  readonly #accountHome: string;
  readonly #localUser: string;
  readonly #userFile: string;
  /** Undefined when the program is to find its files by itself. */
  readonly #privateFile: string | undefined;
  readonly hasConfiguration: boolean;

  private constructor(surroundings: Surroundings, isThere: boolean) {
    const { homedir, username } = userInfo();
    this.#surroundings = surroundings;
    this.#accountHome = homedir;
    this.#localUser = username;
    this.#userFile = `${surroundings.home}/.ssh/config`;
    // The program looks into the account's folder, whatever HOME says; told a file, it leaves out the system's as well.
    this.#privateFile = surroundings.home === homedir ? undefined : isThere ? this.#userFile : 'none';
    this.hasConfiguration = isThere || this.#privateFile === undefined;
  }

  static async of(surroundings: Surroundings): Promise<Reader> {
    return new Reader(surroundings, await exists(`${surroundings.home}/.ssh/config`));
  }

  get arguments(): readonly string[] {
    return this.#privateFile === undefined ? [] : ['-F', this.#privateFile];
  }

  async settings(asked: { readonly host: string; readonly user: string | undefined; readonly port: number | undefined }, signal: AbortSignal): Promise<SshSettings> {
    const { host, user, port } = asked;
    const context: SshContext = {
      host, ...(user !== undefined && { user }), ...(port !== undefined && { port }),
      home: this.#surroundings.home, accountHome: this.#accountHome, localUser: this.#localUser, env: this.#surroundings.env,
    };
    return sshSettings(this.hasConfiguration ? await this.#options(asked, signal) : new Map(), context);
  }

  async #options({ host, user, port }: { readonly host: string; readonly user: string | undefined; readonly port: number | undefined }, signal: AbortSignal): Promise<SshOptions> {
    const given = [...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', String(port)])];
    try {
      return parseSshOptions(await outputOf('ssh', ['-G', ...this.arguments, ...given, '--', host], this.#surroundings.env, signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (codeOf(error) !== 'ENOENT') throw unusable(error);
    }
    try {
      return await optionsFromFiles(this.#privateFile === undefined ? [this.#userFile, '/etc/ssh/ssh_config'] : [this.#userFile], this.#surroundings.home, host, user);
    } catch (error) {
      throw unusable(error);
    }
  }
}

const unusable = (error: unknown): Refused =>
  new Refused('storage', `The SSH configuration cannot be used: ${wordsOf(error)}.`, { stage: 'uri', remedy: 'Correct ~/.ssh/config; `ssh -G HOST` tests it.' }, { cause: error });

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw unusable(error);
  }
}

/** What a program prints. The error of one that fails holds what it complained about. */
function outputOf(program: string, words: readonly string[], env: Surroundings['env'], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...words], { env: { ...env }, signal, windowsHide: true, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      const complaint = stderr.trim().replaceAll(/\s*\r?\n\s*/g, '; ');
      if (error === null) resolve(stdout);
      else reject(error instanceof Error && (codeOf(error) === 'ENOENT' || complaint === '') ? error : new Error(complaint, { cause: error }));
    }).stdin?.end();
  });
}
