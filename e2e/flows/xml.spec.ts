// The definition as a text: edited, checked at its lines, reviewed, applied, taken back; and never lost or written over another's change.
import type { Locator, Page } from 'playwright/test';
import { expect, openGuest, pictures, test } from './program.ts';

const picture = pictures('xml');

const editorOf = (window: Page, name: string): Locator => window.getByRole('textbox', { name: `Saved definition of ${name}` });

/** Shows where this stands, by the editor's own search: what is out of sight is not in the page. */
const find = async (window: Page, name: string, text: string): Promise<void> => {
  await editorOf(window, name).press('Control+f');
  await expect(window.getByRole('textbox', { name: 'Find' })).toBeFocused();
  // The search hears keys.
  await window.keyboard.type(text);
  await window.keyboard.press('Enter');
  await window.keyboard.press('Escape');
  await expect(editorOf(window, name)).toBeFocused();
  await expect(editorOf(window, name)).toContainText(text);
};

/** Puts the keys at the beginning of the line where this stands. */
const goTo = async (window: Page, name: string, text: string): Promise<void> => {
  await find(window, name, text);
  await window.keyboard.press('ArrowLeft');
  await window.keyboard.press('Home');
};

const addDevice = async (window: Page, name: string, device: string): Promise<void> => {
  await goTo(window, name, '</devices>');
  await window.keyboard.insertText(`  ${device}\n`);
};

const planOf = (window: Page): Locator => window.getByRole('region', { name: 'Plan' });

const apply = async (window: Page): Promise<void> => {
  await planOf(window).getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(window.getByText('Applied, and the host shows it.')).toBeVisible();
  await window.getByRole('button', { name: 'Close' }).click();
};

/** Takes back the latest entry of the guest's history. */
const undoLatest = async (window: Page, name: string): Promise<void> => {
  await window.getByRole('tab', { name: 'History' }).click();
  await window.getByRole('list', { name: 'History' }).getByRole('button', { name: /^Undo/ }).first().click();
  const undo = window.getByRole('dialog', { name: new RegExp(`^Undo on ${name}`) });
  await undo.getByRole('button', { name: /^Apply/ }).click();
  await expect(undo.getByText('Applied, and the host shows it.')).toBeVisible();
  await undo.getByRole('button', { name: 'Close' }).click();
};

const watchdog = "<watchdog model='i6300esb' action='reset'/>";
const sound = "<sound model='ich9'/>";

test('a definition is edited, reviewed with its difference, applied and undone', async ({ window }) => {
  await openGuest(window, 'web-03', 'XML');
  await expect(editorOf(window, 'web-03')).toContainText('<name>web-03</name>');
  await expect(window.getByText('The guest runs on as it is: edits act after a restart.')).toBeVisible();
  await addDevice(window, 'web-03', watchdog);
  await expect(planOf(window)).toContainText('1 change');
  await expect(planOf(window)).toContainText('1 at next start');
  await expect(planOf(window)).toContainText('Saved definition: 1 line added');

  // The page's own key reviews, and puts no line break into the text.
  await window.keyboard.press('Control+Enter');
  const review = window.getByRole('dialog', { name: 'Review 1 change to web-03' });
  await expect(review.getByText('virsh define --validate ./web-03.xml')).toBeVisible();
  await expect(review.getByRole('figure')).toContainText(`+     ${watchdog}`);
  await picture(window, 'review');
  await review.getByRole('button', { name: 'Apply 1 change' }).click();
  await expect(review.getByText('Applied, and the host shows it.')).toBeVisible();
  await review.getByRole('button', { name: 'Close' }).click();
  await expect(planOf(window)).toBeHidden();

  // Against the history: before the entry there was none.
  await window.getByRole('button', { name: 'Difference' }).click();
  await window.getByLabel('From', { exact: true }).selectOption({ label: 'Saved before: Edit the saved definition: 1 line added' });
  await window.getByLabel('To', { exact: true }).selectOption('After restart');
  await expect(window.getByRole('figure', { name: 'Difference of two definitions of web-03' })).toContainText(`+     ${watchdog}`);
  await picture(window, 'difference');

  await undoLatest(window, 'web-03');
  await expect(window.getByRole('list', { name: 'History' }).getByText('undone', { exact: true })).toBeVisible();
  await window.getByRole('tab', { name: 'XML' }).click();
  await window.getByRole('button', { name: 'Difference' }).click();
  await window.getByLabel('From', { exact: true }).selectOption({ label: 'Saved before: Edit the saved definition: 1 line added' });
  await window.getByLabel('To', { exact: true }).selectOption('After restart');
  await expect(window.getByText('Both are the same.')).toBeVisible();
});

test('what is wrong with a text is said at its line, before and after the host is asked', async ({ window }) => {
  await openGuest(window, 'web-03', 'XML');
  const problems = window.getByRole('status', { name: 'Problems of the text' });
  await goTo(window, 'web-03', '<name>');
  await window.keyboard.press('End');
  await window.keyboard.press('Backspace');
  await expect(problems).toContainText(/Line \d+: .*<\/name/);
  await expect(planOf(window).getByRole('button', { name: 'Apply', exact: true })).toBeDisabled();
  await window.keyboard.insertText('>');
  await expect(problems).toBeEmpty();

  await goTo(window, 'web-03', '</name>');
  await window.keyboard.press('End');
  for (let count = 0; count < '</name>'.length; count += 1) await window.keyboard.press('ArrowLeft');
  await window.keyboard.insertText('x');
  await expect(problems).toContainText('Line 2: The name has to stay web-03: with another one this would define another guest.');
  await window.getByRole('button', { name: 'Drop the edit' }).click();
  await expect(problems).toBeEmpty();

  await window.keyboard.press('Tab');
  await goTo(window, 'web-03', "<domain type='kvm'");
  await window.keyboard.press('ArrowRight');
  for (let count = 0; count < "domain type='kvm".length; count += 1) await window.keyboard.press('ArrowRight');
  await window.keyboard.insertText('horse');
  await planOf(window).getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(window.getByText('A step failed.')).toBeVisible();
  await window.getByRole('button', { name: 'Close' }).click();
  await expect(problems).toContainText('Probably line 1: unsupported configuration: invalid domain type kvmhorse');
  await picture(window, 'refused');
  await problems.getByRole('button', { name: 'Probably line 1' }).click();
  await expect(editorOf(window, 'web-03')).toBeFocused();
});

test('an edited text stays while one looks elsewhere, over a reload, and over another change of the definition', async ({ window }) => {
  await openGuest(window, 'web-03', 'XML');
  await addDevice(window, 'web-03', watchdog);
  await apply(window);
  await addDevice(window, 'web-03', sound);
  await window.getByRole('tab', { name: 'Overview' }).click();
  await window.getByRole('tab', { name: 'XML' }).click();
  await find(window, 'web-03', sound);
  await window.reload();
  await find(window, 'web-03', sound);

  await undoLatest(window, 'web-03');
  await window.getByRole('tab', { name: 'XML' }).click();
  await expect(window.getByRole('alert').getByText('The saved definition was changed since this text was begun.')).toBeVisible();
  await find(window, 'web-03', watchdog);
  await expect(planOf(window).getByRole('button', { name: 'Apply', exact: true })).toBeDisabled();
  await picture(window, 'changed-meanwhile');
  await window.getByRole('button', { name: 'Take the change into the text' }).click();
  await expect(window.getByRole('alert')).toBeHidden();
  await expect(planOf(window)).toContainText('Saved definition: 1 line added');
  await apply(window);
  await find(window, 'web-03', sound);
});

test('Tab indents in the text, and leaves it after Escape', async ({ window }) => {
  await openGuest(window, 'web-03', 'XML');
  const editor = editorOf(window, 'web-03');
  await editor.focus();
  await window.keyboard.press('Tab');
  await expect(editor).toBeFocused();
  await window.keyboard.press('Control+z');
  await window.keyboard.press('Escape');
  await window.keyboard.press('Tab');
  await expect(editor).not.toBeFocused();
  await window.keyboard.press('Shift+Tab');
  await expect(editor).toBeFocused();
});
