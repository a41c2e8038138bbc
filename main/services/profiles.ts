// Profiles as a file of the data folder, given away and taken in as text, and how guests stand to them.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Profile, profile, type Standing } from '../../app/contract/profiles.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { differences, profileText, type ProfileText, starters } from '../../app/tuning/profile.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { changeJson, readJson } from './files.ts';
import { readGuest } from './guest-reading.ts';
import { jsonFault } from './json-fault.ts';
import type { Services } from './services.ts';

const file = z.array(profile);

const format = 'guestdeck-profiles';
/** Raised when an older Guestdeck would misread the text. */
const version = 1;
const envelope = z.object({ format: z.literal(format), version: z.number().int().positive(), profiles: z.array(z.unknown()).min(1).max(1000) });

const unknown = (): Refused => new Refused('unknown-profile', 'There is no such profile any more.', { field: 'id' });
const isSame = (one: { readonly host: string; readonly uuid: string }, other: { readonly host: string; readonly uuid: string }): boolean => one.host === other.host && one.uuid === other.uuid;
const fresh = (of: ProfileText): Profile => ({ ...of, id: randomUUID(), guests: [] });

/** A name that none of these has: `Database (2)`. */
const freeName = (name: string, taken: readonly string[]): string => {
  if (!taken.includes(name)) return name;
  for (let count = 2; ; count += 1) {
    const other = `${name.slice(0, 90)} (${count})`;
    if (!taken.includes(other)) return other;
  }
};

const misfit = (text: string, { issues: [issue] }: z.ZodError): Refused =>
  new Refused('bad-input', `${text}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not understood'}.`, { field: 'text', remedy: 'Export the profiles again where they come from, or correct the text there.' });

/** @throws Refused `bad-input` naming the line or the field that is wrong. */
const readText = (text: string): readonly ProfileText[] => {
  const fault = jsonFault(text);
  if (fault !== null) throw new Refused('bad-input', `The text is not JSON: something is wrong at line ${fault.line}, column ${fault.column}.`, { field: 'text' });
  const json: unknown = JSON.parse(text);
  const read = envelope.safeParse(json);
  if (!read.success) throw misfit('This is JSON, but no profiles that Guestdeck exported', read.error);
  if (read.data.version > version) throw new Refused('bad-input', `The profiles are of version ${read.data.version}, which a newer Guestdeck made.`, { field: 'text', remedy: 'Update Guestdeck, then import them again.' });
  return read.data.profiles.map((given, at) => {
    const one = profileText.safeParse(given);
    if (!one.success) throw misfit(`Profile ${at + 1} is not understood`, one.error);
    return one.data;
  });
};

export const profileServices = (context: Context, dataFolder: string): Services['profiles'] => {
  const path = join(dataFolder, 'profiles.json');
  const list = async (): Promise<readonly Profile[]> => (await readJson(path, file)) ?? (await changeJson(path, file, (held) => held ?? starters.map(fresh)));
  const change = async (edit: (held: readonly Profile[]) => readonly Profile[]): Promise<void> => {
    await list();
    await changeJson(path, file, (held) => [...edit(held ?? [])]);
    context.tell('profiles', 'changed', {});
  };
  const get = async (id: string): Promise<Profile> => {
    const found = (await list()).find((one) => one.id === id);
    if (found === undefined) throw unknown();
    return found;
  };
  const changeOne = async (id: string, edit: (one: Profile) => Profile): Promise<void> => await change((held) => {
    if (!held.some((one) => one.id === id)) throw unknown();
    return held.map((one) => (one.id === id ? edit(one) : one));
  });

  const standingOf = async ({ settings }: Profile, { host, uuid }: Profile['guests'][number]): Promise<Standing> => {
    try {
      const session = await context.session(host);
      const guest = guestOf(session, uuid);
      const { definitions, facts } = await readGuest(session, domOf(guest));
      const has = definitions.saved ?? definitions.live;
      const other = has === null ? [] : [...differences(settings, has, facts)];
      return { host, uuid, name: guest.name, state: has === null ? 'unknown' : other.length === 0 ? 'matches' : 'differs', differences: other };
    } catch (error) {
      if (error instanceof Refused) return { host, uuid, name: '', state: 'unknown', differences: [] };
      throw error;
    }
  };

  return {
    list: async () => [...(await list())],
    save: async ({ id, profile: given }) => {
      const before = await list();
      if (before.some((one) => one.name === given.name && one.id !== id)) throw new Refused('bad-input', `There is a profile ${given.name} already.`, { field: 'profile.name' });
      const made = id === null ? fresh(given) : { ...(await get(id)), ...given };
      if (id === null) await change((held) => [...held, made]);
      else await changeOne(id, (one) => ({ ...one, ...given }));
      return made;
    },
    remove: async ({ id }) => {
      await get(id);
      await change((held) => held.filter((one) => one.id !== id));
      return null;
    },
    assign: async ({ id, guests }) => {
      await changeOne(id, (one) => ({ ...one, guests: [...one.guests, ...guests.filter((guest) => !one.guests.some((had) => isSame(had, guest)))] }));
      return null;
    },
    release: async ({ id, guests }) => {
      await changeOne(id, (one) => ({ ...one, guests: one.guests.filter((had) => !guests.some((guest) => isSame(had, guest))) }));
      return null;
    },
    drift: async ({ id }) => {
      const of = await get(id);
      return await Promise.all(of.guests.map(async (guest) => await standingOf(of, guest)));
    },
    exportText: async ({ ids }) => {
      const chosen = await Promise.all(ids.map(get));
      return { text: `${JSON.stringify({ format, version, profiles: chosen.map(({ name, description, settings }) => ({ name, description, settings })) }, null, 2)}\n` };
    },
    importText: async ({ text }) => {
      const given = readText(text);
      const added: Profile[] = [];
      await change((held) => {
        added.length = 0;
        for (const one of given) added.push(fresh({ ...one, name: freeName(one.name, [...held, ...added].map(({ name }) => name)) }));
        return [...held, ...added];
      });
      return added.map(({ name }) => ({ name }));
    },
  };
};
