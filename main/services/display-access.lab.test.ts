// Who gets in to real guests' displays: passwords that are set while they run, a viewer of SPICE by a port of this computer; and what nobody gets in to.
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { mustRun, run } from '../../e2e/lab/processes.ts';
import { startDisplayGuests, writeKnownHosts } from '../../e2e/lab/display-guests.ts';
import { alike, partLike, pngPixels } from '../../e2e/lab/png.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { connectionsTo, virsh } from '../../e2e/lab/witness.ts';
import { startXDisplay } from '../../e2e/lab/x-display.ts';
import { displaysOf, withVnc } from '../../app/xml/displays.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { hostLinesOf, serialLinesOf } from '../../app/xml/serial-lines.ts';
import { answering, asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import { opening } from './page-channels.test-peer.ts';

const name = 'display-access';
const [secret, fresh] = ['Geheim12', 'Neu12345'];
let lab: LabDaemon;
let folder: string;

/** A channel that is a terminal of the host. */
const terminal = "<channel type='pty'><target type='virtio' name='org.example.log'/></channel>";
const displays = {
  bare: '',
  open: `<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>${terminal}`,
  locked: `<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='${secret}'/>`,
  spice: `<graphics type='spice' port='-1' autoport='yes' listen='127.0.0.1' passwd='${secret}'/>`,
} as const;
type Guest = keyof typeof displays;
const uuids: Readonly<Record<Guest, string>> = { bare: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00103', open: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00100', locked: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00101', spice: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00102' };

beforeAll(async () => {
  lab = await extraDaemon(name);
  folder = await mkdtemp(join(tmpdir(), 'gd-display-access-'));
  await mkdir(join(folder, '.ssh'), { mode: 0o700 });
  await writeKnownHosts(lab, join(folder, '.ssh', 'known_hosts'));
  await startDisplayGuests(lab, folder, displays, uuids);
}, 120_000);
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

const start = async (answers: readonly QuestionAnswer[] = [], env: Readonly<Record<string, string | undefined>> = {}) => {
  const dataFolder = await mkdtemp(join(folder, 'data-'));
  const main = await createMain({ dataFolder, shell: 'web', version: 'test', home: folder, env: { PATH: process.env['PATH'], ...env } });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const asked = answering(main, ask, answers);
  const { id: host } = await ask('connections', 'add', { uri: `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}`, name: 'Host', autoConnect: false });
  await ask('connections', 'connect', { id: host });
  const open = opening(main);
  return { ask, host, asked, dataFolder, open, screen: (guest: Guest, display = 0) => open('consoles', 'screen', { host, uuid: uuids[guest], display }) };
};

const answer = (password: string): QuestionAnswer => ({ kind: 'prompts', answers: [password] });
const setPassword = { display: 0, until: null, saved: false } as const;

it('sets a password while its guest runs: the old one is refused at once, and every one once its time is over; nothing written down has it', async () => {
  const { ask, host, screen, asked, dataFolder } = await start([answer(secret), { kind: 'declined' }, answer(fresh), answer(fresh), answer(fresh), answer(fresh)]);
  const uuid = uuids.locked;
  await ask('consoles', 'setDisplayPassword', { ...setPassword, host, uuid, password: fresh, saved: true });
  const refused = screen('locked');
  await expect.poll(() => refused.ended()).toMatchObject({ code: 'cancelled' });
  expect(asked).toMatchObject([{ kind: 'prompts' }, { kind: 'prompts', again: true }]);
  const shown = screen('locked');
  await expect.poll(() => [shown.opened(), shown.ended()]).toEqual([true, undefined]);
  expect(await virsh(lab, 'dumpxml', 'locked', '--inactive', '--security-info')).toContain(`passwd='${fresh}'`);
  await ask('consoles', 'setDisplayPassword', { ...setPassword, host, uuid, password: fresh, until: Date.now() - 60_000 });
  expect((await ask('guests', 'describe', { host, uuid })).liveXml).toMatch(/<graphics type='vnc'[^>]* passwdValidTo='20/);
  const late = screen('locked');
  await expect.poll(() => late.ended()).toMatchObject({ code: 'auth-failed' });
  expect(shown.ended()).toBeUndefined();
  expect((await ask('history', 'list', { host })).map(({ title, outcome }) => [title, outcome])).toEqual([['Set the password of display 0', 'complete'], ['Set the password of display 0', 'complete']]);
  const { code } = await run('grep', ['-rqE', `${fresh}|${secret}`, dataFolder]);
  expect(code).toBe(1);
});

it('sets none that the protocol or the display has no room for, and says so', async () => {
  const { ask, host } = await start();
  await expect(ask('consoles', 'setDisplayPassword', { ...setPassword, host, uuid: uuids.locked, password: 'nine sign' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'password' } });
  // QEMU asks for none where there was none at its start, and takes none.
  await expect(ask('consoles', 'setDisplayPassword', { ...setPassword, host, uuid: uuids.open, password: fresh, saved: true })).rejects.toMatchObject({ refusal: { code: 'libvirt', remedy: expect.stringContaining('The saved definition has it now.') } });
  expect(await virsh(lab, 'dumpxml', 'open', '--inactive', '--security-info')).toContain(`passwd='${fresh}'`);
});

it('names a channel that is a terminal of the host, which libvirt opens in neither way', async () => {
  const { ask, host, open } = await start();
  const uuid = uuids.open;
  const live = DomainXml.parse((await ask('guests', 'describe', { host, uuid })).liveXml ?? '');
  expect([hostLinesOf(live), serialLinesOf(live)]).toEqual([[{ label: 'org.example.log', path: expect.stringMatching(/^\/dev\/pts\/\d+$/) }], []]);
  for (const kind of ['channel', 'console'] as const) {
    const line = open('consoles', 'serial', { host, uuid, device: 'channel0', kind, force: false });
    await expect.poll(() => line.ended()).toMatchObject({ code: 'libvirt' });
  }
});

/** How a client of SPICE begins: https://www.spice-space.org/spice-protocol.html, the main channel of a new session, nothing asked for. */
const spiceLink = Buffer.from(['REDQ', '02000000', '02000000', '12000000', '00000000', '01', '00', '00000000', '00000000', '12000000'].map((part, at) => (at === 0 ? Buffer.from(part).toString('hex') : part)).join(''), 'hex');

it('leads a viewer to a SPICE display by a port of this computer, over SSH, and starts the viewer with all it needs but a file', async () => {
  const bin = join(folder, 'bin');
  const told = join(folder, 'told.vv');
  await mkdir(bin);
  // The viewer's stand-in: it keeps what it is told, and stays until it is ended.
  await writeFile(join(bin, 'remote-viewer'), `#!/bin/sh\ncat > ${told}.part; mv ${told}.part ${told}; exec sleep 60\n`, { mode: 0o755 });
  const { ask, host } = await start([], { PATH: `${bin}:${process.env['PATH']}` });
  const wish = { host, uuid: uuids.spice, display: 0 };
  const { file } = await ask('consoles', 'openViewer', { ...wish, start: false });
  const port = Number(/^port=(\d+)$/m.exec(file ?? '')?.[1]);
  expect(file).toBe(`[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport=${port}\ntitle=spice\ndelete-this-file=1\n`);
  const viewer = connect(port, '127.0.0.1');
  viewer.write(spiceLink);
  expect(String(await once(viewer, 'data')).slice(0, 4)).toBe('REDQ');
  expect(await connectionsTo(lab.ssh.port)).toBe(1);
  viewer.destroy();
  await expect.poll(async () => await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve).once('connect', () => resolve(null)))).toMatchObject({ code: 'ECONNREFUSED' });
  expect(await ask('consoles', 'openViewer', { ...wish, start: true })).toEqual({ file: null });
  await expect.poll(async () => await readFile(told, 'utf8').catch(() => '')).toMatch(new RegExp(`^\\[virt-viewer\\]\ntype=spice\nhost=127.0.0.1\nport=\\d+\ntitle=spice\npassword=${secret}\n$`));
  await expect(ask('consoles', 'openViewer', { ...wish, uuid: uuids.open, start: true })).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  const without = await start([], { PATH: folder });
  await expect(without.ask('consoles', 'openViewer', { ...wish, host: without.host, start: true })).rejects.toMatchObject({ refusal: { code: 'unreachable', message: 'remote-viewer is not installed on this computer.' } });
});

it('is seen in remote-viewer itself, which comes by the one SSH connection, and whose end closes its port', async () => {
  const desktop = await startXDisplay(folder);
  onTestFinished(desktop.stop);
  const { ask, host } = await start([], { HOME: folder, DISPLAY: desktop.name });
  const channels = async (): Promise<readonly string[]> => [...(await virsh(lab, 'qemu-monitor-command', 'spice', '--hmp', 'info spice')).matchAll(/channel name: (\w+)/g)].map(([, channel = '']) => channel).toSorted();
  const listening = async (): Promise<number> => (await mustRun('ss', ['-Htlnp'])).split(`pid=${process.pid},`).length - 1;
  expect([await channels(), await listening()]).toEqual([[], 0]);
  const shown = join(folder, 'spice.png');
  await ask('consoles', 'openViewer', { host, uuid: uuids.spice, display: 0, start: true });
  await expect.poll(channels).toEqual(['cursor', 'display', 'inputs', 'main']);
  await expect.poll(async () => {
    await virsh(lab, 'screenshot', 'spice', '--file', shown);
    const screen = pngPixels(await readFile(shown));
    const seen = partLike(await desktop.picture(), screen);
    return seen === undefined ? 0 : alike(seen, screen);
  }).toBeGreaterThan(0.99);
  expect(await connectionsTo(lab.ssh.port)).toBe(1);
  expect(await listening()).toBe(1);
  await mustRun('pkill', ['-P', String(process.pid), '-x', 'remote-viewer']);
  await expect.poll(async () => [await channels(), await listening()]).toEqual([[], 0]);
});

it('gives guests without a display, or with SPICE alone, a VNC display by a plan, which is seen after a restart', async () => {
  const { ask, host, screen } = await start();
  await Promise.all((['bare', 'spice'] as const).map(async (guest) => {
    const wish = { host, uuid: uuids[guest] };
    const { savedXml: from, basis } = await ask('tuning', 'read', wish);
    if (from === null) throw new Error('nothing is saved');
    const wanted = { definition: { from, to: withVnc(DomainXml.parse(from)).text(), validate: true } };
    expect(await ask('tuning', 'apply', { ...wish, wanted, basis })).toMatchObject({ outcome: 'complete' });
    await virsh(lab, 'destroy', guest);
    await virsh(lab, 'start', guest);
    expect(await virsh(lab, 'dumpxml', guest)).toContain('<video>');
    const { liveXml } = await ask('guests', 'describe', wish);
    const shown = screen(guest, displaysOf(DomainXml.parse(liveXml ?? '')).find(({ type }) => type === 'vnc')?.index);
    await expect.poll(() => [shown.opened(), shown.ended()]).toEqual([true, undefined]);
  }));
});
