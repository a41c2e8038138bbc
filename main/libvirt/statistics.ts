// The statistics of one guest as its host told them: numbers side by side, under a list of names that all guests of its kind share.
import { array, type Codec, type Reader, struct } from '../xdr/xdr.ts';
import { domainStatsRecord, max, type TypedParam } from './objects.ts';
import { remote } from './procedures.ts';

/** The names that a guest was told of with, in their order, and where each stands. */
interface Names {
  readonly fields: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

/** Lists of names that were met last; guests with as many vCPUs, disks and NICs have the same. */
const met: Names[] = [];
const mostMet = 64;

const namesOf = (params: readonly TypedParam[]): Names => {
  const place = met.findIndex(({ fields }) => fields.length === params.length && params.every(({ field }, index) => field === fields[index]));
  const known = met[place];
  if (known !== undefined) return known;
  const fields = params.map(({ field }) => field);
  // Of a name that comes twice the last counts.
  const names = { fields, places: new Map(fields.map((field, index) => [field, index])) };
  met.unshift(names);
  met.length = Math.min(met.length, mostMet);
  return names;
};

export class Statistics {
  readonly #names: Names;
  readonly #numbers: readonly number[];
  /** Few: the names of disks and NICs. */
  readonly #texts: { readonly place: number; readonly text: string }[] = [];

  constructor(params: readonly TypedParam[]) {
    this.#names = namesOf(params);
    this.#numbers = params.map(({ value }, place) => {
      if (value.type === 7) this.#texts.push({ place, text: value.value });
      return value.type === 6 || value.type === 7 ? Number.NaN : Number(value.value);
    });
  }

  /** How many were told. */
  get count(): number {
    return this.#numbers.length;
  }

  /** A number that can be counted with; null = it was not told, or is none from 0. */
  number(name: string): number | null {
    const place = this.#names.places.get(name);
    const value = place === undefined ? undefined : this.#numbers[place];
    return value === undefined || !(value >= 0 && value < Infinity) ? null : value;
  }

  /** Null = it was not told, or is no text. */
  text(name: string): string | null {
    const place = this.#names.places.get(name);
    return this.#texts.find((one) => one.place === place)?.text ?? null;
  }
}

/** What was told of one guest; `id` is another one after each of its starts. */
export interface GuestStatistics {
  readonly uuid: string;
  readonly id: number;
  readonly stats: Statistics;
}

const guestStatistics: Codec<GuestStatistics> = {
  shape: domainStatsRecord.shape,
  least: domainStatsRecord.least,
  write: () => {
    throw new Error('statistics are only read');
  },
  read: (from: Reader) => {
    const { dom: { uuid, id }, params } = domainStatsRecord.read(from);
    return { uuid, id, stats: new Statistics(params) };
  },
};

/** CONNECT_GET_ALL_DOMAIN_STATS, each guest's parameters made into numbers as they are read: those of thousands are never there together. */
export const allStatistics = { ...remote.connectGetAllDomainStats, ret: struct({ retStats: array(guestStatistics, max.domainList) }) } as const;
