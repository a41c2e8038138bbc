// The Devices tab: what a guest is called, what it is given of the host, and a device taken from its driver and back.
import { expect, openGuest, pictures, test } from './program.ts';

const picture = pictures('devices');

test('a guest is named, watched, and given a device of the host, as one plan that can be taken back', async ({ window }) => {
  await openGuest(window, 'web-01', 'Devices');
  const words = window.getByRole('region', { name: 'Guest', exact: true });
  await words.getByLabel('Title and description: Description, now').fill('First line\nsecond line');
  await words.getByLabel('Title and description: Description, after restart').fill('First line\nsecond line');
  const helpers = window.getByRole('region', { name: 'Helpers' });
  await helpers.getByRole('button', { name: 'Add generator, now' }).click();

  const devices = window.getByRole('region', { name: 'Devices of the host' });
  await devices.getByRole('button', { name: 'What the host has' }).click();
  await expect(devices.getByRole('status').last()).toHaveText('8 devices');
  await devices.getByRole('textbox', { name: 'Search the host’s devices' }).fill('A10');
  const card = devices.getByRole('listitem').filter({ hasText: '0000:81:00.0' });
  await expect(card).toContainText('driver nvidia · IOMMU group 31');
  await card.getByRole('button', { name: 'Give after restart: 0000:81:00.0' }).click();
  await expect(devices.getByRole('textbox', { name: 'Device of device 1, after restart' })).toHaveValue('0000:81:00.0');
  await picture(window, 'plan');

  await window.getByRole('region', { name: 'Plan' }).getByRole('button', { name: 'Review' }).click();
  const review = window.getByRole('dialog');
  await expect(review).toContainText('virsh desc web-01 --new-desc');
  await expect(review).toContainText('Plug random numbers of /dev/urandom');
  await review.getByRole('button', { name: 'Apply' }).click();
  await expect(review.getByText('Applied, and the host shows it.')).toBeVisible();
  await review.getByRole('button', { name: 'Close' }).click();
  await expect(words.getByLabel('Title and description: Description, now')).toHaveValue('First line\nsecond line');
  await expect(card).toContainText('web-01 gets it at its next start');
});

test('a device of the host is taken from its driver only when it is confirmed, and given back', async ({ window }) => {
  await openGuest(window, 'web-01', 'Devices');
  await window.getByRole('button', { name: 'What the host has' }).click();
  const device = window.getByRole('listitem').filter({ hasText: '0000:c1:00.1' });
  await device.getByRole('button', { name: 'Take from the host: 0000:c1:00.1…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Take 0000:c1:00.1 from the host' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expect(dialog).toContainText('The driver ice lets it go at once');
  await picture(window, 'take');
  await dialog.getByRole('button', { name: 'Take it' }).click();
  await expect(device).toContainText('driver vfio-pci');
  await device.getByRole('button', { name: 'Give back to the host: 0000:c1:00.1…' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Give back' }).click();
  await expect(device).toContainText('driver ice');
});
