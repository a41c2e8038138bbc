// Definitions from elsewhere on a real libvirtd: what is read of the text as it was written, of what libvirt made of it, and of the guest as it runs, is the same.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { type Facts, unknownFacts } from '../../app/tuning/knob.ts';
import { type KnobName, knobNames, readSettings, type Settings } from '../../app/tuning/knobs.ts';
import { pendingUnits } from '../../app/tuning/pending.ts';
import { alike } from '../../app/tuning/alike.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { startFlag, undefineFlag, xmlFlag } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import type { Domain } from '../libvirt/objects.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { openTransport } from '../transport/open-transport.ts';

/** Ours, or thousands from elsewhere: `GUESTDECK_FOREIGN=/folder`. */
const folder = process.env['GUESTDECK_FOREIGN'] ?? fileURLToPath(new URL('../../app/xml/fixtures', import.meta.url));
/** As QEMU takes them that emulates. */
const emulated = (text: string): string => text.replace(/(<domain [^>]*type=['"])kvm/, '$1qemu').replaceAll(/<emulator>[^<]*<\/emulator>/g, '<emulator>/usr/bin/qemu-system-x86_64</emulator>').replaceAll(/machine=(['"])pc-(q35-)?[\w.]+\1/g, (_, quote: string, q35?: string) => `machine=${quote}${q35 === undefined ? 'pc' : 'q35'}${quote}`);
const files = readdirSync(folder).filter((file) => file.endsWith('.xml')).map((file) => ({ file, text: emulated(readFileSync(join(folder, file), 'utf8')) }));
/** Starting takes a second or two each: so many of those that can be started are. */
const mostStarted = Number(process.env['GUESTDECK_FOREIGN_STARTS'] ?? 10);

const name = 'foreign';
const facts: Facts = unknownFacts('any');
let lab: LabDaemon;
let connection: Connection;
let close: () => void;

const connect = async (): Promise<void> => {
  const uri = parseConnectionUri(`qemu:///system?socket=${lab.unix.socket}`);
  const { signal } = new AbortController();
  const link = await openTransport(uri, { ask: async () => ({ kind: 'declined' as const }), report: () => undefined, home: lab.dir, env: {}, isRoot: true }, signal);
  ({ connection } = await openConnection(await link.open(signal), { name: driverUri(uri) }));
  close = () => {
    connection.close();
    link.close();
  };
};
beforeAll(async () => {
  lab = await extraDaemon(name);
  await connect();
});
afterAll(async () => {
  close();
  await extraDaemonDown(name);
});

/** The answer; null where libvirt refuses, or QEMU does not come up. */
const orRefused = async <T>(call: Promise<T>): Promise<T | null> => await call.catch((error: unknown) => {
  if (error instanceof LibvirtError || (error instanceof Refused && error.refusal.code === 'timed-out')) return null;
  throw error;
});
/** Does the work with each file; a libvirtd that crashes over one, as 9.0 does over some, is started again. Answers over which it did. */
const overEach = async (of: typeof files, work: (one: (typeof files)[number]) => Promise<void>): Promise<readonly string[]> => {
  const crashed: string[] = [];
  for (const one of of) {
    try {
      await work(one);
    } catch (error) {
      if (!(error instanceof Refused && error.refusal.code === 'connection-lost')) throw error;
      crashed.push(one.file);
      close();
      lab = await restartLibvirtd(lab);
      await connect();
    }
  }
  return crashed;
};
const define = async (xml: string): Promise<Domain | null> => (await orRefused(connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })))?.dom ?? null;
const undefine = async (dom: Domain): Promise<void> => void (await connection.call(remote.domainUndefineFlags, { dom, flags: undefineFlag.managedSave | undefineFlag.nvram }));
const settingsOf = (xml: string): Settings => readSettings(DomainXml.parse(xml), facts);
const textOf = async (dom: Domain, flags: number): Promise<string> => (await connection.call(remote.domainGetXmlDesc, { dom, flags })).xml;

/** Whether a value says that nothing is set, so that libvirt puts in what it takes then. */
const isOpen = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && Object.values(value).every(isOpen));
/** What libvirt corrects when a definition comes in: a balloon that is larger than the memory it is for, cells that leave vCPUs out, polling that 9.0 does not save, memory placed automatically. */
const corrected: readonly KnobName[] = ['currentMemory', 'guestNuma', 'ioThreadPolling', 'numaMemory'];

/** Every setting of the first that is another in the second, in words. */
const differences = (one: Settings, other: Settings): readonly string[] => knobNames.flatMap((knob) =>
  Object.keys(one[knob]).flatMap((unit) => {
    const [first, second] = [one[knob][unit], other[knob][unit]];
    return isOpen(first) || corrected.includes(knob) || alike(knob, first, second) ? [] : [`${knob} ${unit}: ${JSON.stringify(first)} → ${JSON.stringify(second)}`];
  }));

/** A guest that starts without anything outside it: no devices but its balloon, no firmware of its own. */
const bare = (text: string): string => {
  const xml = DomainXml.parse(text);
  const kept = ['emulator', 'memballoon'];
  for (const device of xml.element('devices')?.children ?? []) if (!kept.includes(device.name)) device.parent?.remove(device);
  for (const path of [['os', 'loader'], ['os', 'nvram'], ['os', 'kernel'], ['os', 'initrd'], ['os', 'dtb'], ['seclabel'], ['launchSecurity'], ['blkiotune'], ['memoryBacking'], ['numatune'], ['qemu:commandline']]) xml.remove(path);
  return xml.text();
};

it('a definition reads the same as it is written and as libvirt writes it', async () => {
  const found: string[] = [];
  let accepted = 0;
  const crashed = await overEach(files, async ({ file, text }) => {
    const dom = await define(text);
    if (dom === null) return;
    accepted += 1;
    const normal = await textOf(dom, xmlFlag.inactive | xmlFlag.secure);
    for (const difference of differences(settingsOf(text), settingsOf(normal))) found.push(`${file}: ${difference}`);
    // libvirt may add to its own text, a controller perhaps; what it says of settings stays.
    const again = await define(normal);
    if (again !== null) expect(settingsOf(await textOf(again, xmlFlag.inactive)), file).toEqual(settingsOf(normal));
    await undefine(dom);
  });
  process.stdout.write(`${files.length} definitions, ${accepted} accepted by libvirtd, which crashed over ${crashed.join(', ') || 'none'}\n`);
  expect(accepted).toBeGreaterThan(0);
  expect(found).toEqual([]);
}, 1_800_000);

it('a guest that was just started has nothing pending', async () => {
  const found: string[] = [];
  let started = 0;
  const step = Math.max(1, Math.floor(files.length / (mostStarted * 4)));
  await overEach(files.filter((_, index) => index % step === 0), async ({ file, text }) => {
    const dom = started < mostStarted ? await define(bare(text)) : null;
    if (dom === null) return;
    if ((await orRefused(connection.call(remote.domainCreateWithFlags, { dom, flags: startFlag.paused }, { limit: 20_000 }))) !== null) {
      started += 1;
      const [live, saved] = [settingsOf(await textOf(dom, 0)), settingsOf(await textOf(dom, xmlFlag.inactive))];
      for (const { knob, unit, live: now, saved: later } of pendingUnits(live, saved)) found.push(`${file}: ${knob} ${unit}: ${JSON.stringify(now)} now, ${JSON.stringify(later)} after a restart`);
    }
    await orRefused(connection.call(remote.domainDestroyFlags, { dom, flags: 0 }));
    await undefine(dom);
  });
  process.stdout.write(`${started} guests started\n`);
  expect(started).toBeGreaterThan(0);
  expect(found).toEqual([]);
}, 1_800_000);
