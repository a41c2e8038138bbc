// What the compiler knows at a call site, and what a line of the table knows at run time.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { bytes, int, uint } from '../xdr/xdr.ts';
import { type Domain, domain } from './objects.ts';
import { type Call, call, type CallArgs, type CallRet, event, type EventMessage, table } from './procedure.ts';
import { type qemu, remote } from './procedures.ts';

const guest: Domain = { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: -1 };
/** Stands for a client's call: takes what the line says, and answers what it says. */
const send = <A, R>(line: Call<A, R>, args: NoInfer<A>): { readonly line: Call<A, R>; readonly args: A; readonly ret?: R } => ({ line, args });

describe('a call of the table', () => {
  it('has its arguments and its result typed by its line', () => {
    expectTypeOf<CallArgs<typeof remote.domainPinVcpuFlags>>().branded.toEqualTypeOf<{
      readonly dom: { readonly name: string; readonly uuid: string; readonly id: number };
      readonly vcpu: number;
      readonly cpumap: Uint8Array;
      readonly flags: number;
    }>();
    expectTypeOf<CallRet<typeof remote.domainGetState>>().branded.toEqualTypeOf<{ readonly state: number; readonly reason: number }>();
    expectTypeOf<CallRet<typeof remote.domainGetMaxMemory>>().branded.toEqualTypeOf<{ readonly memory: bigint }>();
    expectTypeOf<CallArgs<typeof remote.connectOpen>['name']>().toEqualTypeOf<string | null>();
    expectTypeOf<CallRet<typeof remote.connectListAllDomains>['domains']>().branded.toEqualTypeOf<readonly Domain[]>();
    expectTypeOf<EventMessage<typeof remote.domainEventCallbackLifecycle>['msg']['event']>().toEqualTypeOf<number>();
    expectTypeOf<CallArgs<typeof qemu.domainMonitorCommand>['cmd']>().toEqualTypeOf<string>();
  });

  it('tells the arms of a typed parameter apart by their type', () => {
    type Value = CallArgs<typeof remote.domainSetSchedulerParametersFlags>['params'][number]['value'];
    expectTypeOf<Extract<Value, { readonly type: 4 }>['value']>().toEqualTypeOf<bigint>();
    expectTypeOf<Extract<Value, { readonly type: 7 }>['value']>().toEqualTypeOf<string>();
    expectTypeOf<Value['type']>().toEqualTypeOf<1 | 2 | 3 | 4 | 5 | 6 | 7>();
  });

  it('is refused by the compiler when an argument is wrong, missing or too many', () => {
    const pin = { dom: guest, vcpu: 2, cpumap: Uint8Array.of(0xf0), flags: 1 };
    expect(send(remote.domainPinVcpuFlags, pin).args).toBe(pin);
    // @ts-expect-error libvirt calls it cpumap
    send(remote.domainPinVcpuFlags, { dom: guest, vcpu: 2, cpuMap: Uint8Array.of(0xf0), flags: 1 });
    // @ts-expect-error the flags are missing
    send(remote.domainPinVcpuFlags, { dom: guest, vcpu: 2, cpumap: Uint8Array.of(0xf0) });
    // @ts-expect-error a 64-bit value is a bigint
    send(remote.domainSetMemory, { dom: guest, memory: 1024 });
    // @ts-expect-error null says that there is none, leaving it out does not
    send(remote.connectOpen, { flags: 0 });
    // @ts-expect-error this call takes nothing
    send(remote.connectClose, { flags: 0 });
    // @ts-expect-error an event cannot be called
    send(remote.domainEventCallbackLifecycle, {});
    expect(send(remote.connectClose, {}).args).toEqual({});
  });
});

describe('a table', () => {
  const lines = table('remote', {
    pin: call(7, { dom: domain, cpumap: bytes(8), flags: uint }, {}),
    shoot: call(8, {}, { found: int }, { stream: 'read', fds: 'reply' }),
    news: event(9, { callbackID: int }),
  });

  it('gives each line its name and program and keeps what the line says', () => {
    expect(lines.pin).toMatchObject({ kind: 'call', number: 7, name: 'pin', program: 'remote' });
    expect(Object.keys(lines.pin)).not.toContain('stream');
    expect(lines.shoot).toMatchObject({ kind: 'call', number: 8, name: 'shoot', stream: 'read', fds: 'reply' });
    expect(lines.news).toMatchObject({ kind: 'event', number: 9, name: 'news', program: 'remote' });
    expect(lines.shoot.args.least).toBe(0);
    expect(lines.pin.args.least).toBe(4 + 16 + 4 + 4 + 4);
  });
});
