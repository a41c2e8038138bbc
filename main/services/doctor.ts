// The doctor: goes through every stage of reaching a host over a connection of its own, tells what each took and showed, and where one failed, looks closer.
import type { DoctorReport, DoctorStage } from '../../app/contract/doctor.ts';
import type { StageReport } from '../../app/contract/questions.ts';
import { type Refusal, Refused, type Stage, stages } from '../../app/contract/refusal.ts';
import { commandOfRemedy, effectOfRemedy, labelOfRemedy, remedy, type Remedy } from '../../app/domain/remedy.ts';
import { type ConnectionUri, driverUri, parseConnectionUri, printConnectionUri, type TransportName } from '../../app/domain/connection-uri.ts';
import type { Connection } from '../libvirt/connection.ts';
import { leave } from '../libvirt/leave.ts';
import { openConnection } from '../libvirt/open.ts';
import type { Link, OpenTransport, Surroundings } from '../transport/transport.ts';
import { lookCloser } from './doctor-look.ts';
import { examinePermissions, examineVersions, type Examined } from './doctor-rights.ts';
import type { Access } from './host-session.ts';
import { SaslLogins } from './sasl-login.ts';

/** What is examined. */
export interface Patient {
  readonly uri: string;
  readonly access: Access;
}

/** How long a daemon that was just started may be silent, in milliseconds: it looks at its guests and its hypervisor before it answers. */
export const justStarted = 60_000;

export interface DoctorOwner {
  /** Longest time the daemon may be silent, in milliseconds; as for any connection when left out. */
  readonly patience?: number;
  readonly openTransport: OpenTransport;
  readonly surroundings: Surroundings;
  readonly complain: (error: unknown) => void;
}

const network = ['name', 'port'] as const;
const daemon = ['libvirt', 'sasl', 'driver', 'versions', 'permissions'] as const;
/** The stages that lead to a daemon by each transport. */
const stagesOf: Readonly<Record<TransportName, readonly Stage[]>> = {
  unix: ['uri', 'socket', ...daemon],
  ssh: ['uri', ...network, 'hostKey', 'login', 'socket', ...daemon],
  tls: ['uri', ...network, 'tls', 'certificate', ...daemon],
  tcp: ['uri', ...network, ...daemon],
  ext: ['uri', 'socket', ...daemon],
  demo: ['uri', ...daemon],
};

/** What was learnt of one stage so far; some are gone through more than once, such as those of jump hosts. */
interface Entry {
  readonly seen: readonly string[];
  readonly warnings: readonly string[];
  readonly milliseconds: number;
  readonly refusal?: Refusal;
}
const nothing: Entry = { seen: [], warnings: [], milliseconds: 0 };

/** The stages of one examination as they come. */
class Course {
  readonly #entries = new Map<Stage, Entry>();
  /** What is being gone through: where a failure belongs that does not say so itself. */
  #at: Stage = 'uri';

  get at(): Stage {
    return this.#at;
  }

  /** A stage begins. */
  begin(stage: Stage): void {
    this.#at = stage;
  }

  readonly report = (report: StageReport): void => {
    if (report.outcome === 'started') this.begin(report.stage);
    else if (report.outcome === 'done') this.add(report.stage, { seen: [report.seen], milliseconds: report.milliseconds });
    else this.add(report.stage, { refusal: report.refusal, milliseconds: report.milliseconds });
  };

  add(stage: Stage, { seen = [], warnings = [], milliseconds = 0, refusal }: Partial<Entry>): void {
    const before = this.#entries.get(stage) ?? nothing;
    this.#entries.set(stage, {
      seen: [...before.seen, ...seen], warnings: [...before.warnings, ...warnings], milliseconds: before.milliseconds + milliseconds,
      ...(refusal !== undefined && { refusal }),
    });
  }

  /** Runs the work of a stage that reports nothing by itself. */
  async during(stage: Stage, work: () => Promise<Examined>): Promise<void> {
    this.begin(stage);
    const began = performance.now();
    try {
      this.add(stage, { ...(await work()), milliseconds: performance.now() - began });
    } catch (error) {
      this.add(stage, { milliseconds: performance.now() - began });
      throw error;
    }
  }

  /** All stages of a transport in their order; `findings` belong to the one that failed. */
  told(transport: TransportName, findings: readonly string[]): DoctorStage[] {
    const failedAt = stages.findIndex((stage) => this.#entries.get(stage)?.refusal !== undefined);
    const known = [...stagesOf[transport], ...this.#entries.keys()];
    return stages.filter((stage) => known.includes(stage)).map((stage): DoctorStage => {
      const entry = this.#entries.get(stage);
      if (entry?.refusal !== undefined) return { outcome: 'failed', stage, refusal: entry.refusal, milliseconds: entry.milliseconds, findings: [...findings] };
      if (entry !== undefined) return { outcome: 'done', stage, seen: [...new Set(entry.seen)].join('; '), milliseconds: entry.milliseconds, warnings: [...entry.warnings] };
      if (failedAt >= 0) return { outcome: 'skipped', stage, why: 'Not reached.' };
      return { outcome: 'skipped', stage, why: stage === 'sasl' ? 'The daemon asks for no login of its own.' : 'Done by the program that connects.' };
    });
  }
}

/**
 * Examines the way to a host from its URI to what may be done there. Nothing of it stays open, nothing is saved or changed; the host's
 * session, if there is one, notices nothing. Never throws for what it finds. @throws Refused `cancelled`.
 */
export async function examine({ uri: text, access }: Patient, owner: DoctorOwner, signal: AbortSignal): Promise<DoctorReport> {
  const at = Date.now();
  const course = new Course();
  const surroundings: Surroundings = { ...owner.surroundings, report: course.report, readOnly: access.readOnly };
  let uri: ConnectionUri | null = null;
  let link: Link | null = null;
  let connection: Connection | null = null;
  let closer: { readonly findings: readonly string[]; readonly remedies: readonly Remedy[] } = { findings: [], remedies: [] };
  try {
    try {
      uri = parseConnectionUri(text);
      course.add('uri', { seen: [printConnectionUri(uri)] });
      link = await owner.openTransport(uri, surroundings, signal);
      const duplex = await link.open(signal);
      connection = await openDriver(duplex, { uri, access, surroundings, course, patience: owner.patience }, signal);
      const open = connection;
      await course.during('versions', async () => await examineVersions(open));
      await course.during('permissions', async () => await examinePermissions(open, access.readOnly));
    } catch (error) {
      if (signal.aborted) throw new Refused('cancelled', 'The examination was given up.', {}, { cause: error });
      const refusal = located(error, course.at, owner);
      course.add(refusal.stage ?? course.at, { refusal });
      if (uri !== null) closer = await lookCloser({ refusal, uri, link, surroundings }, signal).catch((failure: unknown) => ({ findings: [unseen(failure, owner)], remedies: [] }));
      closer = { findings: closer.findings, remedies: [...(refusal.offers ?? []), ...closer.remedies] };
    }
  } finally {
    if (connection !== null) await leave(connection);
    link?.close();
  }
  const told = course.told(uri?.transport ?? 'unix', closer.findings);
  return { uri: text, at, well: told.every(({ outcome }) => outcome !== 'failed'), stages: told, remedies: offersOf(closer.remedies) };
}

interface Opening {
  readonly uri: ConnectionUri;
  readonly access: Access;
  readonly surroundings: Surroundings;
  readonly course: Course;
  readonly patience: number | undefined;
}

/** From the first words with the daemon to an open driver: libvirt, SASL (which reports itself) and driver, each with its time. */
async function openDriver(duplex: Awaited<ReturnType<Link['open']>>, { uri, access, surroundings, course, patience }: Opening, signal: AbortSignal): Promise<Connection> {
  let since = performance.now();
  const lap = (): number => {
    const before = since;
    since = performance.now();
    return since - before;
  };
  course.begin('libvirt');
  try {
    const { connection } = await openConnection(duplex, {
      name: driverUri(uri), readOnly: access.readOnly, mustAuthenticate: uri.transport === 'tcp' && !access.allowPlain, signal,
      ...(patience !== undefined && { stepLimit: patience, keepalive: { interval: patience, count: 1 } }), ...new SaslLogins().options(uri, surroundings, signal),
      progress: (reached) => {
        const milliseconds = lap();
        if (reached === 'answered') course.add('libvirt', { seen: ['A libvirt daemon answers.'], milliseconds });
        else course.begin('driver');
      },
    });
    course.add('driver', { seen: [`${driverUri(uri) || 'The daemon’s own choice of driver'} is open${access.readOnly ? ' for looking only' : ''}.`], milliseconds: lap() });
    return connection;
  } catch (error) {
    if (course.at !== 'sasl') course.add(course.at, { milliseconds: lap() });
    throw error;
  }
}

function located(error: unknown, stage: Stage, owner: DoctorOwner): Refusal {
  if (error instanceof Refused) return { stage, ...error.refusal };
  owner.complain(error);
  return { code: 'bug', stage, message: 'Guestdeck itself failed at this.', remedy: 'The log in the data folder has the details.' };
}

/** That a closer look failed is told, and hides nothing of what failed first. */
function unseen(error: unknown, owner: DoctorOwner): string {
  if (error instanceof Refused) return `A closer look was not possible: ${error.refusal.message}`;
  owner.complain(error);
  return 'A closer look failed; the log in the data folder has the details.';
}

/** Each once, and only those whose fields are fit to be run. */
function offersOf(remedies: readonly Remedy[]): DoctorReport['remedies'] {
  const fit = remedies.filter((each, at) => remedy.safeParse(each).success && remedies.findIndex((other) => JSON.stringify(other) === JSON.stringify(each)) === at);
  return fit.map((each) => ({ remedy: each, label: labelOfRemedy(each), effect: effectOfRemedy(each), command: commandOfRemedy(each)?.command ?? null }));
}
