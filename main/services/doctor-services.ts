// The doctor's two asks: an examination, and a remedy carried out on the host with an examination after it.
import type { RemedyOutcome } from '../../app/contract/doctor.ts';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { commandOfRemedy, type RunnableRemedy } from '../../app/domain/remedy.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { runAsRoot } from '../host/privileged.ts';
import type { Said } from '../host/shell.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import { type DoctorOwner, examine, justStarted, type Patient } from './doctor.ts';
import type { Access } from './host-session.ts';
import type { Services } from './services.ts';

/** What the doctor needs of those who keep the connections. */
export interface DoctorContext {
  readonly openTransport: OpenTransport;
  /** A saved connection as it is now. Throws Refused `unknown-host`. */
  readonly patient: (id: string) => { readonly uri: string; readonly access: Access };
  /** What a connection beside the host's session needs; questions are asked as those of the host. */
  readonly surroundings: (id: string) => Surroundings;
  readonly complain: (error: unknown) => void;
  /** Aborts when Guestdeck closes. */
  readonly closing: AbortSignal;
}

/** Most of a command's output that is told. */
const longestOutput = 4_000;

/** Questions of a connection to a host that is not saved are asked in the name of its URI, without the scheme. */
const nameOf = (uri: string): string => uri.replace(/^[^/]*\/\//, '').slice(0, 64) || 'this computer';

export const doctorServices = (context: DoctorContext): Pick<Services['connections'], 'doctor' | 'remedy'> => ({
  doctor: async ({ id, uri }, { gone }) => {
    if ((id === undefined) === (uri === undefined)) throw new Refused('bad-input', 'The doctor takes either the id of a saved connection or a URI.', { field: id === undefined ? 'id' : 'uri' });
    const patient: Patient = id === undefined ? { uri: uri ?? '', access: { readOnly: false, allowPlain: false } } : context.patient(id);
    return await examine(patient, ownerOf(context, context.surroundings(id ?? nameOf(patient.uri))), AbortSignal.any([gone, context.closing]));
  },
  remedy: async ({ id, remedy }, { gone }) => {
    const patient = context.patient(id);
    const owner = ownerOf(context, answeringTwice(context.surroundings(id)));
    const signal = AbortSignal.any([gone, context.closing]);
    const done = await carryOut(remedy, patient, owner, signal);
    return { ...done, report: await examine(patient, { ...owner, patience: justStarted }, signal) };
  },
});

const ownerOf = ({ openTransport, complain }: DoctorContext, surroundings: Surroundings): DoctorOwner => ({ openTransport, complain, surroundings });

/** The remedy and the examination after it log in one after the other: what was answered in the first is not asked again in the second. */
export function answeringTwice(surroundings: Surroundings): Surroundings {
  const given = new Map<string, QuestionAnswer>();
  return {
    ...surroundings,
    ask: async (question: Question, signal) => {
      const key = JSON.stringify({ ...question, again: false });
      const known = 'again' in question && question.again === true ? undefined : given.get(key);
      const answer = known ?? (await surroundings.ask(question, signal));
      given.set(key, answer);
      return answer;
    },
  };
}

/** Runs the one command of a remedy over a login of its own. What it says is the outcome, whatever its code. */
async function carryOut(remedy: RunnableRemedy, { uri: text }: Patient, owner: DoctorOwner, signal: AbortSignal): Promise<Omit<RemedyOutcome, 'report'>> {
  const planned = commandOfRemedy(remedy);
  // The examination asks about the host key by itself.
  if (planned === null) return { command: null, code: null, output: '' };
  const uri = parseConnectionUri(text);
  const { surroundings } = owner;
  const link = await owner.openTransport(uri, surroundings, signal);
  try {
    const { run } = link;
    if (run === undefined) throw new Refused('command-refused', 'There is no way to run a command on this host: only SSH and this computer itself have one.', { remedy: `Type it there: ${planned.command}` });
    if (remedy.kind === 'addToGroup') {
      const user = (await run('id -un', { signal })).stdout.toString('utf8').trim();
      if (user !== remedy.user) throw new Refused('bad-input', `Logged in on the host is ${user}, not ${remedy.user}.`, { field: 'remedy.user' });
    }
    const host = uri.host ?? 'this computer';
    const said: Said = planned.asRoot ? await runAsRoot(run, planned.command, async (user, again) => {
      const answer = await surroundings.ask({ kind: 'sudo', user, host, again }, signal);
      return answer.kind === 'sudo' ? answer.password : null;
    }, signal) : await run(planned.command, { signal });
    const output = `${said.stdout.toString('utf8')}${said.stderr.toString('utf8')}`.trim().slice(-longestOutput);
    return { command: planned.command, code: said.code, output };
  } finally {
    link.close();
  }
}
