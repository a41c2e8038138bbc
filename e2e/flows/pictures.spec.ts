// What a guest does, in pictures: how far back, closer, values, happenings, as a file.
import { readFile } from 'node:fs/promises';
import { expect, openGuest, test } from './program.ts';

test('a guest’s pictures show its rates, are looked at closer by keys and by dragging, and leave as a table', async ({ window }) => {
  await openGuest(window, 'db-primary', 'Overview');
  const cpu = window.getByRole('group', { name: /^CPU in all\. in use: now \d/ });
  await expect(cpu).toBeVisible();
  await expect(window.getByRole('group', { name: /^Each vCPU\. vCPU 0/ })).toBeVisible();
  await expect(window.getByRole('group', { name: /^Memory\. in use: now .* of 32 GiB/ })).toBeVisible();
  await expect(window.getByRole('heading', { name: /^Disk vda/ })).toBeVisible();
  const picture = cpu.locator('canvas');
  const box = await picture.boundingBox();
  if (box === null) throw new Error('no picture');
  await window.mouse.move(box.x + box.width * 0.7, box.y + 40);
  await window.mouse.down();
  await window.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 4 });
  await window.mouse.up();
  await window.getByRole('button', { name: 'Follow the time' }).click();
  await cpu.focus();
  await window.keyboard.press('+');
  await expect(window.getByRole('button', { name: 'Follow the time' })).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(window.getByRole('button', { name: 'Follow the time' })).toBeHidden();
  await window.getByRole('button', { name: '7 days' }).click();
  await expect(window.getByText('Means of five minutes')).toBeVisible();
  await window.getByRole('button', { name: '5 min', exact: true }).click();
  await expect(cpu).toBeVisible();
  const [download] = await Promise.all([window.waitForEvent('download'), window.getByRole('button', { name: 'CSV' }).click()]);
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
  expect(lines[0]?.split(',')).toEqual(expect.arrayContaining(['time', 'cpu', 'memoryUsedKiB', 'vcpu.7', 'disk.vda.writeLatency']));
  expect(lines).toHaveLength(301);
});

test('what happens to a guest is marked on its pictures', async ({ window }) => {
  await openGuest(window, 'mail', 'Overview');
  await expect(window.getByRole('group', { name: /^CPU in all\. in use: now \d/ })).toBeVisible();
  await window.getByRole('button', { name: 'More actions' }).click();
  await window.getByRole('menuitem', { name: /^Pause/ }).click();
  await window.getByRole('button', { name: 'Resume' }).click();
  const happened = window.getByRole('region', { name: 'What happened meanwhile' });
  await expect(happened).toContainText('paused');
  await expect(happened).toContainText('resumed');
});
