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

test.describe('on a screen with one and a half pixels for each of CSS', () => {
  test.use({ deviceScaleFactor: 1.5 });

  test('a display is typed into and let go of, drawn pixel for pixel or over its place, given other keys, and has a window of its own', async ({ window, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openGuest(window, 'mail', 'Console');
    const display = window.getByRole('region', { name: 'Display' });
    await expect(display.getByRole('status').first()).toHaveText('connected');
    const canvas = display.locator('canvas:not([hidden])').first();
    const pixels = async (): Promise<string> => await canvas.evaluate((element) => (element instanceof HTMLCanvasElement ? element.toDataURL() : ''));
    await canvas.click();
    const before = await pixels();
    await window.keyboard.type('nproc');
    await expect.poll(pixels).not.toBe(before);
    await display.getByRole('button', { name: /^Keys go to the guest/ }).click();
    await expect(display.getByText('Keys go to the guest.')).toBeHidden();

    const drawn = async (): Promise<number> => (await canvas.boundingBox())?.width ?? 0;
    await display.getByRole('button', { name: '1:1' }).click();
    await expect.poll(drawn).toBeCloseTo(640 / 1.5, 1);
    await picture(window, '3-pixel-for-pixel');
    await display.getByRole('button', { name: 'Fill' }).click();
    const room = (await display.boundingBox())?.width ?? 0;
    await expect.poll(drawn).toBeGreaterThan(room - 20);

    const typed = await pixels();
    await display.getByRole('button', { name: 'Press keys' }).click();
    await window.getByRole('menuitem', { name: 'Other keys…' }).click();
    const keys = window.getByRole('dialog', { name: 'Press other keys' });
    await keys.getByRole('textbox', { name: 'Keys' }).fill('Ctrl+Hyper');
    await expect(keys.getByRole('button', { name: 'Press' })).toBeDisabled();
    await keys.getByRole('textbox', { name: 'Keys' }).fill('Shift+K');
    await keys.getByRole('button', { name: 'Press' }).click();
    await expect.poll(pixels).not.toBe(typed);
    await display.getByRole('button', { name: 'Press keys' }).click();
    await expect(window.getByRole('menuitem', { name: 'Shift+K' })).toBeVisible();
    await window.keyboard.press('Escape');

    const opened = window.waitForEvent('popup');
    await window.getByRole('button', { name: 'Own window' }).click();
    const own = await opened;
    await expect(own.getByRole('region', { name: 'Display' }).getByRole('status').first()).toHaveText('connected');
    await expect(own).toHaveTitle('mail · Guestdeck');
    await expect(own.getByRole('button', { name: 'Shut down' })).toBeEnabled();
    await expect(own.getByRole('navigation')).toHaveCount(0);
    await picture(own, '4-own-window');
    await own.close();
    await expect(window.getByText('No console is shown here')).toBeVisible();
  });
});

test('a guest without a display says so, is pictured by libvirt where it has a screen, and gets a display by a plan; a medium is taken out by one', async ({ window }) => {
  await openGuest(window, 'k8s-worker-1', 'Console');
  const tab = window.getByRole('tabpanel');
  await expect(tab).toContainText('This guest has no display: its definition has no graphics.');
  await tab.getByRole('button', { name: 'Add a VNC display…' }).click();
  await expect(tab).toContainText('The saved definition is being edited: the plan below has it.');
  await window.getByRole('button', { name: 'Apply', exact: true }).click();
  const review = window.getByRole('dialog');
  await expect(review).toContainText('Applied');
  await review.getByRole('button', { name: 'Close' }).click();
  await expect(tab).toContainText('Its saved definition has a VNC display, which is there after a restart.');
  await picture(window, '5-no-display');

  await window.getByRole('link', { name: /^All guests/ }).click();
  await openGuest(window, 'win-erp', 'Console');
  await expect(tab).toContainText('The display of this guest speaks SPICE only, which is not shown here.');
  await expect(tab.getByRole('button', { name: 'Open in remote-viewer' })).toBeEnabled();
  await tab.getByRole('button', { name: 'Save a .vv file' }).click();
  await expect(tab).toContainText('Nothing listens there on the demo host.');
  await tab.getByRole('button', { name: 'Take a picture' }).click();
  await expect(tab.getByRole('img', { name: 'Screen of win-erp' })).toBeVisible();
  await tab.getByRole('button', { name: 'Media…' }).click();
  const media = window.getByRole('dialog', { name: 'Media of win-erp' });
  await media.getByRole('button', { name: 'Take out' }).click();
  await picture(window, '6-media');
  await media.getByRole('button', { name: 'Plan the change' }).click();
  await window.getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(window.getByRole('dialog')).toContainText('Applied');
});
