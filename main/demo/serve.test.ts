// The demo daemon's protocol end, spoken to in raw frames where a well-behaved client would not go.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainEvents } from '../libvirt/domain-events.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { remoteError } from '../libvirt/objects.ts';
import { openConnection } from '../libvirt/open.ts';
import { frame, type Header, largestMessage, type Packet, Packets } from '../libvirt/packets.ts';
import { programs } from '../libvirt/procedure.ts';
import { remote } from '../libvirt/procedures.ts';
import { Reader, type Writer } from '../xdr/xdr.ts';
import { ManualClock } from './clock.ts';
import { createDemoHost, type DemoHost } from './demo-host.ts';

let host: DemoHost;
beforeEach(() => {
  host = createDemoHost({ clock: new ManualClock() });
});
afterEach(() => host.close());

/** A client without manners: sends what it likes and reads one packet at a time. */
class Raw {
  readonly #duplex: Duplex;
  readonly #packets = new Packets();
  readonly #came: Packet[] = [];
  #wake: () => void = () => undefined;
  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    duplex.on('data', (piece: Buffer) => {
      this.#came.push(...this.#packets.push(piece));
      this.#wake();
    });
  }
  write(bytes: Buffer): void {
    this.#duplex.write(bytes);
  }
  async ended(): Promise<void> {
    await once(this.#duplex, 'end');
  }
  async ask(header: Partial<Header>, payload?: (to: Writer) => void): Promise<Packet> {
    this.write(frame({ program: programs.remote, procedure: 0, type: 0, serial: 7, status: 0, ...header }, payload));
    return await this.next();
  }
  async next(): Promise<Packet> {
    for (;;) {
      const packet = this.#came.shift();
      if (packet !== undefined) return packet;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
  /** The error that comes back: number, domain and words. */
  async refused(header: Partial<Header>, payload?: (to: Writer) => void): Promise<string> {
    const packet = await this.ask(header, payload);
    expect(packet).toMatchObject({ type: 1, status: 1, serial: header.serial ?? 7, procedure: header.procedure ?? 0 });
    const { code, domain, message } = remoteError.read(new Reader(packet.payload));
    return `${code} ${domain} ${message}`;
  }
}
const opened = async (): Promise<Raw> => {
  const raw = new Raw(host.connect());
  await raw.ask({ procedure: remote.authList.number });
  await raw.ask({ procedure: remote.connectOpen.number }, (to) => remote.connectOpen.args.write(to, { name: '', flags: 0 }));
  return raw;
};

describe('a demo daemon', () => {
  it('serves nothing before the authentication list was asked for', async () => {
    expect(await new Raw(host.connect()).refused({ procedure: remote.connectGetHostname.number })).toBe('39 7 authentication required');
  });

  it('serves nothing but keepalive’s feature before a driver is open', async () => {
    const raw = new Raw(host.connect());
    await raw.ask({ procedure: remote.authList.number });
    const ask = (feature: number) => (to: Writer) => remote.connectSupportsFeature.args.write(to, { feature });
    expect((await raw.ask({ procedure: 60 }, ask(10))).status).toBe(0);
    expect(await raw.refused({ procedure: 60 }, ask(14))).toMatch(/^1 7 /);
    expect(await raw.refused({ procedure: remote.connectGetHostname.number })).toMatch(/^1 7 .*not open/);
  });

  it('opens once, and never without a name', async () => {
    const raw = await opened();
    const name = (text: string | null) => (to: Writer) => remote.connectOpen.args.write(to, { name: text, flags: 0 });
    expect(await raw.refused({ procedure: 1 }, name(''))).toMatch(/^1 /);
    const another = new Raw(host.connect());
    await another.ask({ procedure: remote.authList.number });
    expect(await another.refused({ procedure: 1 }, name(null))).toMatch(/^1 /);
  });

  it('names a procedure that it does not know, as an older server would', async () => {
    expect(await (await opened()).refused({ procedure: 9999 })).toBe('39 7 unknown procedure: 9999');
  });

  it('knows every procedure of the table, and says so of those that the demo cannot do', async () => {
    const { connection } = await openConnection(host.connect(), { name: 'qemu:///system' });
    const refused = await connection.call(remote.connectListAllSecrets, { need_results: 1, flags: 0 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LibvirtError);
    expect(refused instanceof LibvirtError && refused.error.code).toBe(3);
    connection.close();
  });

  it('refuses other programs, payloads that end too soon and calls that are errors', async () => {
    const raw = await opened();
    expect(await raw.refused({ program: programs.qemu, procedure: 1 })).toMatch(/^39 7 Cannot find program/);
    expect(await raw.refused({ procedure: remote.domainGetState.number }, (to) => to.uint(3))).toBe('39 7 Unable to decode message payload');
    expect(await raw.refused({ procedure: remote.connectGetHostname.number, status: 1 })).toMatch(/^39 7 Unexpected message status/);
    expect((await raw.ask({ procedure: remote.connectGetHostname.number })).status).toBe(0);
  });

  it.each([0, 27, largestMessage + 1])('hangs up on a message of %d bytes', async (length) => {
    const raw = await opened();
    const ended = raw.ended();
    const header = Buffer.alloc(28);
    header.writeUInt32BE(length, 0);
    raw.write(header);
    await ended;
  });

  it('answers a ping in any state', async () => {
    const pong = await new Raw(host.connect()).ask({ program: programs.keepalive, procedure: 1, type: 2, serial: 0 });
    expect(pong).toMatchObject({ program: programs.keepalive, procedure: 2, type: 2, serial: 0, status: 0 });
  });

  it('answers the farewell, then hangs up', async () => {
    const raw = await opened();
    const ended = raw.ended();
    expect((await raw.ask({ procedure: remote.connectClose.number })).status).toBe(0);
    await ended;
  });

  it('lets read-only clients read, and nothing else', async () => {
    const { connection } = await openConnection(host.connect(), { name: 'qemu:///system', readOnly: true });
    const { dom } = await connection.call(remote.domainLookupByName, { name: 'mail' });
    const code = async (call: Promise<unknown>) => await call.then(() => 0, (error: unknown) => (error instanceof LibvirtError ? error.error.code : null));
    expect(await code(connection.call(remote.domainGetXmlDesc, { dom, flags: 0 }))).toBe(0);
    expect(await code(connection.call(remote.domainGetXmlDesc, { dom, flags: 1 }))).toBe(29);
    expect(await code(connection.call(remote.domainDestroyFlags, { dom, flags: 0 }))).toBe(29);
    expect(await code(connection.call(remote.domainManagedSaveRemove, { dom, flags: 0 }))).toBe(29);
    connection.close();
  });
});

describe('events', () => {
  const register = (eventID: number) => (to: Writer) => remote.connectDomainEventCallbackRegisterAny.args.write(to, { eventID, dom: null });
  const procedure = remote.connectDomainEventCallbackRegisterAny.number;

  it('are registered once a connection, under ids that go on across connections', async () => {
    const [one, other] = [await opened(), await opened()];
    const id = (packet: Packet) => remote.connectDomainEventCallbackRegisterAny.ret.read(new Reader(packet.payload)).callbackID;
    expect(id(await one.ask({ procedure }, register(0)))).toBe(0);
    expect(id(await other.ask({ procedure }, register(0)))).toBe(1);
    expect(await one.refused({ procedure }, register(0))).toMatch(/^8 .*already tracked/);
    expect(await one.refused({ procedure }, register(99))).toMatch(/^1 .*unsupported event ID 99/);
    expect(await one.refused({ procedure: remote.connectDomainEventCallbackDeregisterAny.number }, (to) => remote.connectDomainEventCallbackDeregisterAny.args.write(to, { callbackID: 1 }))).toMatch(/^1 /);
  });

  it('reach every connection that registered, and none that left', async () => {
    const [one, other] = await Promise.all([0, 1].map(async () => (await openConnection(host.connect(), { name: 'qemu:///system' })).connection));
    if (one === undefined || other === undefined) throw new Error('two connections are needed');
    const heard: string[] = [];
    const stop = await new DomainEvents(other).on('lifecycle', () => heard.push('other'));
    const both = new Promise<void>((resolve) => {
      void new DomainEvents(one).on('lifecycle', ({ msg }) => {
        heard.push('one');
        if (msg.event === 4) resolve();
      });
    });
    const { dom } = await one.call(remote.domainLookupByName, { name: 'mail' });
    await one.call(remote.domainSuspend, { dom });
    await other.call(remote.connectGetHostname, {});
    await stop?.();
    await one.call(remote.domainResume, { dom });
    await both;
    await other.call(remote.connectGetHostname, {});
    expect(heard.toSorted()).toEqual(['one', 'one', 'other']);
    other.close();
    one.close();
  });
});
