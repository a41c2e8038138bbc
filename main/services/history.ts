// History as the contract has it: looking back, the plan that takes an entry back, and what leaves as a file.
import { type Entry, type Listed, mostExported } from '../../app/contract/history.ts';
import type { Takes } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { knobNames, knobs } from '../../app/tuning/knobs.ts';
import { changeWords, conflicts, invert } from '../../app/tuning/change.ts';
import { isSteady } from '../../app/tuning/alike.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { undoOfText } from './definition-text.ts';
import { planFor, readGuest, reversed } from './guest-reading.ts';
import { historyScript } from './history-script.ts';
import type { Head } from './history-record.ts';
import type { Services } from './services.ts';
import { Undone } from './undone.ts';

const usual = 100;

type Sought = Omit<Takes<'history', 'list'>, 'before' | 'limit'>;

const labels: ReadonlyMap<string, string> = new Map(knobNames.map((name) => [name, knobs[name].label]));

/** Whether an entry is one of those that are looked for. */
const fits = ({ host, uuid, text, kinds, outcomes }: Sought): ((head: Head) => boolean) => {
  const words = (text ?? '').toLowerCase().split(/\s+/).filter((word) => word !== '');
  return (head) => {
    if ((host !== undefined && head.host?.id !== host) || (uuid !== undefined && head.guest?.uuid !== uuid)) return false;
    if (kinds?.includes(head.kind) === false || outcomes?.includes(head.outcome) === false) return false;
    if (words.length === 0) return true;
    const told = [head.title, head.guest?.name, head.host?.name, head.user, ...head.knobs.flatMap((knob) => [knob, labels.get(knob)])].join('\n').toLowerCase();
    return words.every((word) => told.includes(word));
  };
};

/** Entries that fit, those begun last first, each with what took it back. */
async function* seek({ history }: Context, sought: Sought): AsyncGenerator<{ readonly head: Head; readonly undoneBy: string | null }> {
  const isSought = fits(sought);
  const undone = new Undone();
  for await (const head of history.newestFirst([sought.host, sought.uuid].filter((value) => value !== undefined))) {
    const undoneBy = undone.see(head);
    if (isSought(head)) yield { head, undoneBy };
  }
}

const found = async ({ history }: Context, id: string): Promise<Entry> => {
  const entry = await history.find(id);
  if (entry === null) throw new Refused('unknown-entry', 'The history has no such entry.', { field: 'id' });
  return entry;
};

export const historyServices = (context: Context): Services['history'] => ({
  list: async ({ before, limit = usual, ...sought }) => {
    const entries: Listed[] = [];
    let isPast = before === undefined;
    for await (const { head, undoneBy } of seek(context, sought)) {
      const entry = isPast ? await context.history.listed(head.id) : null;
      if (entry !== null) entries.push({ ...entry, undoneBy });
      if (entries.length === limit) break;
      isPast ||= head.id === before;
    }
    if (!isPast) throw new Refused('unknown-entry', 'The history has no such entry.', { field: 'before' });
    return entries;
  },
  entry: async ({ id }) => await found(context, id),
  export: async ({ as, ...sought }) => {
    const entries: Entry[] = [];
    let left = 0;
    for await (const { head } of seek(context, sought)) {
      const entry = entries.length < mostExported ? await context.history.find(head.id) : null;
      if (entry !== null) entries.push(entry);
      else if (entries.length === mostExported) left += 1;
    }
    const content = as === 'json' ? `${JSON.stringify(entries, null, 2)}\n` : historyScript(entries.toReversed());
    return { name: as === 'json' ? 'guestdeck-history.json' : 'guestdeck-history.sh', content, entries: entries.length, left };
  },
  undo: async ({ id }) => {
    const entry = await found(context, id);
    const { host, guest } = entry;
    if (host === null || guest === null || entry.outcome === 'put-back' || (entry.changes.length === 0 && entry.definition !== true)) {
      throw new Refused('not-undoable', entry.outcome === 'put-back' ? 'This was put back already when it failed.' : 'This action has no way back.');
    }
    const session = await context.session(host.id);
    const read = await readGuest(session, domOf(guestOf(session, guest.uuid)));
    // What acted on a guest that has stopped since has nothing left to act on.
    const isText = entry.definition === true;
    const standing = entry.changes.filter(({ truth }) => read.reading[truth] !== null && !(isText && truth === 'saved'));
    const definition = isText ? undoOfText(entry, read.reading.savedXml) : null;
    if (standing.length === 0 && definition === null) throw new Refused('not-undoable', `${guest.name} has stopped since, and nothing of this was saved.`);
    // Of an entry that was cut short, and of one that was taken back by hand, some may be as before already.
    const changes = conflicts(standing.map(reversed), read.reading).map(reversed);
    if (changes.length === 0 && (definition === null || definition.from === definition.to)) throw new Refused('not-undoable', 'All of this is as it was before already.');
    const [moved] = conflicts(changes.filter(isSteady), read.reading);
    if (moved !== undefined) {
      const { name, to } = changeWords(moved);
      throw new Refused('not-undoable', `${name} is not ${to} any more: it was changed again since.`, { remedy: 'Undo the later change first, or set the value by hand.' });
    }
    const wanted = { ...invert(changes), ...(definition !== null && { definition }) };
    return { host: host.id, uuid: guest.uuid, wanted, basis: read.reading.basis, plan: planFor(read, wanted) };
  },
});
