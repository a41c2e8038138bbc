// Every kind of step that changes a guest: its fields, how it is called and its virsh equivalent. A kind added here needs its handler to compile.
import { CpuSet } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import { shellWord, virshGuest } from '../domain/virsh.ts';

/** Where a change acts: on the running guest, in its saved definition, or both. */
export const scopes = ['live', 'saved', 'both'] as const;
export type Scope = (typeof scopes)[number];

const scope = z.enum(scopes);
const cpus = z.string().max(65_536).refine(namesCpus, 'is not a cpuset that names a CPU');

function namesCpus(text: string): boolean {
  const set = CpuSet.read(text);
  return set instanceof CpuSet && set.size > 0 && set.toString() === text;
}

/** virsh's options for a scope. */
const acts: Readonly<Record<Scope, string>> = { live: '--live', saved: '--config', both: '--live --config' };

/** Kind → the fields its handler gets; `kind` itself is added to each. `cpus` are canonical cpusets. */
const fields = {
  /** DOMAIN_PIN_VCPU_FLAGS */
  pinVcpu: z.strictObject({ kind: z.literal('pinVcpu'), vcpu: z.int().min(0), cpus, scope }).readonly(),
  /** DOMAIN_PIN_EMULATOR */
  pinEmulator: z.strictObject({ kind: z.literal('pinEmulator'), cpus, scope }).readonly(),
  /** DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS with this one field, always an unsigned 64-bit number. */
  setScheduler: z.strictObject({ kind: z.literal('setScheduler'), field: z.enum(['cpu_shares']), value: z.int().min(0), scope }).readonly(),
  /** DOMAIN_DEFINE_XML_FLAGS: the saved definition as a whole. */
  define: z.strictObject({ kind: z.literal('define'), xml: z.string() }).readonly(),
};

export type StepKind = keyof typeof fields;

/** One thing to do to a guest; with a kind, the step of that kind. */
export type Step<K extends StepKind = StepKind> = { [P in K]: { readonly kind: P } & z.infer<(typeof fields)[P]> }[K];

/** A step as it crosses processes: unknown kinds, fields and values are refused. */
export const step = z.union(Object.values(fields));

/** How each kind is called and typed by hand. */
const sayings: { readonly [K in StepKind]: { title(of: Step<K>): string; virsh(of: Step<K>, guestName: string): string } } = {
  pinVcpu: {
    title: (of) => `Pin vCPU ${of.vcpu} to ${cpuWords(of.cpus)}`,
    virsh: (of, guestName) => `virsh vcpupin ${virshGuest(guestName)} ${of.vcpu} ${of.cpus} ${acts[of.scope]}`,
  },
  pinEmulator: {
    title: (of) => `Pin emulator threads to ${cpuWords(of.cpus)}`,
    virsh: (of, guestName) => `virsh emulatorpin ${virshGuest(guestName)} ${of.cpus} ${acts[of.scope]}`,
  },
  setScheduler: {
    title: (of) => `Set CPU shares to ${of.value}`,
    virsh: (of, guestName) => `virsh schedinfo ${virshGuest(guestName)} --set ${of.field}=${of.value} ${acts[of.scope]}`,
  },
  define: {
    title: () => 'Write the saved definition',
    virsh: (_, guestName) => `virsh define ${definitionFile(guestName)}`,
  },
};

const cpuWords = (text: string): string => `${/^\d+$/.test(text) ? 'CPU' : 'CPUs'} ${text}`;

/** The file that commands write a definition to before virsh reads it, as a shell word. */
export const definitionFile = (guestName: string): string => shellWord(`./${guestName.replaceAll('/', '_')}.xml`);

/** What a step does, in words. */
export const stepTitle = <K extends StepKind>(of: Step<K>): string => sayings[of.kind].title(of);

/** The same by hand; a name with spaces or signs is quoted for a POSIX shell. */
export const stepCommand = <K extends StepKind>(of: Step<K>, guestName: string): string => sayings[of.kind].virsh(of, guestName);

/** One handler for each kind of step; a forgotten kind does not compile. */
export type StepHandlers<Context, Result = void> = { readonly [K in StepKind]: (step: Step<K>, context: Context) => Promise<Result> };

/** Takes a step with the handler of its kind. */
export const takeStep = <Context, Result, K extends StepKind>(of: Step<K>, handlers: StepHandlers<Context, Result>, context: Context): Promise<Result> =>
  handlers[of.kind](of, context);
