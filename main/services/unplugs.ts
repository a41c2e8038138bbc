// What running guests were asked to give back and still have: kept from the request to the event that it went, or that the guest refused.
import { isThere, type Unplug } from '../../app/tuning/unplugs.ts';
import type { DomainXml } from '../../app/xml/domain-xml.ts';

export class Unplugs {
  readonly #open = new Map<string, ReadonlyMap<string, Unplug>>();

  /** A running guest was asked for what has this alias. */
  asked(uuid: string, alias: string): void {
    this.#put(uuid, { alias, asked: Date.now(), refused: null });
  }
  /** The guest said no; whoever asked. */
  refused(uuid: string, alias: string): void {
    const now = Date.now();
    this.#put(uuid, { alias, asked: this.#open.get(uuid)?.get(alias)?.asked ?? now, refused: now });
  }
  /** It went, or libvirt did not so much as ask; without an alias: all of the guest, which was started or stopped. */
  gone(uuid: string, alias: string | null = null): void {
    const left = new Map(alias === null ? [] : this.#open.get(uuid));
    if (alias !== null) left.delete(alias);
    if (left.size === 0) this.#open.delete(uuid);
    else this.#open.set(uuid, left);
  }
  /** What is still open, by what the running guest has now; null = it does not run. */
  of(uuid: string, live: DomainXml | null): Unplug[] {
    const open = [...(this.#open.get(uuid)?.values() ?? [])];
    for (const one of open) if (live === null || !isThere(live, one)) this.gone(uuid, one.alias);
    return [...(this.#open.get(uuid)?.values() ?? [])];
  }

  #put(uuid: string, one: Unplug): void {
    this.#open.set(uuid, new Map(this.#open.get(uuid)).set(one.alias, one));
  }
}
