// Real guests' displays and serial lines in the window, over every way to their host: the picture is the one that virsh has, and what is typed arrives.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright/test';
import { restartLibvirtd } from '../lab/daemon.ts';
import { startToShell, stopGuest } from '../lab/guests.ts';
import { alike, pngPixels } from '../lab/png.ts';
import type { Lab, LabDaemon } from '../lab/state.ts';
import { startTinyGuest, typewriter } from '../lab/tiny-guests.ts';
import { labDown } from '../lab/tier1.ts';
import { connectionsTo, virsh } from '../lab/witness.ts';
import { flowLab } from './flow-lab.ts';
import { addHost, expect, openGuest, pictures, row, test } from './program.ts';

const picture = pictures('consoles-real');
const password = 'Geheim12';
let lab: Lab;

const uris = {
  unix: ({ unix }: LabDaemon) => `qemu:///system?socket=${unix.socket}`,
  ssh: ({ ssh }: LabDaemon) => `qemu+ssh://${ssh.user}@${ssh.host}:${ssh.port}/system?keyfile=${ssh.keyFile}`,
  tls: ({ tls }: LabDaemon) => tls.uri,
} as const;

interface Consoles {
  readonly display: Locator;
  readonly serial: Locator;
}

/** Adds the host and opens the guest's consoles: its display is shown. */
const openConsoles = async (window: Page, way: keyof typeof uris, guest: string): Promise<Consoles> => {
  await addHost(window, uris[way](lab));
  if (way === 'ssh') await window.getByRole('dialog', { name: 'Is this the right host?' }).getByRole('button', { name: 'Accept always' }).click();
  await expect(window.getByRole('heading', { name: 'CPUs and pinned guests' })).toBeVisible();
  await window.getByRole('link', { name: /^All guests/ }).click();
  await expect(row(window, guest)).toContainText('Running');
  await openGuest(window, guest, 'Console');
  return { display: window.getByRole('region', { name: 'Display' }), serial: window.getByRole('region', { name: 'Serial 0' }) };
};

const connected = async ({ display, serial }: Consoles): Promise<void> => {
  await expect(display.getByRole('status').first()).toHaveText('connected');
  await expect(serial.getByRole('status')).toHaveText('connected');
};
const screenOf = ({ display }: Pick<Consoles, 'display'>): Locator => display.locator('canvas:not([hidden])').first();
/** Shows the serial line beside the display. */
const withSerial = async (window: Page, consoles: Consoles): Promise<void> => {
  // It takes the keyboard when its picture begins.
  await expect(screenOf(consoles)).not.toHaveJSProperty('width', 0);
  await window.getByRole('button', { name: 'Serial 0' }).click();
  await connected(consoles);
};
const linesOf = ({ serial }: Consoles): Locator => serial.locator('.xterm-rows');

/** Types as a hand does it, into what has the keyboard. */
const typeOnScreen = async (window: Page, consoles: Consoles, text: string): Promise<void> => {
  await screenOf(consoles).click();
  await expect(consoles.display.getByText('Keys go to the guest.')).toBeVisible();
  await window.keyboard.type(text);
};

/** Has a text typed key by key by the page, as what was copied elsewhere is. */
const paste = async (window: Page, { display }: Consoles, guest: string, text: string, name = ''): Promise<void> => {
  await display.getByRole('button', { name: 'Type text…' }).click();
  const dialog = window.getByRole('dialog', { name: `Type a text into ${guest}` });
  await dialog.getByRole('textbox', { name: 'Text' }).fill(text);
  if (name !== '') await picture(window, name);
  await dialog.getByRole('button', { name: 'Type', exact: true }).click();
  // Not faster than guests take it.
  await expect(dialog).toBeHidden({ timeout: 60_000 });
};

/** What is on the page is what virsh has a picture of. */
const isAsVirshSees = async (consoles: Consoles, guest: string): Promise<void> => {
  const file = join(lab.dir, 'images', `${guest}.shown.png`);
  await expect.poll(async () => {
    await virsh(lab, 'screenshot', guest, '--file', file);
    const url = await screenOf(consoles).evaluate((element) => (element instanceof HTMLCanvasElement ? element.toDataURL('image/png') : ''));
    return alike(pngPixels(Buffer.from(url.split(',')[1] ?? '', 'base64')), pngPixels(await readFile(file)));
  }).toBeGreaterThan(0.999);
};

test.describe('Consoles of real guests', () => {
  test.describe.configure({ mode: 'default' });
  test.beforeAll(async () => {
    lab = await flowLab('flows-consoles');
    await Promise.all([
      startTinyGuest(lab, 'locked', typewriter, `<graphics type='vnc' passwd='${password}'><listen type='socket'/></graphics>`),
      startToShell(lab, 'lab-one'),
    ]);
  });
  test.afterAll(async () => {
    if (lab !== undefined) await labDown();
  });

  for (const way of ['unix', 'tls'] as const) {
    test(`are seen, typed into and pasted into over ${way}`, async ({ window }) => {
      const consoles = await openConsoles(window, way, 'lab-one');
      await withSerial(window, consoles);
      await consoles.serial.getByRole('textbox', { name: /^Serial 0 of/ }).focus();
      await window.keyboard.type(`(for n in 1 2; do read -r line </dev/tty1; echo heard-$line; done) & echo ${way}-$((6*7))\n`);
      await expect(linesOf(consoles)).toContainText(`${way}-42`);
      await typeOnScreen(window, consoles, 'this\n');
      await expect(linesOf(consoles)).toContainText('heard-this');
      await paste(window, consoles, 'lab-one', 'that {~}\n');
      await expect(linesOf(consoles)).toContainText('heard-that {~}');
      await isAsVirshSees(consoles, 'lab-one');
    });
  }

  test('hand what is copied here to QEMU, which hands it to all that share the clipboard of the guest', async ({ window, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { display } = await openConsoles(window, 'unix', 'lab-one');
    const other = await context.newPage();
    // Both pages have one clipboard; what the other one was handed is known by what it writes there.
    await other.addInitScript(() => {
      const handed: string[] = [];
      navigator.clipboard.writeText = async (text) => void handed.push(text);
      Object.assign(window, { handed });
    });
    await other.goto(window.url());
    const share = async (shown: Locator): Promise<void> => {
      await expect(shown.getByRole('status').first()).toHaveText('connected');
      await shown.getByRole('button', { name: 'Share the clipboard' }).click();
    };
    await share(other.getByRole('region', { name: 'Display' }));
    await window.bringToFront();
    await window.evaluate(async () => await navigator.clipboard.writeText('Grüße ✓'));
    await screenOf({ display }).click();
    await share(display);
    await expect.poll(async () => await other.evaluate(() => (window as unknown as { readonly handed: readonly string[] }).handed)).toEqual(['Grüße ✓']);
  });

  test('are seen, typed into and pasted into over one SSH connection, and come back with the guest', async ({ window }) => {
    test.setTimeout(90_000);
    const consoles = await openConsoles(window, 'ssh', 'lab-one');
    const { display, serial } = consoles;
    await withSerial(window, consoles);

    // A shell on the screen, started from the shell on the serial line.
    await serial.getByRole('textbox', { name: /^Serial 0 of/ }).focus();
    await window.keyboard.type("setsid sh -c 'exec sh </dev/tty1 >/dev/tty1 2>&1' & echo serial-$((6*7))\n");
    await expect(linesOf(consoles)).toContainText('serial-42');

    await typeOnScreen(window, consoles, 'echo typed by hand ');
    // With Shift, which the guest is to see as well.
    await window.keyboard.press('Shift+Period');
    await window.keyboard.type('/dev/tty');
    await window.keyboard.press('Shift+KeyS');
    await window.keyboard.type('0\n');
    await expect(linesOf(consoles)).toContainText('typed by hand');
    await window.keyboard.press('Control+Alt+Shift');
    await expect(display.getByText('Keys go to the guest.')).toBeHidden();

    await paste(window, consoles, 'lab-one', 'echo "Pasted {$((8*8))} ~|@" | tee /dev/ttyS0\n', '1-type');
    await expect(linesOf(consoles)).toContainText('Pasted {64} ~|@');
    await picture(window, '2-both');
    await isAsVirshSees(consoles, 'lab-one');

    expect(await connectionsTo(lab.ssh.port)).toBe(1);

    await stopGuest(lab, 'lab-one');
    await expect(display.getByRole('status').first()).toHaveText('waiting for the guest');
    await expect(display.getByRole('img', { name: 'Last picture of lab-one' })).toBeVisible();
    await picture(window, '3-off');
    await virsh(lab, 'start', 'lab-one');
    await connected(consoles);
    await picture(window, '4-back');
  });

  test('ask for the password of a display on a UNIX socket, keep its last picture while libvirtd is gone, and come back with it', async ({ window }) => {
    const consoles = await openConsoles(window, 'ssh', 'locked');
    const { display, serial } = consoles;
    const question = window.getByRole('dialog', { name: 'Display of locked' });
    await question.getByLabel('Password of the display').fill(password);
    await question.getByRole('checkbox', { name: 'Remember' }).check();
    await picture(window, '5-password');
    await question.getByRole('button', { name: 'Answer' }).click();
    // A dialog that closes gives the keyboard back to where it was.
    await expect(question).toBeHidden();
    await withSerial(window, consoles);
    await typeOnScreen(window, consoles, 'let in');
    await expect(linesOf(consoles)).toContainText('let in');
    await isAsVirshSees(consoles, 'locked');

    process.kill(lab.pids.libvirtd, 'SIGKILL');
    await expect(display.getByRole('status').first()).toHaveText('waiting for the guest');
    await expect(serial.getByRole('status')).toHaveText('waiting for the guest');
    const last = display.getByRole('img', { name: 'Last picture of locked' });
    await expect(last).toBeVisible();
    await expect(display.locator(':scope > div', { has: window.getByRole('img', { name: 'Last picture of locked' }) })).toHaveCSS('filter', 'grayscale(1)');
    await picture(window, '6-away');
    lab = { ...lab, ...(await restartLibvirtd(lab)) };
    await connected(consoles);
    await typeOnScreen(window, consoles, ' again');
    await expect(linesOf(consoles)).toContainText('let in again');
    await picture(window, '7-here');
  });
});
