// Guests and hosts as the contract has them: described, marked, started and stopped.
import { describe, expect, it } from 'vitest';
import { connectedMain, demoMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';

describe('a guest', () => {
  it('is described with both definitions', async () => {
    const { ask } = await connectedMain();
    const of = async (name: string) => await ask('guests', 'describe', { host, uuid: await uuidOf(ask, name) });
    expect(await of('win-erp')).toMatchObject({ name: 'win-erp', state: 'running', title: 'ERP & payroll', osType: 'hvm', machine: expect.stringContaining('q35'), liveXml: expect.stringMatching(/^<domain type='kvm' id='/), savedXml: expect.stringMatching(/^<domain type='kvm'>/) });
    expect(await of('etl-night')).toMatchObject({ state: 'shutoff', liveXml: null, savedXml: expect.stringContaining('etl-night') });
    expect(await of('ci-4711')).toMatchObject({ persistent: false, liveXml: expect.stringContaining('ci-4711'), savedXml: null });
    await expect(ask('guests', 'describe', { host, uuid: '00000000-0000-4000-8000-000000000000' })).rejects.toMatchObject({ refusal: { code: 'unknown-guest', field: 'uuid' } });
  });

  it('has marks of its tuning and counts what waits for a restart; one that is gone is left out', async () => {
    const { ask } = await connectedMain();
    const [db, web, etl] = await Promise.all(['db-primary', 'web-03', 'etl-night'].map(async (name) => await uuidOf(ask, name)));
    const marks = await ask('guests', 'badges', { host, uuids: [db ?? '', web ?? '', etl ?? '', '00000000-0000-4000-8000-000000000000'] });
    expect(marks.map(({ uuid }) => uuid)).toEqual([db, web, etl]);
    expect(marks[0]).toMatchObject({ badges: expect.arrayContaining(['pinned', 'hugepages']), pending: 0 });
    expect(marks[1]?.pending).toBeGreaterThan(0);
  });

  it('does not wait for a restart where it was put back to the host’s default, which libvirt then spells out', async () => {
    const { ask } = await connectedMain();
    const which = { host, uuid: await uuidOf(ask, 'web-01') };
    const basis = async () => (await ask('tuning', 'read', which)).basis;
    for (const shares of [200, null]) await ask('tuning', 'apply', { ...which, basis: await basis(), wanted: { live: { cpuShares: { '': shares } }, saved: { cpuShares: { '': shares } } } });
    expect((await ask('guests', 'describe', which)).liveXml).toContain('<shares>100</shares>');
    expect((await ask('guests', 'badges', { host, uuids: [which.uuid] }))[0]?.pending).toBe(0);
  });

  it('is read once for its marks, however often they are drawn, until it changes', async () => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-01');
    const { called } = intercept();
    const reads = (): number => called.filter((name) => name === 'domainGetXmlDesc').length;
    for (let round = 0; round < 5; round++) await ask('guests', 'badges', { host, uuids: [uuid] });
    expect(reads()).toBe(2);
    await ask('guests', 'act', { host, uuid, action: 'suspend' });
    await ask('guests', 'badges', { host, uuids: [uuid] });
    expect(reads()).toBe(4);
  });

  it('tells by its agent which vCPUs it uses, and says when it has none', async () => {
    const { ask } = await connectedMain();
    const of = async (name: string) => await ask('guests', 'insideVcpus', { host, uuid: await uuidOf(ask, name) });
    expect(await of('web-03')).toEqual({ known: '0-3', online: '0-3', offlinable: '1-3' });
    await expect(of('lab-nested')).rejects.toMatchObject({ refusal: { code: 'libvirt', message: expect.stringContaining('agent') } });
    await expect(of('etl-night')).rejects.toMatchObject({ refusal: { code: 'libvirt' } });
  });

  it('takes vCPUs offline and online inside by its agent, with a line in the history', async () => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-03');
    expect(await ask('guests', 'setInsideVcpu', { host, uuid, vcpu: 3, online: false })).toEqual({ known: '0-3', online: '0-2', offlinable: '1-3' });
    await expect(ask('guests', 'setInsideVcpu', { host, uuid, vcpu: 0, online: false })).rejects.toMatchObject({ refusal: { message: expect.stringContaining('not offlinable') } });
    expect((await ask('guests', 'setInsideVcpu', { host, uuid, vcpu: 3, online: true })).online).toBe('0-3');
    const entries = await ask('history', 'list', { host, uuid });
    expect(entries.map(({ outcome, steps }) => [outcome, steps[0]?.virsh])).toEqual([
      ['complete', 'virsh guestvcpus web-03 --cpulist 3 --enable'], ['partial', 'virsh guestvcpus web-03 --cpulist 0 --disable'], ['complete', 'virsh guestvcpus web-03 --cpulist 3 --disable'],
    ]);
  });

  it('goes through its states, each in the history with its command', async () => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-01');
    const state = async () => (await ask('guests', 'list', { host })).find((guest) => guest.uuid === uuid)?.state;
    const seen: unknown[] = [];
    for (const action of ['suspend', 'resume', 'managedSave', 'start', 'destroy', 'start', 'reset'] as const) {
      await ask('guests', 'act', { host, uuid, action, confirm: 'web-01' });
      seen.push(await state());
    }
    expect(seen).toEqual(['paused', 'running', 'shutoff', 'running', 'shutoff', 'running', 'running']);
    const entries = await ask('history', 'list', { host, uuid });
    expect(entries.toReversed().map(({ kind, outcome, steps }) => [kind, outcome, steps[0]?.virsh])).toEqual(
      ['suspend', 'resume', 'managedsave', 'start', 'destroy', 'start', 'reset'].map((command) => ['action', 'complete', `virsh ${command} web-01`]),
    );
  });

  it('is destroyed only by its name, and does only what its state allows', async () => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-01');
    for (const confirm of [undefined, '', 'web-02', 'WEB-01']) {
      const attempt = ask('guests', 'act', { host, uuid, action: 'destroy', ...(confirm === undefined ? {} : { confirm }) });
      await expect(attempt).rejects.toMatchObject({ refusal: { code: 'confirmation', field: 'confirm', remedy: expect.stringContaining('web-01') } });
    }
    await expect(ask('guests', 'act', { host, uuid, action: 'start' })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'action', message: 'Start is not possible while web-01 is running.' } });
    expect(await ask('history', 'list', {})).toEqual([]);
  });

  it('that libvirt refuses to change is in the history with the reason', async () => {
    const { ask, news } = await connectedMain();
    const uuid = await uuidOf(ask, 'ci-4711');
    await expect(ask('guests', 'setAutostart', { host, uuid, autostart: true })).rejects.toMatchObject({ refusal: { code: 'libvirt' } });
    const [entry] = await ask('history', 'list', {});
    expect(entry).toMatchObject({ kind: 'action', outcome: 'partial', steps: [{ outcome: 'failed', virsh: 'virsh autostart ci-4711', refusal: { code: 'libvirt' } }] });
    expect(news).toContainEqual({ section: 'history', name: 'changed', told: { id: entry?.id } });
  });

  it('starts with the host or not', async () => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, 'etl-night');
    const autostart = async () => (await ask('guests', 'list', { host })).find((guest) => guest.uuid === uuid)?.autostart;
    await ask('guests', 'setAutostart', { host, uuid, autostart: true });
    expect(await autostart()).toBe(true);
    await ask('guests', 'setAutostart', { host, uuid, autostart: false });
    expect(await autostart()).toBe(false);
    expect((await ask('history', 'list', {})).map(({ steps }) => steps[0]?.virsh)).toEqual(['virsh autostart --disable etl-night', 'virsh autostart etl-night']);
  });

  it('of a host that is not connected is refused with what to do', async () => {
    const { ask } = await demoMain();
    for (const attempt of [ask('guests', 'list', { host }), ask('hosts', 'describe', { host })]) {
      await expect(attempt).rejects.toMatchObject({ refusal: { code: 'not-connected', remedy: expect.stringMatching(/./) } });
    }
    await expect(ask('guests', 'list', { host: 'nobody' })).rejects.toMatchObject({ refusal: { code: 'unknown-host' } });
  });
});

describe('a host', () => {
  it('is described with its topology, what is free and who is pinned where', async () => {
    const { ask } = await connectedMain();
    const of = await ask('hosts', 'describe', { host });
    expect(of).toMatchObject({ hostname: expect.stringMatching(/./), libvirtVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/), hypervisor: expect.stringMatching(/^QEMU \d+\.\d+\.\d+$/), topology: { all: '0-31' } });
    expect(Object.keys(of.freeKiB)).toEqual(['0', '1']);
    expect(Object.values(of.freeKiB).every((free) => free > 0 && free < of.memoryKiB)).toBe(true);
    expect(of.pins.find(({ name }) => name === 'db-primary')?.cpus).toBe('0-3,16-19');
    expect(of.pins.map(({ name }) => name)).not.toContain('web-01');
  });
});
