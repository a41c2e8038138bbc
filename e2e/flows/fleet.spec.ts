// All guests: finding one, by mouse and by keys, and acting on several.
import { expect, row, test } from './program.ts';

test('typing anywhere in the table filters at once, and Escape shows all again', async ({ window }) => {
  const table = window.getByRole('grid', { name: 'Guests' });
  await table.focus();
  await window.keyboard.type('ceph');
  await expect(table.getByRole('row')).toHaveCount(3);
  await expect(window.getByRole('combobox', { name: 'Search guests' })).toHaveValue('ceph');
  await window.keyboard.press('Escape');
  await expect(row(window, 'db-primary')).toBeVisible();
});

test('a guest is opened with arrows and Enter', async ({ window }) => {
  await window.getByRole('grid', { name: 'Guests' }).focus();
  await window.keyboard.press('ArrowDown');
  const second = await window.getByRole('grid', { name: 'Guests' }).getByRole('row').nth(2).getByRole('link').innerText();
  await window.keyboard.press('Enter');
  await expect(window.getByRole('heading', { level: 1, name: second })).toBeVisible();
  await expect(window.getByRole('main')).toBeFocused();
});

test('Ctrl+K finds a guest by its name', async ({ window }) => {
  await window.keyboard.press('Control+k');
  await window.keyboard.type('win-erp');
  await expect(window.getByRole('option', { name: /win-erp/ })).toBeVisible();
  await window.keyboard.press('Enter');
  await expect(window.getByRole('heading', { level: 1, name: 'win-erp' })).toBeVisible();
});

test('several guests are paused and resumed together', async ({ window }) => {
  await window.getByRole('checkbox', { name: 'Select web-01' }).check();
  await window.getByRole('checkbox', { name: 'Select web-02' }).check();
  const bar = window.getByRole('region', { name: 'Selected guests' });
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(bar.getByText('Pause: taken by 2 of 2.')).toBeVisible();
  for (const name of ['web-01', 'web-02']) await expect(row(window, name).getByText('Paused')).toBeVisible();
  await bar.getByRole('button', { name: 'Resume' }).click();
  for (const name of ['web-01', 'web-02']) await expect(row(window, name).getByText('Running')).toBeVisible();
});

test('state filter leaves only guests of that state', async ({ window }) => {
  await window.getByRole('button', { name: 'State filter' }).click();
  await window.getByRole('menuitemcheckbox', { name: /Shut off/ }).click();
  await window.keyboard.press('Escape');
  const rows = window.getByRole('grid', { name: 'Guests' }).getByRole('row');
  await expect(rows.filter({ hasText: 'Running' })).toHaveCount(0);
  await expect(row(window, 'etl-night')).toBeVisible();
});

test('a search is written with what is offered, says what is wrong, and is kept as a view; guests are given a tag and stand under it', async ({ window }) => {
  const field = window.getByRole('combobox', { name: 'Search guests' });
  const rows = window.getByRole('grid', { name: 'Guests' }).getByRole('row');
  await field.pressSequentially('sta');
  for (const key of ['ArrowDown', 'Enter', 'p', 'ArrowDown', 'Enter']) await field.press(key);
  await expect(field).toHaveValue('state:paused ');
  await expect(rows).toHaveCount(2);
  await field.pressSequentially('mem>lots');
  await expect(window.getByText('Left out: mem>lots at character 14: “lots” is no amount with a unit, as in mem>16G')).toBeVisible();
  await field.fill('mem>=16G -state:paused');
  await expect(row(window, 'db-primary')).toBeVisible();
  await expect(row(window, 'web-01')).toHaveCount(0);
  await window.getByRole('button', { name: 'Views' }).click();
  await window.getByRole('menuitem', { name: 'Keep this view…' }).click();
  await window.getByRole('textbox', { name: 'Name' }).fill('Large');
  await window.getByRole('button', { name: 'Keep' }).click();
  await field.fill('');
  await window.getByRole('button', { name: 'Views' }).click();
  await window.getByRole('menuitemradio', { name: 'Large' }).click();
  await expect(field).toHaveValue('mem>=16G -state:paused');
  await field.fill('');
  const table = window.getByRole('grid', { name: 'Guests' });
  await table.focus();
  for (const key of [' ', 'ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown']) await table.press(key);
  const bar = window.getByRole('region', { name: 'Selected guests' });
  await expect(bar.getByText('4 selected')).toBeVisible();
  await bar.getByRole('button', { name: 'Tags…' }).click();
  await window.getByRole('textbox', { name: 'New tag' }).fill('core');
  await window.getByRole('button', { name: 'Keep' }).click();
  await window.getByRole('combobox', { name: 'Groups' }).click();
  await window.getByRole('option', { name: 'By tag' }).click();
  const heading = table.getByRole('row', { name: /^core/ });
  await expect(heading).toContainText('4 guests');
  await table.press('Home');
  await table.press('Enter');
  await expect(heading).toHaveAttribute('aria-expanded', 'false');
});
