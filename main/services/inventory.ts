// The guests of one host: loaded with a fixed number of calls, then kept true by events.
import type { GuestSummary } from '../../app/contract/guests.ts';
import { guestState } from '../../app/domain/guest.ts';
import { same } from '../../app/tuning/same.ts';
import { errorCode, listDomains, statsGroup } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isUnsupported, LibvirtError } from '../libvirt/errors.ts';
import { type Domain, paramsToRecord, type ParamValue, type TypedParam } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';

type Standing = Pick<GuestSummary, 'persistent' | 'autostart' | 'managedSave'>;
interface Stats {
  readonly dom: Domain;
  readonly params: readonly TypedParam[];
}

/** Above this many changed guests one full load is cheaper than asking for each. */
const fewGuests = 16;
const groups = statsGroup.state | statsGroup.balloon | statsGroup.vcpu;
const ask = { owner: 'inventory' } as const;

const number = (value: ParamValue | undefined): number => (typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0);

const summaryOf = (host: string, { dom, params }: Stats, standing: Standing): GuestSummary => {
  const stats = paramsToRecord(params);
  return {
    host,
    uuid: dom.uuid,
    name: dom.name,
    state: guestState(number(stats['state.state'])),
    vcpus: number(stats['vcpu.current']),
    vcpusMaximum: number(stats['vcpu.maximum']),
    memoryKiB: number(stats['balloon.current']),
    memoryMaximumKiB: number(stats['balloon.maximum']),
    ...standing,
  };
};

/** What one host has. `changed` hears which guests are different from before; null = perhaps all. */
export class Inventory {
  readonly #host: string;
  readonly #connection: Connection;
  readonly #changed: (uuids: readonly string[] | null) => void;
  #guests: Map<string, GuestSummary> = new Map();
  /** What is to be asked for: everything, or these guests. Marked while a load is under way they are asked for after it. */
  #allStale = false;
  readonly #stale = new Set<string>();
  /** Those of which events told: whatever changed of them need not show here. */
  readonly #toTell = new Set<string>();
  #working: Promise<void> | null = null;

  constructor(host: string, connection: Connection, changed: (uuids: readonly string[] | null) => void) {
    this.#host = host;
    this.#connection = connection;
    this.#changed = changed;
  }

  list(): readonly GuestSummary[] {
    return [...this.#guests.values()];
  }
  find(uuid: string): GuestSummary | null {
    return this.#guests.get(uuid) ?? null;
  }

  /** Loads everything, in four calls at once whatever the number of guests. Register for events before. */
  async load(): Promise<void> {
    this.#allStale = true;
    await this.#work();
  }

  /** These guests may be different now: asks for them again, many events together. Rejects when one of them cannot be asked for. */
  async refresh(uuids: readonly string[]): Promise<void> {
    for (const uuid of uuids) {
      this.#stale.add(uuid);
      this.#toTell.add(uuid);
    }
    await this.#work();
  }

  /** The same for one that somebody looks at: it is told of only when it is different, or looking would call for the next look. */
  async look(uuid: string): Promise<void> {
    this.#stale.add(uuid);
    await this.#work();
  }

  async #work(): Promise<void> {
    this.#working ??= this.#catchUp();
    await this.#working;
  }

  async #catchUp(): Promise<void> {
    // What comes in the same turn, as events of one read do, is taken together.
    await Promise.resolve();
    const failed = new Map<string, unknown>();
    try {
      while (this.#allStale || this.#stale.size > 0) {
        const uuids = [...this.#stale];
        this.#stale.clear();
        if (this.#allStale || uuids.length > fewGuests) await this.#all();
        else for (const [uuid, error] of await this.#each(uuids)) failed.set(uuid, error);
      }
    } finally {
      // In the turn of the last look at what is stale, so that no mark falls in between.
      this.#working = null;
    }
    // They are still to be asked for, together with the next that changes.
    for (const uuid of failed.keys()) this.#stale.add(uuid);
    for (const error of failed.values()) throw error;
  }

  async #all(): Promise<void> {
    const listed = async (flags: number): Promise<ReadonlySet<string>> => {
      const { domains } = await this.#connection.call(remote.connectListAllDomains, { need_results: 1, flags }, ask);
      return new Set(domains.map((dom) => dom.uuid));
    };
    const loaded = Promise.all([this.#stats(null), listed(listDomains.persistent), listed(listDomains.autostart), listed(listDomains.managedsave)]);
    // The calls are on their way: who changes from here on is marked again.
    this.#allStale = false;
    const [records, persistent, autostart, managedSave] = await loaded.catch((error: unknown) => {
      this.#allStale = true;
      throw error;
    });
    this.#guests = new Map(
      records.map((record) => {
        const { uuid } = record.dom;
        return [uuid, summaryOf(this.#host, record, { persistent: persistent.has(uuid), autostart: autostart.has(uuid), managedSave: managedSave.has(uuid) })];
      }),
    );
    this.#toTell.clear();
    this.#changed(null);
  }

  /** Answers those that could not be asked for, and why. */
  async #each(uuids: readonly string[]): Promise<readonly (readonly [string, unknown])[]> {
    const before = new Map(uuids.map((uuid) => [uuid, this.#guests.get(uuid)]));
    const asked = await Promise.all(uuids.map(async (uuid) => await this.#one(uuid).then(() => [], (error: unknown) => [[uuid, error] as const])));
    const different = uuids.filter((uuid) => this.#toTell.delete(uuid) || !same(before.get(uuid), this.#guests.get(uuid)));
    if (different.length > 0) this.#changed(different);
    return asked.flat();
  }

  async #one(uuid: string): Promise<void> {
    const dom: Domain = { name: this.#guests.get(uuid)?.name ?? '', uuid, id: -1 };
    const found = await Promise.all([
      this.#stats(dom),
      this.#connection.call(remote.domainIsPersistent, { dom }, ask),
      this.#connection.call(remote.domainGetAutostart, { dom }, ask).catch(noAutostart),
      this.#connection.call(remote.domainHasManagedSaveImage, { dom, flags: 0 }, ask).catch(noManagedSave),
    ]).catch(gone);
    const record = found?.[0][0];
    if (found === null || record === undefined) {
      this.#guests.delete(uuid);
      return;
    }
    const [, persistent, autostart, managedSave] = found;
    this.#guests.set(uuid, summaryOf(this.#host, record, { persistent: persistent.persistent !== 0, autostart: autostart.autostart !== 0, managedSave: managedSave.result !== 0 }));
  }

  /** Statistics of one guest, or of all in one call. */
  async #stats(dom: Domain | null): Promise<readonly Stats[]> {
    const bulk = await this.#connection.call(remote.connectGetAllDomainStats, { doms: dom === null ? [] : [dom], stats: groups, flags: 0 }, ask).catch(noStats);
    if (bulk !== null) return bulk.retStats;
    // Drivers without bulk statistics: state and size of each guest by itself.
    const doms = dom === null ? (await this.#connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 }, ask)).domains : [await this.#named(dom)];
    return (await Promise.all(doms.map(async (each) => await this.#info(each).catch(gone)))).filter((record) => record !== null);
  }

  /** Only an answer tells a new guest's name. */
  async #named(dom: Domain): Promise<Domain> {
    return dom.name === '' ? (await this.#connection.call(remote.domainLookupByUuid, { uuid: dom.uuid }, ask)).dom : dom;
  }

  async #info(dom: Domain): Promise<Stats> {
    const info = await this.#connection.call(remote.domainGetInfo, { dom }, ask);
    return {
      dom,
      params: [
        { field: 'state.state', value: { type: 1, value: info.state } },
        { field: 'vcpu.current', value: { type: 2, value: info.nrVirtCpu } },
        { field: 'vcpu.maximum', value: { type: 2, value: info.nrVirtCpu } },
        { field: 'balloon.current', value: { type: 4, value: info.memory } },
        { field: 'balloon.maximum', value: { type: 4, value: info.maxMem } },
      ],
    };
  }
}

const noStats = (error: unknown): null => {
  if (isUnsupported(error)) return null;
  throw error;
};
const gone = (error: unknown): null => {
  if (error instanceof LibvirtError && error.error.code === errorCode.noDomain) return null;
  throw error;
};
/** A transient guest cannot start by itself, and says so with an error; some drivers know no such thing. */
const noAutostart = (error: unknown): { readonly autostart: number } => {
  if (isUnsupported(error) || (error instanceof LibvirtError && error.error.code === errorCode.operationInvalid)) return { autostart: 0 };
  throw error;
};
const noManagedSave = (error: unknown): { readonly result: number } => {
  if (isUnsupported(error)) return { result: 0 };
  throw error;
};
