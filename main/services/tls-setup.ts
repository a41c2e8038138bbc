// The contract's section of what is set up on a host: looked at, planned, done with everything put back where it fails, all over a login of its own.
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Entry } from '../../app/contract/history.ts';
import type { SetupLook, SetupReport, SetupWish } from '../../app/contract/setup.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { daemonSettingNames, daemonSettings, readDaemonValues, settingWarnings } from '../../app/daemon/daemon-settings.ts';
import { alternativeName } from '../../app/pki/subject.ts';
import { readJournal } from '../host/journal.ts';
import { makeRequest } from '../host/make-request.ts';
import { rootShell } from '../host/privileged.ts';
import { addSaslUser, listSaslUsers, readSaslSettings, removeSaslUser, saslSettings } from '../host/sasl-users.ts';
import { lookAtFiles, lookForSetup, readCertificates, type SetupFacts } from '../host/setup-facts.ts';
import type { Shell } from '../host/shell.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import { begunEntry } from './certificate-audit.ts';
import { answeringTwice } from './doctor-services.ts';
import type { HistoryFile } from './history-file.ts';
import type { Caller, Services, Tell } from './services.ts';
import { connectByTls, materialOf } from './setup-material.ts';
import { daemonOf, type DaemonFacts, hostPlaces, settingsOf } from './setup-places.ts';
import { pathsOf, planOf, type Planned } from './setup-plan.ts';
import { carryOut, journalFolder, putBackLeft, type Reached } from './setup-run.ts';

export interface SetupContext {
  readonly dataFolder: string;
  readonly openTransport: OpenTransport;
  /** The URI of a saved connection. Throws Refused `unknown-host`. */
  readonly uriOf: (id: string) => string;
  /** What a login beside the host's session needs; questions are asked as those of the host. */
  readonly surroundings: (id: string) => Surroundings;
  readonly certificates: Pick<Services['certificates'], 'export'>;
  /** A host has this certificate from now on. */
  readonly installed: (certificate: string, host: string) => Promise<void>;
  /** Where every change to a host is written down: begun, and how it ended. */
  readonly history: Pick<HistoryFile, 'append'>;
  readonly user: string;
  readonly hostName: (id: string) => string;
  readonly tell: Tell;
  readonly complain: (error: unknown) => void;
  /** In milliseconds; half a minute more than a host takes to come back after its network did, when left out. */
  readonly patience?: number;
}

/** This computer, as far as its shell goes. */
const here = 'qemu:///system';
const hereName = 'this computer';
const patience = 90_000;
/** A daemon may take systemd's own 90 s to start, and be stopped before. */
const stepLimit = 300_000;
/** Longest silence while TLS is tried: the daemon may have to start for it. */
const verifyLimit = 60_000;

/** A login, and what is known of the host by it. */
interface Visit {
  readonly uri: ConnectionUri;
  /** As the user who is logged in. */
  readonly shell: Shell;
  readonly root: () => Promise<Shell>;
  readonly close: () => void;
}

/** As the history has them. */
const titles: Readonly<Record<SetupWish['kind'], string>> = { host: 'Set up TLS', client: 'Put the certificate of a client', settings: 'Changed the daemon’s settings' };

/** Of the user, what the login says; of the host, what root sees. */
const merged = (own: SetupFacts, byRoot: SetupFacts): SetupFacts => ({ ...byRoot, user: own.user, home: own.home, rights: own.rights, names: own.names });

const moment = (): string => new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');

export const setupServices = (context: SetupContext): { readonly services: Services['setup']; readonly close: () => void } => {
  const { openTransport, tell, complain } = context;
  const closing = new AbortController();

  /** Logs in. `surroundings` keep what was answered, for a second login after the first was lost. */
  const visit = async (host: string | null, surroundings: Surroundings, signal: AbortSignal): Promise<Visit> => {
    const uri = parseConnectionUri(host === null ? here : context.uriOf(host));
    const link = await openTransport(uri, surroundings, signal);
    const { run, close } = link;
    if (run === undefined) {
      close();
      throw new Refused('command-refused', 'There is no way to run a command on this host: only SSH and this computer itself have one.', { remedy: 'Save the host with a qemu+ssh URI as well, and set it up over that.' });
    }
    const ask = async (user: string, again: boolean): Promise<string | null> => {
      const answer = await surroundings.ask({ kind: 'sudo', user, host: uri.host ?? hereName, again }, signal);
      return answer.kind === 'sudo' ? answer.password : null;
    };
    let root: Promise<Shell> | null = null;
    return { uri, shell: run, root: async () => await (root ??= rootShell(run, ask, signal)), close };
  };
  const surroundingsOf = (host: string | null): Surroundings => answeringTwice(context.surroundings(host ?? hereName));
  const until = ({ gone }: Caller): AbortSignal => AbortSignal.any([gone, closing.signal]);

  const during = async <T>(host: string | null, caller: Caller, work: (visit: Visit, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const signal = until(caller);
    const visited = await visit(host, surroundingsOf(host), signal);
    try {
      return await work(visited, signal);
    } finally {
      visited.close();
    }
  };
  const ownFolder = (certificate: string): string => join(context.dataFolder, 'pki', createHash('sha256').update(certificate).digest('hex').slice(0, 16));

  const planned = async (visited: Visit, wish: SetupWish, stamp: string, caller: Caller, signal: AbortSignal): Promise<Planned> => {
    const material = wish.kind === 'settings' ? null : await materialOf(context.certificates, wish.certificate, caller);
    const own = await lookForSetup(visited.shell, signal);
    const isPlain = wish.kind === 'client' && wish.place !== 'system';
    const shell = isPlain ? visited.shell : await visited.root();
    const facts = isPlain || own.rights === 'root' ? own : merged(own, await lookForSetup(shell, signal));
    const folder = wish.kind === 'client' ? ownFolder(wish.certificate) : context.dataFolder;
    const files = await lookAtFiles(shell, pathsOf(facts, wish, folder), signal);
    return planOf(wish, { facts, files, material, reachedAs: visited.uri.host ?? 'localhost', ownFolder: folder, stamp });
  };
  const isApp = (wish: SetupWish): boolean => wish.kind === 'client' && wish.place === 'app';
  const checkPlace = (host: string | null, wish: SetupWish): void => {
    if (host !== null && isApp(wish)) throw new Refused('bad-input', 'The folder of Guestdeck is on this computer.', { field: 'host' });
  };
  /** Has a change in the history before it is made and once it ended; that its end cannot be written is for the log. */
  const noted = async <T>(host: string | null, title: string, kind: Entry['kind'], work: () => Promise<T>, endOf: (result: T) => Pick<Entry, 'outcome' | 'steps'>): Promise<T> => {
    const name = host === null ? hereName : context.hostName(host);
    const entry = begunEntry(`${title} on ${name}`, context.user, { kind, host: host === null ? null : { id: host, name } });
    const end = async (ended: Pick<Entry, 'outcome' | 'steps'>): Promise<void> => {
      await context.history.append({ ...entry, ...ended }).catch(complain);
      tell('history', 'changed', { id: entry.id });
    };
    await context.history.append(entry);
    try {
      const result = await work();
      await end(endOf(result));
      return result;
    } catch (error) {
      await end({ outcome: 'put-back', steps: error instanceof Refused ? [{ title, virsh: '', scope: 'saved', outcome: 'failed', refusal: error.refusal }] : [] });
      throw error;
    }
  };
  const reported = ({ outcome, steps }: SetupReport): Pick<Entry, 'outcome' | 'steps'> => ({ outcome, steps: steps.map((step) => ({ ...step, virsh: '', scope: 'saved' })) });
  const whole = (): Pick<Entry, 'outcome' | 'steps'> => ({ outcome: 'complete', steps: [] });
  const told = <T>(host: string | null, answer: T): T => {
    tell('setup', 'changed', { host });
    return answer;
  };

  const services: Services['setup'] = {
    look: async ({ host }, caller) => await during(host, caller, async (visited, signal) => await lookThere(visited, signal)),
    request: async ({ host, names, organization, keyBits = 3072 }, caller) => {
      const read = names.map((name, at) => {
        const one = alternativeName(name);
        if ('code' in one) throw new Refused('bad-input', `${name} is no DNS name and no IP address.`, { field: `names.${at}` });
        return one;
      });
      return told(host, await during(host, caller, async (visited, signal) => {
        const { programs } = await lookForSetup(visited.shell, signal);
        const maker = makerOf(programs);
        if (maker === null) throw new Refused('command-refused', 'The host has neither openssl nor certtool to make a key.', { remedy: 'Install one of them there, or have the key made here.' });
        return { pem: await makeRequest(await visited.root(), maker, { names: read, organization: organization || undefined, keyBits }, signal) };
      }));
    },
    plan: async ({ host, wish }, caller) => {
      checkPlace(host, wish);
      return (await during(host, caller, async (visited, signal) => await planned(visited, wish, moment(), caller, signal))).plan;
    },
    install: async ({ host, wish, basis }, caller) => {
      checkPlace(host, wish);
      const surroundings = surroundingsOf(host);
      const signal = until(caller);
      const [, stamp] = /^(\d{8}T\d{6}Z)\.[0-9a-f]{64}$/.exec(basis) ?? [];
      if (stamp === undefined) throw new Refused('bad-input', 'The basis is that of no plan.', { field: 'basis' });
      const material = wish.kind === 'host' ? await materialOf(context.certificates, wish.certificate, caller) : null;
      const client = wish.kind === 'host' && wish.client !== undefined ? await materialOf(context.certificates, wish.client, caller) : null;
      let visited = await visit(host, surroundings, signal);
      const plan = await planned(visited, wish, stamp, caller, signal).catch((error: unknown) => {
        visited.close();
        throw error;
      });
      if (plan.plan.basis !== basis) {
        visited.close();
        throw new Refused('changed-meanwhile', 'The host or the certificate changed since the plan was made.', { remedy: 'Look at the new plan.' });
      }
      let isFirst = true;
      const reach = async (limit: AbortSignal): Promise<Reached> => {
        // The login by which the plan was made again serves for the steps too.
        if (!isFirst) visited = await visit(host, surroundings, limit);
        isFirst = false;
        const { shell, root, close } = visited;
        try {
          return plan.asRoot ? { shell: await root(), folder: journalFolder('', true), close } : { shell, folder: journalFolder((await lookForSetup(shell, limit)).home, false), close };
        } catch (error) {
          close();
          throw error;
        }
      };
      // What was begun is brought to its end or put back, whether or not somebody still looks.
      const report = await noted(host, titles[wish.kind], wish.kind === 'settings' ? 'action' : 'certificate', async () => await carryOut(plan, {
        reach, complain, stepLimit, patience: context.patience ?? patience,
        progress: (step, outcome) => tell('setup', 'progress', { host, step, outcome }),
        verify: async (at, limit) => {
          if (material === null) throw new TypeError('only the certificate of a host is verified');
          return await connectByTls({ ...at, host: material, client }, context.dataFolder, openTransport, { ...surroundings, stageLimit: verifyLimit }, limit);
        },
      }, closing.signal), reported);
      if (report.outcome === 'complete' && wish.kind === 'host' && host !== null) await context.installed(wish.certificate, host).catch(complain);
      return told(host, report);
    },
    putBack: async ({ host }, caller) => told(host, await noted(host, 'Put an interrupted change back', 'action', async () => await during(host, caller, async (visited, signal) => {
      const own = await lookForSetup(visited.shell, signal);
      const reached = { folder: journalFolder(own.home, false), shell: visited.shell, close: visited.close };
      const mine = await putBackLeft(reached, signal).catch((error: unknown) => {
        if (error instanceof Refused && error.refusal.code === 'bad-input') return null;
        throw error;
      });
      return mine ?? (await putBackLeft({ ...reached, shell: await visited.root(), folder: journalFolder('', true) }, signal));
    }), reported)),
    settings: async ({ host }, caller) => await during(host, caller, async (visited, signal) => {
      const facts = await seen(visited, signal, true);
      const { settingsPath } = daemonOf(facts);
      const values = readDaemonValues(settingsOf(facts, settingsPath));
      return {
        path: settingsPath,
        settings: daemonSettingNames.map((name) => {
          const { form, usual, explains } = daemonSettings[name];
          const value = values[name] ?? null;
          return { name, value: copied(value), usual, form: form.kind === 'choice' ? { ...form, among: [...form.among] } : form, explains };
        }),
        warnings: settingWarnings(values).map(({ message }) => message),
      };
    }),
    users: async ({ host }, caller) => await during(host, caller, async (visited, signal) => {
      const root = await visited.root();
      const { database, mechanisms } = await saslOf(root, signal);
      return { database, mechanisms: [...mechanisms], users: [...(await listSaslUsers(root, database, signal))] };
    }),
    addUser: async ({ host, name, realm, password }, caller) => told(host, await noted(host, `Set the password of the SASL user ${name}`, 'action', async () => await during(host, caller, async (visited, signal) => {
      const root = await visited.root();
      await addSaslUser(root, (await saslOf(root, signal)).database, { name, realm }, password, signal);
      return null;
    }), whole)),
    removeUser: async ({ host, name, realm }, caller) => told(host, await noted(host, `Removed the SASL user ${name}`, 'action', async () => await during(host, caller, async (visited, signal) => {
      const root = await visited.root();
      await removeSaslUser(root, (await saslOf(root, signal)).database, { name, realm }, signal);
      return null;
    }), whole)),
  };
  return { services, close: () => closing.abort() };
};

const copied = <T>(value: number | string | readonly T[] | null): number | string | T[] | null => (typeof value === 'object' && value !== null ? [...value] : value);

const saslOf = async (root: Shell, signal: AbortSignal): Promise<ReturnType<typeof readSaslSettings>> => readSaslSettings((await lookForSetup(root, signal)).texts.get(saslSettings) ?? '');

const makerOf = (programs: ReadonlySet<string>): 'openssl' | 'certtool' | null => (programs.has('openssl') ? 'openssl' : programs.has('certtool') ? 'certtool' : null);

/** The host as root sees it where that costs no question, or where it `must`. */
async function seen({ shell, root }: Visit, signal: AbortSignal, must: boolean): Promise<SetupFacts> {
  const own = await lookForSetup(shell, signal);
  const isHidden = must && !own.texts.has(daemonOf(own).settingsPath);
  return own.rights === 'sudo' || isHidden ? merged(own, await lookForSetup(await root(), signal)) : own;
}

/** What is there, for a person who is to decide. */
async function lookThere(visited: Visit, signal: AbortSignal): Promise<SetupLook> {
  const facts = await seen(visited, signal, false);
  const shell = facts.rights === 'sudo' ? await visited.root() : visited.shell;
  const daemon = daemonOf(facts);
  const paths = [...new Set([...hostPlaces(facts, daemon, ['daemon', 'vnc', 'spice', 'migration'], true).map(({ path }) => path)])];
  const files = await lookAtFiles(shell, paths, signal);
  const certificates = await readCertificates(shell, [...files.keys()].filter((path) => path.endsWith('cert.pem')), signal);
  const journal = readJournal(facts.journal);
  return {
    user: facts.user, rights: facts.rights, system: facts.system, names: [...facts.names], ...shownDaemon(daemon),
    units: facts.units.map(({ name, state, file }) => ({ name, state, file })),
    files: [...files].map(([path, { owner, group, mode }]) => ({ path, owner, group, mode, fingerprint: fingerprintOf(certificates.get(path)) })),
    firewall: facts.firewall, selinux: facts.selinux, keyMaker: makerOf(facts.programs),
    interrupted: journal === null ? null : { since: journal.stamp.split('-')[0] ?? '', did: journal.noted.map(({ what }) => what) },
    hasRequest: facts.hasRequest,
  };
}

const shownDaemon = ({ kind, listens, port, isListening }: DaemonFacts) => ({ daemon: kind, listens, port, isListening });

/** Null for what is no certificate. */
function fingerprintOf(pem: string | undefined): string | null {
  if (pem === undefined) return null;
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
