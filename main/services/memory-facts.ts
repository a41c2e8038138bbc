// What memory knobs may know of a guest and its host beside the XML: free pages, transparent hugepages, where balloons are on their way to, and what guests were asked to give back.
import { Refused } from '../../app/contract/refusal.ts';
import { currentMemory } from '../../app/tuning/current-memory.ts';
import { type Facts, unknownFacts } from '../../app/tuning/knob.ts';
import type { Topology } from '../../app/domain/topology.ts';
import type { DomainXml } from '../../app/xml/domain-xml.ts';
import type { Connection } from '../libvirt/connection.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Link } from '../transport/transport.ts';
import { untold } from './cpu-facts.ts';
import { Unplugs } from './unplugs.ts';

type Balloon = NonNullable<Facts['balloon']>;

const setting = '/sys/kernel/mm/transparent_hugepage/enabled';
/** Milliseconds that the host's shell may take for one line. */
const patience = 10_000;

export class MemoryFacts {
  readonly #connection: Connection;
  #freePages: Promise<Facts['freePages']> | null = null;
  #transparent: Promise<string | null> | null = null;
  readonly #balloons = new Map<string, Balloon>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Memory and vCPUs that guests were asked to give back. */
  readonly unplugs = new Unplugs();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A running guest was asked for this many KiB. */
  balloonAsked(uuid: string, target: number): void {
    this.#balloons.set(uuid, { target, asked: Date.now(), moved: null });
  }
  /** The balloon of a guest moved, to this many KiB: it has a driver that answers. */
  balloonMoved(uuid: string, actual: number): void {
    const balloon = this.#balloons.get(uuid);
    if (balloon === undefined) return;
    if (actual === balloon.target) this.balloonGone(uuid);
    else this.#balloons.set(uuid, { ...balloon, moved: Date.now() });
  }
  /** Nothing is asked of the guest any more: it has come to it, was started or stopped, or libvirt refused to ask. */
  balloonGone(uuid: string): void {
    this.#balloons.delete(uuid);
    for (const tell of this.#waiting.get(uuid) ?? []) tell();
    this.#waiting.delete(uuid);
  }
  /** Resolves when nothing is asked of the guest any more, or `signal` aborts. */
  async arrival(uuid: string, signal: AbortSignal): Promise<void> {
    if (!this.#balloons.has(uuid)) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.#waiting.get(uuid)?.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.#waiting.set(uuid, (this.#waiting.get(uuid) ?? new Set<() => void>()).add(end));
      signal.addEventListener('abort', end);
    });
  }

  /** What is known for this guest now. `run` asks the host's shell, where there is one. */
  async of(uuid: string, xml: DomainXml | null, topology: Topology, run: Link['run']): Promise<Pick<Facts, 'freePages' | 'transparentHugepages' | 'balloon' | 'unplugs'>> {
    const [freePages, transparentHugepages] = await Promise.all([this.freePages(topology), this.#transparentHugepages(run)]);
    return { freePages, transparentHugepages, balloon: this.#balloonOf(uuid, xml), unplugs: this.unplugs.of(uuid, xml) };
  }

  /** Where it has come to what was asked, nothing is asked any more. */
  #balloonOf(uuid: string, live: DomainXml | null): Balloon | null {
    const balloon = this.#balloons.get(uuid) ?? null;
    if (balloon === null || live === null) return null;
    if (currentMemory.read(live, unknownFacts(''))[''] !== balloon.target) return balloon;
    this.balloonGone(uuid);
    return null;
  }

  /** Pages free of each size the nodes have, told to all who ask while they are asked for; null where the host does not tell. */
  async freePages(topology: Topology): Promise<Facts['freePages']> {
    this.#freePages ??= this.#askFreePages(topology).finally(() => {
      this.#freePages = null;
    });
    return await this.#freePages;
  }

  async #askFreePages(topology: Topology): Promise<Facts['freePages']> {
    const asked = topology.cells.filter(({ pages }) => pages.length > 0);
    const cells = await Promise.all(asked.map(async ({ id, pages }) => {
      const sizes = pages.map(({ size }) => size);
      const told = await this.#connection.call(remote.nodeGetFreePages, { pages: sizes, startCell: id, cellCount: 1, flags: 0 }, { owner: 'facts' }).catch(untold);
      return told === null ? null : sizes.map((size, place) => ({ node: id, size, free: Number(told.counts[place] ?? 0) }));
    }));
    const known = cells.filter((cell) => cell !== null);
    return known.length === 0 ? null : known.flat();
  }

  /** Asked for once a connection: it changes by an administrator's hand alone. */
  async #transparentHugepages(run: Link['run']): Promise<string | null> {
    this.#transparent ??= run === undefined ? Promise.resolve(null) : run(`cat ${setting}`, { signal: AbortSignal.timeout(patience) }).then(({ stdout }) => /\[(\w+)\]/.exec(stdout.toString('utf8'))?.[1] ?? null, refused);
    return await this.#transparent;
  }
}

/** A host without a shell for us tells nothing of it. */
const refused = (error: unknown): null => {
  if (error instanceof Refused) return null;
  throw error;
};
