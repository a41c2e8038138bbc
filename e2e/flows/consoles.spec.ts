// A guest's serial line in the window: opened with its tab, typed into, searched, and back by itself when the guest is.
import { expect, openGuest, pictures, test } from './program.ts';

const picture = pictures('consoles');

test('a serial line of a guest is typed into, searched, kept as a file, and comes back with the guest', async ({ window }) => {
  await openGuest(window, 'mail', 'Console');
  await window.getByRole('button', { name: 'Serial 0' }).click();
  await expect(window.getByRole('region', { name: 'Display' }).getByRole('status').first()).toHaveText('connected');
  await window.getByRole('button', { name: 'Display', exact: true }).click();
  const line = window.getByRole('region', { name: 'Serial 0' });
  await expect(line.getByRole('status')).toHaveText('connected');
  const screen = line.locator('.xterm-rows');
  await expect(screen).toContainText('mail:~#');
  await line.getByRole('textbox', { name: 'Serial 0 of mail' }).focus();
  await window.keyboard.type('echo one two three');
  await window.keyboard.press('Enter');
  await expect(screen).toContainText('one two three');
  await window.keyboard.type('nproc');
  await window.keyboard.press('Enter');
  await picture(window, '1-serial');
  await line.getByRole('textbox', { name: 'Find in Serial 0' }).fill('two');
  await line.getByRole('button', { name: 'Find above' }).click();
  await expect(line.getByRole('button', { name: 'Copy' })).toBeEnabled();
  const download = window.waitForEvent('download');
  await line.getByRole('button', { name: 'Save as a file' }).click();
  expect((await download).suggestedFilename()).toBe('mail-serial0.log');

  await window.getByRole('button', { name: 'More actions' }).click();
  await window.getByRole('menuitem', { name: /^Force off/ }).click();
  const dialog = window.getByRole('dialog');
  await dialog.getByRole('textbox').fill('mail');
  await dialog.getByRole('button', { name: 'Force off' }).click();
  await expect(line.getByRole('status')).toHaveText('waiting for the guest');
  await picture(window, '2-off');
  await window.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(line.getByRole('status')).toHaveText('connected');
  await expect(screen).toContainText('three');
});
