// What a guest is called and said to be for: <title> and <description>, https://libvirt.org/formatdomain.html#general-metadata
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { type Knob, wholeGuest } from './knob.ts';
import type { Step } from './steps.ts';

const names = ['title', 'description'] as const;
const words = z.strictObject({ title: z.string().min(1).max(4096).nullable(), description: z.string().min(1).max(65_536).nullable() }).readonly();
type Words = z.infer<typeof words>;

const readWords = (xml: DomainXml): Words => ({ title: xml.textOf('title') || null, description: xml.textOf('description') || null });

/** null = none. What other programs keep in `<metadata>` is theirs. */
export const guestWords: Knob<Words> = {
  label: 'Title and description',
  panel: 'devices',
  card: 'Guest',
  control: () => ({
    kind: 'fields',
    fields: {
      title: { kind: 'text', label: 'Title', absent: 'none', example: 'Shop front 2', hint: 'One line.' },
      description: { kind: 'text', label: 'Description', absent: 'none', example: 'Who it belongs to, and what it is for', lines: true },
    },
  }),
  unit: wholeGuest,
  value: words,

  read: (xml) => ({ '': readWords(xml) }),

  write(xml, _unit, value) {
    const has = readWords(xml);
    for (const name of names) {
      const wanted = value[name];
      if (has[name] === wanted) continue;
      if (wanted === null) xml.remove([name]);
      else xml.ensure(name).setText(wanted);
    }
  },

  check: ({ title }) => (title?.includes('\n') === true ? [{ level: 'error', message: 'A title is one line.', field: 'title' }] : []),

  step(_unit, value, scope, _facts, xml) {
    const has = readWords(xml);
    return names.filter((name) => has[name] !== value[name]).map((what): Step => ({ kind: 'setWords', what, text: value[what] ?? '', scope }));
  },

  say: ({ title, description }) => [title ?? 'no title', ...(description === null ? [] : [description])].join(': '),
  name: () => 'Title and description',
};
