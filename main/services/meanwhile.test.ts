// Somebody else at work on the guest that is tuned: before the apply, and in its midst. What they did is seen, and never overwritten.
import { describe, expect, it } from 'vitest';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { affect, xmlFlag } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { remote } from '../libvirt/procedures.ts';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { connectedMain, connectionOf, type DemoMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';

/** A second pair of hands on the guest. */
interface Other {
  readonly pin: (vcpu: number, cpus: string, flags: number) => Promise<void>;
  /** Edits the saved definition as `virsh edit` does. */
  readonly edit: (change: (xml: string) => string) => Promise<void>;
  readonly saved: () => Promise<string>;
  readonly rename: (name: string) => Promise<void>;
  readonly undefine: () => Promise<void>;
  readonly stop: () => Promise<void>;
}
const otherOn = (connection: Connection, name: string, uuid: string): Other => {
  const dom = { name, uuid, id: -1 };
  const saved = async (): Promise<string> => (await connection.call(remote.domainGetXmlDesc, { dom, flags: xmlFlag.inactive | xmlFlag.secure })).xml;
  return {
    pin: async (vcpu, cpus, flags) => void (await connection.call(remote.domainPinVcpuFlags, { dom, vcpu, cpumap: CpuSet.parse(cpus).toMap(4), flags })),
    edit: async (change) => void (await connection.call(remote.domainDefineXmlFlags, { xml: change(await saved()), flags: 0 })),
    saved,
    rename: async (to) => void (await connection.call(remote.domainRename, { dom, new_name: to, flags: 0 })),
    undefine: async () => void (await connection.call(remote.domainUndefineFlags, { dom, flags: 0 })),
    stop: async () => void (await connection.call(remote.domainDestroyFlags, { dom, flags: 0 })),
  };
};

interface Scene extends DemoMain {
  readonly other: Other;
  readonly read: () => Promise<Reading>;
  /** Applies; somebody else does `meanwhile` right before the step that makes this many calls of the setters before it. */
  readonly apply: (wanted: Wanted, before?: number, meanwhile?: () => Promise<void>) => Promise<Applied>;
}
const setters = ['domainPinVcpuFlags', 'domainPinEmulator', 'domainSetSchedulerParametersFlags'] as const;
const scene = async (name: string): Promise<Scene> => {
  const demo = await connectedMain();
  const uuid = await uuidOf(demo.ask, name);
  const other = otherOn(await connectionOf(demo.ask), name, uuid);
  const read = async (): Promise<Reading> => await demo.ask('tuning', 'read', { host, uuid });
  return {
    ...demo, other, read,
    apply: async (wanted, before, meanwhile) => {
      const { basis } = await read();
      let made = 0;
      let due = meanwhile;
      if (before !== undefined) {
        intercept(Object.fromEntries(setters.map((setter) => [setter, async ({ pass }: { readonly pass: () => Promise<unknown> }) => {
          const answer = await pass();
          made += 1;
          if (made !== before || due === undefined) return answer;
          const work = due;
          due = undefined;
          await work();
          return answer;
        }])));
      }
      return await demo.ask('tuning', 'apply', { host, uuid, wanted, basis });
    },
  };
};
const told = ({ outcome, steps }: Applied): readonly string[] => [outcome, ...steps.map((step) => step.outcome)];
const describedAs = (text: string) => (xml: string): string => xml.replace('</uuid>', `</uuid>\n  <description>${text}</description>`);

describe('what somebody else changed between reading and applying', () => {
  it.each([
    ['a pin', async (other: Other) => await other.pin(0, '3', affect.config)],
    ['a pin of the running guest', async (other: Other) => await other.pin(0, '3', affect.live)],
    ['what no knob knows', async (other: Other) => await other.edit(describedAs('mine'))],
  ])('is seen: %s; nothing is changed', async (_, work) => {
    const { other, read, ask } = await scene('web-01');
    const { basis } = await read();
    await work(other);
    const now = await read();
    const uuid = await uuidOf(ask, 'web-01');
    await expect(ask('tuning', 'apply', { host, uuid, wanted: { saved: { cpuShares: { '': 7 } } }, basis })).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
    expect((await read()).basis).toBe(now.basis);
    expect((await ask('tuning', 'apply', { host, uuid, wanted: { saved: { cpuShares: { '': 7 } } }, basis: now.basis })).outcome).toBe('complete');
  });

  it('may be its name: the old reading does not do, and the new name is what is told', async () => {
    const { other, read, ask } = await scene('etl-night');
    const uuid = await uuidOf(ask, 'etl-night');
    const { basis } = await read();
    await other.rename('etl-day');
    await expect(ask('tuning', 'apply', { host, uuid, wanted: { saved: { cpuShares: { '': 7 } } }, basis })).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
    expect((await read()).savedXml).toContain('<name>etl-day</name>');
  });

  it('may be that it is gone', async () => {
    const { other, read, ask } = await scene('etl-night');
    const uuid = await uuidOf(ask, 'etl-night');
    const { basis } = await read();
    await other.undefine();
    await expect(ask('tuning', 'apply', { host, uuid, wanted: { saved: { cpuShares: { '': 7 } } }, basis })).rejects.toMatchObject({ refusal: { code: 'unknown-guest' } });
  });
});

describe('what somebody else changes in mid-apply', () => {
  const pins = { '0': '1', '1': '2' };

  it('stops the step that would overwrite it; what was done before is put back, and theirs stays', async () => {
    const { other, read, apply, ask } = await scene('web-01');
    const before = await read();
    const applied = await apply({ live: { vcpuPinning: pins }, saved: { vcpuPinning: pins } }, 1, async () => await other.pin(1, '9', affect.config));
    expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
    expect(applied.steps[1]?.refusal).toEqual({ code: 'changed-meanwhile', message: 'vCPU 1 was changed to 9 by someone else meanwhile, and stays so.', remedy: 'Look at the new values and plan anew.' });
    const now = await read();
    expect([now.live, now.saved?.vcpuPinning]).toEqual([before.live, { ...before.saved?.vcpuPinning, '1': '9' }]);
    expect(now.basis).toBe(applied.reading.basis);
    expect((await ask('history', 'list', { host, limit: 1 }))[0]).toMatchObject({ outcome: 'put-back', steps: [{ outcome: 'put-back' }, { outcome: 'failed', refusal: { code: 'changed-meanwhile' } }] });
    expect((await apply({ live: { vcpuPinning: pins }, saved: { vcpuPinning: pins } })).outcome).toBe('complete');
  });

  it('is left as they set it where it was the plan’s own before, though a later step fails', async () => {
    const { other, read, apply } = await scene('web-01');
    const before = await read();
    const applied = await apply({ live: { vcpuPinning: { ...pins, '2': '3' } } }, 2, async () => {
      await other.pin(0, '5', affect.live);
      await other.pin(2, '9', affect.live);
    });
    expect(told(applied)).toEqual(['partial', 'not-put-back', 'put-back', 'failed']);
    expect(applied.steps[0]?.refusal).toEqual({ code: 'changed-meanwhile', message: 'It was changed again by someone else meanwhile, and is left as they set it.' });
    expect((await read()).live?.vcpuPinning).toEqual({ ...before.live?.vcpuPinning, '0': '5', '2': '9' });
  });

  it('is kept where a definition is written anew, though the plan was made without it', async () => {
    const { other, read, apply } = await scene('web-03');
    const wanted: Wanted = { saved: { vcpuPinning: { '0': null, '1': '2' } } };
    const applied = await apply(wanted, 1, async () => await other.edit(describedAs('theirs')));
    expect(told(applied)).toEqual(['complete', 'done', 'done']);
    const { savedXml, saved } = await read();
    expect([savedXml?.includes('<description>theirs</description>'), saved?.vcpuPinning['0'], saved?.vcpuPinning['1']]).toEqual([true, null, '2']);
  });

  it('and would be overwritten by a definition stops that definition', async () => {
    const { other, read, apply } = await scene('web-03');
    const before = await read();
    const applied = await apply({ saved: { vcpuPinning: { '0': null, '1': '2' } } }, 1, async () => await other.pin(0, '8', affect.config));
    expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
    expect((await read()).saved).toEqual({ ...before.saved, vcpuPinning: { ...before.saved?.vcpuPinning, '0': '8' } });
  });

  it('may be its name: it is defined under the new one', async () => {
    const { other, read, apply } = await scene('etl-night');
    const applied = await apply({ saved: { vcpuPinning: pins, cpuShares: { '': null } } }, 1, async () => await other.rename('etl-day'));
    expect(told(applied)).toEqual(['complete', 'done', 'done', 'done']);
    const { savedXml, saved } = await read();
    expect([savedXml?.includes('<name>etl-day</name>'), saved?.vcpuPinning['1'], saved?.cpuShares['']]).toEqual([true, '2', null]);
  });

  it('may be that it is undefined: nothing brings it back', async () => {
    const { other, apply, ask } = await scene('etl-night');
    const applied = await apply({ saved: { vcpuPinning: pins, cpuShares: { '': null } } }, 2, async () => await other.undefine());
    expect(applied.outcome).toBe('partial');
    expect(applied.steps.at(-1)?.refusal).toMatchObject({ code: 'unknown-guest' });
    expect((await ask('guests', 'list', { host })).map(({ name }) => name)).not.toContain('etl-night');
  });

  it('may be that a running one is undefined: its definition is not brought back, and what runs is as it was', async () => {
    const { other, read, apply } = await scene('web-03');
    const before = await read();
    const applied = await apply({ live: { vcpuPinning: { '1': '2' } }, saved: { vcpuPinning: { '0': null } } }, 1, async () => await other.undefine());
    expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
    expect(applied.steps[1]?.refusal).toMatchObject({ code: 'changed-meanwhile', message: 'The saved definition of the guest was removed by someone else meanwhile.' });
    const now = await read();
    expect([now.live, now.saved]).toEqual([before.live, null]);
  });

  it('may be that it is shut off: the saved half is put back', async () => {
    const { other, read, apply } = await scene('web-01');
    const before = await read();
    const applied = await apply({ live: { vcpuPinning: pins }, saved: { vcpuPinning: pins } }, 1, async () => await other.stop());
    expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
    const now = await read();
    expect([now.live, now.saved, now.savedXml]).toEqual([null, before.saved, before.savedXml]);
  });
});
