// What is done with each row of the table of knobs: set → seen by a witness → undone → seen again, through the door of main.
import { expect } from 'vitest';
import type { Takes } from '../../app/contract/contract.ts';
import { knobNames, type Settings } from '../../app/tuning/knobs.ts';
import { alike } from '../../app/tuning/alike.ts';
import type { Asking } from './asking.test-peer.ts';
import type { GuestName, Look, Row } from './knob-row.test-peer.ts';

/** Where the table is held. */
export interface Place {
  readonly name: 'lab' | 'demo';
  readonly ask: Asking;
  readonly host: string;
  readonly uuidOf: (guest: GuestName) => string;
  readonly look: Look;
}

type Wanted = Takes<'tuning', 'apply'>['wanted'];

/** Sets a row's knob, lets its witnesses look, undoes it, lets them look again, and compares with what was before. */
export const prove = async (one: Row, { name, ask, host, uuidOf, look }: Place): Promise<void> => {
  const which = { host, uuid: uuidOf(one.guest) };
  const see = async (): Promise<readonly boolean[]> =>
    await Promise.all(one.witnesses.map(async ({ virsh, shows }) => shows.test((await look(one.guest, virsh)) ?? '')));
  const absent = await Promise.all(one.witnesses.map(async ({ virsh }) => (await look(one.guest, virsh)) === null));
  const before = await ask('tuning', 'read', which);
  const setting = { ...one.also, [one.knob]: { [one.unit]: one.value } };
  const wanted = Object.fromEntries(one.truths.map((truth) => [truth, setting])) as Wanted;
  const nobody = one.witnesses.map(() => false);
  expect(await see(), 'what is seen before').toEqual(nobody);

  const refused = one.refused?.[name];
  if (refused?.by === 'field') {
    await expect(ask('tuning', 'apply', { ...which, wanted, basis: before.basis })).rejects.toMatchObject({ refusal: { code: 'plan-invalid', message: expect.stringMatching(refused.message) } });
    return;
  }
  const applied = await ask('tuning', 'apply', { ...which, wanted, basis: before.basis });
  if (refused !== undefined) {
    expect(applied.steps.find(({ outcome }) => outcome === 'failed')?.refusal).toMatchObject({ code: 'libvirt', message: expect.stringMatching(refused.message) });
    expect([applied.outcome, applied.reading.live, applied.reading.savedXml, await see()]).toEqual(['put-back', before.live, before.savedXml, nobody]);
    return;
  }
  expect({ outcome: applied.outcome, unconfirmed: applied.unconfirmed }, 'what became of it').toMatchObject({ outcome: 'complete', unconfirmed: [] });
  expect(await see(), 'what is seen after').toEqual(absent.map((none) => !none));

  const undo = await ask('history', 'undo', { id: applied.entry ?? '' });
  const undone = await ask('tuning', 'apply', { ...which, wanted: undo.wanted, basis: undo.basis });
  const stays = one.stays?.[name];
  if (stays !== undefined) {
    expect(undone.steps.find(({ outcome }) => outcome === 'failed')?.refusal?.message).toMatch(stays);
    return;
  }
  if (one.late?.[name] === true && undone.outcome === 'unconfirmed') {
    expect(undone.unconfirmed.map(({ knob, truth }) => [knob, truth])).toEqual([[one.knob, 'live']]);
    return;
  }
  expect(undone, 'what became of undoing').toMatchObject({ outcome: 'complete', unconfirmed: [] });
  expect(await see(), 'what is seen when undone').toEqual(nobody);
  expect(otherUnits(undone.reading.live, before.live), 'what is other than before').toEqual([]);
  const spelled = (xml: string | null): readonly string[] => (xml ?? '').replaceAll(one.respelled ?? /^$/g, '').split('\n');
  expect(spelled(undone.reading.savedXml)).toEqual(spelled(before.savedXml));
};

/** The units of two settings that differ in more than their spelling. */
const otherUnits = (one: Settings | null, other: Settings | null): readonly string[] =>
  knobNames.flatMap((name) => {
    const [first, second]: readonly Readonly<Record<string, unknown>>[] = [one?.[name] ?? {}, other?.[name] ?? {}];
    return [...new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})])].filter((unit) => !alike(name, first?.[unit], second?.[unit])).map((unit) => `${name} ${unit}`);
  });
