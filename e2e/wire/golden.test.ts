// Frames of virsh and a real libvirtd: ours are the same byte for byte, theirs decode to what virsh printed.
import { beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../main/libvirt/connection.ts';
import { messageStatus, messageType } from '../../main/libvirt/packets.ts';
import { openConnection } from '../../main/libvirt/open.ts';
import type { Call, Named } from '../../main/libvirt/procedure.ts';
import { remote } from '../../main/libvirt/procedures.ts';
import { param } from '../../main/libvirt/objects.ts';
import { keepaliveFrame, Peer } from '../../main/libvirt/scripted.test-peer.ts';
import { Reader } from '../../main/xdr/xdr.ts';
import { type Golden, readGolden } from './golden.ts';
import { decodeMessage, lineOf, packetOf } from './messages.ts';

let golden: Golden;
beforeAll(async () => {
  golden = await readGolden();
});

const dom = { name: 'golden', uuid: '601de200-0000-4000-a000-0123456789ab', id: -1 };
type Message = Golden['sessions'][number]['messages'][number];
const bytes = ({ hex }: Message): Buffer => Buffer.from(hex, 'hex');
const session = (command: string): Golden['sessions'][number] => {
  const found = golden.sessions.find((one) => one.command.startsWith(command));
  if (found === undefined) throw new Error(`no session of ${command}`);
  return found;
};
const messages = (command: string, what: string): readonly Buffer[] => session(command).messages.filter((one) => one.what === what).map(bytes);
/** Serials are each client's own choice. */
const withoutSerial = (message: Buffer): string => {
  const copy = Buffer.from(message);
  copy.writeUInt32BE(0, 20);
  return copy.toString('hex');
};

/** The frame that our client sends for a call. */
const sent = async <A, R>(line: Named<Call<A, R>>, args: A): Promise<string> => {
  const peer = new Peer();
  const first = new Promise<Buffer>((resolve) => peer.far.once('data', resolve));
  const connection = new Connection(peer.near);
  const asked = connection.call(line, args).catch(() => undefined);
  const message = await first;
  connection.close();
  await asked;
  return withoutSerial(message);
};

describe('what we send is what virsh sent', () => {
  it.each<readonly [string, string, () => Promise<string>]>([
    ['virsh domstate', 'domainLookupByName', async () => await sent(remote.domainLookupByName, { name: 'golden' })],
    ['virsh domstate', 'domainGetState', async () => await sent(remote.domainGetState, { dom, flags: 0 })],
    ['virsh vcpupin golden 1', 'domainPinVcpuFlags', async () => await sent(remote.domainPinVcpuFlags, { dom, vcpu: 1, cpumap: Uint8Array.of(0b01), flags: 2 })],
    ['virsh vcpupin golden --config', 'domainGetVcpuPinInfo', async () => await sent(remote.domainGetVcpuPinInfo, { dom, ncpumaps: 2, maplen: 1, flags: 2 })],
    ['virsh emulatorpin', 'domainPinEmulator', async () => await sent(remote.domainPinEmulator, { dom, cpumap: Uint8Array.of(0b10), flags: 2 })],
    ['virsh schedinfo', 'domainSetSchedulerParametersFlags', async () => await sent(remote.domainSetSchedulerParametersFlags, { dom, params: [param.ullong('cpu_shares', 300n)], flags: 2 })],
    ['virsh domstats', 'connectGetAllDomainStats', async () => await sent(remote.connectGetAllDomainStats, { doms: [dom], stats: 9, flags: 0 })],
    ['virsh desc', 'domainSetMetadata', async () => await sent(remote.domainSetMetadata, { dom, type: 1, metadata: 'Gölden €', key: null, uri: null, flags: 2 })],
    ['virsh -k 1 event --event lifecycle', 'connectDomainEventCallbackRegisterAny', async () => await sent(remote.connectDomainEventCallbackRegisterAny, { eventID: 0, dom: null })],
  ])('%s: %s', async (command, name, ours) => {
    expect(await ours()).toBe(messages(command, `call ${name}`).map(withoutSerial)[0]);
  });

  it('while opening, in the same order', async () => {
    const first = golden.sessions[0]?.messages ?? [];
    const theirs = first.filter(({ from }) => from === 'client').slice(0, 6).map(bytes);
    const answers = first.filter(({ from }) => from === 'server').map(bytes);
    const peer = new Peer();
    const ours: string[] = [];
    peer.far.on('data', (message: Buffer) => {
      ours.push(withoutSerial(message));
      const answer = Buffer.from(answers[ours.length - 1] ?? '');
      answer.writeUInt32BE(message.readUInt32BE(20), 20);
      peer.far.write(answer);
    });
    const { connection, closeCallback } = await openConnection(peer.near, { name: 'qemu:///system' });
    connection.close();
    expect(closeCallback).toBe(true);
    expect(ours).toEqual(theirs.map(withoutSerial));
  });

  it('as ping and as pong', () => {
    expect(messages('virsh -k 1 event --event reboot', 'ping')[0]).toEqual(keepaliveFrame(1));
    expect(messages('virsh -k 1 event --event reboot', 'pong')[0]).toEqual(keepaliveFrame(2));
  });

  it('as the abort of a stream', async () => {
    const theirs = messages('virsh vol-download volume /dev/full', 'stream storageVolDownload abort');
    const peer = new Peer();
    const connection = new Connection(peer.near);
    const opened = connection.stream(remote.storageVolDownload, { vol: { pool: '', name: '', key: '' }, offset: 0n, length: 0n, flags: 0 });
    await peer.answer(remote.storageVolDownload, {});
    const { stream } = await opened;
    const ours = new Promise<Buffer>((resolve) => peer.far.once('data', resolve));
    const aborted = stream.abort();
    expect(theirs.map(withoutSerial)).toEqual([withoutSerial(await ours)]);
    connection.close();
    await aborted;
  });

  it('as an upload: call, data, hole and finish', async () => {
    const theirs = session('virsh vol-upload').messages.filter(({ from, what }) => from === 'client' && what.includes('storageVolUpload')).map(bytes);
    const [call, data, hole] = theirs.map(packetOf);
    if (call === undefined || data === undefined || hole === undefined) throw new Error('the upload was not captured');
    const { vol } = remote.storageVolUpload.args.read(new Reader(call.payload));
    const peer = new Peer();
    const ours: string[] = [];
    peer.far.on('data', (message: Buffer) => ours.push(withoutSerial(message)));
    const connection = new Connection(peer.near);
    // The volume's key names a folder of the capture; the rest of the value stands here.
    const opened = connection.stream(remote.storageVolUpload, { vol: { ...vol, pool: 'golden', name: 'volume' }, offset: 0n, length: 0n, flags: 1 }, { sparse: true });
    const { header } = await peer.answer(remote.storageVolUpload, {});
    const { stream } = await opened;
    await stream.write(data.payload);
    await stream.writeHole(BigInt(20_000 - data.payload.length));
    const confirmed = bytes(session('virsh vol-upload').messages.at(-1) ?? { from: 'server', what: '', hex: '' });
    confirmed.writeUInt32BE(header.serial, 20);
    const finished = stream.finish();
    peer.send(confirmed);
    await finished;
    connection.close();
    expect(ours).toEqual(theirs.map(withoutSerial));
    expect(data.payload.toString('utf8', 0, 42)).toBe('forty-two bytes of data, then nothing more');
  });
});

describe('what libvirtd sent is read as what virsh printed', () => {
  const value = (command: string, what: string): unknown => {
    const [message] = messages(command, what);
    if (message === undefined) throw new Error(`no ${what} in ${command}`);
    return decodeMessage(packetOf(message))?.value;
  };

  it.each<readonly [string, string, unknown]>([
    ['virsh domstate', 'reply authList', { types: [0] }],
    ['virsh domstate', 'reply domainLookupByName', { dom }],
    ['virsh domstate', 'reply domainGetState', { state: 5, reason: 0 }],
    ['virsh dominfo nobody', 'reply domainLookupByName error', {
      code: 42, domain: 10, message: "Domain not found: no domain with matching name 'nobody'", level: 2, dom: null,
      str1: 'Domain not found: %s', str2: "no domain with matching name 'nobody'", str3: null, int1: -1, int2: -1, net: null,
    }],
    ['virsh vcpupin golden --config', 'reply domainGetVcpuPinInfo', { cpumaps: Uint8Array.of(0b11, 0b01), num: 2 }],
    ['virsh schedinfo', 'reply domainGetSchedulerType', { type: 'posix', nparams: 9 }],
    ['virsh domstats', 'reply connectGetAllDomainStats', {
      retStats: [{ dom, params: [['state.state', 1, 5], ['state.reason', 1, 0], ['vcpu.current', 2, 2], ['vcpu.maximum', 2, 2]].map(([field, type, number]) => ({ field, value: { type, value: number } })) }],
    }],
    ['virsh -k 1 event --event lifecycle', 'event domainEventCallbackLifecycle', { callbackID: expect.any(Number), msg: { dom, event: 1, detail: 0 } }],
  ])('%s: %s', (command, what, expected) => {
    expect(value(command, what)).toEqual(expected);
  });

  it('virsh schedinfo: the shares after they were set', () => {
    const last = messages('virsh schedinfo', 'reply domainGetSchedulerParametersFlags').at(-1);
    if (last === undefined) throw new Error('no reply');
    const { params } = remote.domainGetSchedulerParametersFlags.ret.read(new Reader(packetOf(last).payload));
    const printed = session('virsh schedinfo').printed.split('\n').slice(1).map((line) => line.split(':').map((word) => word.trim()));
    expect(params.map(({ field, value: { value: number } }) => [field, `${number}`])).toEqual(printed);
    expect(printed[0]).toEqual(['cpu_shares', '300']);
  });

  it('events carry serial 1, and a download ends with an empty packet after its hole', () => {
    const [event] = messages('virsh -k 1 event --event lifecycle', 'event domainEventCallbackLifecycle');
    expect(event === undefined ? null : packetOf(event)).toMatchObject({ type: messageType.message, serial: 1, status: messageStatus.ok });
    const pieces = session('virsh vol-download').messages.slice(-5).map(({ from, what }) => `${from}: ${what.replace('storageVolDownload', '').replaceAll('  ', ' ').trim()}`);
    expect(pieces).toEqual(['server: stream data', 'server: streamHole', 'server: stream end of data', 'client: stream finish or confirmed', 'server: stream finish or confirmed']);
  });
});

describe('every captured message', () => {
  it('belongs to a line of the table, decodes to its last byte and encodes to the same bytes', () => {
    let decoded = 0;
    for (const message of golden.sessions.flatMap((one) => one.messages)) {
      const packet = packetOf(bytes(message));
      if (message.what === 'ping' || message.what === 'pong') continue;
      expect(lineOf(packet), message.what).toBeDefined();
      const found = decodeMessage(packet);
      if (found === null) continue;
      expect([found.rest, found.again.toString('hex')], message.what).toEqual([0, message.hex]);
      decoded++;
    }
    expect(decoded).toBeGreaterThan(80);
  });
});
