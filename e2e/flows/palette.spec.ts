// A link from outside, settings and actions by a few words, and what is told of them.
import { expect, pictures, row, test } from './program.ts';

const picture = pictures('palette');

test('a link leads to its guest, the palette to a setting, and saving a guest is a task that is told of', async ({ window }) => {
  await window.goto(new URL('#/open/Demo%20host/db-primary/memory', window.url()).href);
  await expect(window.getByRole('heading', { level: 1, name: 'db-primary' })).toBeVisible();
  await expect(window.getByRole('tab', { name: 'Memory', selected: true })).toBeVisible();

  const field = window.getByRole('combobox', { name: 'Find a guest, host, setting or action' });
  await window.keyboard.press('Control+k');
  await field.fill('cpu shares web-01');
  await expect(window.getByRole('option', { name: /CPU shares of web-01/ })).toBeVisible();
  await picture(window, 'settings');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('heading', { level: 1, name: 'web-01' })).toBeVisible();
  await expect(window.getByRole('textbox', { name: /CPU shares/ }).first()).toBeFocused();

  await window.keyboard.press('Control+k');
  await field.fill('save and stop web-01');
  await window.getByRole('option', { name: /Save and stop web-01/ }).click();
  await expect(window.getByRole('status').filter({ hasText: 'Save and stop web-01: done.' })).toBeVisible();
  await window.getByRole('button', { name: /^Notices/ }).click();
  await window.getByRole('dialog', { name: 'Notices' }).getByRole('link', { name: 'Save web-01 is done' }).click();
  await expect(window.getByRole('list', { name: 'Tasks of guests and hosts' })).toContainText('Save web-01');
  await picture(window, 'tasks');

  await window.getByRole('link', { name: /All guests/ }).first().click();
  await expect(row(window, 'web-01').getByText('Shut off')).toBeVisible();
});
