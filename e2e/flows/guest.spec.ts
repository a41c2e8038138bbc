// One guest: what can be done to it, and what destroys is confirmed by its name.
import { expect, openGuest, test } from './program.ts';

test('forcing a guest off asks for its name, and Cancel is the default', async ({ window }) => {
  await openGuest(window, 'mail', 'Overview');
  await window.getByRole('button', { name: 'More actions' }).click();
  await window.getByRole('menuitem', { name: /^Force off/ }).click();
  const dialog = window.getByRole('dialog', { name: 'Force off: mail?' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Force off' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('mial');
  await expect(dialog.getByRole('button', { name: 'Force off' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('mail');
  await dialog.getByRole('button', { name: 'Force off' }).click();
  await expect(window.getByText('Shut off').first()).toBeVisible();
  await window.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(window.getByRole('button', { name: 'Shut down' })).toBeVisible();
});

test('autostart is switched and shown as the host has it', async ({ window }) => {
  await openGuest(window, 'mail', 'Overview');
  const autostart = window.getByRole('switch', { name: 'Start with the host' });
  const before = await autostart.isChecked();
  await autostart.click();
  await expect(autostart).toBeChecked({ checked: !before });
  await window.reload();
  await expect(autostart).toBeChecked({ checked: !before });
});

test('the definition is shown, now and after a restart', async ({ window }) => {
  await openGuest(window, 'web-03', 'XML');
  await expect(window.getByRole('textbox', { name: 'Saved definition of web-03' })).toContainText('<name>web-03</name>');
  await window.getByRole('button', { name: 'Now', exact: true }).click();
  await expect(window.getByRole('textbox', { name: 'Definition of web-03 as it runs' })).toContainText('<name>web-03</name>');
  await window.getByRole('button', { name: 'Difference' }).click();
  await expect(window.getByRole('figure', { name: 'Difference of two definitions of web-03' })).toBeVisible();
});
