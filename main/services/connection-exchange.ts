// The list of connections as a text to keep or to give to others, and such a text read back.
import { connectionMarks, type ImportResult } from '../../app/contract/connections.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { type ConnectionUri, isSameConnection, parseConnectionUri, uriParameter } from '../../app/domain/connection-uri.ts';
import { freshlySaved, type Saved } from './connection-list.ts';
import { jsonFault } from './json-fault.ts';

const format = 'guestdeck-connections';
/** Raised when an older Guestdeck would misread the text. */
const version = 1;

const envelope = z.object({ format: z.literal(format), version: z.number().int().positive(), connections: z.array(z.unknown()).max(10_000) });
const entry = connectionMarks.partial().extend({ uri: z.string().trim().min(1).max(4096), name: z.string().trim().max(200).optional() });

/** Whose connection it is when nobody said: the host's name. */
export const usualName = ({ host, transport }: ConnectionUri): string => host ?? (transport === 'demo' ? 'Demo host' : 'This computer');

/** A URI holds no password, so neither does the text. That a plain connection is allowed is for each user to decide, and left out. */
export const exportText = (list: readonly Saved[]): string =>
  `${JSON.stringify({ format, version, connections: list.map(({ name, uri, group, color, tags, readOnly, autoConnect }) => ({ name, uri, group, color, tags, readOnly, autoConnect })) }, null, 2)}\n`;

const refuse = (message: string): Refused => new Refused('bad-input', message, { field: 'text', remedy: 'Export the list again where it comes from, or correct the text there.' });

/**
 * The entries of an exported list, each still to be judged.
 * @throws Refused `bad-input` naming the line, or the field, where it is none.
 */
export const readExport = (text: string): readonly unknown[] => {
  const fault = jsonFault(text);
  if (fault !== null) throw refuse(`The text is not JSON: something is wrong at line ${fault.line}, column ${fault.column}.`);
  const json: unknown = JSON.parse(text);
  const read = envelope.safeParse(json);
  if (!read.success) throw refuse(`This is JSON, but not a list of connections that Guestdeck exported: ${misfit(read.error)}.`);
  if (read.data.version > version) throw new Refused('bad-input', `The list is of version ${read.data.version}, which a newer Guestdeck made.`, { field: 'text', remedy: 'Update Guestdeck, then import it again.' });
  return read.data.connections;
};

const misfit = ({ issues: [issue] }: z.ZodError): string => `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not understood'}`;

/** What an import adds to a list, and what is to be said of each entry. Entries that are saved already, or cannot be used, are left out. */
export const merge = (entries: readonly unknown[], list: readonly Saved[]): { readonly added: readonly Saved[]; readonly results: readonly ImportResult[] } => {
  const known = list.map(({ uri, name }) => ({ uri: parseConnectionUri(uri), name }));
  const added: Saved[] = [];
  const results = entries.map((given): ImportResult => {
    const read = entry.safeParse(given);
    const shown = z.object({ name: z.string().catch(''), uri: z.string().catch('') }).catch({ name: '', uri: '' }).parse(given);
    const leaveOut = (remark: string): ImportResult => ({ ...shown, id: null, remark });
    if (!read.success) return leaveOut(`It is not understood: ${misfit(read.error)}.`);
    const { uri: text, name, autoConnect = true, group = '', color = null, tags = [], readOnly = false } = read.data;
    try {
      const uri = parseConnectionUri(text);
      const twin = known.find((one) => isSameConnection(one.uri, uri));
      if (twin !== undefined) return leaveOut(`It is in the list already, as ${twin.name}.`);
      // A list from elsewhere must not start programs here before somebody looked at it.
      const startsProgram = uriParameter(uri, 'command') !== undefined;
      const one: Saved = { ...freshlySaved(text, name || usualName(uri)), group, color, tags, readOnly, autoConnect: autoConnect && !startsProgram };
      known.push({ uri, name: one.name });
      added.push(one);
      return { name: one.name, uri: text, id: one.id, remark: autoConnect && startsProgram ? 'It is not connected by itself, because it starts a program on this computer.' : null };
    } catch (error) {
      if (error instanceof Refused) return leaveOut(error.message);
      throw error;
    }
  });
  return { added, results };
};
