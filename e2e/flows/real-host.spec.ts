// A newcomer and a real libvirtd: adding it over SSH, starting a guest, pinning it, undoing, losing the host; and hosts that are not who they should be.
import { join } from 'node:path';
import { restartLibvirtd } from '../lab/daemon.ts';
import { stopGuest } from '../lab/guests.ts';
import { mustRun } from '../lab/processes.ts';
import type { Lab } from '../lab/state.ts';
import { labDown } from '../lab/tier1.ts';
import { qemuThreads, virsh } from '../lab/witness.ts';
import { flowLab } from './flow-lab.ts';
import { addHost, expect, openGuest, pictures, row, test } from './program.ts';

const picture = pictures('real');

let lab: Lab;

const pinned = async (which: '--live' | '--config'): Promise<string | undefined> => /^ 1\s+(\S+)$/m.exec(await virsh(lab, 'vcpupin', 'lab-one', which))?.[1];
const threadOfVcpu1 = async (): Promise<string | undefined> => (await qemuThreads(lab, 'lab-one')).find(({ comm }) => comm.startsWith('CPU 1/'))?.cpusAllowed;
const sshUri = (): string => `qemu+ssh://${lab.ssh.user}@${lab.ssh.host}:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}`;

test.describe('A real host', () => {
  // One lab for all, in the order written, and none of it beside another.
  test.describe.configure({ mode: 'default' });

  test.beforeAll(async () => {
    lab = await flowLab('flows');
  });
  test.afterAll(async () => {
    if (lab !== undefined) await labDown();
  });

  test('is added over SSH, its guest started, pinned by keys, undone, and its daemon lost and found again', async ({ window }) => {
    const dialog = await addHost(window, sshUri());
    await expect(dialog.getByLabel('Host name or address')).toHaveValue('127.0.0.1');
    const question = window.getByRole('dialog', { name: 'Is this the right host?' });
    const shown = await question.getByText(/^SHA256:/).innerText();
    const prints = await Promise.all(lab.ssh.hostKeyFiles.map((file) => mustRun('ssh-keygen', ['-l', '-f', `${file}.pub`])));
    expect(prints.map((line) => line.split(' ')[1])).toContain(shown);
    await expect(question.getByRole('button', { name: 'Refuse' })).toBeFocused();
    await picture(window, '1-host-key');
    await question.getByRole('button', { name: 'Accept always' }).click();
    await expect(window.getByRole('heading', { name: 'CPUs and pinned guests' })).toBeVisible();
    const stages = window.getByRole('list', { name: 'Stages of connecting' });
    await expect(stages.getByRole('listitem').filter({ hasText: 'Host key' })).toContainText(shown);
    await expect(stages.getByRole('listitem').filter({ hasText: 'Login' })).toContainText('root');
    await picture(window, '2-host');

    await window.getByRole('link', { name: /^All guests/ }).click();
    for (const { name } of lab.guests) await expect(row(window, name)).toContainText('Shut off');
    await picture(window, '3-fleet');
    await openGuest(window, 'lab-one', 'CPU');
    await window.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(window.getByRole('button', { name: 'Shut down', exact: true })).toBeVisible();
    // The state comes with an event, the definition a call later: until then only what is after a restart is edited.
    await expect(window.getByRole('button', { name: 'Both', exact: true })).toBeEnabled();

    // vCPU 1 to CPU 1, and to nothing else.
    await window.getByRole('grid', { name: /^Pinning/ }).focus();
    await window.keyboard.press('ArrowDown');
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('Space');
    await expect(window.getByRole('textbox', { name: 'CPUs of vCPU 1' })).toHaveValue('1');
    await picture(window, '4-cpu');
    await window.keyboard.press('Control+Enter');
    await expect(window.getByText('virsh vcpupin lab-one 1 1 --live --config')).toBeVisible();
    await expect(window.getByRole('button', { name: 'Apply 1 change' })).toBeFocused();
    await picture(window, '5-review');
    await window.keyboard.press('Enter');
    await expect(window.getByText('Applied, and the host shows it.')).toBeVisible();
    await picture(window, '6-applied');
    expect([await pinned('--live'), await pinned('--config'), await threadOfVcpu1()]).toEqual(['1', '1', '1']);
    await window.keyboard.press('Enter');

    await window.getByRole('tab', { name: 'History' }).click();
    await window.getByRole('list', { name: 'History' }).getByRole('button', { name: /^Undo: .*1/ }).first().click();
    const undo = window.getByRole('dialog', { name: /^Undo on lab-one/ });
    await undo.getByRole('button', { name: /^Apply/ }).click();
    await expect(undo.getByText('Applied, and the host shows it.')).toBeVisible();
    await picture(window, '7-undone');
    expect([await pinned('--live'), await pinned('--config'), await threadOfVcpu1()]).not.toContain('1');
    await undo.getByRole('button', { name: 'Close' }).click();

    await window.getByRole('link', { name: /^All guests/ }).click();
    process.kill(lab.pids.libvirtd, 'SIGKILL');
    await expect(row(window, 'lab-one')).toContainText(/seen/);
    await expect(row(window, 'db-primary')).toContainText('Running');
    await picture(window, '8-lost');
    await window.getByRole('list', { name: 'Hosts' }).getByRole('link', { name: /127\.0\.0\.1/ }).click();
    await expect(window.getByRole('heading', { name: 'Connection lost' })).toBeVisible();
    await picture(window, '9-lost-host');
    lab = { ...lab, ...(await restartLibvirtd(lab)) };
    await window.getByRole('link', { name: /^All guests/ }).click();
    await expect(row(window, 'lab-one')).toContainText('Running');
    await expect(row(window, 'lab-two')).toContainText('Shut off');
    // What comes back is followed again.
    await stopGuest(lab, 'lab-one');
    await expect(row(window, 'lab-one')).toContainText('Shut off');
  });

  test('whose key has changed is refused, with the line that says so and both fingerprints', async ({ window }) => {
    const known = lab.ssh.knownHostsChanged;
    const dialog = await addHost(window, `${sshUri()}&known_hosts=${known}`);
    const refusal = dialog.getByRole('alert');
    await expect(refusal).toContainText('Failed at: Host key');
    await expect(refusal).toContainText(`${known} line 1`);
    const before = (await mustRun('ssh-keygen', ['-l', '-f', join(known, '..', 'changed_host.pub')])).split(' ')[1] ?? 'none';
    await expect(refusal).toContainText(before);
    const now = await Promise.all(lab.ssh.hostKeyFiles.map(async (file) => (await mustRun('ssh-keygen', ['-l', '-f', `${file}.pub`])).split(' ')[1] ?? 'none'));
    const words = await refusal.innerText();
    expect(now.filter((print) => words.includes(print))).toHaveLength(1);
    await refusal.getByRole('button', { name: 'How to remove the old key…' }).click();
    await expect(window.getByRole('region', { name: 'Command' })).toHaveText(`ssh-keygen -R '[127.0.0.1]:${lab.ssh.port}' -f ${known}`);
    await picture(window, '10-changed-key');
  });

  test('whose certificate is of a foreign authority is refused at that stage', async ({ window }) => {
    const dialog = await addHost(window, `qemu+tls://${lab.tls.host}:${lab.tls.port}/system?pkipath=${lab.tls.foreignPkiDir}`);
    await expect(dialog.getByRole('alert')).toContainText('Failed at: Certificate');
    await expect(dialog.getByRole('alert')).toContainText('was not signed by the authority in');
    await picture(window, '11-foreign-certificate');
  });
});
