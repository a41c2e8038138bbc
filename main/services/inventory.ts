// The guests of one host: loaded with a fixed number of calls, then kept true by events.
import type { GuestSummary } from '../../app/contract/guests.ts';
import { guestState } from '../../app/domain/guest.ts';
import { errorCode, listDomains, statsGroup } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isUnsupported, LibvirtError } from '../libvirt/errors.ts';
import { type Domain, paramsToRecord, type ParamValue, type TypedParam } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';

type Standing = Pick<GuestSummary, 'persistent' | 'autostart' | 'managedSave'>;

/** Above this many changed guests one full load is cheaper than asking for each. */
const fewGuests = 16;
const groups = statsGroup.state | statsGroup.balloon | statsGroup.vcpu;

const number = (value: ParamValue | undefined): number => (typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0);

const summaryOf = (host: string, dom: Domain, params: readonly TypedParam[], standing: Standing): GuestSummary => {
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
  #guests = new Map<string, GuestSummary>();
  readonly #stale = new Set<string>();
  #refreshing: Promise<void> | null = null;

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
    const listed = async (flags: number): Promise<ReadonlySet<string>> => {
      const { domains } = await this.#connection.call(remote.connectListAllDomains, { need_results: 1, flags }, { owner: 'inventory' });
      return new Set(domains.map((dom) => dom.uuid));
    };
    const [stats, persistent, autostart, managedSave] = await Promise.all([
      this.#connection.call(remote.connectGetAllDomainStats, { doms: [], stats: groups, flags: 0 }, { owner: 'inventory' }).catch(noStats),
      listed(listDomains.persistent),
      listed(listDomains.autostart),
      listed(listDomains.managedsave),
    ]);
    const records = stats?.retStats ?? (await this.#slowly());
    this.#guests = new Map(
      records.map(({ dom, params }) => [
        dom.uuid,
        summaryOf(this.#host, dom, params, { persistent: persistent.has(dom.uuid), autostart: autostart.has(dom.uuid), managedSave: managedSave.has(dom.uuid) }),
      ]),
    );
    this.#changed(null);
  }

  /** Drivers without bulk statistics (the test driver of older daemons): state and size of each guest by itself. */
  async #slowly(): Promise<readonly { readonly dom: Domain; readonly params: readonly TypedParam[] }[]> {
    const { domains } = await this.#connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 }, { owner: 'inventory' });
    const known = await Promise.all(
      domains.map(async (dom) => {
        const info = await this.#connection.call(remote.domainGetInfo, { dom }, { owner: 'inventory' }).catch(gone);
        return info === null ? [] : [{
          dom,
          params: [
            { field: 'state.state', value: { type: 1 as const, value: info.state } },
            { field: 'vcpu.current', value: { type: 2 as const, value: info.nrVirtCpu } },
            { field: 'vcpu.maximum', value: { type: 2 as const, value: info.nrVirtCpu } },
            { field: 'balloon.current', value: { type: 4 as const, value: info.memory } },
            { field: 'balloon.maximum', value: { type: 4 as const, value: info.maxMem } },
          ],
        }];
      }),
    );
    return known.flat();
  }

  /** These guests may be different now: asks for them again, many events together. Fails when the connection does. */
  async refresh(uuids: readonly string[]): Promise<void> {
    for (const uuid of uuids) this.#stale.add(uuid);
    this.#refreshing ??= this.#catchUp().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
  }

  async #catchUp(): Promise<void> {
    while (this.#stale.size > 0) {
      const uuids = [...this.#stale];
      this.#stale.clear();
      if (uuids.length > fewGuests) {
        await this.load();
        continue;
      }
      await Promise.all(uuids.map(async (uuid) => await this.#one(uuid)));
      this.#changed(uuids);
    }
  }

  async #one(uuid: string): Promise<void> {
    const dom: Domain = { name: this.#guests.get(uuid)?.name ?? '', uuid, id: -1 };
    const ask = { owner: 'inventory' } as const;
    const found = await Promise.all([
      this.#connection.call(remote.connectGetAllDomainStats, { doms: [dom], stats: groups, flags: 0 }, ask),
      this.#connection.call(remote.domainIsPersistent, { dom }, ask),
      this.#connection.call(remote.domainGetAutostart, { dom }, ask).catch(transient),
      this.#connection.call(remote.domainHasManagedSaveImage, { dom, flags: 0 }, ask),
    ]).catch(gone);
    const record = found?.[0].retStats[0];
    if (found === null || record === undefined) {
      this.#guests.delete(uuid);
      return;
    }
    const [, persistent, autostart, managedSave] = found;
    this.#guests.set(uuid, summaryOf(this.#host, record.dom, record.params, {
      persistent: persistent.persistent !== 0,
      autostart: autostart.autostart !== 0,
      managedSave: managedSave.result !== 0,
    }));
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
/** A transient guest cannot start by itself, and says so with an error. */
const transient = (error: unknown): { readonly autostart: number } => {
  if (error instanceof LibvirtError && error.error.code === errorCode.operationInvalid) return { autostart: 0 };
  throw error;
};
