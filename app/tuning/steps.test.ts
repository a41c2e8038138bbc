import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from '../domain/schema.ts';
import { definitionFile, step, stepCommand, stepTitle, takeStep, type Step, type StepHandlers, type StepKind } from './steps.ts';

const each: { readonly [K in StepKind]: Step<K> } = {
  pinVcpu: { kind: 'pinVcpu', vcpu: 7, cpus: '7,23', scope: 'both' },
  pinEmulator: { kind: 'pinEmulator', cpus: '3', scope: 'live' },
  setScheduler: { kind: 'setScheduler', field: 'cpu_shares', value: 200, scope: 'saved' },
  define: { kind: 'define', xml: '<domain/>' },
};

describe('a step', () => {
  it('has a title and the command that does the same', () => {
    expect(Object.values(each).map((of) => [stepTitle(of), stepCommand(of, 'db primary')])).toEqual([
      ['Pin vCPU 7 to CPUs 7,23', "virsh vcpupin 'db primary' 7 7,23 --live --config"],
      ['Pin emulator threads to CPU 3', "virsh emulatorpin 'db primary' 3 --live"],
      ['Set CPU shares to 200', "virsh schedinfo 'db primary' --set cpu_shares=200 --config"],
      ['Write the saved definition', "virsh define './db primary.xml'"],
    ]);
  });

  it('writes a definition only beside where the command runs', () => expect(definitionFile('../../etc/x')).toBe('./.._.._etc_x.xml'));

  it.each(Object.entries(each))('crosses as %s', (_, of) => expect(step.parse(of)).toEqual(of));

  it.each([
    ['an unknown kind', { kind: 'destroy' }],
    ['a field too many', { ...each.pinEmulator, vcpu: 1 }],
    ['a field too few', { kind: 'pinVcpu', cpus: '1', scope: 'live' }],
    ['no CPU', { ...each.pinEmulator, cpus: '' }],
    ['a cpuset that is not canonical', { ...each.pinEmulator, cpus: '3,2' }],
    ['a backward range', { ...each.pinEmulator, cpus: '5-2' }],
    ['a CPU beyond all hosts', { ...each.pinEmulator, cpus: '99999' }],
    ['something for the shell', { ...each.pinEmulator, cpus: '1;reboot' }],
    ['another field of the scheduler', { ...each.setScheduler, field: 'vcpu_quota' }],
    ['an unknown scope', { ...each.setScheduler, scope: 'now' }],
  ])('is refused with %s', (_, of) => expect(step.safeParse(of).success).toBe(false));

  it('goes to the handler of its kind, with the context', async () => {
    const tell = async (of: Step, context: string): Promise<string> => `${of.kind} ${context}`;
    const handlers: StepHandlers<string, string> = { pinVcpu: tell, pinEmulator: tell, setScheduler: tell, define: async () => 'defined' };
    expect(await Promise.all(Object.values(each).map((of: Step) => takeStep(of, handlers, 'here')))).toEqual(['pinVcpu here', 'pinEmulator here', 'setScheduler here', 'defined']);
  });

  it('whose handler was forgotten does not compile', () => {
    const handlers = { pinVcpu: async () => {}, pinEmulator: async () => {}, define: async () => {} };
    // @ts-expect-error setScheduler has no handler: were this line to compile, the test's own type check would fail.
    const forgotten: StepHandlers<null> = handlers;
    expect(forgotten).toBe(handlers);
    expectTypeOf<z.infer<typeof step>['kind']>().toEqualTypeOf<StepKind>();
  });
});
