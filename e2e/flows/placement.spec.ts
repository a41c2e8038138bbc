// Placing guests on CPUs by policy: one into its plan, a selection onto the host.
import { expect, openGuest, row, test } from './program.ts';

test('a guest is placed on whole cores by policy, through its plan', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('button', { name: 'Place…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Place web-01 on the host’s CPUs' });
  await dialog.getByRole('textbox', { name: 'CPUs kept for the host' }).fill('0-');
  await dialog.getByRole('button', { name: 'Find a place' }).click();
  await expect(dialog.getByText(/is not a CPU, a range/)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'CPUs kept for the host' }).fill('^0,^16');
  await dialog.getByRole('button', { name: 'Find a place' }).click();
  const places = dialog.getByRole('list', { name: 'Places' });
  await expect(places).toContainText('NUMA node');
  const pin = /0→(\d+)/.exec((await places.textContent()) ?? '')?.[1];
  expect(pin).not.toBe('0');
  await dialog.getByRole('button', { name: 'Add to plan' }).click();
  await expect(window.getByRole('textbox', { name: 'CPUs of vCPU 0' })).toHaveValue(`${pin}`);
  await window.getByRole('region', { name: 'Plan' }).getByRole('button', { name: 'Apply' }).click();
  await expect(window.getByText('Applied, and the host shows it.')).toBeVisible();
});

test('a selection is placed at once on CPUs to share', async ({ window }) => {
  for (const name of ['web-01', 'web-02']) await row(window, name).getByRole('checkbox').check();
  await window.getByRole('button', { name: 'Place on CPUs…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Place 2 guests on the host’s CPUs' });
  await dialog.getByRole('button', { name: 'Shared' }).click();
  await dialog.getByRole('button', { name: 'Find a place' }).click();
  await dialog.getByRole('button', { name: 'Apply to 2 guests' }).click();
  await expect(dialog.getByText('Applied, and the host shows it.')).toHaveCount(2);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(row(window, 'web-01')).toContainText('pinned');
  await expect(row(window, 'web-02')).toContainText('pinned');
});
