// Channels, watchdogs, panic devices, random numbers, balloon and TPM as lists and fields: what is the same device, what is told how, and what is said against values.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { unknownFacts } from './knob.ts';
import { checkSetting, type KnobName, knobs, readSettings, type SomeSettings } from './knobs.ts';
import { alike } from './alike.ts';
import { makePlan } from './plan.ts';

const text = (id = ''): string => `<domain type='kvm'${id}>
  <devices>
    <controller type='virtio-serial' index='0'/>
    <channel type='unix'>
      <source mode='bind' path='/run/agent'/>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>${id === '' ? '' : "\n      <alias name='channel0'/>"}
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>
    <channel type='pty'>
      <target type='guestfwd' address='10.0.2.1' port='4600'/>
    </channel>
    <watchdog model='itco' action='reset'>${id === '' ? '' : "\n      <alias name='watchdog0'/>\n    "}</watchdog>
    <memballoon model='virtio'>
      <stats period='5'/>
    </memballoon>
    <rng model='virtio'>
      <backend model='egd' type='udp'>
        <source mode='connect' host='1.2.3.4' service='1234'/>
      </backend>
    </rng>
    <rng model='virtio'>
      <backend model='random'>/dev/random</backend>${id === '' ? '' : "\n      <alias name='rng0'/>"}
      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
    </rng>
  </devices>
</domain>
`;
const [live, saved] = [DomainXml.parse(text(" id='7'")), DomainXml.parse(text())];
const facts = { ...unknownFacts('web'), domainCapabilities: { maximumVcpus: null, modes: [], models: [], hostModel: null, devices: { tpm: { supported: true, enums: { backendModel: ['passthrough'], model: ['tpm-tis'] } } } } };
const had = readSettings(live, facts);
const plan = (wanted: { live?: SomeSettings; saved?: SomeSettings }) => makePlan({ live, saved }, wanted, facts);
const found = (knob: KnobName, value: unknown, truth: 'live' | 'saved' = 'saved'): string => checkSetting(knob, '', truth, value, facts, truth === 'live' ? live : saved).map(({ level, message, field }) => `${level} ${field ?? ''}: ${message}`).join('\n');
const rng = { model: 'virtio', backend: 'random', source: '/dev/random', bytes: null, period: null, address: 'pci domain=0x0000 bus=0x02 slot=0x00 function=0x0' } as const;
const agent = { type: 'unix', name: 'org.qemu.guest_agent.0', address: 'virtio-serial controller=0 bus=0 port=1' };

describe('devices of a list', () => {
  it('are read with where they are plugged; those of other forms are left out and stay', () => {
    expect([had.rngs[''], had.channels[''], had.watchdogs['']]).toEqual([[rng], [agent], [{ model: 'itco', action: 'reset', address: null }]]);
    expect(plan({ saved: { rngs: { '': [] }, channels: { '': [] } } }).savedAfter).toMatch(/guestfwd[^]*egd/);
  });

  it('are the same wherever libvirt finds room for them, and whatever it fills in', () => {
    expect([alike('rngs', [rng], [{ ...rng, address: null }]), alike('rngs', [rng], [{ ...rng, bytes: 1 }]), alike('rngs', [rng], [rng, rng])]).toEqual([true, false, false]);
    expect([alike('watchdogs', [{ model: 'itco', action: null, address: null }], [{ model: 'itco', action: 'reset', address: null }]), alike('panics', [{ model: null, address: null }], [{ model: 'isa', address: null }])]).toEqual([true, true]);
  });

  it('are unplugged as libvirt wrote them, then plugged as wished', () => {
    const { steps } = plan({ live: { rngs: { '': [{ ...rng, source: '/dev/hwrng', address: null }, { ...rng, source: '/dev/urandom', address: null }] } } });
    expect(steps.map(({ title, step }) => [title, 'xml' in step && step.xml.includes('rng0')])).toEqual([
      ['Take away random numbers of /dev/random', true], ['Plug random numbers of /dev/hwrng', false], ['Plug random numbers of /dev/urandom', false],
    ]);
  });

  it('that are plugged do not become others, and do in the saved definition, at their place', () => {
    const wish = { rngs: { '': [{ ...rng, source: '/dev/hwrng' }] } };
    expect(plan({ live: wish }).findings.map(({ message }) => message)).toEqual(['This cannot be changed while the guest runs.']);
    expect(plan({ saved: wish }).savedAfter).toBe(text().replace('/dev/random<', '/dev/hwrng<'));
  });

  it('come back where they were when a removal is taken back', () => {
    const gone = plan({ saved: { channels: { '': [] } } });
    const back = makePlan({ live: null, saved: DomainXml.parse(gone.savedAfter) }, { saved: { channels: { '': [agent] } } }, facts);
    expect(back.savedAfter).toMatch(/guest_agent\.0'\/>\n +<address type='virtio-serial' controller='0' bus='0' port='1'\/>/);
  });

  it('tell whether the agent inside has opened its channel', () => {
    expect(knobs.channels.about?.('', live, facts)).toBe('The agent inside has its channel open.');
    expect(knobs.channels.about?.('', DomainXml.parse(text().replace(" state='connected'", " state='disconnected'")), facts)).toMatch(/^Nothing inside has the agent’s channel open/);
  });
});

const noTpm = { backend: null, model: null, version: null, path: null, persistent_state: null };
it.each([
  ['channels', [agent, agent], 'saved', /^error 1\.name: Another channel is called/], ['channels', [{ ...agent, name: null }], 'saved', /^warning 0\.name: Without a name/], ['channels', [{ ...agent, type: 'spicevmc' }], 'saved', /^error 0\.type: The guest has no SPICE/],
  ['watchdogs', [{ model: 'itco', action: 'reset', address: null }, { model: 'ib700', action: null, address: null }], 'live', /^error 1\.model: A watchdog ib700 cannot be plugged/], ['watchdogs', had.watchdogs[''], 'live', /^$/],
  ['watchdogs', [{ model: 'ib700', action: null, address: null }, { model: 'ib700', action: 'none', address: null }], 'saved', /^error 1\.model: The guest has a watchdog ib700/],
  ['panics', [{ model: 'isa', address: null }, { model: 'isa', address: null }], 'saved', /^error 1\.model: There is one of each/], ['rngs', [{ ...rng, backend: 'builtin' }], 'saved', /^error 0\.source: QEMU itself reads no file/], ['rngs', [{ ...rng, source: 'x' }], 'saved', /^error 0\.source: Write the whole path/],
  ['tpm', { ...noTpm, backend: 'emulator' }, 'saved', /^error backend: A TPM of kind emulator needs the program swtpm/], ['tpm', { ...noTpm, backend: 'passthrough', model: 'tpm-crb' }, 'saved', /^error model: This machine has no tpm-crb; it has tpm-tis/],
  ['tpm', { ...noTpm, backend: 'passthrough', version: '2.0' }, 'saved', /^error version: Only an emulated TPM/], ['tpm', { ...noTpm, path: '/dev/tpm0' }, 'saved', /^error path: Choose the kind/], ['tpm', { ...noTpm, backend: 'x' }, 'saved', /^error backend: There is no TPM of kind x/],
  ['balloon', { model: 'none', autodeflate: null, freePageReporting: 'on' }, 'saved', /^error freePageReporting: A device that is not there/],
] as const)('%s of %j, %s, is told so', (knob, value, truth, message) => expect(found(knob, value, truth)).toMatch(message));

it('a balloon that is taken away takes its statistics along, and brings them back', () => {
  const none = { model: 'none', autodeflate: null, freePageReporting: null };
  const away = makePlan({ live: null, saved }, { saved: { balloon: { '': none } } }, facts);
  expect([away.savedAfter.includes("<memballoon model='none'/>"), away.steps[0]?.changes.map(({ knob, from, to }) => [knob, from, to])]).toEqual([true, [['balloon', { ...none, model: 'virtio' }, none], ['memoryStatsPeriod', 5, null]]]);
});
