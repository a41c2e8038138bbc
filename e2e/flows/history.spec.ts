// The history as a person uses it: found by words and kinds, opened, done again, given out as a file, of one host and of all.
import { readFile } from 'node:fs/promises';
import { expect, openGuest, test } from './program.ts';

test('what was done is found, opened with its definitions, taken back, done again, and exported', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  const field = window.getByRole('textbox', { name: 'CPUs of vCPU 0' });
  await field.fill('1');
  await window.getByRole('region', { name: 'Plan' }).getByRole('button', { name: 'Review…' }).click();
  const apply = async (title: RegExp): Promise<void> => {
    const review = window.getByRole('dialog', { name: title });
    await review.getByRole('button', { name: /^Apply/ }).click();
    await expect(review.getByText('Applied, and the host shows it.')).toBeVisible();
    await review.getByRole('button', { name: 'Close' }).click();
  };
  await apply(/^Review 1 change/);

  await window.getByRole('link', { name: 'History', exact: true }).click();
  const history = window.getByRole('list', { name: 'History' });
  const entries = history.getByRole('listitem').filter({ has: window.getByRole('button', { name: /^(Undo|Redo)/ }) });
  await history.getByRole('button', { name: /^Undo/ }).click();
  await apply(/^Undo on web-01/);
  await history.getByRole('button', { name: /^Redo/ }).click();
  await apply(/^Redo on web-01/);
  await expect(history.getByText('redo', { exact: true })).toBeVisible();
  await expect(history.getByText('redone', { exact: true })).toBeVisible();
  await expect(history.getByText('undone', { exact: true })).toBeHidden();

  await window.getByRole('button', { name: /^Kind filter/ }).click();
  await window.getByRole('menuitemcheckbox', { name: 'Redo' }).click();
  await window.keyboard.press('Escape');
  await expect(entries).toHaveCount(1);
  const opener = entries.getByRole('button', { expanded: false });
  await opener.click();
  await expect(entries.getByRole('list', { name: 'Changes' })).toContainText('vCPU 0, now: no pin → 1');
  await expect(entries.getByRole('figure', { name: 'Difference of the saved definition' })).toContainText("+     <vcpupin vcpu='0' cpuset='1'/>");
  await entries.getByRole('button', { name: 'After' }).click();
  await expect(entries.getByRole('region', { name: 'Saved definition after' })).toContainText('<name>web-01</name>');

  await window.getByRole('textbox', { name: /^Search the history/ }).fill('nothing like it');
  await expect(window.getByText('Nothing like this was done')).toBeVisible();
  await window.getByRole('button', { name: 'Show all' }).click();
  await expect(entries).toHaveCount(3);

  await window.getByRole('button', { name: 'Export…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Export the history' });
  await dialog.getByRole('button', { name: 'virsh script' }).click();
  const link = dialog.getByRole('link', { name: 'Download guestdeck-history.sh' });
  await expect(dialog.getByText('3 entries')).toBeVisible();
  const [download] = await Promise.all([window.waitForEvent('download'), link.click()]);
  expect((await readFile(await download.path(), 'utf8')).split('\n').filter((line) => line.startsWith('virsh vcpupin'))).toHaveLength(3);
  await dialog.getByRole('button', { name: 'Close' }).click();

  await window.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /Demo host/ }).click();
  await window.getByRole('main').getByRole('link', { name: 'History' }).click();
  await expect(window.getByRole('heading', { name: 'History of Demo host' })).toBeVisible();
  await expect(entries).toHaveCount(3);
});
