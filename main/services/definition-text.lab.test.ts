// A running guest's saved definition written as a text on a real libvirtd: its VNC password stays, what libvirt refuses is found in the text, and virsh's work is never overwritten.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import { errorPlace } from '../../app/xml/error-place.ts';
import { stopGuest } from '../../e2e/lab/guests.ts';
import { type LabMain, labMain } from '../../e2e/lab/lab-main.ts';
import { virsh } from '../../e2e/lab/witness.ts';

const guest = 'texted';
const password = 'vnc-4f1c';
const sound = "<sound model='ac97'/>";
const definition = (type: string): string => `<domain type='${type}'>
  <name>${guest}</name>
  <memory unit='MiB'>32</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='${password}' passwdValidTo='2038-01-01T00:00:00'/>
    <video><model type='vga'/></video>
  </devices>
</domain>
`;

let at: LabMain;
let uuid: string;
beforeAll(async () => {
  at = await labMain(async (lab, folder) => {
    const file = join(folder, 'texted.xml');
    await writeFile(file, definition(lab.accelerator === 'kvm' ? 'kvm' : 'qemu'));
    await virsh(lab, 'define', file);
    await stopGuest(lab, guest);
    await virsh(lab, 'start', guest);
  });
  uuid = at.uuidOf(guest);
});
afterAll(async () => {
  await stopGuest(at.lab, guest);
  await virsh(at.lab, 'undefine', guest);
  await at.close();
});

const dump = async (...flags: readonly string[]): Promise<string> => await virsh(at.lab, 'dumpxml', guest, ...flags);
const graphicsIn = (xml: string): string => /<graphics [^>]*>/.exec(xml)?.[0] ?? '';
const read = async (): Promise<Reading> => await at.ask('tuning', 'read', { host: at.host, uuid });
const withDevice = (xml: string, device: string): string => xml.replace('  </devices>', `    ${device}\n  </devices>`);
const edit = async (change: (xml: string) => string, validate = true): Promise<Applied & { readonly text: string; readonly from: string }> => {
  const { savedXml, basis } = await read();
  const from = savedXml ?? '';
  const text = change(from);
  return { ...(await at.ask('tuning', 'apply', { host: at.host, uuid, basis, wanted: { definition: { from, to: text, validate } } })), text, from };
};
const undo = async (id: string | null): Promise<Applied> => {
  const { wanted, basis } = await at.ask('history', 'undo', { id: id ?? '' });
  return await at.ask('tuning', 'apply', { host: at.host, uuid, wanted, basis });
};

it('keeps the VNC password in what is saved and what runs, shows it nowhere, and is undone to the byte', async () => {
  const [saved, live] = [await dump('--security-info', '--inactive'), await dump('--security-info')];
  expect([graphicsIn(saved).includes(`passwd='${password}'`), (await read()).savedXml?.includes(password)]).toEqual([true, false]);

  const applied = await edit((xml) => withDevice(xml, sound));
  expect([applied.outcome, applied.steps.map(({ virsh: command }) => command)]).toEqual(['complete', [`virsh define --validate ./${guest}.xml`]]);
  const after = await dump('--security-info', '--inactive');
  expect([after.includes("<sound model='ac97'"), graphicsIn(after)]).toEqual([true, graphicsIn(saved)]);
  // The guest runs on as it was.
  expect(graphicsIn(await dump('--security-info'))).toBe(graphicsIn(live));
  expect(await dump()).not.toContain('<sound');

  const undone = await undo(applied.entry);
  expect([undone.outcome, await dump('--security-info', '--inactive')]).toEqual(['complete', saved]);
  expect((await at.ask('history', 'list', { host: at.host, uuid, limit: 1 }))[0]).toMatchObject({ kind: 'undo', undoes: applied.entry });
  expect(JSON.stringify(await at.ask('history', 'export', { as: 'json' }))).not.toContain(password);
});

it('is confirmed where libvirt gives addresses, names and defaults of its own to what the text brings', async () => {
  const applied = await edit((xml) => withDevice(withDevice(withDevice(xml, "<watchdog model='i6300esb'/>"), "<interface type='user'><model type='virtio'/></interface>"), "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>")
    .replace(/<vcpu .*<\/vcpu>/, "<vcpu>2</vcpu>\n  <cputune><shares>400</shares></cputune>"));
  expect([applied.outcome, applied.unconfirmed, applied.reading.saved?.cpuShares['']]).toEqual(['complete', [], 400]);
  const saved = await dump('--inactive');
  expect([/<mac address='52:54:00/.test(saved), /<watchdog[^]*<address type='pci'/.test(saved)]).toEqual([true, true]);
  expect((await undo(applied.entry)).outcome).toBe('complete');
});

it('comes true with a restart, password and all', async () => {
  const applied = await edit((xml) => withDevice(xml, sound));
  await virsh(at.lab, 'destroy', guest);
  await virsh(at.lab, 'start', guest);
  const live = await dump('--security-info');
  expect([live.includes("<sound model='ac97'"), live.includes(`passwd='${password}'`)]).toEqual([true, true]);
  expect((await undo(applied.entry)).outcome).toBe('complete');
});

it.each([
  ["<watchdog model='bar'/>", true, 'failed to validate'],
  ["<watchdog model='bar'/>", false, "'bar'"],
  ["<disk type='file' device='disk'><source file='/nowhere'/></disk>", false, ''],
])('what libvirt says of %s (validated: %s) is found at its line', async (device, validate, words) => {
  const before = await dump('--security-info', '--inactive');
  const { outcome, steps, text, from } = await edit((xml) => withDevice(xml, device), validate);
  const message = steps[0]?.refusal?.message ?? '';
  expect([outcome, steps[0]?.outcome, message]).toEqual(['put-back', 'failed', expect.stringContaining(words)]);
  expect(text.split('\n')[(errorPlace(message, text, from)?.line ?? 0) - 1]).toContain(device);
  expect(await dump('--security-info', '--inactive')).toBe(before);
});

it('what libvirt does not know is refused by its schema, and without the check dropped, which is told', async () => {
  const foreign = (xml: string): string => xml.replace('  <os>', '  <nothingKnown/>\n  <os>');
  const refused = await edit(foreign);
  expect([refused.steps[0]?.outcome, errorPlace(refused.steps[0]?.refusal?.message ?? '', refused.text, refused.from)?.line]).toEqual(['failed', refused.text.split('\n').indexOf('  <nothingKnown/>') + 1]);
  const dropped = await edit(foreign, false);
  expect([dropped.outcome, dropped.unconfirmed, dropped.reading.savedXml]).toEqual(['unconfirmed', [], dropped.from]);
});

it('is not written over what virsh defined since the text was begun', async () => {
  const { savedXml, basis } = await read();
  const from = savedXml ?? '';
  await virsh(at.lab, 'desc', guest, '--config', 'of somebody else');
  const wanted = { definition: { from, to: withDevice(from, sound), validate: true } };
  await expect(at.ask('tuning', 'apply', { host: at.host, uuid, basis, wanted })).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
  await expect(at.ask('tuning', 'apply', { host: at.host, uuid, basis: (await read()).basis, wanted })).rejects.toMatchObject({ refusal: { code: 'plan-invalid' } });
  const after = await dump('--inactive');
  expect([after.includes('of somebody else'), after.includes('<sound')]).toEqual([true, false]);
});
