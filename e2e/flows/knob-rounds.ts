// The table of knobs in the page: rows that leave each other alone share a plan; each plan is set, witnessed, read back, undone and witnessed again.
import { test as base, type Page } from 'playwright/test';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { knobs, readSettings } from '../../app/tuning/knobs.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import type { GuestName, Look, Row } from '../../main/services/knob-row.test-peer.ts';
import { rows, titleOf } from '../../main/services/knob-table.test-peer.ts';
import { expectShown, reasonsAt, set, type Setting, settingsOf, shown, whyFixed } from './knob-driver.ts';
import { expect } from './program.ts';

/** Where the table is held. */
export interface Stage {
  readonly name: 'lab' | 'demo';
  readonly look: Look;
}

const rowsOn = (stage: Stage, guest: GuestName): readonly Row[] => rows.filter((row) => row.guest === guest && (row.only ?? stage.name) === stage.name);

/** Whether others may be in its plan: not where units come and go with it, where it brings others along, or where it cannot be undone. */
const isSociable = ({ knob, also, stays, late }: Row): boolean => knobs[knob].takesAway !== true && also === undefined && stays === undefined && late === undefined;

/** The rows in plans, in the order of the table. */
const roundsOf = (all: readonly Row[]): readonly (readonly Row[])[] => {
  const rounds: Row[][] = [];
  for (const row of all) {
    const room = isSociable(row) ? rounds.find((round) => round.every((other) => isSociable(other) && (other.knob !== row.knob || other.unit !== row.unit))) : undefined;
    if (room === undefined) rounds.push([row]);
    else room.push(row);
  }
  return rounds;
};

/** Reviews and applies what is edited; what the report says. */
export const apply = async (page: Page): Promise<string> => {
  await page.getByRole('region', { name: 'Plan' }).getByRole('button', { name: 'Review…' }).click();
  return await applyReviewed(page, /^Review/);
};

const applyReviewed = async (page: Page, title: RegExp): Promise<string> => {
  const review = page.getByRole('dialog', { name: title });
  await review.getByRole('button', { name: /^Apply/ }).click();
  const close = review.getByRole('button', { name: 'Close' });
  await expect(close).toBeVisible({ timeout: 60_000 });
  const said = (await review.getByRole('status').innerText()).trim();
  const steps = said.startsWith(applied) ? '' : `\n${await review.getByRole('list', { name: 'Steps' }).innerText()}`;
  await close.click();
  return `${said}${steps}`;
};

/** Takes an entry of the guest's history back, of those that can be the newest or the oldest; what the report says. */
export const undo = async (page: Page, which: 'newest' | 'oldest' = 'newest'): Promise<string> => {
  await page.locator('#tab-history').click();
  const ways = page.getByRole('list', { name: 'History' }).getByRole('button', { name: /^Undo/, disabled: false });
  await (which === 'newest' ? ways.first() : ways.last()).click();
  return await applyReviewed(page, /^Undo on/);
};

/** What a report says when all of it was done. */
export const applied = 'Applied, and the host shows it.';
const failed = /^A step failed\. What was done before it was put back/;

/** What the witnesses of some rows see, row by row; null where there is no such witness. */
const seen = async (look: Look, some: readonly Row[]): Promise<readonly string[]> =>
  (await Promise.all(some.flatMap((row) => row.witnesses.map(async ({ virsh, shows }) => {
    const text = await look(row.guest, virsh);
    return `${titleOf(row)}, ${virsh.join(' ')}: ${text === null ? 'no witness' : shows.test(text) ? 'set' : 'not set'}`;
  })))).filter((line) => !line.endsWith('no witness'));
const expectSeen = async (look: Look, some: readonly Row[], isSet: boolean): Promise<void> => {
  const lines = await seen(look, some);
  expect(lines.filter((line) => line.endsWith(': not set') === isSet), isSet ? 'witnesses that do not see it' : 'witnesses that see it').toEqual([]);
};

/** Sets the rows of one plan, and takes them back. */
const holdRound = async (page: Page, round: readonly Row[], { name, look }: Stage): Promise<void> => {
  const settings = round.flatMap(settingsOf);
  const texts = async (): Promise<readonly (readonly string[])[]> => {
    const all: (readonly string[])[] = [];
    for (const setting of settings) all.push(await shown(page, setting));
    return all;
  };
  const before = await texts();
  await expectSeen(look, round, false);
  for (const setting of settings) await set(page, setting);
  expect(await apply(page)).toBe(applied);
  await expectSeen(look, round, true);
  await page.reload();
  for (const setting of settings) await expectShown(page, setting);

  const said = await undo(page);
  if (round.some(({ late }) => late?.[name] === true)) {
    expect(said).toMatch(/^Applied/);
    return;
  }
  expect(said).toBe(applied);
  await expectSeen(look, round, false);
  // The page asks the host again when it hears that the guest is another.
  await expect(async () => expect(await texts(), 'what the fields show when undone').toEqual(before)).toPass({ timeout: 30_000 });
};

/** Sets what cannot be taken back, and then wishes it away: libvirt's reason stands at the field. */
const holdStaying = async (page: Page, row: Row, { name, look }: Stage): Promise<void> => {
  const before = (await look(row.guest, ['dumpxml'])) ?? '';
  const back = { ...row, truths: ['live'] as const, value: readSettings(DomainXml.parse(before), unknownFacts(row.guest))[row.knob][row.unit] };
  for (const setting of settingsOf(row)) await set(page, setting);
  expect(await apply(page)).toBe(applied);
  await expectSeen(look, [row], true);
  expect(await undo(page)).toMatch(failed);
  await expectSeen(look, [row], true);
  await set(page, back);
  await expectRefusedByHost(page, back, row.stays?.[name]);
};

/** Applies a setting that libvirt refuses: its reason stands at the field. */
const expectRefusedByHost = async (page: Page, setting: Setting, reason: RegExp = /$^/): Promise<void> => {
  expect(await apply(page)).toMatch(failed);
  await expect.poll(() => reasonsAt(page, setting), { message: 'what stands at the field' }).toContainEqual(expect.stringMatching(new RegExp(`^The host refused this: .*${reason.source}`)));
  await page.getByRole('region', { name: 'Plan' }).getByRole('button', { name: 'Discard' }).click();
};

/** Sets what only the host refuses. */
const holdRefusedByHost = async (page: Page, row: Row, { look }: Stage, message: RegExp): Promise<void> => {
  for (const setting of settingsOf(row)) await set(page, setting);
  await expectRefusedByHost(page, row, message);
  await expectSeen(look, [row], false);
};

/** Wishes what is refused before the host is asked: the reason stands at the field, and there is nothing to apply. */
const holdRefused = async (page: Page, row: Row, message: RegExp): Promise<void> => {
  let isOffered = true;
  for (const setting of settingsOf(row)) isOffered = (await set(page, setting)) && isOffered;
  const told = (reasons: readonly string[]): boolean => reasons.some((reason) => message.test(reason) || whyFixed(row).includes(reason));
  // What is not even offered needs no reason.
  if (isOffered) await expect.poll(async () => {
    const reasons = await reasonsAt(page, row);
    return told(reasons) ? 'told' : reasons;
  }, { message: `${message}` }).toBe('told');
  const plan = page.getByRole('region', { name: 'Plan' });
  if (await plan.isVisible()) {
    if (isOffered) await expect(plan.getByRole('button', { name: 'Review…' })).toBeDisabled();
    await plan.getByRole('button', { name: 'Discard' }).click();
    await expect(plan).toBeHidden();
  }
  // What was typed and cannot be wished goes with its panel, once that is gone.
  const overview = page.locator('#tab-overview');
  await overview.click();
  await expect(overview).toHaveAttribute('aria-selected', 'true');
};

/** Holds every row of a guest, whose page is open. */
export const holdTable = async (page: Page, guest: GuestName, stage: Stage): Promise<void> => {
  const all = rowsOn(stage, guest);
  const isRefused = ({ refused }: Row): boolean => refused?.[stage.name] !== undefined;
  const stays = ({ stays: why }: Row): boolean => why?.[stage.name] !== undefined;
  for (const row of all.filter(isRefused)) {
    await base.step(`${titleOf(row)} = ${JSON.stringify(row.value)} is refused at its field`, async () => {
      const { by, message } = row.refused?.[stage.name] ?? { by: 'field', message: /$^/ };
      await (by === 'field' ? holdRefused(page, row, message) : holdRefusedByHost(page, row, stage, message));
    });
  }
  const rounds = roundsOf(all.filter((row) => !isRefused(row)));
  for (const round of [...rounds.filter((one) => !one.some(stays)), ...rounds.filter((one) => one.some(stays))]) {
    const [first] = round;
    if (first === undefined) continue;
    await base.step(round.map(titleOf).join(' · '), async () => await (stays(first) ? holdStaying(page, first, stage) : holdRound(page, round, stage)));
  }
};
