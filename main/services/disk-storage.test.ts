// What disks are on the host, and making one larger while its guest runs.
import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { connectedMain, connectionOf, uuidOf } from './demo-main.test-peer.ts';
import { remote } from '../libvirt/procedures.ts';

const host = 'demo';
const gib = 1_073_741_824;

describe('the disks of a guest', () => {
  it('are told with their images, their sizes and what is used of them, running or not', async () => {
    const { ask } = await connectedMain();
    const disks = await ask('guests', 'disks', { host, uuid: await uuidOf(ask, 'mail') });
    expect(disks).toEqual([
      { target: 'vda', source: '/var/lib/libvirt/images/mail.qcow2', format: 'qcow2', capacity: 40 * gib, allocation: 24 * gib, physical: 24 * gib, chain: [] },
      { target: 'vdb', source: '/var/lib/libvirt/images/mail-spool.qcow2', format: 'qcow2', capacity: 200 * gib, allocation: 120 * gib, physical: 120 * gib, chain: [] },
    ]);
    expect((await ask('guests', 'disks', { host, uuid: await uuidOf(ask, 'etl-night') })).map(({ target, source }) => [target, source])).toEqual([['vda', '/var/lib/libvirt/images/etl-night.qcow2'], ['vdb', '/dev/vg_slow/etl-night']]);
  });

  it('are told with the images below, the nearest first', async () => {
    const { ask } = await connectedMain();
    const xml = readFileSync(new URL('../../app/xml/fixtures/backing-chain.xml', import.meta.url), 'utf8');
    const { dom } = await (await connectionOf(ask)).call(remote.domainDefineXmlFlags, { xml, flags: 0 });
    await expect.poll(async () => (await ask('guests', 'list', { host })).some(({ uuid }) => uuid === dom.uuid)).toBe(true);
    const [disk] = await ask('guests', 'disks', { host, uuid: dom.uuid });
    expect(disk?.chain.length).toBeGreaterThan(0);
    expect(disk?.chain.every(({ source, format }) => source !== null && format !== null)).toBe(true);
  });

  it('are made larger at once, with a line in the history, and never smaller', async () => {
    const { ask } = await connectedMain();
    const which = { host, uuid: await uuidOf(ask, 'mail') };
    await ask('guests', 'growDisk', { ...which, target: 'vdb', capacity: 300 * gib });
    expect((await ask('guests', 'disks', which)).map(({ capacity }) => capacity)).toEqual([40 * gib, 300 * gib]);
    const [entry] = await ask('history', 'list', { limit: 1 });
    expect(entry).toMatchObject({ title: 'Grow disk vdb to 300 GiB', outcome: 'complete', steps: [{ virsh: `virsh blockresize mail vdb ${300 * gib}B` }] });
    await expect(ask('guests', 'growDisk', { ...which, target: 'vdb', capacity: 299 * gib })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'capacity', message: expect.stringMatching(/^vdb has 300 GiB already/) } });
    await expect(ask('guests', 'growDisk', { ...which, target: 'vdz', capacity: 299 * gib })).rejects.toMatchObject({ refusal: { code: 'bad-input', message: 'mail has no disk vdz.' } });
  });

  it('of a guest that is off are refused by libvirt, in its words', async () => {
    const { ask } = await connectedMain();
    await expect(ask('guests', 'growDisk', { host, uuid: await uuidOf(ask, 'etl-night'), target: 'vda', capacity: 500 * gib })).rejects.toMatchObject({ refusal: { code: 'libvirt', message: expect.stringContaining('domain is not running') } });
  });
});
