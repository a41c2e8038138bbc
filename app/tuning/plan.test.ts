import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuSet } from '../domain/cpu-set.ts';
import { topologyFromNodeInfo } from '../domain/topology.ts';
import { DomainXml } from '../xml/domain-xml.ts';
import { ioThreadIds } from './io-thread-ids.ts';
import { unknownFacts, type Facts, type Knob } from './knob.ts';
import { type KnobName, knobNames, knobs, type KnobValue, readSettings, type SomeSettings, type Wanted } from './knobs.ts';
import { pendingUnits } from './pending.ts';
import { conflicts, invert } from './change.ts';
import { makePlan, plan as planSchema, type Plan, planning } from './plan.ts';
import { planCommands } from './plan-commands.ts';
import { takeStep, type Step, type StepHandlers } from './steps.ts';

const fixtures = Object.entries(import.meta.glob<string>('../xml/fixtures/*.xml', { query: '?raw', import: 'default', eager: true }));
const facts: Facts = {
  ...unknownFacts('db-primary'),
  guest: { name: 'db-primary', running: true, persistent: true },
  topology: topologyFromNodeInfo({ cpus: 32, memory: 1024, nodes: 1, sockets: 2, cores: 8, threads: 2 }),
  cpuSharesDefault: 100,
};

/** A guest on a host that does what libvirt does with each step. */
interface Guest {
  live: DomainXml;
  saved: DomainXml;
}
const places = ({ live, saved }: Guest, scope: 'live' | 'saved' | 'both'): readonly DomainXml[] => ({ live: [live], saved: [saved], both: [live, saved] })[scope];
const host: StepHandlers<Guest> = {
  pinVcpu: async ({ vcpu, cpus, scope }, guest) => places(guest, scope).forEach((xml) => knobs.vcpuPinning.write(xml, `${vcpu}`, cpus)),
  pinEmulator: async ({ cpus, scope }, guest) => places(guest, scope).forEach((xml) => knobs.emulatorPinning.write(xml, '', cpus)),
  setVcpus: async () => await Promise.reject(new Error('no scene counts')),
  setVcpu: async () => await Promise.reject(new Error('no scene plugs vCPUs')),
  pinIothread: async ({ id, cpus, scope }, guest) => places(guest, scope).forEach((xml) => knobs.ioThreadPinning.write(xml, `${id}`, cpus)),
  addIothread: async ({ id, scope }, guest) => places(guest, scope).forEach((xml) => knobs.ioThreads.write(xml, '', [...ioThreadIds(xml), id].map((each) => ({ id: each })))),
  delIothread: async ({ id, scope }, guest) => places(guest, scope).forEach((xml) => knobs.ioThreads.write(xml, '', ioThreadIds(xml).filter((each) => each !== id).map((each) => ({ id: each })))),
  setIothread: async () => await Promise.reject(new Error('no scene polls')),
  setScheduler: async ({ fields: { cpu_shares: shares, ...limits }, scope }, guest) => places(guest, scope).forEach((xml) => {
    if (shares !== undefined) knobs.cpuShares.write(xml, '', shares);
    for (const [field, value] of Object.entries(limits)) {
      const [unit = '', name = ''] = field.split('_');
      const before = knobs.cpuQuota.read(xml, facts)[unit];
      if (before !== undefined) knobs.cpuQuota.write(xml, unit, { ...before, [name]: value <= 0 || (name === 'period' && value === 100_000) ? null : value });
    }
  }),
  setMemory: async ({ what, memory, scope }, guest) => places(guest, scope).forEach((xml) => knobs[what === 'current' ? 'currentMemory' : 'memory'].write(xml, '', memory)),
  setMemoryStatsPeriod: async ({ period, scope }, guest) => places(guest, scope).forEach((xml) => knobs.memoryStatsPeriod.write(xml, '', period === 0 ? null : period)),
  setMemoryLimits: async ({ limits, scope }, guest) => places(guest, scope).forEach((xml) => {
    const before = knobs.memoryLimits.read(xml, facts)[''];
    if (before !== undefined) knobs.memoryLimits.write(xml, '', { ...before, ...limits });
  }),
  setNuma: async () => await Promise.reject(new Error('no scene has nodes')),
  setBlkio: async () => await Promise.reject(new Error('no scene weighs disks')),
  setBlockIoTune: async ({ disk, limits, group, scope }, guest) => places(guest, scope).forEach((xml) => knobs.diskThrottling.write(xml, disk, knobs.diskThrottling.value.parse({ ...Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, value === 0 ? null : value])), group_name: group }))),
  setInterface: async ({ device, params, scope }, guest) => places(guest, scope).forEach((xml) => {
    const before = knobs.nicBandwidth.read(xml, facts)[device];
    if (before !== undefined) knobs.nicBandwidth.write(xml, device, { ...before, ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value === 0 ? null : value])) });
  }),
  attachDevice: async () => await Promise.reject(new Error('no scene plugs')),
  detachDevice: async () => await Promise.reject(new Error('no scene unplugs')),
  updateDevice: async () => await Promise.reject(new Error('no scene has devices')),
  setWords: async () => await Promise.reject(new Error('no scene is said to be for anything')),
  setLifecycle: async () => await Promise.reject(new Error('no scene stops')),
  setAutostart: async () => await Promise.reject(new Error('no scene starts')),
  define: async ({ xml }, guest) => void (guest.saved = DomainXml.parse(xml)),
};
const take = async (steps: readonly Step[], guest: Guest): Promise<void> => {
  for (const step of steps) await takeStep(step, host, guest);
};
const truths = ({ live, saved }: Guest): { readonly live: ReturnType<typeof readSettings>; readonly saved: ReturnType<typeof readSettings> } => ({
  live: readSettings(live, facts),
  saved: readSettings(saved, facts),
});

/** Whether writing what is read changes nothing, as with everything that was set through Guestdeck. */
function isNormal(xml: DomainXml): boolean {
  const copy = xml.clone();
  write(copy, readSettings(xml, facts));
  return copy.text() === xml.text();
}
function write(xml: DomainXml, some: SomeSettings): void {
  const units = readSettings(xml, facts);
  const writeOne = <K extends KnobName>(name: K, wishes: Readonly<Record<string, KnobValue<K>>>): void => {
    const knob: Knob<KnobValue<K>> = knobs[name];
    for (const [unit, value] of Object.entries(wishes)) if (Object.hasOwn(units[name], unit)) knob.write(xml, unit, value);
  };
  for (const name of knobNames) writeOne(name, some[name] ?? {});
}

const pins = fc.option(fc.uniqueArray(fc.nat(31), { minLength: 1, maxLength: 6 }).map((cpus) => CpuSet.of(cpus).toString()), { nil: null });
const shares = fc.option(fc.integer({ min: 2, max: 10_000 }).filter((value) => value !== 100), { nil: null });
const times = (min: number, max: number) => fc.option(fc.integer({ min, max }).filter((value) => value !== 100_000), { nil: null });
/** Those that devices of a fixture use cannot be taken away. */
const usedThreads = [2, 5];
/** Of a running guest, what a thread has beside its pin does not come back when it does. */
const allThreads = [1, 2, 3, 5, 8];
const some = (vcpus: fc.Arbitrary<string>, threads: readonly number[] = usedThreads): fc.Arbitrary<SomeSettings> => fc.record(
  {
    vcpuPinning: fc.dictionary(vcpus, pins, { maxKeys: 4 }), emulatorPinning: fc.record({ '': pins }), cpuShares: fc.record({ '': shares }),
    ioThreads: fc.record({ '': fc.uniqueArray(fc.constantFrom(1, 3, 8)).map((ids) => [...new Set([...ids, ...threads])].toSorted((one, other) => one - other).map((id) => ({ id }))) }),
    cpuQuota: fc.dictionary(fc.constantFrom('vcpu', 'global', 'emulator', 'iothread'), fc.record({ period: times(1000, 1_000_000), quota: times(1000, 10_000_000) })),
  },
  { requiredKeys: [] },
);
/** A guest as it may be found, and what may be wanted of it; only vCPU 0 is in every fixture. */
const scene = fc.tuple(
  fc.constantFrom(...fixtures.filter(([path]) => !/hand-|live/.test(path)).map(([, text]) => text)),
  some(fc.constantFrom('0', '1', '2', '3', '9', '10')), some(fc.constantFrom('0', '1', '2', '10')),
  fc.record({ live: some(fc.constantFrom('0', '1', '3', '9', '10'), allThreads), saved: some(fc.constantFrom('0', '1', '3', '9', '10')) }, { requiredKeys: [] }),
).map(([text, now, later, wanted]): { readonly guest: Guest; readonly wanted: Wanted } => {
  const guest = { live: DomainXml.parse(text), saved: DomainXml.parse(text) };
  write(guest.live, now);
  write(guest.saved, later);
  return { guest, wanted };
});
const copy = ({ live, saved }: Guest): Guest => ({ live: live.clone(), saved: saved.clone() });

/** A plan made a piece at a time. */
const inPieces = (guest: { readonly live: DomainXml; readonly saved: DomainXml }, wanted: Wanted): { readonly plan: Plan; readonly pieces: number } => {
  const making = planning(guest, wanted, facts);
  for (let pieces = 1; ; pieces += 1) {
    const { done, value } = making.next();
    if (done === true) return { plan: value, pieces };
  }
};

describe('any plan', { timeout: 60_000 }, () => {
  it('leads to what was wanted and nothing else, and the definition it shows is the one it makes', async () => {
    await fc.assert(fc.asyncProperty(scene, async ({ guest, wanted }) => {
      const before = truths(guest);
      const plan = makePlan(guest, wanted, facts);
      const after = copy(guest);
      await take(plan.steps.map(({ step }) => step), after);
      const goal = { live: guest.live.clone(), saved: guest.saved.clone() };
      write(goal.live, wanted.live ?? {});
      write(goal.saved, wanted.saved ?? {});
      expect(truths(after)).toEqual(truths(goal));
      expect(after.saved.text()).toBe(plan.savedAfter);
      expect(plan.savedBefore).toBe(guest.saved.text());
      expect(truths(guest)).toEqual(before);
      expect(plan.findings.filter(({ message }) => !message.startsWith('The guest has no vCPU'))).toEqual([]);
    }), { numRuns: 300 });
  });

  it('stopped anywhere is put back by the plan of the inverse from there, and its definition to the byte', async () => {
    await fc.assert(fc.asyncProperty(scene, fc.nat(), async ({ guest, wanted }, stop) => {
      const plan = makePlan(guest, wanted, facts);
      const done = plan.steps.slice(0, plan.steps.length === 0 ? 0 : (stop % plan.steps.length) + 1);
      const after = copy(guest);
      await take(done.map(({ step }) => step), after);
      const back = makePlan(after, invert(plan.steps.flatMap(({ changes }) => changes)), facts);
      await take(back.steps.map(({ step }) => step), after);
      expect(truths(after)).toEqual(truths(guest));
      if (isNormal(guest.saved)) expect(after.saved.text()).toBe(guest.saved.text());
    }), { numRuns: 300 });
  });

  it('is undone by the plan of its inverse, and its definition to the byte', async () => {
    await fc.assert(fc.asyncProperty(scene, async ({ guest, wanted }) => {
      const first = makePlan(guest, wanted, facts);
      const changes = first.steps.flatMap((step) => step.changes);
      const after = copy(guest);
      await take(first.steps.map(({ step }) => step), after);
      expect(conflicts(changes, truths(after))).toEqual([]);
      const undo = makePlan(after, invert(changes), facts);
      await take(undo.steps.map(({ step }) => step), after);
      expect(truths(after)).toEqual(truths(guest));
      if (isNormal(guest.saved)) expect(after.saved.text()).toBe(guest.saved.text());
    }), { numRuns: 300 });
  });

  it('of what already is has no step and no finding', () => {
    fc.assert(fc.property(scene, ({ guest }) => {
      const { steps, findings, savedBefore, savedAfter } = makePlan(guest, truths(guest), facts);
      expect([steps, findings, savedAfter]).toEqual([[], [], savedBefore]);
    }));
  });

  it('has the order of knobs and units, defines last and at most once, and names each change once', () => {
    fc.assert(fc.property(scene, ({ guest, wanted }) => {
      const { steps } = makePlan(guest, wanted, facts);
      const keys = steps.filter(({ step }) => step.kind !== 'define').flatMap(({ changes }) => changes.slice(0, 1).map(({ knob, unit }) => knobNames.indexOf(knob) * 1000 + (/^\d+$/.test(unit) ? Number(unit) : 0)));
      expect(keys).toEqual(keys.toSorted((one, other) => one - other));
      expect(steps.slice(0, -1).every(({ step }) => step.kind !== 'define')).toBe(true);
      const all = new Set(steps.flatMap(({ changes }) => changes));
      const names = [...all].map(({ knob, unit, truth }) => `${knob} ${unit} ${truth}`);
      expect(new Set(names).size).toBe(names.length);
      expect(makePlan(guest, reversed(wanted), facts).steps).toEqual(steps);
    }));
  });

  it('made in pieces comes to the same', () => {
    fc.assert(fc.property(scene, ({ guest, wanted }) => {
      expect(inPieces(guest, wanted).plan).toEqual(makePlan(guest, wanted, facts));
    }), { numRuns: 50 });
  });

  it('crosses processes unchanged', () => {
    fc.assert(fc.property(scene, ({ guest, wanted }) => {
      const made = makePlan(guest, wanted, facts);
      expect(planSchema.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
    }));
  });
});

/** The same wanted, named in the opposite order. */
const reversed = (wanted: Wanted): Wanted => JSON.parse(JSON.stringify(wanted), (_, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toReversed()) : value) as Wanted;

const guestOf = (tuning: string, name = 'db-primary'): DomainXml =>
  DomainXml.parse(`<domain type='kvm'>\n  <name>${name}</name>\n  <uuid>4c9f0001-1b7e-4d55-9a30-6f0d2c8e0001</uuid>\n  <vcpu>8</vcpu>\n${tuning}  <devices>\n  </devices>\n</domain>\n`);
const pinned = guestOf("  <cputune>\n    <shares>512</shares>\n    <vcpupin vcpu='7' cpuset='7'/>\n  </cputune>\n");
const bare = guestOf('');
const brief = ({ steps }: Plan): readonly (readonly string[])[] => steps.map(({ title, virsh }) => [title, virsh]);

describe('a plan', () => {
  it('moves both truths in one step where they go to the same value', () => {
    const { steps } = makePlan({ live: pinned, saved: pinned }, { live: { vcpuPinning: { 7: '7,23' } }, saved: { vcpuPinning: { 7: '23,7' } } }, facts);
    expect(steps).toMatchObject([{
      title: 'Pin vCPU 7 to CPUs 7,23',
      scope: 'both',
      step: { kind: 'pinVcpu', vcpu: 7, cpus: '7,23', scope: 'both' },
      virsh: 'virsh vcpupin db-primary 7 7,23 --live --config',
    }]);
  });

  it('has a piece for each setting, so that no piece takes long', () => {
    const pins = Object.fromEntries(Array.from({ length: 8 }, (_, vcpu) => [`${vcpu}`, `${vcpu + 8}`]));
    const { plan, pieces } = inPieces({ live: pinned, saved: pinned }, { live: { vcpuPinning: pins }, saved: { vcpuPinning: pins } });
    expect(plan.steps.length).toBe(8);
    expect(pieces).toBeGreaterThanOrEqual(8);
  });

  it('defines last what no call can save', () => {
    const made = makePlan({ live: pinned, saved: pinned }, {
      live: { vcpuPinning: { 7: null } },
      saved: { vcpuPinning: { 7: null, 0: '1' }, emulatorPinning: { '': '2' }, cpuShares: { '': null } },
    }, facts);
    expect(brief(made)).toEqual([
      ['Pin vCPU 0 to CPU 1', 'virsh vcpupin db-primary 0 1 --config'],
      ['vCPU 7: no pin', 'virsh vcpupin db-primary 7 0-31 --live'],
      ['Pin emulator threads to CPU 2', 'virsh emulatorpin db-primary 2 --config'],
      ['vCPU 7: no pin, CPU shares: host default', 'virsh define ./db-primary.xml'],
    ]);
    expect(made.savedAfter).toBe(guestOf("  <cputune>\n    <vcpupin vcpu='0' cpuset='1'/>\n    <emulatorpin cpuset='2'/>\n  </cputune>\n").text());
  });

  it('keeps both truths apart where they differ', () => {
    expect(brief(makePlan({ live: bare, saved: bare }, { live: { cpuShares: { '': 2 } }, saved: { cpuShares: { '': 3 } } }, facts))).toEqual([
      ['Set CPU shares to 2', 'virsh schedinfo db-primary --set cpu_shares=2 --live'],
      ['Set CPU shares to 3', 'virsh schedinfo db-primary --set cpu_shares=3 --config'],
    ]);
  });

  it("takes the host's default, written out, for no change", () => {
    expect(makePlan({ live: bare, saved: bare }, { live: { cpuShares: { '': 100 } }, saved: { vcpuPinning: { 0: '0-31' } } }, facts).steps).toEqual([]);
  });

  it.each([
    ['live values of a guest that is off', { live: null, saved: bare }, { live: { cpuShares: { '': 2 } } }, /not running/],
    ['saved values of a transient guest', { live: bare, saved: null }, { saved: { cpuShares: { '': 2 } } }, /transient/],
    ['a vCPU the guest does not have', { live: bare, saved: bare }, { saved: { vcpuPinning: { 8: '1' } } }, /^The guest has no vCPU 8\.$/],
    ['a CPU the host does not have', { live: bare, saved: bare }, { live: { vcpuPinning: { 0: '1,40' } } }, /^The host has no CPU 40; its CPUs are 0-31\.$/],
  ])('finds an error and makes no step for %s', (_, before, wanted, message) => {
    const { steps, findings } = makePlan(before, wanted, facts);
    expect(steps).toEqual([]);
    expect(findings).toEqual([{ level: 'error', message: expect.stringMatching(message), knob: expect.any(String), unit: expect.any(String), truth: Object.keys(wanted)[0] }]);
  });

  it.each([{ live: { cpuShares: { '': 2 } } }, { live: { cpuShares: { '': 2 } }, saved: { cpuShares: { '': 2 } } }])('warns where there is no way back: %j', (wanted) => {
    const { findings, steps } = makePlan({ live: bare, saved: bare }, wanted, { ...facts, cpuSharesDefault: null });
    expect(findings).toEqual([{ level: 'warning', message: 'The value it has now cannot be set again while the guest runs.', knob: 'cpuShares', unit: '', truth: 'live' }]);
    expect(steps).toHaveLength(1);
  });

  it('does not hold against a guest what was so before', () => {
    const odd = guestOf("  <cputune>\n    <vcpupin vcpu='0' cpuset='40'/>\n  </cputune>\n");
    expect(makePlan({ live: null, saved: odd }, { saved: { vcpuPinning: { 0: '40', 1: '3' } } }, facts)).toMatchObject({ findings: [], steps: [{ title: 'Pin vCPU 1 to CPU 3' }] });
  });

  it('names a guest of digits by its UUID, since virsh would take it for an id', () => {
    const seven = guestOf('', '7');
    expect(makePlan({ live: seven, saved: null }, { live: { cpuShares: { '': 2 } } }, { ...facts, guest: { ...facts.guest, name: '7' } }).steps[0]?.virsh)
      .toBe('virsh schedinfo 4c9f0001-1b7e-4d55-9a30-6f0d2c8e0001 --set cpu_shares=2 --live');
  });

  it('is a shell script with the definition in it', () => {
    const made = makePlan({ live: pinned, saved: pinned }, { live: { cpuShares: { '': 9 } }, saved: { vcpuPinning: { 7: null } } }, facts);
    expect(planCommands(made)).toBe(`# vCPU 7: no pin\nvirsh define /dev/stdin <<'END_OF_XML'\n${made.savedAfter}END_OF_XML\n`.replace(/^/, '# Set CPU shares to 9\nvirsh schedinfo db-primary --set cpu_shares=9 --live\n\n'));
  });
});

describe('undo', () => {
  it('sees that the world has moved on', () => {
    const { steps } = makePlan({ live: bare, saved: bare }, { live: { cpuShares: { '': 2 } }, saved: { cpuShares: { '': 2 }, vcpuPinning: { 0: '1' } } }, facts);
    const changes = steps.flatMap((step) => step.changes);
    const now = { live: null, saved: readSettings(guestOf("  <cputune>\n    <shares>2</shares>\n    <vcpupin vcpu='0' cpuset='5'/>\n  </cputune>\n"), facts) };
    expect(conflicts(changes, now).map(({ knob, truth }) => `${knob} ${truth}`)).toEqual(['vcpuPinning saved', 'cpuShares live']);
  });

  it('goes back to what was before the plan, whatever an earlier setting of it moved along the way', () => {
    const xml = DomainXml.parse('<domain><name>g</name><memory>163840</memory><currentMemory>163840</currentMemory><vcpu>1</vcpu><devices><memballoon model="virtio"/></devices></domain>');
    const { steps } = makePlan({ live: null, saved: xml }, { saved: { memory: { '': 327_680 }, currentMemory: { '': 204_800 } } }, facts);
    const changes = steps.flatMap((one) => one.changes);
    expect(changes.find(({ knob }) => knob === 'currentMemory')).toMatchObject({ from: 163_840, to: 204_800 });
    expect(invert(changes)).toEqual({ saved: { memory: { '': 163_840 }, currentMemory: { '': 163_840 } } });
  });

  it('moves each truth by itself where a call to both would leave of one what the other never had', () => {
    const device = (path: string, weight: number): string => `<device><path>${path}</path><weight>${weight}</weight></device>`;
    const xml = (tune: string): DomainXml => DomainXml.parse(`<domain><name>g</name><memory>65536</memory><vcpu>1</vcpu>${tune === '' ? '' : `<blkiotune>${tune}</blkiotune>`}</domain>`);
    const wish = { blockDevices: { '': [{ path: '/dev/sda', weight: 200, read_iops_sec: null, write_iops_sec: null, read_bytes_sec: null, write_bytes_sec: null }] } };
    const scopesFrom = (saved: string): readonly string[] => makePlan({ live: xml(''), saved: xml(saved) }, { live: wish, saved: wish }, facts).steps.map(({ scope }) => scope);
    expect([scopesFrom(''), scopesFrom(device('/dev/sdb', 300))]).toEqual([['both'], ['live', 'saved']]);
  });

  it('refuses wishes of which one undoes another', () => {
    const xml = DomainXml.parse("<domain><name>g</name><memory>65536</memory><vcpu current='2'>4</vcpu><devices/></domain>");
    const wanted: Wanted = { saved: { vcpus: { '': { current: 3, maximum: 4 } }, vcpuState: { 3: { enabled: true, hotpluggable: true, order: null } } } };
    expect(makePlan({ live: null, saved: xml }, wanted, facts).findings.filter(({ level }) => level === 'error')).toMatchObject([{ knob: 'vcpus', truth: 'saved', message: 'Together with the other changes it becomes 4, not 3 of at most 4.' }]);
  });

  it('of several changes to one setting goes back before the first', () => {
    const change = { knob: 'cpuShares', unit: '', truth: 'live' } as const;
    expect(invert([{ ...change, from: 1, to: 2 }, { ...change, from: 2, to: 3 }])).toEqual({ live: { cpuShares: { '': 1 } } });
  });
});

describe('what goes with something taken away', () => {
  const threads = guestOf("  <iothreads>2</iothreads>\n  <cputune>\n    <iothreadpin iothread='2' cpuset='3'/>\n    <iothreadsched iothreads='1-2' scheduler='batch'/>\n  </cputune>\n");
  const one = { ioThreads: { '': [{ id: 1 }] } };

  it('is a change too, and comes back with it', async () => {
    const made = makePlan({ live: null, saved: threads }, { saved: one }, facts);
    const changes = made.steps.flatMap((step) => step.changes);
    expect(changes.map(({ knob, unit, to }) => [knob, unit, to])).toEqual([['ioThreads', '', [{ id: 1 }]], ['ioThreadPinning', '2', null], ['ioThreadScheduler', '2', null]]);
    const guest = { live: bare.clone(), saved: threads.clone() };
    await take(made.steps.map(({ step }) => step), guest);
    expect(conflicts(changes, { live: null, saved: readSettings(guest.saved, facts) })).toEqual([]);
    await take(makePlan({ live: null, saved: guest.saved }, invert(changes), facts).steps.map(({ step }) => step), guest);
    expect(guest.saved.text()).toBe(threads.text());
  });

  it('and cannot come back while the guest runs is said before', () => {
    expect(makePlan({ live: threads, saved: null }, { live: one }, facts)).toMatchObject({
      findings: [{ level: 'warning', message: 'Scheduler of I/O thread 2 goes with it, and cannot be set again while the guest runs.', knob: 'ioThreadScheduler', unit: '2', truth: 'live' }],
      steps: [{ title: 'Remove I/O thread 2', changes: [{ knob: 'ioThreads' }, { knob: 'ioThreadPinning', from: '3', to: null }] }],
    });
  });
});

describe('what waits for a restart', () => {
  it('is each unit whose truths differ, and nothing that only looks different', () => {
    const live = guestOf("  <cputune>\n    <shares>100</shares>\n    <vcpupin vcpu='0' cpuset='0-31'/>\n    <vcpupin vcpu='2' cpuset='3,2'/>\n    <vcpupin vcpu='7' cpuset='8'/>\n  </cputune>\n");
    const saved = guestOf("  <cputune>\n    <vcpupin vcpu='2' cpuset='2-3'/>\n    <vcpupin vcpu='7' cpuset='7'/>\n  </cputune>\n");
    expect(pendingUnits(readSettings(live, facts), readSettings(saved, facts))).toEqual([{ knob: 'vcpuPinning', unit: '7', live: '8', saved: '7' }]);
    expect(pendingUnits(null, readSettings(saved, facts))).toEqual([]);
  });
});
