// The contract's section of the health of certificates: a look at a host, mending, and all certificates that are known.
import { chmod } from 'node:fs/promises';
import type { Connection } from '../../app/contract/connections.ts';
import type { HealthReport } from '../../app/contract/health.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, parseConnectionUri, printConnectionUri } from '../../app/domain/connection-uri.ts';
import { type Finding, healthCheckNames } from '../../app/pki/health.ts';
import { commandOfMend, effectOfMend, type HealthRemedy, isMendable, labelOfMend, type RunnableMend } from '../../app/pki/health-remedy.ts';
import { judgeHealth } from '../../app/pki/judge-health.ts';
import { runAsRoot } from '../host/privileged.ts';
import type { Shell } from '../host/shell.ts';
import { findRoute } from '../transport/ssh-route.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import { gatherFacts } from './health-look.ts';
import { type KnownSources, knownCertificates } from './health-overview.ts';
import type { Caller, Services } from './services.ts';

export interface HealthContext extends Omit<KnownSources, 'quiet' | 'shown'> {
  readonly openTransport: OpenTransport;
  /** The URI of a saved connection. Throws Refused `unknown-host`. */
  readonly uriOf: (id: string) => string;
  /** What a connection to a host beside its session needs; questions are asked as those of the host. */
  readonly surroundings: (id: string) => Surroundings;
  /** The shell of a saved host that is connected; undefined where it has none. */
  readonly shell: (id: string) => Shell | undefined;
}

/** Which host is looked at. */
interface Asked {
  readonly host?: string | undefined;
  readonly uri?: string | undefined;
  readonly over?: string | undefined;
}

export const healthServices = (context: HealthContext): { readonly services: Services['health']; readonly close: () => void } => {
  const closing = new AbortController();
  const until = ({ gone }: Caller): AbortSignal => AbortSignal.any([gone, closing.signal]);
  const sources: KnownSources = { ...context, quiet: (id) => quiet(context.surroundings(id)), shown: new Map() };
  const look = async (place: Place, caller: Caller): Promise<HealthReport> => {
    const { certificates } = await context.certificates.list({}, caller);
    return await report(place, { openTransport: context.openTransport, keptAs: new Map(certificates.map(({ fingerprint, id }) => [fingerprint, id])) }, until(caller));
  };
  const services: Services['health'] = {
    check: async (asked, caller) => await onHost(context, asked, caller, until(caller), async (place) => await look(place, caller)),
    mend: async ({ remedy, ...asked }, caller) => await onHost(context, asked, caller, until(caller), async (place) => {
      const before = await look(place, caller);
      // Only what was offered is done: the question comes from a page.
      if (!before.lines.some(({ remedies }) => remedies.some((offer) => offer.mends && JSON.stringify(offer.remedy) === JSON.stringify(remedy)))) {
        throw new Refused('bad-input', 'There is nothing to mend in this way any more.', { field: 'remedy' });
      }
      await mend(remedy, place, until(caller));
      return await look(place, caller);
    }),
    overview: async (_, caller) => await knownCertificates(sources, caller, until(caller)),
    warnings: async (_, caller) => (await knownCertificates(sources, caller, until(caller))).certificates.filter(({ warning }) => warning !== null),
  };
  return { services, close: () => closing.abort() };
};

const quiet = (surroundings: Surroundings): Surroundings => ({ ...surroundings, report: () => undefined, ask: async () => ({ kind: 'declined' }) });

/** A host with all that it is looked at by. */
interface Place {
  readonly uri: ConnectionUri;
  readonly surroundings: Surroundings;
  /** `ask`: how the password of sudo is asked for. */
  readonly over: { readonly id: string; readonly shell: Shell | string; readonly ask: Surroundings['ask'] } | null;
}

/** Finds the way to the host's TLS, and to a shell there; what was opened for it is closed at the end. */
async function onHost<T>(context: HealthContext, { host, uri: text, over }: Asked, caller: Caller, signal: AbortSignal, work: (place: Place) => Promise<T>): Promise<T> {
  if ((host === undefined) === (text === undefined)) throw new Refused('bad-input', 'Either a saved host or a URI is looked at.', { field: host === undefined ? 'host' : 'uri' });
  const given = parseConnectionUri(host === undefined ? (text ?? '') : context.uriOf(host));
  const surroundings = quiet(context.surroundings(host ?? (given.host ?? 'localhost').slice(0, 64)));
  const uri = await overTls(given, surroundings, signal);
  const id = over ?? (host !== undefined && hasShell(given) ? host : sameHost(await context.connections.list({}, caller), uri));
  if (id === null) return await work({ uri, surroundings, over: null });
  const shell = context.shell(id);
  const { ask } = context.surroundings(id);
  if (shell !== undefined) return await work({ uri, surroundings, over: { id, shell, ask } });
  const link = await openShell(context, id, signal);
  if (typeof link === 'string') return await work({ uri, surroundings, over: { id, shell: link, ask } });
  try {
    return await work({ uri, surroundings, over: { id, shell: link.run ?? 'This connection gives no shell.', ask } });
  } finally {
    link.close();
  }
}

/** A text: why it could not be opened. */
async function openShell({ openTransport, uriOf, surroundings }: HealthContext, id: string, signal: AbortSignal): Promise<Awaited<ReturnType<OpenTransport>> | string> {
  try {
    return await openTransport(parseConnectionUri(uriOf(id)), surroundings(id), signal);
  } catch (error) {
    if (!(error instanceof Refused) || signal.aborted) throw error;
    return error.refusal.message;
  }
}

const hasShell = ({ transport }: ConnectionUri): boolean => transport === 'ssh' || transport === 'unix';

/** The TLS connection to the machine that a URI leads to, at the usual port unless it names another. */
async function overTls(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<ConnectionUri> {
  const { driver, host, transport } = uri;
  const there = (name: string | undefined): ConnectionUri => ({ driver, transport: 'tls', ...(name !== undefined && { host: name }), path: '/system', parameters: [] });
  switch (transport) {
    case 'tls':
      return uri;
    case 'ssh':
      return there((await findRoute(uri, surroundings, signal)).hops.at(-1)?.hostName ?? host);
    case 'tcp':
      return there(host);
    case 'unix':
      return there('localhost');
    case 'ext':
    case 'demo':
      throw new Refused('bad-input', 'This connection leads to no machine that could be reached over TLS.', { field: 'host' });
  }
}

const thisComputer: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** A saved connection that is in use, has a shell, and leads to the same name. */
function sameHost(saved: readonly Connection[], { host = 'localhost' }: ConnectionUri): string | null {
  const found = saved.find(({ uri: text, state }) => {
    const uri = parseConnectionUri(text);
    if (state.phase !== 'ready' || !hasShell(uri)) return false;
    return uri.transport === 'unix' ? thisComputer.has(host) : uri.host?.toLowerCase() === host.toLowerCase();
  });
  return found?.id ?? null;
}

async function report({ uri, surroundings, over }: Place, using: { readonly openTransport: OpenTransport; readonly keptAs: ReadonlyMap<string, string> }, signal: AbortSignal): Promise<HealthReport> {
  const at = Date.now();
  const facts = await gatherFacts({ uri, surroundings, shell: over?.shell ?? null, ...using }, signal);
  const lines = judgeHealth(facts);
  return {
    uri: printConnectionUri(uri), at, over: over?.id ?? null,
    client: facts.files.client?.certificate.subject.text ?? null,
    state: lines.some(({ state }) => state === 'fail') ? 'fail' : lines.some(({ state }) => state === 'warn') ? 'warn' : 'ok',
    lines: lines.map(shownLine),
  };
}

const shownLine = ({ check, state, seen, because, remedies }: Finding): HealthReport['lines'][number] => ({
  check, what: healthCheckNames[check], state, seen, because: because ?? null, remedies: remedies.map(offered),
});

const offered = (remedy: HealthRemedy): HealthReport['lines'][number]['remedies'][number] => ({
  remedy, label: labelOfMend(remedy), effect: effectOfMend(remedy), command: commandOfMend(remedy)?.command ?? null, mends: isMendable(remedy),
});

/** @throws Refused when it could not be done. */
async function mend(remedy: RunnableMend, { uri, over }: Place, signal: AbortSignal): Promise<void> {
  if (remedy.kind === 'restrictFile' && remedy.where === 'here') {
    await chmod(remedy.path, Number.parseInt(remedy.mode, 8)).catch((error: unknown) => {
      throw new Refused('storage', `The mode of ${remedy.path} could not be set.`, { remedy: `Set it as its owner: chmod ${remedy.mode} ${remedy.path}` }, { cause: error });
    });
    return;
  }
  const planned = commandOfMend(remedy);
  if (planned === null) return;
  if (over === null || typeof over.shell === 'string') throw new Refused('command-refused', 'There is no way to run a command on this host.', { remedy: `Type it there: ${planned.command}` });
  const said = await runAsRoot(over.shell, planned.command, async (user, again) => {
    const answer = await over.ask({ kind: 'sudo', user, host: uri.host ?? 'this computer', again }, signal);
    return answer.kind === 'sudo' ? answer.password : null;
  }, signal);
  if (said.code !== 0) throw new Refused('command-refused', `The host did not do it: ${said.stderr.toString('utf8').trim().slice(-500) || 'it did not say why'}.`);
}
