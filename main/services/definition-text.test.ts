// A saved definition written as a text on the demo host: by itself and with settings, over another's work, with its end not seen, and taken back.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { xmlFlag } from '../libvirt/constants.ts';
import { remote } from '../libvirt/procedures.ts';
import { judgeEntry } from './judge.ts';
import { parsed } from './guest-reading.ts';
import { connectedMain, connectionOf, type DemoMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const name = 'web-03';
const sound = "<sound model='ich9'/>";
const hub = "<hub type='usb'/>";
const withDevice = (xml: string, device: string): string => xml.replace('  </devices>', `    ${device}\n  </devices>`);

interface Scene extends DemoMain {
  readonly uuid: string;
  readonly read: () => Promise<Reading>;
  readonly saved: () => Promise<string>;
  readonly apply: (wanted: Wanted) => Promise<Applied>;
  /** The same with an edit of what is saved. */
  readonly edit: (change: (xml: string) => string, more?: Wanted) => Promise<Applied>;
  readonly undo: (id: string | null) => Promise<Applied>;
  /** Defines it as `virsh edit` does, and tells what is saved with its secrets. */
  readonly define: (change: (xml: string) => string) => Promise<void>;
  readonly secure: () => Promise<string>;
}
const scene = async (): Promise<Scene> => {
  const demo = await connectedMain();
  const uuid = await uuidOf(demo.ask, name);
  const connection = await connectionOf(demo.ask);
  const secure = async (): Promise<string> => (await connection.call(remote.domainGetXmlDesc, { dom: { name, uuid, id: -1 }, flags: xmlFlag.inactive | xmlFlag.secure })).xml;
  const read = async (): Promise<Reading> => await demo.ask('tuning', 'read', { host, uuid });
  const saved = async (): Promise<string> => (await read()).savedXml ?? '';
  const apply = async (wanted: Wanted): Promise<Applied> => await demo.ask('tuning', 'apply', { host, uuid, wanted, basis: (await read()).basis });
  return {
    ...demo, uuid, read, saved, apply, secure,
    edit: async (change, more = {}) => {
      const from = await saved();
      return await apply({ ...more, definition: { from, to: change(from), validate: true } });
    },
    undo: async (id) => await apply((await demo.ask('history', 'undo', { id: id ?? '' })).wanted),
    define: async (change) => void (await connection.call(remote.domainDefineXmlFlags, { xml: change(await secure()), flags: 0 })),
  };
};
const told = ({ outcome, steps }: Applied): readonly string[] => [outcome, ...steps.map((step) => step.outcome)];

describe('a definition that was edited as a text', () => {
  it('is written, told in the history, taken back and done again', async () => {
    const { saved, edit, undo, ask } = await scene();
    const before = await saved();
    const applied = await edit((xml) => withDevice(xml, sound));
    expect(told(applied)).toEqual(['complete', 'done']);
    expect(await saved()).toBe(withDevice(before, sound));
    const undone = await undo(applied.entry);
    expect([told(undone), await saved()]).toEqual([['complete', 'done'], before]);
    const [last, first] = await ask('history', 'list', { host });
    expect([last?.kind, last?.undoes, first?.title, first?.undoneBy]).toEqual(['undo', applied.entry, 'Edit the saved definition: 1 line added', last?.id]);
    expect(await ask('history', 'entry', { id: applied.entry ?? '' })).toMatchObject({ definition: true, changes: [], savedBefore: before, savedAfter: withDevice(before, sound) });
    await undo(last?.id ?? null);
    expect([await saved(), (await ask('history', 'list', { host, limit: 1 }))[0]?.kind]).toEqual([withDevice(before, sound), 'redo']);
  });

  it('is applied together with settings, now and saved, and taken back with them', async () => {
    const { read, edit, undo } = await scene();
    const before = await read();
    const applied = await edit((xml) => withDevice(xml, sound), { live: { cpuShares: { '': 700 } }, saved: { cpuShares: { '': 800 } } });
    expect([told(applied), applied.reading.live?.cpuShares[''], applied.reading.saved?.cpuShares['']]).toEqual([['complete', 'done', 'done'], 700, 800]);
    const undone = await undo(applied.entry);
    expect([undone.outcome, undone.reading.live, undone.reading.savedXml]).toEqual(['complete', before.live, before.savedXml]);
  });

  it('is not taken back over a later change of the same lines, and is beside one of others', async () => {
    const { saved, edit, undo, apply, define, ask } = await scene();
    const first = await edit((xml) => withDevice(xml, sound));
    await apply({ saved: { cpuShares: { '': 777 } } });
    await define((xml) => xml.replace(sound, '<sound model="ich6"/>'));
    await expect(ask('history', 'undo', { id: first.entry ?? '' })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: expect.stringContaining('same lines') } });
    await define((xml) => xml.replace(/<sound .*>/, sound));
    expect(told(await undo(first.entry))).toEqual(['complete', 'done']);
    const after = await saved();
    expect([after.includes('<sound'), after.includes('<shares>777</shares>')]).toEqual([false, true]);
    await expect(ask('history', 'undo', { id: first.entry ?? '' })).rejects.toMatchObject({ refusal: { code: 'not-undoable' } });
  });

  it('keeps the password of a display, which nobody is shown and the history does not have', async () => {
    const { define, secure, saved, edit, undo, folder, ask } = await scene();
    await define((xml) => xml.replace(/<graphics type='vnc'/, "<graphics type='vnc' passwd='s3cret'"));
    expect(await secure()).toContain("passwd='s3cret'");
    expect(await saved()).not.toContain('passwd');
    const applied = await edit((xml) => withDevice(xml, sound));
    expect([told(applied), (await secure()).includes("passwd='s3cret'"), (await secure()).includes(sound)]).toEqual([['complete', 'done'], true, true]);
    await undo(applied.entry);
    expect(await secure()).toContain("passwd='s3cret'");
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    const texts = await Promise.all(files.map(async (one) => await readFile(join(one.parentPath, one.name), 'latin1')));
    const exported = (await ask('history', 'export', { as: 'json' })).content;
    expect([exported.includes(sound), [...texts, exported].some((text) => text.includes('s3cret'))]).toEqual([true, false]);
  });

  it('is refused when it is another guest’s, has a password in it, or was begun from another definition', async () => {
    const { edit, apply, saved } = await scene();
    const before = await saved();
    await expect(edit((xml) => xml.replace(`<name>${name}`, '<name>other'))).rejects.toMatchObject({ refusal: { code: 'plan-invalid', message: expect.stringContaining(`has to stay ${name}`) } });
    await expect(edit((xml) => xml.replace("<graphics type='vnc'", "<graphics type='vnc' passwd='x'"))).rejects.toMatchObject({ refusal: { code: 'plan-invalid', message: expect.stringContaining('password') } });
    await expect(apply({ definition: { from: withDevice(before, hub), to: withDevice(before, sound), validate: true } })).rejects.toMatchObject({ refusal: { code: 'plan-invalid', message: expect.stringContaining('was changed since') } });
    expect(await saved()).toBe(before);
  });

  it('is not written over what somebody else defines in the midst, and what was done before it is put back', async () => {
    const { define, edit, saved, read } = await scene();
    const { live } = await read();
    let isDue = true;
    intercept({
      domainSetSchedulerParametersFlags: async ({ pass }) => {
        const answer = await pass();
        if (isDue) {
          isDue = false;
          await define((xml) => withDevice(xml, hub));
        }
        return answer;
      },
    });
    const applied = await edit((xml) => withDevice(xml, sound), { live: { cpuShares: { '': 700 } } });
    expect([told(applied), applied.steps[1]?.refusal?.code, applied.reading.live]).toEqual([['put-back', 'put-back', 'failed'], 'changed-meanwhile', live]);
    expect([(await saved()).includes(hub), (await saved()).includes(sound)]).toEqual([true, false]);
  });

  it('that the host refuses changes nothing, and its reason is told', async () => {
    const { edit, saved, read } = await scene();
    const before = await read();
    const applied = await edit((xml) => xml.replace("type='kvm'", "type='horse'"), { live: { cpuShares: { '': 700 } } });
    expect([told(applied), applied.steps[1]?.refusal?.message]).toEqual([['put-back', 'put-back', 'failed'], expect.stringContaining('invalid domain type horse')]);
    expect([await saved(), applied.reading.live]).toEqual([before.savedXml, before.live]);
  });

  it('of which the host keeps nothing is not called done', async () => {
    const { edit } = await scene();
    const applied = await edit((xml) => xml.replace('<devices>', '<!-- for later -->\n  <devices>'));
    expect([told(applied), applied.unconfirmed]).toEqual([['unconfirmed', 'done'], []]);
  });

  it('whose end nobody saw is told by what is saved then', async () => {
    const { edit, read, ask } = await scene();
    const before = await read();
    const { entry: id, reading: after } = await edit((xml) => withDevice(xml, sound));
    const entry = await ask('history', 'entry', { id: id ?? '' });
    const judged = (reading: Reading): readonly string[] => {
      const definitions = parsed({ live: reading.liveXml, saved: reading.savedXml, autostart: null });
      const end = judgeEntry({ ...entry, outcome: 'interrupted', steps: entry.steps.map((step) => ({ ...step, outcome: 'unknown' })) }, { reading, facts: reading.facts, definitions }, 1);
      return [end.outcome, ...end.steps.map(({ outcome }) => outcome)];
    };
    expect([judged(after), judged(before), judged({ ...after, savedXml: null })]).toEqual([['complete', 'done'], ['put-back', 'not-reached'], ['unconfirmed', 'unknown']]);
  });

  it('is validated by libvirt where that is wanted', async () => {
    const { saved, apply } = await scene();
    const flags: unknown[] = [];
    intercept({
      domainDefineXmlFlags: async ({ args, pass }) => {
        flags.push(typeof args === 'object' && args !== null && 'flags' in args ? args.flags : null);
        return await pass();
      },
    });
    for (const validate of [true, false]) {
      const from = await saved();
      await apply({ definition: { from, to: withDevice(from, validate ? sound : hub), validate } });
    }
    expect(flags).toEqual([1, 0]);
  });
});
