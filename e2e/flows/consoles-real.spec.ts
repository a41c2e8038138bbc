// A real guest's display and serial line in the window, over SSH: the picture is the one that virsh has, and what is typed arrives.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuest, stopGuest } from '../lab/guests.ts';
import { alike, pngPixels } from '../lab/png.ts';
import { mustRun } from '../lab/processes.ts';
import type { Lab } from '../lab/state.ts';
import { labDown } from '../lab/tier1.ts';
import { virsh } from '../lab/witness.ts';
import { flowLab } from './flow-lab.ts';
import { addHost, expect, openGuest, pictures, row, test } from './program.ts';

const picture = pictures('consoles-real');
let lab: Lab;

test.describe('Consoles of a real guest', () => {
  test.describe.configure({ mode: 'default' });
  test.beforeAll(async () => {
    lab = await flowLab('flows-consoles');
    await startGuest(lab, 'lab-one');
  });
  test.afterAll(async () => {
    if (lab !== undefined) await labDown();
  });

  test('are seen, typed into and pasted into over one SSH connection, and come back with the guest', async ({ window }) => {
    test.setTimeout(90_000);
    await addHost(window, `qemu+ssh://${lab.ssh.user}@${lab.ssh.host}:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}`);
    await window.getByRole('dialog', { name: 'Is this the right host?' }).getByRole('button', { name: 'Accept always' }).click();
    await expect(window.getByRole('heading', { name: 'CPUs and pinned guests' })).toBeVisible();
    await window.getByRole('link', { name: /^All guests/ }).click();
    await expect(row(window, 'lab-one')).toContainText('Running');
    await openGuest(window, 'lab-one', 'Console');
    const display = window.getByRole('region', { name: 'Display' });
    await expect(display.getByRole('status').first()).toHaveText('connected');
    await window.getByRole('button', { name: 'Serial 0' }).click();
    const serial = window.getByRole('region', { name: 'Serial 0' });
    await expect(serial.getByRole('status')).toHaveText('connected');

    // A shell on the screen, started from the shell on the serial line.
    await serial.getByRole('textbox', { name: /^Serial 0 of/ }).focus();
    await window.keyboard.type("setsid sh -c 'exec sh </dev/tty1 >/dev/tty1 2>&1' & echo serial-$((6*7))\n");
    await expect(serial.locator('.xterm-rows')).toContainText('serial-42');

    const canvas = display.locator('canvas:not([hidden])').first();
    await canvas.click();
    await expect(display.getByText('Keys go to the guest.')).toBeVisible();
    await window.keyboard.type('echo typed by hand ');
    // As a hand does it: with Shift.
    await window.keyboard.press('Shift+Period');
    await window.keyboard.type('/dev/tty');
    await window.keyboard.press('Shift+KeyS');
    await window.keyboard.type('0\n');
    await expect(serial.locator('.xterm-rows')).toContainText('typed by hand');
    await window.keyboard.press('Control+Alt+Shift');
    await expect(display.getByText('Keys go to the guest.')).toBeHidden();

    await display.getByRole('button', { name: 'Type text…' }).click();
    const dialog = window.getByRole('dialog', { name: 'Type a text into lab-one' });
    await dialog.getByRole('textbox', { name: 'Text' }).fill('echo "Pasted {$((8*8))} ~|@" | tee /dev/ttyS0\n');
    await picture(window, '1-type');
    await dialog.getByRole('button', { name: 'Type', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(serial.locator('.xterm-rows')).toContainText('Pasted {64} ~|@');
    await picture(window, '2-both');

    const file = join(lab.dir, 'images', 'shown.png');
    await expect.poll(async () => {
      await virsh(lab, 'screenshot', 'lab-one', '--file', file);
      const url = await canvas.evaluate((element) => (element instanceof HTMLCanvasElement ? element.toDataURL('image/png') : ''));
      return alike(pngPixels(Buffer.from(url.split(',')[1] ?? '', 'base64')), pngPixels(await readFile(file)));
    }).toBeGreaterThan(0.999);

    const sockets = (await mustRun('ss', ['-Htn', 'state', 'established', `( dport = :${lab.ssh.port} )`])).split('\n').filter((line) => line !== '');
    expect(sockets).toHaveLength(1);

    await stopGuest(lab, 'lab-one');
    await expect(display.getByRole('status').first()).toHaveText('waiting for the guest');
    await expect(display.getByRole('img', { name: 'Last picture of lab-one' })).toBeVisible();
    await picture(window, '3-off');
    await virsh(lab, 'start', 'lab-one');
    await expect(display.getByRole('status').first()).toHaveText('connected');
    await expect(serial.getByRole('status')).toHaveText('connected');
    await picture(window, '4-back');
  });
});
