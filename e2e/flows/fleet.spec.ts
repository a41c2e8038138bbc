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
