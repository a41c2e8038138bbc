// Domain events: one registration for many listeners, nothing missed, nothing that belongs to others.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connection } from './connection.ts';
import { DomainEvents } from './domain-events.ts';
import { LibvirtError } from './errors.ts';
import { remote } from './procedures.ts';
import { errorOf, eventFrame, Peer, replyFrame } from './scripted.test-peer.ts';

let peer: Peer;
let connection: Connection;
let events: DomainEvents;
beforeEach(() => {
  peer = new Peer();
  connection = new Connection(peer.near);
  events = new DomainEvents(connection);
});
afterEach(() => connection.close());

const register = remote.connectDomainEventCallbackRegisterAny;
const deregister = remote.connectDomainEventCallbackDeregisterAny;
const happened = (callbackID: number, event: number): Buffer =>
  eventFrame(remote.domainEventCallbackLifecycle, { callbackID, msg: { dom: { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 }, event, detail: 0 } });

/** Listens to the lifecycle and notes what it hears. */
const listen = (): { readonly heard: number[]; readonly off: Promise<(() => Promise<void>) | null> } => {
  const heard: number[] = [];
  return { heard, off: events.on('lifecycle', ({ msg }) => heard.push(msg.event)) };
};

describe('listening', () => {
  it('registers for all domains; an event in one read with the reply is heard', async () => {
    const { heard, off } = listen();
    const { header, args } = await peer.call(register);
    expect(args).toEqual({ eventID: 0, dom: null });
    peer.send(replyFrame(header, register.ret, { callbackID: 4 }), happened(4, 2));
    await off;
    expect(heard).toEqual([2]);
  });

  it('twice asks the server once, and each hears each event once', async () => {
    const [one, other] = [listen(), listen()];
    await peer.answer(register, { callbackID: 0 });
    await Promise.all([one.off, other.off]);
    const third = listen();
    await third.off;
    expect(await peer.sentByNow()).toEqual([]);
    peer.send(happened(0, 5));
    await peer.sentByNow();
    expect([one.heard, other.heard, third.heard]).toEqual([[5], [5], [5]]);
  });

  it('twice with the same function hears twice, and once when one of them has left', async () => {
    const heard: number[] = [];
    const hear = ({ msg }: { readonly msg: { readonly event: number } }): number => heard.push(msg.event);
    const both = [events.on('lifecycle', hear), events.on('lifecycle', hear)];
    await peer.answer(register, { callbackID: 0 });
    const [off] = await Promise.all(both);
    peer.send(happened(0, 1));
    await peer.sentByNow();
    await off?.();
    peer.send(happened(0, 2));
    await peer.sentByNow();
    expect(heard).toEqual([1, 1, 2]);
  });

  it('hears no event of another callback, nor one before its own reply', async () => {
    const { heard, off } = listen();
    const { header } = await peer.call(register);
    peer.send(happened(7, 1), replyFrame(header, register.ret, { callbackID: 8 }), happened(7, 2), happened(8, 3));
    await off;
    expect(heard).toEqual([3]);
  });

  it('tells events apart that have the same callback id', async () => {
    const reboots: string[] = [];
    const { heard, off } = listen();
    const reboot = events.on('reboot', ({ msg }) => reboots.push(msg.dom.name));
    await peer.answer(register, { callbackID: 0 });
    expect((await peer.answer(register, { callbackID: 0 })).args).toEqual({ eventID: 1, dom: null });
    await Promise.all([off, reboot]);
    peer.send(eventFrame(remote.domainEventCallbackReboot, { callbackID: 0, msg: { dom: { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 } } }));
    await peer.sentByNow();
    expect([heard, reboots]).toEqual([[], ['web']]);
  });
});

describe('an event that the server does not have', () => {
  it.each([['unsupported event ID 27', 1], ['this function is not supported', 3], ['unknown procedure: 316', 39]])('is null, where it says "%s" (error %i), and may be asked for again', async (message, code) => {
    const asked = events.on('deviceAdded', () => undefined);
    await peer.refuse(register, errorOf(code, message));
    expect(await asked).toBeNull();
    const again = events.on('deviceAdded', () => undefined);
    await peer.answer(register, { callbackID: 1 });
    expect(await again).toBeTypeOf('function');
  });

  it('is told from any other refusal', async () => {
    const asked = events.on('lifecycle', () => undefined);
    await peer.refuse(register, errorOf(88, 'access denied'));
    await expect(asked).rejects.toBeInstanceOf(LibvirtError);
  });
});

describe('leaving', () => {
  it('deregisters with the last listener; a message still in flight is not heard', async () => {
    const [one, other] = [listen(), listen()];
    await peer.answer(register, { callbackID: 6 });
    const [offOne, offOther] = [await one.off, await other.off];
    await offOne?.();
    expect(await peer.sentByNow()).toEqual([]);
    const left = offOther?.();
    const { header, args } = await peer.call(deregister);
    expect(args).toEqual({ callbackID: 6 });
    peer.send(happened(6, 1), replyFrame(header, deregister.ret, {}), happened(6, 2));
    await left;
    await offOther?.();
    expect([await peer.sentByNow(), one.heard, other.heard]).toEqual([[], [], []]);
  });

  it('and coming back waits until the server has let go, since it refuses a second registration', async () => {
    const first = listen();
    await peer.answer(register, { callbackID: 1 });
    const left = (await first.off)?.();
    const { header } = await peer.call(deregister);
    const second = listen();
    expect(await peer.sentByNow()).toEqual([]);
    peer.send(replyFrame(header, deregister.ret, {}));
    await left;
    await peer.answer(register, { callbackID: 2 });
    await second.off;
    peer.send(happened(1, 1), happened(2, 2));
    await peer.sentByNow();
    expect([first.heard, second.heard]).toEqual([[], [2]]);
  });

  it('a closed connection sends nothing and does not fail', async () => {
    const { off } = listen();
    await peer.answer(register, { callbackID: 1 });
    const leave = await off;
    connection.close();
    await expect(leave?.()).resolves.toBeUndefined();
  });
});

describe('a new connection', () => {
  it('registers anew, and the old one’s ids mean nothing on it', async () => {
    const { off } = listen();
    await peer.answer(register, { callbackID: 1 });
    await off;
    connection.close();
    peer = new Peer();
    connection = new Connection(peer.near);
    events = new DomainEvents(connection);
    const again = listen();
    await peer.answer(register, { callbackID: 9 });
    await again.off;
    peer.send(happened(1, 1), happened(9, 2));
    await peer.sentByNow();
    expect(again.heard).toEqual([2]);
  });
});
