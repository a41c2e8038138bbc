// The saved definition as an edited text: what is refused, and the plan that writes it.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { checkDefinition, editWords, withoutPasswords } from './definition.ts';
import { unknownFacts } from './knob.ts';
import { wanted as wantedForm } from './knobs.ts';
import { makePlan, plan as planForm } from './plan.ts';
import { planCommands } from './plan-commands.ts';

const uuid = '11111111-2222-4333-8444-555555555555';
const from = `<domain type='kvm'>
  <name>db</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>1048576</memory>
  <currentMemory unit='KiB'>1048576</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  <devices>
    <graphics type='vnc' port='-1'/>
  </devices>
</domain>
`;
const saved = DomainXml.parse(from);
const facts = unknownFacts('db');
const sound = from.replace('  </devices>', "    <sound model='ich9'/>\n  </devices>");
const shares = sound.replace('  <os>', '  <cputune>\n    <shares>2048</shares>\n  </cputune>\n  <os>');
const errors = (to: string, xml: DomainXml | null = saved, begun = from): readonly (readonly [string, number | undefined])[] =>
  checkDefinition({ from: begun, to }, xml).findings.filter(({ level }) => level === 'error').map(({ message, line }) => [message, line]);

describe('an edited definition', () => {
  it('is refused at the line where it is not well-formed', () => {
    expect(errors(from.replace('</os>', '</oss>'))).toEqual([['</oss> stands where </os> should.', 9]]);
    expect(errors(from.replaceAll('domain', 'network'))).toEqual([['The root element is <network>, not <domain>.', 1]]);
  });

  it('is refused with another name or UUID, each at its line', () => {
    expect(errors(from.replace('<name>db', '<name>web'))).toEqual([['The name has to stay db: with another one this would define another guest.', 2]]);
    expect(errors(from.replace(uuid, uuid.replaceAll('1', '9')))).toEqual([[`The UUID has to stay ${uuid}: by it libvirt knows which guest this defines.`, 3]]);
    expect(errors(from.replace(`  <uuid>${uuid}</uuid>\n`, ''))).toEqual([[expect.stringContaining('The UUID has to stay'), undefined]]);
    expect(errors(from.replace(uuid, uuid.toUpperCase().replaceAll('-', '')))).toEqual([]);
  });

  it('is refused when the guest has another saved definition by now, or none', () => {
    expect(errors(sound, DomainXml.parse(shares))).toEqual([[expect.stringContaining('was changed since this text was begun'), undefined]]);
    expect(errors(sound, null)).toEqual([['The guest is transient: there is no saved definition to edit.', undefined]]);
  });

  it('is refused with a password in it, whichever display it is put on', () => {
    expect(errors(from.replace("port='-1'", "port='-1' passwd='secret'"))).toEqual([[expect.stringContaining('A password cannot be set by text'), 11]]);
  });

  it('tells what comes of passwords when displays come and go', () => {
    const warnings = (to: string): readonly string[] => checkDefinition({ from, to }, saved).findings.map(({ message }) => message);
    expect(warnings(from.replace("    <graphics type='vnc' port='-1'/>\n", ''))).toEqual([expect.stringContaining('A password of the display that is taken away goes with it')]);
    expect(warnings(from.replace('  </devices>', "    <graphics type='spice'/>\n  </devices>"))).toEqual(['The display that is added has no password.']);
    expect(warnings(sound)).toEqual([]);
  });

  it('is kept without passwords, well-formed or not', () => {
    expect(withoutPasswords(`<graphics type='vnc' passwd='one'/><graphics passwd = "two"/><graphics passwd='thr`)).toBe("<graphics type='vnc' passwd=''/><graphics passwd = ''/><graphics passwd=''");
  });

  it('is told of in lines', () => {
    expect([editWords(from, sound), editWords(sound, from), editWords(from, shares.replace('    <graphics', '    <graphics '))]).toEqual(['1 line added', '1 line removed', '5 lines added, 1 removed']);
  });
});

describe('the plan of an edited definition', () => {
  const before = { live: DomainXml.parse(from.replace("type='kvm'", "type='kvm' id='3'")), saved };
  const definition = { from, to: shares, validate: true };

  it('is one step, which tells of the settings that it knows', () => {
    const plan = makePlan(before, { definition }, facts);
    expect(plan.findings).toEqual([]);
    expect(plan.steps).toEqual([{
      title: 'Edit the saved definition: 4 lines added',
      scope: 'saved',
      step: { kind: 'define', xml: shares, text: { edit: '4 lines added', validate: true } },
      virsh: 'virsh define --validate ./db.xml',
      changes: [{ knob: 'cpuShares', unit: '', truth: 'saved', from: null, to: 2048 }],
    }]);
    expect([plan.savedBefore, plan.savedAfter]).toEqual([from, shares]);
    expect(planForm.parse(plan)).toEqual(plan);
    expect(planCommands(plan)).toBe(`# Edit the saved definition: 4 lines added\nvirsh define --validate /dev/stdin <<'END_OF_XML'\n${shares}END_OF_XML\n`);
  });

  it('writes saved settings that are wanted too into the text, and sets live ones by their calls', () => {
    const plan = makePlan(before, { definition, saved: { cpuShares: { '': 512 } }, live: { cpuShares: { '': 512 } } }, facts);
    expect(plan.steps.map(({ title, scope, changes }) => [title, scope, changes])).toEqual([
      ['Set CPU shares to 512', 'live', [{ knob: 'cpuShares', unit: '', truth: 'live', from: null, to: 512 }]],
      ['Edit the saved definition: 4 lines added', 'saved', [{ knob: 'cpuShares', unit: '', truth: 'saved', from: null, to: 512 }]],
    ]);
    expect(plan.savedAfter).toBe(shares.replace('2048', '512'));
  });

  it('has no step for a text that is refused, and none for one that changes nothing', () => {
    const refused = makePlan(before, { definition: { ...definition, to: from.replace('</os>', '') } }, facts);
    expect([refused.steps, refused.findings]).toEqual([[], [{ level: 'error', knob: null, unit: '', truth: 'saved', message: 'Line 13 of the saved definition: </domain> stands where </os> should.' }]]);
    expect(makePlan(before, { definition: { ...definition, to: from } }, facts)).toMatchObject({ steps: [], findings: [] });
  });

  it('crosses processes with what else is wanted', () => {
    const wanted = { definition, saved: { cpuShares: { '': 512 } } };
    expect(wantedForm.parse(wanted)).toEqual(wanted);
    expect(wantedForm.safeParse({ definition: { ...definition, name: 'other' } }).success).toBe(false);
  });
});
