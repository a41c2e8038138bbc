// Real guests' VNC displays over every way to their host: TCP and UNIX sockets, with a password, in TLS with certificates, and the same picture as virsh has.
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import { startDisplayGuests, writeKnownHosts } from '../../e2e/lab/display-guests.ts';
import { moreSshd } from '../../e2e/lab/more-sshd.ts';
import { alike, type Pixels, pngPixels } from '../../e2e/lab/png.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { connectionsTo, virsh } from '../../e2e/lab/witness.ts';
import { answering, asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import { type Heard, opening } from './page-channels.test-peer.ts';

const name = 'displays';
const secret = 'Geheim12';
let lab: LabDaemon;
let folder: string;
/** An sshd that forwards nothing at all. */
let closedPort: number;

/** Guests of the hypervisor alone: the BIOS paints text. */
const displays = {
  open: "<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>",
  socket: "<graphics type='vnc'><listen type='socket'/></graphics>",
  locked: `<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='${secret}'/>`,
  nowhere: "<graphics type='vnc'><listen type='none'/></graphics>",
} as const;
type Guest = keyof typeof displays;
const uuids = Object.fromEntries(Object.keys(displays).map((guest, at) => [guest, `7d1e0001-4b5c-4d6e-8f70-5a1c0de0000${at}`]));

beforeAll(async () => {
  lab = await extraDaemon(name);
  folder = await mkdtemp(join(tmpdir(), 'gd-displays-'));
  await mkdir(join(folder, '.ssh'), { mode: 0o700 });
  await writeKnownHosts(lab, join(folder, '.ssh', 'known_hosts'));
  closedPort = await moreSshd(lab, 'closed', ['UsePAM no', 'AllowTcpForwarding no', 'AllowStreamLocalForwarding no', `AuthorizedKeysFile ${lab.dir}/ssh/authorized_keys`]);
  await startDisplayGuests(lab, folder, displays, uuids);
}, 120_000);
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

const ssh = (port: number, more = ''): string => `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${join(folder, '.ssh', 'known_hosts')}${more}`;
const ways: Readonly<Record<string, () => string>> = {
  unix: () => `qemu:///system?socket=${lab.unix.socket}`,
  ssh: () => ssh(lab.ssh.port),
  'ssh that forwards nothing': () => ssh(closedPort),
  'ssh, by the program': () => ssh(lab.ssh.port, '&command=ssh'),
  'tls, dialled': () => `qemu+tls://127.0.0.1:${lab.tls.port}/system?pkipath=${lab.tls.pkiDir}`,
};

const start = async (uri: string, answers: readonly QuestionAnswer[] = [], remember = false) => {
  const main = await createMain({ dataFolder: await mkdtemp(join(folder, 'data-')), shell: 'web', version: 'test', home: folder, env: { PATH: process.env['PATH'] } });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const asked = answering(main, ask, answers, remember);
  const { id: host } = await ask('connections', 'add', { uri, name: 'Host', autoConnect: false });
  await ask('connections', 'connect', { id: host });
  const open = opening(main);
  return { ask, host, asked, screen: (guest: Guest) => open('consoles', 'screen', { host, uuid: uuids[guest] ?? '', display: 0 }) };
};

/** What a VNC client says and hears up to one whole picture, as raw RGB. */
const picture = async (screen: Heard): Promise<{ readonly width: number; readonly height: number; readonly called: string; readonly pixels: Buffer }> => {
  const [hello, wantsAll] = [12 + 2 + 4, 24];
  await expect.poll(() => screen.ended() ?? screen.bytes().toString()).toBe('RFB 003.008\n');
  // Its version, no login, and that others may look as well.
  await screen.send(new Uint8Array([...Buffer.from('RFB 003.008\n'), 1, 1]));
  await expect.poll(() => screen.bytes().subarray(12, hello)).toEqual(Buffer.from([1, 1, 0, 0, 0, 0]));
  await expect.poll(() => screen.bytes().length).toBeGreaterThanOrEqual(hello + wantsAll);
  const init = screen.bytes().subarray(hello);
  const [width, height] = [init.readUInt16BE(0), init.readUInt16BE(2)];
  const nameLength = init.readUInt32BE(20);
  await expect.poll(() => screen.bytes().length).toBeGreaterThanOrEqual(hello + wantsAll + nameLength);
  // 32 bits, red first; raw; all of it.
  await screen.send(new Uint8Array([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]));
  await screen.send(new Uint8Array([2, 0, 0, 1, 0, 0, 0, 0]));
  const request = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  request.writeUInt16BE(width, 6);
  request.writeUInt16BE(height, 8);
  await screen.send(request);
  const from = hello + wantsAll + nameLength;
  const pixels = Buffer.alloc(width * height * 3);
  // One update, in as many rectangles as it comes.
  await expect.poll(() => {
    const update = screen.bytes().subarray(from);
    if (update.length < 4) return 'nothing';
    let at = 4;
    for (let left = update.readUInt16BE(2); left > 0; left -= 1) {
      if (update.length < at + 12) return 'part';
      const [x, y, w, h] = [0, 2, 4, 6].map((offset) => update.readUInt16BE(at + offset)) as [number, number, number, number];
      if (update.length < at + 12 + w * h * 4) return 'part';
      for (let row = 0; row < h; row += 1) for (let column = 0; column < w; column += 1) {
        update.copy(pixels, ((y + row) * width + x + column) * 3, at + 12 + (row * w + column) * 4, at + 12 + (row * w + column) * 4 + 3);
      }
      at += 12 + w * h * 4;
    }
    return 'whole';
  }).toBe('whole');
  return { width, height, called: init.subarray(wantsAll, wantsAll + nameLength).toString(), pixels };
};

/** The same by virsh. */
const byVirsh = async (guest: Guest): Promise<Pixels> => {
  const file = join(lab.dir, 'images', `${guest}.png`);
  await virsh(lab, 'screenshot', guest, '--file', file);
  return pngPixels(await readFile(file));
};

/** Once the guest's BIOS has come to its last line of text: until then its screen changes, in size too. */
const painted = async (guest: Guest): Promise<void> => {
  let before = await byVirsh(guest);
  await expect.poll(async () => {
    const now = await byVirsh(guest);
    const isSame = now.height === before.height && alike(now, before) > 0.999;
    before = now;
    return [now.width, now.height, isSame];
  }, { interval: 500 }).toEqual([720, 400, true]);
};

describe.each(Object.entries(ways))('a display over %s', (_, uri) => {
  it('shows what virsh shows', async () => {
    const { screen, ask, host } = await start(uri());
    await painted('open');
    const shown = screen('open');
    const { width, height, called, pixels } = await picture(shown);
    const witness = await byVirsh('open');
    expect([width, height, called]).toEqual([witness.width, witness.height, 'QEMU (open)']);
    expect(alike({ width, height, pixels }, witness)).toBeGreaterThan(0.999);
    expect((await ask('connections', 'list', {})).find(({ id }) => id === host)?.state.phase).toBe('ready');
    expect(new Set(Array.from({ length: pixels.length / 3 }, (_, at) => pixels.readUIntBE(at * 3, 3))).size).toBeGreaterThan(1);
    shown.close();
  }, 90_000);
});

it('is reached on a UNIX socket of the host over SSH, forwarded or not', async () => {
  for (const uri of [ways['ssh']?.(), ways['ssh that forwards nothing']?.(), ways['ssh, by the program']?.()]) {
    const { screen } = await start(uri ?? '');
    expect((await picture(screen('socket'))).called).toBe('QEMU (socket)');
  }
}, 90_000);

it('asks for its password, again where it was wrong, and shows it to nobody', async () => {
  const { screen, asked } = await start(ssh(lab.ssh.port), [{ kind: 'prompts', answers: ['wrong'] }, { kind: 'prompts', answers: [secret] }]);
  const shown = screen('locked');
  expect((await picture(shown)).called).toBe('QEMU (locked)');
  expect(asked).toMatchObject([{ kind: 'prompts', user: 'locked', host: 'Host', prompts: [{ echo: false }] }, { kind: 'prompts', again: true }]);
  expect(shown.text()).not.toContain(secret);
});

it('remembers the password where that is wanted', async () => {
  const { screen, asked } = await start(ssh(lab.ssh.port), [{ kind: 'prompts', answers: [secret] }], true);
  await picture(screen('locked'));
  await picture(screen('locked'));
  expect(asked).toHaveLength(1);
});

it('says why it cannot be opened', async () => {
  const { screen } = await start(ssh(lab.ssh.port));
  const [declined, nowhere] = [screen('locked'), screen('nowhere')];
  await expect.poll(() => declined.ended()).toMatchObject({ code: 'cancelled' });
  await expect.poll(() => nowhere.ended()).toMatchObject({ code: 'unreachable', message: 'The display of nowhere listens nowhere.' });
  const far = await start(ways['tls, dialled']?.() ?? '');
  const socket = far.screen('socket');
  await expect.poll(() => socket.ended()).toMatchObject({ code: 'unreachable' });
});

it('goes through the one SSH connection of its host, however many are open, and ends with its guest', async () => {
  const { screen, ask, host } = await start(ssh(lab.ssh.port));
  const [one, two, three] = [screen('open'), screen('socket'), screen('open')];
  await Promise.all([picture(one), picture(two), picture(three)]);
  expect(await connectionsTo(lab.ssh.port)).toBe(1);
  await virsh(lab, 'destroy', 'open');
  await expect.poll(() => [one.ended(), three.ended(), two.ended()]).toEqual([null, null, undefined]);
  await ask('connections', 'disconnect', { id: host });
  await expect.poll(() => two.ended()).toBeDefined();
  await expect.poll(async () => await connectionsTo(lab.ssh.port)).toBe(0);
  await virsh(lab, 'start', 'open');
}, 90_000);

it('takes keys without any display, and gives a picture of the screen', async () => {
  const { ask, host } = await start(ways['unix']?.() ?? '');
  await ask('consoles', 'pressKeys', { host, uuid: uuids['nowhere'] ?? '', keys: [29, 56, 111] });
  await painted('open');
  const { mime, bytes } = await ask('consoles', 'screenshot', { host, uuid: uuids['open'] ?? '', screen: 0 });
  expect(mime).toBe('image/png');
  const [ours, witness] = [pngPixels(Buffer.from(bytes)), await byVirsh('open')];
  expect([ours.width, ours.height]).toEqual([witness.width, witness.height]);
  expect(alike(ours, witness)).toBeGreaterThan(0.999);
});

describe('a display in TLS', () => {
  const inTls = ['open', 'locked'] as const;
  beforeAll(async () => {
    const certificates = join(lab.dir, 'pki', 'vnc');
    await mkdir(certificates);
    await Promise.all([['cacert.pem', 'ca-cert.pem'], ['servercert.pem', 'server-cert.pem'], ['serverkey.pem', 'server-key.pem']].map(async ([from = '', to = '']) => await copyFile(join(lab.dir, 'pki', 'host', from), join(certificates, to))));
    await appendFile(join(lab.dir, 'root/etc/libvirt/qemu.conf'), `vnc_tls = 1\nvnc_tls_x509_verify = 1\nvnc_tls_x509_cert_dir = "${certificates}"\n`);
    // Read when libvirtd starts, and true of guests that start from then on.
    for (const guest of inTls) await virsh(lab, 'destroy', guest);
    process.kill(lab.pids.libvirtd, 'SIGKILL');
    lab = await restartLibvirtd(lab);
    for (const guest of inTls) await virsh(lab, 'start', guest);
  });

  it.each([
    ['tls', () => ways['tls, dialled']?.() ?? ''],
    ['ssh', () => ssh(lab.ssh.port, `&pkipath=${lab.tls.pkiDir}`)],
    ['unix', () => `${ways['unix']?.() ?? ''}&pkipath=${lab.tls.pkiDir}`],
  ])('is opened over %s with the certificates of the connection, and with a password inside of it', async (_, uri) => {
    const { screen, asked } = await start(uri(), [{ kind: 'prompts', answers: [secret] }]);
    expect((await picture(screen('open'))).called).toBe('QEMU (open)');
    expect((await picture(screen('locked'))).called).toBe('QEMU (locked)');
    expect(asked).toMatchObject([{ kind: 'prompts', user: 'locked' }]);
  });

  it('is refused where its authority is not known, and where it does not know ours', async () => {
    for (const [folder, code] of [[lab.tls.foreignPkiDir, 'certificate-untrusted'], [lab.tls.anonymousPkiDir, 'connection-lost'], [join(lab.dir, 'nowhere'), 'certificate-missing']] as const) {
      const { screen } = await start(ssh(lab.ssh.port, `&pkipath=${folder}`));
      const shown = screen('open');
      await expect.poll(() => shown.ended()).toMatchObject({ code });
    }
  });
});
