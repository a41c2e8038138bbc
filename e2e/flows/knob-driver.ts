// Sets and reads any knob in its panel as a person does, finding each field by the name that the knob's own control gives it.
import type { Locator, Page } from 'playwright/test';
import { type Control, type Field, type Truth, type Unit, unknownFacts } from '../../app/tuning/knob.ts';
import { type KnobName, knobNames, knobs } from '../../app/tuning/knobs.ts';
import { printMeasure, readMeasure } from '../../app/tuning/measure.ts';
import { alike } from '../../app/tuning/alike.ts';
import type { Row } from '../../main/services/knob-row.test-peer.ts';
import { fieldName, inTruth, itemFieldName, itemName, pinName } from '../../renderer/panels/field-names.ts';
import { truthNames } from '../../renderer/ui/truth-names.ts';
import { expect } from './program.ts';

/** One knob's unit with a value, in some truths. */
export interface Setting {
  readonly knob: KnobName;
  readonly unit: Unit;
  readonly truths: readonly Truth[];
  readonly value: unknown;
}

/** The row's own setting, and before it those that have to move with it. */
export const settingsOf = (row: Row): readonly Setting[] => [
  ...knobNames.flatMap((knob) => Object.entries(row.also?.[knob] ?? {}).map(([unit, value]) => ({ knob, unit, truths: row.truths, value }))),
  row,
];

/** What a knob looks like hangs on the host only in what there is to choose, which is read from the screen. */
const controlOf = ({ knob }: Setting): Control => knobs[knob].control(unknownFacts(''));

const partOf = (value: unknown, key: string): unknown => (typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined);

/** One thing to fill in: its name on the screen, and what is to stand there. */
interface Cell {
  readonly name: string;
  /** Which part of the value; '' = all of it. */
  readonly key: string;
  readonly field: Field;
  readonly value: unknown;
}

const cellsOf = (setting: Setting, truth: Truth): readonly Cell[] => {
  const control = controlOf(setting);
  const name = knobs[setting.knob].name(setting.unit);
  const { value } = setting;
  switch (control.kind) {
    case 'pinning':
    case 'own': return [];
    case 'fields': return Object.entries(control.fields).map(([key, field]) => ({ name: inTruth(fieldName(name, field), truth), key, field, value: partOf(value, key) }));
    case 'list': return (Array.isArray(value) ? value : []).flatMap((item: unknown, index) =>
      Object.entries(control.fields).map(([key, field]) => ({ name: inTruth(itemFieldName(field, control.item, index), truth), key, field, value: partOf(item, key) })));
    case 'number':
    case 'choice':
    case 'switch':
    case 'text': return [{ name: inTruth(name, truth), key: '', field: control, value }];
  }
};

/** Groups are text that cannot be edited. */
const roles = ['textbox', 'combobox', 'switch', 'group'] as const;
type FieldRole = (typeof roles)[number];

/** How a value stands in its field, as that is drawn. */
const wordsOf = ({ field, value }: Cell, role: FieldRole): string => {
  if (field.kind === 'switch') return value === true ? 'on' : 'off';
  if (value === null || value === undefined) return role === 'textbox' ? '' : (field.absent ?? 'nothing');
  if (field.kind === 'number' && typeof value === 'number') return printMeasure(value, field.measure);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return field.kind === 'choice' ? (field.options.find((option) => option.value === value)?.label ?? text) : text;
};

/** The value that stands in a field as those words. */
const readWords = (cell: Cell, role: FieldRole, words: string): unknown => {
  const { field } = cell;
  if (words === wordsOf(cell, role)) return cell.value;
  if (words === wordsOf({ ...cell, value: null }, role)) return null;
  if (field.kind === 'number') return readMeasure(words, field.measure);
  if (field.kind === 'switch') return words === 'on';
  return field.kind === 'choice' ? (field.options.find(({ label }) => label === words)?.value ?? words) : words;
};

const panelTab = (page: Page, { knob }: Setting): Locator => page.locator(`#tab-${knobs[knob].panel}`);

/** Shows the panel of a knob, and its unit where it is folded. */
const open = async (page: Page, setting: Setting): Promise<void> => {
  const tab = panelTab(page, setting);
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  const card = page.getByRole('region', { name: knobs[setting.knob].card, exact: true });
  await expect(card).toBeVisible();
  if (controlOf(setting).kind !== 'fields') return;
  const unit = card.getByRole('button', { name: knobs[setting.knob].name(setting.unit), exact: true });
  if ((await unit.getAttribute('aria-expanded')) === 'false') await unit.click();
};

/** How a field is found by its name. */
const fieldAt = (page: Page, name: string): Locator => page.getByLabel(name, { exact: true }).and(page.locator('input, textarea, [role="combobox"], [role="group"]'));

/** A field as it stands: what it is drawn as, what it shows, and what describes it. */
interface Standing {
  readonly role: FieldRole;
  readonly words: string;
  readonly reasons: readonly string[];
}

/** Asks the page once, for the table asks for hundreds of fields. */
const standing = async (field: Locator): Promise<Standing> => {
  const { role, words, reasons } = await field.evaluate((element) => {
    const described = (element.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== '').map((id) => document.getElementById(id)?.textContent ?? '');
    const reasons = [element.getAttribute('title') ?? '', ...described];
    if (element instanceof HTMLTextAreaElement) return { role: 'textbox', words: element.value, reasons };
    if (!(element instanceof HTMLInputElement)) return { role: element.getAttribute('role'), words: element instanceof HTMLElement ? element.innerText : '', reasons };
    return element.type === 'checkbox' ? { role: element.getAttribute('role'), words: element.checked ? 'on' : 'off', reasons } : { role: 'textbox', words: element.value, reasons };
  });
  const known = roles.find((one) => one === role);
  if (known === undefined) throw new Error(`${String(field)} is drawn as ${role}`);
  return { role: known, words: words.trim(), reasons };
};

/** Whether it can be filled in at all: what is not there to choose cannot. */
const fill = async (page: Page, cell: Cell): Promise<boolean> => {
  const field = fieldAt(page, cell.name);
  const { role, words: has } = await standing(field);
  const words = wordsOf(cell, role);
  if (has === words) return true;
  if (role === 'textbox') await field.fill(words);
  if (role === 'switch') await field.setChecked(words === 'on');
  if (role === 'combobox') {
    await field.click();
    await expect(page.getByRole('listbox')).toBeVisible();
    const option = page.getByRole('option', { name: words, exact: true });
    const isOffered = (await option.count()) > 0;
    await (isOffered ? option.click() : page.keyboard.press('Escape'));
    await expect(page.getByRole('listbox')).toHaveCount(0);
    return isOffered;
  }
  return true;
};

const listAt = (page: Page, { knob, unit }: Setting, truth: Truth): Locator => page.getByRole('group', { name: inTruth(knobs[knob].name(unit), truth), exact: true });

const itemsIn = async (page: Page, setting: Setting, truth: Truth, item: string): Promise<number> =>
  await listAt(page, setting, truth).getByRole('button', { name: new RegExp(`^${inTruth(`Remove ${item} \\d+`, truth)}$`) }).count();

/** Adds or removes items until there are as many. */
const count = async (page: Page, setting: Setting, truth: Truth, item: string, wanted: number): Promise<void> => {
  const list = listAt(page, setting, truth);
  await expect(list).toBeVisible();
  const add = list.getByRole('button', { name: inTruth(`Add ${item}`, truth), exact: true });
  // A list that cannot be edited has nothing to add to.
  if ((await add.count()) === 0) return;
  let there = await itemsIn(page, setting, truth, item);
  for (; there < wanted; there += 1) {
    await add.click();
    await expect(page.getByRole('group', { name: inTruth(itemName(item, there), truth), exact: true })).toBeVisible();
  }
  for (; there > wanted; there -= 1) {
    const last = inTruth(`Remove ${itemName(item, there - 1)}`, truth);
    await list.getByRole('button', { name: last, exact: true }).click();
    await expect(list.getByRole('button', { name: last, exact: true })).toHaveCount(0);
  }
};

/** All that a list shows: its text, and what stands in its fields. */
const textsIn = async (list: Locator): Promise<readonly string[]> => [await list.innerText(), ...(await list.locator('input').evaluateAll((inputs) => inputs.map((input) => (input instanceof HTMLInputElement ? input.value : ''))))];

/** The text of a pin, with the matrix showing those truths. */
const pinAt = async (page: Page, setting: Setting, shown: readonly Truth[]): Promise<Locator> => {
  const control = controlOf(setting);
  if (control.kind !== 'pinning') throw new Error(`${setting.knob} is no pin`);
  const [first = 'saved'] = shown;
  const card = page.getByRole('region', { name: knobs[setting.knob].card, exact: true });
  await card.getByRole('button', { name: truthNames[shown.length > 1 ? 'both' : first], exact: true }).click();
  return card.getByRole('textbox', { name: pinName(control.row(setting.unit)), exact: true });
};

/** Types and chooses a setting, without applying it; whether all of it is there to choose. */
export const set = async (page: Page, setting: Setting): Promise<boolean> => {
  await open(page, setting);
  const control = controlOf(setting);
  let isOffered = true;
  if (control.kind === 'pinning') await (await pinAt(page, setting, setting.truths)).fill(typeof setting.value === 'string' ? setting.value : '');
  for (const truth of setting.truths) {
    if (control.kind === 'list') await count(page, setting, truth, control.item, Array.isArray(setting.value) ? setting.value.length : 0);
    const list = control.kind === 'list' ? await itemsIn(page, setting, truth, control.item) : null;
    if (list !== 0) for (const cell of cellsOf(setting, truth)) isOffered = (await fill(page, cell)) && isOffered;
  }
  return isOffered;
};

/** What stands in a setting's fields, in each of its truths; of a list all of its text. */
export const shown = async (page: Page, setting: Setting): Promise<readonly string[]> => {
  await open(page, setting);
  const control = controlOf(setting);
  const texts: string[] = [];
  for (const truth of setting.truths) {
    if (control.kind === 'pinning') texts.push(await (await pinAt(page, setting, [truth])).inputValue());
    else if (control.kind === 'list') texts.push(...(await textsIn(listAt(page, setting, truth))));
    else for (const { name } of cellsOf(setting, truth)) texts.push((await standing(fieldAt(page, name))).words);
  }
  return texts;
};

/** Holds the screen to showing a setting in its fields, in libvirt's words where it has its own. */
export const expectShown = async (page: Page, setting: Setting): Promise<void> => {
  await open(page, setting);
  const control = controlOf(setting);
  for (const truth of setting.truths) {
    if (control.kind === 'pinning') await expect(await pinAt(page, setting, [truth])).toHaveValue(typeof setting.value === 'string' ? setting.value : '');
    if (control.kind === 'list') await expect.poll(() => itemsIn(page, setting, truth, control.item)).toBe(Array.isArray(setting.value) ? setting.value.length : 0);
    await expect.poll(async () => {
      const parts: Record<string, unknown> = {};
      const others: string[] = [];
      for (const cell of cellsOf(setting, truth)) {
        const { role, words } = await standing(fieldAt(page, cell.name));
        parts[cell.key] = readWords(cell, role, words);
        if (words !== wordsOf(cell, role)) others.push(`${cell.name}: "${words}" for "${wordsOf(cell, role)}"`);
      }
      // libvirt writes out what was left to it: that is no other setting.
      return control.kind === 'fields' && alike(setting.knob, parts, setting.value) ? [] : others;
    }, { message: 'fields that show something else' }).toEqual([]);
  }
};

/** What is said against a setting, where it is edited: what describes its fields, why one is only shown, the list's own words. */
export const reasonsAt = async (page: Page, setting: Setting): Promise<readonly string[]> => {
  const control = controlOf(setting);
  const reasons: string[] = [];
  for (const truth of setting.truths) {
    if (control.kind === 'pinning') reasons.push(...(await standing(fieldAt(page, pinName(control.row(setting.unit))))).reasons);
    if (control.kind === 'list') {
      const { reasons: said, words } = await standing(listAt(page, setting, truth));
      reasons.push(...said, words);
    }
    if (control.kind !== 'list' || (await itemsIn(page, setting, truth, control.item)) > 0) for (const { name } of cellsOf(setting, truth)) reasons.push(...(await standing(fieldAt(page, name))).reasons);
  }
  return reasons.flatMap((reason) => reason.split('\n')).filter((reason) => reason !== '');
};

/** Why some of a running guest's setting is only shown, in its knob's own words; none where all of it can be edited. */
export const whyFixed = (setting: Setting): readonly string[] => {
  const control = controlOf(setting);
  if (!setting.truths.includes('live')) return [];
  const fields = control.kind === 'fields' ? Object.values(control.fields) : [];
  return [control.nowFixed, ...fields.map(({ nowFixed }) => nowFixed)].filter((reason) => reason !== undefined);
};
