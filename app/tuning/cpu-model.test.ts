// Which CPU a guest sees, and how it is laid out.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { cpuCache } from './cpu-cache.ts';
import { cpuFeatures, nestedVirtualization } from './cpu-features.ts';
import { cpuModel } from './cpu-model.ts';
import { cpuTopology } from './cpu-topology.ts';
import { guestNuma } from './guest-numa.ts';
import { type Facts, type Knob, unknownFacts } from './knob.ts';

const facts: Facts = {
  ...unknownFacts('any'),
  libvirtVersion: 9_000_000,
  domainCapabilities: {
    maximumVcpus: 255,
    modes: [{ name: 'custom', supported: true }, { name: 'host-passthrough', supported: false }],
    models: [{ name: 'qemu64', usable: true, vendor: null, blockers: [] }, { name: 'Haswell', usable: false, vendor: 'Intel', blockers: ['hle', 'rtm'] }],
    hostModel: { model: 'Skylake-Client', vendor: 'Intel', features: [{ name: 'hle', policy: 'disable' }] },
    devices: {},
  },
};
const of = (cpu: string, type = 'kvm'): DomainXml => DomainXml.parse(`<domain type='${type}'><memory unit='KiB'>4096</memory><vcpu>4</vcpu>${cpu}</domain>`);
const said = <V>(knob: Knob<V>, value: V, cpu = "<cpu mode='custom'><model>qemu64</model></cpu>", unit = '', known = facts): readonly string[] => {
  const xml = of(cpu);
  knob.write(xml, unit, value);
  return knob.check(value, unit, 'saved', known, xml).map(({ level, message }) => `${level}: ${message}`);
};
const none = { mode: null, model: null, fallback: null, match: null, check: null, migratable: null };

describe('a CPU model', () => {
  it.each([
    [{ mode: 'custom', model: null }, ['error: Mode custom needs a model.']],
    [{ mode: 'custom', model: 'Pentium9' }, ['error: This host knows no CPU model Pentium9.']],
    [{ mode: 'custom', model: 'Haswell' }, ['warning: This host lacks hle, rtm of Haswell: the guest starts without, or not at all, as fallback and check say.']],
    [{ mode: 'host-passthrough' }, ['error: This host cannot give host-passthrough to this guest.']],
    [{ mode: 'guessed' }, ['error: There is no mode guessed.']],
    [{ mode: 'custom', model: 'qemu64', match: 'nearly' }, ['error: This is exact, minimum, strict or nothing.']],
    [{ mode: 'custom', model: 'qemu64' }, []],
  ])('%j is judged by what the host can give', (value, expected) => expect(said(cpuModel, { ...none, ...value })).toEqual(expected));

  it('loses what has no meaning in another mode', () => {
    const xml = of("<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><feature policy='require' name='aes'/></cpu>");
    cpuModel.write(xml, '', { mode: 'host-passthrough', model: 'qemu64', fallback: 'forbid', match: 'exact', check: 'none', migratable: 'off' });
    expect(xml.element('cpu')?.toString()).toBe("<cpu mode='host-passthrough' check='none' migratable='off'><feature policy='require' name='aes'/></cpu>");
  });

  it('is the same where libvirt wrote out what was left to it', () => {
    expect(cpuModel.alike?.({ ...none, mode: 'host-passthrough', check: 'none', migratable: 'on' }, { ...none, mode: 'host-passthrough' })).toBe(true);
    expect(cpuModel.alike?.({ ...none, mode: 'custom', model: 'qemu64', fallback: 'allow', match: 'exact', check: 'partial' }, { ...none, mode: 'custom', model: 'qemu64' })).toBe(true);
    expect(cpuModel.alike?.({ ...none, mode: 'maximum', check: 'full' }, { ...none, mode: 'maximum' })).toBe(false);
    expect(cpuModel.alike?.({ ...none, mode: 'custom', model: 'qemu64', fallback: 'forbid' }, { ...none, mode: 'custom', model: 'qemu64' })).toBe(false);
  });

  it('waits for no restart when the running guest shows what it came to', () => {
    const live = { ...none, mode: 'custom', model: 'Skylake-Client', match: 'exact', check: 'full', fallback: 'forbid' };
    expect([cpuModel.runsAs?.(live, { ...none, mode: 'host-model' }), cpuModel.runsAs?.(live, { ...none, mode: 'custom', model: 'Skylake-Client', check: 'partial' })]).toEqual([true, true]);
    expect([cpuModel.runsAs?.(live, { ...none, mode: 'host-passthrough' }), cpuModel.runsAs?.(live, { ...none, mode: 'custom', model: 'qemu64' })]).toEqual([false, false]);
  });
});

describe('CPU features', () => {
  it.each([
    [[{ name: 'aes', policy: 'require' }], []],
    [[{ name: '', policy: 'require' }], ['error: Feature 1 needs a name such as pcid.']],
    [[{ name: 'aes', policy: 'require' }, { name: 'aes', policy: 'disable' }], ['error: aes stands there twice.']],
    [[{ name: 'aes', policy: 'perhaps' }], ['error: There is no policy perhaps.']],
    [[{ name: 'hle', policy: 'require' }], ['warning: This host lacks hle, so the guest would not start here.']],
    [[{ name: 'vmx', policy: 'require' }], ['error: vmx is what "Nested virtualization" sets.']],
  ])('%j are judged', (value, expected) => expect(said(cpuFeatures, value)).toEqual(expected));

  it('need a mode', () => expect(said(cpuFeatures, [{ name: 'aes', policy: 'require' }], '')).toEqual(['error: Features need a CPU mode: choose one above.']));

  it('leave what makes a guest a host of guests to the knob of its own, by the vendor of the host', () => {
    const xml = of("<cpu mode='custom'><model>qemu64</model><feature policy='require' name='svm'/><feature policy='disable' name='aes'/></cpu>");
    expect([cpuFeatures.read(xml, facts)[''], nestedVirtualization.read(xml, facts)]).toEqual([[{ name: 'aes', policy: 'disable' }], { vmx: null, svm: 'require' }]);
    cpuFeatures.write(xml, '', []);
    expect(nestedVirtualization.read(xml, unknownFacts('any'))).toEqual({ svm: 'require' });
    expect(said(nestedVirtualization, 'require', undefined, 'vmx')).toEqual(['warning: This host does not offer vmx to guests, so the guest would not start here: see the parameter nested of its KVM module.']);
  });

  it('wait for no restart because a running guest lists all it has', () => {
    const live = [{ name: 'aes', policy: 'require' }, { name: 'hypervisor', policy: 'require' }];
    expect(cpuFeatures.runsAs?.(live, [{ name: 'aes', policy: 'require' }, { name: 'pcid', policy: 'disable' }])).toBe(true);
    expect([cpuFeatures.runsAs?.(live, [{ name: 'pcid', policy: 'require' }]), cpuFeatures.runsAs?.(live, [{ name: 'aes', policy: 'disable' }])]).toEqual([false, false]);
  });
});

describe('a topology', () => {
  const topology = (sockets: number | null, cores: number | null, threads: number | null, clusters: number | null = null) => ({ sockets, dies: null, clusters, cores, threads });
  it.each([
    [topology(1, 2, 2), []],
    [topology(null, null, null), []],
    [topology(1, 2, null), ['error: Sockets, cores and threads go together: fill in all three, or none.']],
    [topology(2, 2, 2), ['error: 2 sockets × 2 cores × 2 threads is 8 vCPUs, and the guest has at most 4: make them the same.']],
    [topology(1, 2, 1, 2), ["error: This host's libvirt knows no clusters: from 10.1.0 on it does."]],
  ])('%j is judged by the most vCPUs', (value, expected) => expect(said(cpuTopology, value)).toEqual(expected));

  it('with one die, written or not, is the same', () => expect(cpuTopology.alike?.({ ...topology(1, 2, 2), dies: 1 }, topology(1, 2, 2))).toBe(true));
});

it.each([
  [{ mode: 'emulate', level: 3 }, []],
  [{ mode: 'emulate', level: null }, ['error: Only the cache of level 3 can be emulated: write 3.']],
  [{ mode: 'disable', level: 3 }, ['error: With disable there is no level.']],
  [{ mode: null, level: 3 }, ['error: A level needs mode emulate.']],
  [{ mode: 'passthrough', level: null }, ['error: passthrough goes with CPU mode host-passthrough or maximum only.']],
])('a CPU cache %j is judged', (value, expected) => expect(said(cpuCache, value)).toEqual(expected));

describe('NUMA cells', () => {
  const cell = (cpus: string | null, memory: number) => ({ cpus, memory, memAccess: null, discard: null });
  it.each([
    [[cell('0-1', 1024), cell('2-3', 3072)], []],
    [[cell('0-2', 4096)], ['warning: vCPU 3 is in no cell: libvirt puts what is left into cell 0.']],
    [[cell('0-2', 1024), cell('2-3', 3072)], ['error: vCPU 2 is in two cells.']],
    [[cell('0-4', 4096)], ['error: Cell 0 holds vCPU 4, and the last there can be is 3.']],
    [[cell('0-3', 4096), cell(null, 0)], ['error: Cell 1 needs memory.']],
    [[cell('0-3', 2048)], ['error: The cells hold 2 MiB together, and the guest starts with 4 MiB: make them the same.']],
    [[], []],
  ])('%j are judged', (value, expected) => expect(said(guestNuma, value)).toEqual(expected));

  it('that stay keep their distances, but for those to cells that go', () => {
    const xml = of("<cpu><numa><cell id='0' cpus='0-1' memory='2' unit='MiB'><distances><sibling id='0' value='10'/><sibling id='1' value='21'/></distances></cell><cell id='1' cpus='2-3' memory='2' unit='MiB'/></numa></cpu>");
    guestNuma.write(xml, '', [cell('0-3', 2048)]);
    expect(xml.element('cpu', 'numa')?.toString()).toBe("<numa><cell id='0' cpus='0-3' memory='2' unit='MiB'><distances><sibling id='0' value='10'/></distances></cell></numa>");
  });
});
