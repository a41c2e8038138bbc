// Pin, review, apply, see the host confirm it, undo: by mouse and by keys alone.
import { expect, openGuest, test } from './program.ts';

test('a pin is edited in the matrix, reviewed, applied, confirmed by the host and undone', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  const matrix = window.getByRole('grid', { name: /^Pinning/ });
  const field = window.getByRole('textbox', { name: 'CPUs of vCPU 0' });
  await expect(field).toHaveValue('');
  const box = await matrix.boundingBox();
  if (box === null) throw new Error('the matrix is not shown');
  /** What is seen of a cell of the first column. */
  const seen = async (row: number): Promise<string> => (await window.screenshot({ clip: { x: box.x + 5, y: box.y + row * 24 + 6, width: 6, height: 8 } })).toString('base64');
  const before = [await seen(0), await seen(1)];
  // Drag across the first two columns of the first row: the two threads of core 0.
  await window.mouse.move(box.x + 8, box.y + 10);
  await window.mouse.down();
  await window.mouse.move(box.x + 40, box.y + 10, { steps: 4 });
  await window.mouse.up();
  await expect(field).toHaveValue('0,16');
  await expect.poll(async () => await seen(0)).not.toBe(before[0]);
  expect(await seen(1)).toBe(before[1]);

  const plan = window.getByRole('region', { name: 'Plan' });
  await expect(plan).toContainText('1 change');
  await expect(plan).toContainText('vCPU 0: no pin → 0,16');
  await plan.getByRole('button', { name: 'Review…' }).click();
  const review = window.getByRole('dialog', { name: 'Review 1 change to web-01' });
  await expect(review.getByText('virsh vcpupin web-01 0 0,16 --live --config')).toBeVisible();
  await expect(review.getByRole('figure')).toContainText("+     <vcpupin vcpu='0' cpuset='0,16'/>");
  await review.getByRole('button', { name: 'Apply 1 change' }).click();
  await expect(review.getByText('Applied, and the host shows it.')).toBeVisible();
  await review.getByRole('button', { name: 'Close' }).click();
  await expect(plan).toBeHidden();
  await expect(field).toHaveValue('0,16');

  await window.getByRole('tab', { name: 'History' }).click();
  const history = window.getByRole('list', { name: 'History' });
  await history.getByRole('button', { name: /^Undo/ }).first().click();
  const undo = window.getByRole('dialog', { name: /^Undo on web-01/ });
  await undo.getByRole('button', { name: /^Apply/ }).click();
  await expect(undo.getByText('Applied, and the host shows it.')).toBeVisible();
  await undo.getByRole('button', { name: 'Close' }).click();
  await expect(history.getByText('undone', { exact: true })).toBeVisible();
  await window.getByRole('tab', { name: 'CPU' }).click();
  await expect(field).toHaveValue('');
});

test('a pin is set and applied with keys alone', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('grid', { name: /^Pinning/ }).focus();
  await window.keyboard.press('ArrowDown');
  await window.keyboard.press('ArrowRight');
  await expect(window.getByRole('gridcell', { name: 'vCPU 1, CPU 16: not pinned' })).toBeAttached();
  await window.keyboard.press('Shift+Space');
  await expect(window.getByRole('gridcell', { name: 'vCPU 1, CPU 16: pinned, edited' })).toBeAttached();
  await expect(window.getByRole('textbox', { name: 'CPUs of vCPU 1' })).toHaveValue('0,16');
  await window.keyboard.press('Control+Enter');
  const apply = window.getByRole('button', { name: 'Apply 1 change' });
  await expect(apply).toBeFocused();
  await expect(apply).toHaveCSS('outline-style', 'solid');
  await window.keyboard.press('Enter');
  await expect(window.getByText('Applied, and the host shows it.')).toBeVisible();
  await expect(window.getByRole('button', { name: 'Close' })).toBeFocused();
  await window.keyboard.press('Enter');
  await expect(window.getByRole('dialog')).toHaveCount(0);
});

test('what applies now and what applies after a restart are edited apart', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('button', { name: 'After restart', exact: true }).click();
  await window.getByRole('textbox', { name: 'CPUs of emulator' }).fill('1-4,^2');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('textbox', { name: 'CPUs of emulator' })).toHaveValue('1,3-4');
  await expect(window.getByRole('region', { name: 'Plan' })).toContainText('1 at next start');
  await window.getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(window.getByText('Applied, and the host shows it.')).toBeVisible();
  await window.getByRole('button', { name: 'Close' }).click();
  await expect(window.getByText('1 pending restart')).toBeVisible();
  await window.getByRole('button', { name: 'Now', exact: true }).click();
  await expect(window.getByRole('textbox', { name: 'CPUs of emulator' })).toHaveValue('');
});

test('values that cannot be are refused at their field, before the host is asked', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('textbox', { name: 'CPUs of vCPU 0' }).fill('0-99');
  await expect(window.getByRole('alert')).toContainText('The host has no CPUs 32-99');
  await window.keyboard.press('Escape');
  await window.getByRole('textbox', { name: 'CPU shares, now' }).fill('0');
  await expect(window.getByText(/CPU shares go from 2 to 10000/)).toBeVisible();
  await expect(window.getByRole('region', { name: 'Plan' })).toBeHidden();
});

test('edits stay while one looks elsewhere, and can be dropped', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('textbox', { name: 'CPU shares, after restart' }).fill('300');
  const plan = window.getByRole('region', { name: 'Plan' });
  await expect(plan).toContainText('1 change');
  await window.getByRole('link', { name: 'History' }).click();
  await expect(window.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
  await window.goBack();
  await expect(plan).toContainText('CPU shares');
  await plan.getByRole('button', { name: 'Discard' }).click();
  await expect(plan).toBeHidden();
});

test('the commands of a plan can be copied', async ({ window, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('textbox', { name: 'CPU shares, now' }).fill('300');
  await window.getByRole('button', { name: 'Review…' }).click();
  await window.getByRole('button', { name: 'Copy commands' }).click();
  await expect(window.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await window.evaluate(() => navigator.clipboard.readText())).toContain('virsh schedinfo web-01 --set cpu_shares=300 --live');
});
