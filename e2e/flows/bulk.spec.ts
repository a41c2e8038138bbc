// Many guests at once: tuned by one dialog, taken back, given a profile, filtered by what waits, and restarted for it.
import type { Page } from 'playwright/test';
import { expect, openGuest, row, test } from './program.ts';

const select = async (window: Page, ...names: readonly string[]): Promise<void> => {
  for (const name of names) await row(window, name).getByRole('checkbox').check();
};
const choose = async (window: Page, setting: string): Promise<void> => {
  await window.getByRole('combobox', { name: 'Setting 1: what' }).focus();
  await window.keyboard.type(setting);
  await expect(window.getByRole('option', { name: setting, exact: true })).toBeVisible();
  await window.keyboard.press('Enter');
};
const allGuests = async (window: Page): Promise<void> => await window.getByRole('link', { name: /^All guests/ }).click();

test('a selection is tuned by the keyboard alone, guest by guest, and taken back', async ({ window }) => {
  await select(window, 'web-01', 'web-02', 'etl-night');
  await window.getByRole('region', { name: 'Selected guests' }).getByRole('button', { name: 'Tune…' }).press('Enter');
  const dialog = window.getByRole('dialog', { name: 'Tune 3 guests' });
  await choose(window, 'CPU shares');
  const value = dialog.getByRole('textbox', { name: 'Setting 1: value' });
  await value.fill('four');
  await expect(dialog.getByText('Write a value, +, − or × with an amount.')).toBeVisible();
  await value.fill('×3');
  await value.press('Enter');
  await expect(dialog.getByText('3 of 3 change')).toBeVisible();
  await expect(dialog.getByRole('list', { name: 'Plans' })).toContainText('50 → 150');
  await dialog.getByRole('button', { name: 'Steps for web-01' }).press('Enter');
  await expect(dialog.getByText(/virsh schedinfo web-01/)).toBeVisible();
  await expect(dialog.getByLabel('Difference of the saved definition of web-01')).toContainText('<shares>300</shares>');
  await dialog.getByRole('button', { name: 'Apply to 3 guests' }).press('Enter');
  await expect(dialog.getByRole('status')).toHaveText('3 of 3 done');
  await dialog.getByRole('button', { name: 'Close' }).press('Enter');
  await expect(row(window, 'web-01')).toContainText('shares 300');

  await window.getByRole('link', { name: 'Tasks' }).click();
  await window.getByRole('button', { name: 'Undo all…' }).click();
  const undo = window.getByRole('dialog', { name: 'Undo: CPU shares × 3' });
  await undo.getByRole('button', { name: 'Apply to 3 guests' }).click();
  await expect(undo.getByRole('status')).toHaveText('3 of 3 done');
  await undo.getByRole('button', { name: 'Close' }).click();
  await allGuests(window);
  await expect(row(window, 'etl-night')).toContainText('shares 50');
  // libvirt spells the host's default out; nothing waits for a restart.
  await expect(row(window, 'web-01')).toContainText('shares 100');
  await expect(row(window, 'web-01')).not.toContainText('pending');
});

test('what one guest cannot have is said of it before', async ({ window }) => {
  await select(window, 'web-01', 'k8s-worker-1');
  await window.getByRole('button', { name: 'Tune…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Tune 2 guests' });
  await choose(window, 'vCPUs: vCPUs');
  await dialog.getByRole('textbox', { name: 'Setting 1: value' }).fill('12');
  await dialog.getByRole('button', { name: 'Plan for 2 guests' }).click();
  await expect(dialog.getByText('1 of 2 changes · not possible for 1')).toBeVisible();
  await expect(dialog.getByRole('list', { name: 'Plans' }).getByRole('listitem').first()).toContainText('cannot have 12');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Setting 1: value' })).toHaveValue('12');
});

test('what waits is listed alone, and comes true by one restart', async ({ window }) => {
  await select(window, 'web-01');
  await window.getByRole('button', { name: 'Tune…' }).click();
  await choose(window, 'Memory');
  const dialog = window.getByRole('dialog', { name: 'Tune web-01' });
  await dialog.getByRole('textbox', { name: 'Setting 1: value' }).fill('+1 GiB');
  await dialog.getByRole('button', { name: 'Plan for 1 guest' }).click();
  await dialog.getByRole('button', { name: 'Apply to 1 guest' }).click();
  await expect(dialog.getByRole('status')).toHaveText('1 of 1 done');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await window.getByRole('button', { name: 'Pending' }).click();
  await expect(row(window, 'web-01')).toBeVisible();
  await expect(row(window, 'web-02')).toHaveCount(0);
  await openGuest(window, 'web-01', 'Memory');
  await window.getByRole('button', { name: 'Restart to apply…' }).click();
  const restart = window.getByRole('dialog', { name: 'Restart web-01 to apply' });
  await restart.getByRole('button', { name: 'Restart 1 guest' }).click();
  await expect(restart.getByText('Restarted: nothing waits any more.')).toBeVisible();
  await restart.getByRole('button', { name: 'Close' }).click();
  await expect(window.getByText('pending restart')).toHaveCount(0);
});

test('a profile made from a guest is applied to another, which then drifts away from it', async ({ window }) => {
  await openGuest(window, 'etl-night', 'CPU');
  await window.getByRole('button', { name: 'Save as profile…' }).click();
  const made = window.getByRole('dialog', { name: 'New profile' });
  await made.getByRole('textbox', { name: 'Name' }).fill('Nightly');
  const settings = made.getByRole('list', { name: 'Settings of the profile' });
  const others = settings.getByRole('listitem').filter({ hasNotText: 'CPU shares' });
  for (let left = await others.count(); left > 0; left -= 1) await others.first().getByRole('button').click();
  await expect(settings.getByRole('listitem')).toHaveText(['CPU shares50']);
  await made.getByRole('button', { name: 'Save profile' }).click();
  await expect(made).toBeHidden();

  await allGuests(window);
  await select(window, 'web-01', 'web-02');
  await window.getByRole('button', { name: 'Tune…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Tune 2 guests' });
  await dialog.getByRole('combobox', { name: 'Profile' }).click();
  await window.getByRole('option', { name: 'Nightly' }).click();
  await dialog.getByRole('button', { name: 'Plan for 2 guests' }).click();
  await dialog.getByRole('button', { name: 'Apply to 2 guests' }).click();
  await expect(dialog.getByRole('status')).toHaveText('2 of 2 done');
  await dialog.getByRole('button', { name: 'Close' }).click();

  await openGuest(window, 'web-02', 'CPU');
  await window.getByRole('textbox', { name: 'CPU shares, after restart' }).fill('70');
  await window.getByRole('region', { name: 'Plan' }).getByRole('button', { name: 'Apply' }).click();
  await expect(window.getByText('Applied, and the host shows it.')).toBeVisible();
  await window.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await window.getByRole('link', { name: 'Profiles' }).click();
  await expect(window.getByText('1 of 2 guests matches')).toBeVisible();
  await expect(window.getByRole('list', { name: 'Guests of Nightly' })).toContainText('CPU shares: 70 instead of 50');
});
