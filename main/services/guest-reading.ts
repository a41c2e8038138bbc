// A guest as tuning has it: read from the host, planned from there, and compared with what was meant.
import { createHash } from 'node:crypto';
import type { Reading } from '../../app/contract/tuning.ts';
import { isActive } from '../../app/domain/guest.ts';
import type { Facts } from '../../app/tuning/knob.ts';
import { knobNames, knobs, readSettings, type Settings, type SomeSettings, type Wanted } from '../../app/tuning/knobs.ts';
import { type Change, conflicts } from '../../app/tuning/change.ts';
import { type Definitions, makePlan, type Plan } from '../../app/tuning/plan.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import type { Domain } from '../libvirt/objects.ts';
import { domOf } from './context.ts';
import type { DefinitionTexts } from './host-facts.ts';
import type { HostSession } from './host-session.ts';

/** A guest read for tuning. */
export interface Read {
  readonly reading: Reading;
  readonly facts: Facts;
  /** Its definitions, without passwords. */
  readonly definitions: Definitions;
}

/** Definitions as documents. */
export const parsed = (texts: DefinitionTexts): Definitions => {
  const saved = texts.saved === null ? null : DomainXml.parse(texts.saved);
  if (saved !== null) saved.autostart = texts.autostart;
  return { live: texts.live === null ? null : DomainXml.parse(texts.live), saved };
};

/** Reads a guest's settings as the host has them now. */
export const readGuest = async (session: HostSession, dom: Domain): Promise<Read> => {
  const { facts: host, inventory } = session.reached;
  const texts = await host.definitions(dom);
  const others = inventory.list().filter((guest) => isActive(guest.state) && guest.uuid !== dom.uuid).slice(0, 5).map(domOf);
  const definitions = parsed(texts);
  const { live, saved } = definitions;
  const facts = await host.facts(dom, definitions, others, session.run);
  const settings = { live: live === null ? null : readSettings(live, facts), saved: saved === null ? null : readSettings(saved, facts) };
  // The live XML moves by itself (balloon, aliases, jobs); of it only settings count, of the saved one everything.
  const basis = createHash('sha256').update(JSON.stringify([settings.live === null ? null : steady(settings.live), texts.saved, texts.autostart])).digest('hex');
  return { facts, definitions, reading: { ...settings, basis, liveXml: texts.live, savedXml: texts.saved, facts } };
};

/** Settings without those that the running guest moves by itself. */
const steady = (live: Settings): SomeSettings => Object.fromEntries(knobNames.filter((name) => knobs[name].drifts !== true).map((name) => [name, live[name]]));

/** The plan for a guest as it was read. */
export const planFor = (read: Read, wanted: Wanted): Plan => makePlan(read.definitions, wanted, read.facts);

/**
 * Changes of what there still is: with a guest that has stopped, or a device that was taken away again, its values are gone. What
 * was to go, as the pin of a thread that was taken away, is no less a change for being gone.
 */
export const standing = (changes: readonly Change[], { reading }: Read): readonly Change[] =>
  changes.filter(({ truth, knob, unit, to }) => Object.hasOwn(reading[truth]?.[knob] ?? {}, unit) || (reading[truth] !== null && to === null));

/** The change that takes this one back. */
export const reversed = ({ from, to, ...rest }: Change): Change => ({ ...rest, from: to, to: from });

/** What the host shows of changes that should have been made: them, what was before, something else or only a part, or nothing any more. */
export const shown = (changes: readonly Change[], read: Read): 'wanted' | 'before' | 'other' | 'nothing' => {
  const there = standing(changes, read);
  if (there.length === 0) return 'nothing';
  if (conflicts(there, read.reading).length === 0) return 'wanted';
  return conflicts(there.map(reversed), read.reading).length === 0 ? 'before' : 'other';
};
