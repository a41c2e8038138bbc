// Words of a guest, what becomes of it when it stops, and whether it starts with its host, as knobs.
import { describe, expect, it } from 'vitest';
import fixture from '../xml/fixtures/foreign-metadata.xml?raw';
import { DomainXml } from '../xml/domain-xml.ts';
import { unknownFacts } from './knob.ts';
import { checkSetting, type KnobName, readSettings } from './knobs.ts';
import { alike } from './alike.ts';
import { makePlan } from './plan.ts';

const facts = unknownFacts('cloud-7f');
const saved = DomainXml.parse(fixture);
const live = DomainXml.parse(fixture.replace("type='kvm'", "type='kvm' id='3'"));
saved.autostart = true;
const commands = (wanted: Parameters<typeof makePlan>[1]): readonly string[] => makePlan({ live, saved }, wanted, facts).steps.map(({ virsh }) => virsh);
const found = (knob: KnobName, value: unknown): string => checkSetting(knob, '', 'saved', value, facts, saved).map(({ level, message, field }) => `${level} ${field ?? ''}: ${message}`).join('\n');

describe('title and description', () => {
  const had = readSettings(saved, facts).guestWords[''] ?? { title: null, description: null };

  it('are read with their lines, and changed by the call for the one that is another', () => {
    expect(had).toEqual({ title: 'Shop & checkout', description: 'First line\n   second line, kept as it is\n\tand a tab' });
    const wish = { guestWords: { '': { ...had, title: 'Shop' } } };
    expect(commands({ live: wish, saved: wish })).toEqual(['virsh desc cloud-7f --title --new-desc Shop --live --config']);
    expect(commands({ saved: { guestWords: { '': { title: null, description: 'x y' } } } })).toEqual(["virsh desc cloud-7f --title --new-desc '' --config", "virsh desc cloud-7f --new-desc 'x y' --config"]);
  });

  it('leave what others keep in the metadata as it stands, byte for byte', () => {
    const { savedAfter } = makePlan({ live: null, saved }, { saved: { guestWords: { '': { title: null, description: null } } } }, facts);
    const metadata = /<metadata>[^]*<\/metadata>/;
    expect(metadata.exec(savedAfter)?.[0]).toBe(metadata.exec(fixture)?.[0]);
    expect(savedAfter).toBe(fixture.replace(/ {2}<title>[^]*<\/description>\n/, ''));
  });
});

it('a title of two lines is refused at its field', () => expect(found('guestWords', { title: 'a\nb', description: null })).toBe('error title: A title is one line.'));

describe('when a guest stops', () => {
  const usual = { on_poweroff: 'destroy', on_reboot: 'restart', on_crash: 'destroy' };

  it('what is not written is what libvirt takes then', () => {
    expect(alike('lifecycle', usual, { on_poweroff: null, on_reboot: null, on_crash: null })).toBe(true);
    expect(commands({ live: { lifecycle: { '': { ...usual, on_crash: 'coredump-restart', on_reboot: 'destroy' } } } })).toEqual(['virsh set-lifecycle-action cloud-7f reboot destroy --live', 'virsh set-lifecycle-action cloud-7f crash coredump-restart --live']);
  });

  it('comes to what is wished without passing by what QEMU refuses', () => {
    const off = DomainXml.parse(fixture.replace('<on_reboot>restart', '<on_reboot>destroy'));
    const there = makePlan({ live: null, saved: off }, { saved: { lifecycle: { '': { ...usual, on_poweroff: 'restart' } } } }, facts);
    const back = makePlan({ live: null, saved: DomainXml.parse(there.savedAfter) }, { saved: { lifecycle: { '': { ...usual, on_reboot: 'destroy' } } } }, facts);
    expect([there, back].map(({ steps }) => steps.map(({ title }) => title))).toEqual([['When the guest reboots: restart', 'When the guest powers off: restart'], ['When the guest powers off: destroy', 'When the guest reboots: destroy']]);
  });

  it.each([
    [{ ...usual, on_poweroff: 'restart', on_reboot: 'destroy' }, /^error on_reboot: QEMU cannot start anew/m], [{ ...usual, on_reboot: 'preserve' }, /^error on_reboot: There is no action preserve/],
    [{ ...usual, on_poweroff: 'restart' }, /^warning on_poweroff: A shutdown will not turn it off/], [{ ...usual, on_crash: 'preserve' }, /^warning on_crash: Without a panic device/], [usual, /^$/],
  ])('%j is told so', (value, message) => expect(found('lifecycle', value)).toMatch(message));
});

describe('autostart', () => {
  it('is a step of its own, and no part of the definition', () => {
    const plan = makePlan({ live, saved }, { saved: { autostart: { '': false } } }, facts);
    expect([plan.steps.map(({ virsh, scope }) => [virsh, scope]), plan.savedAfter]).toEqual([[['virsh autostart --disable cloud-7f', 'saved']], fixture]);
    expect(readSettings(live, facts).autostart).toEqual({});
  });
});
