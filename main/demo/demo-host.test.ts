// The demo host as a client meets it: opening, listing, reading.
import { afterEach, describe, expect, it } from 'vitest';
import type { Connection } from '../libvirt/connection.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { ManualClock } from './clock.ts';
import { createDemoHost, type DemoHost } from './demo-host.ts';

let host: DemoHost | null = null;
afterEach(() => host?.close());

const open = async (options: Parameters<typeof createDemoHost>[0] = {}): Promise<{ connection: Connection; clock: ManualClock }> => {
  const clock = new ManualClock();
  host = createDemoHost({ clock, ...options });
  const { connection } = await openConnection(host.connect(), { name: 'qemu:///system' });
  return { connection, clock };
};
const guestCalled = async (connection: Connection, name: string) => (await connection.call(remote.domainLookupByName, { name })).dom;

describe('the demo host', () => {
  it('opens like any daemon and lists its guests', async () => {
    const { connection } = await open();
    const { domains, ret } = await connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 });
    expect(ret).toBe(domains.length);
    expect(domains.map(({ name }) => name)).toContain('db-primary');
    expect(domains.length).toBeGreaterThanOrEqual(12);
  });

  it('gives each guest’s XML, live and inactive', async () => {
    const { connection } = await open();
    const dom = await guestCalled(connection, 'db-primary');
    const { xml: live } = await connection.call(remote.domainGetXmlDesc, { dom, flags: 0 });
    const { xml: saved } = await connection.call(remote.domainGetXmlDesc, { dom, flags: 2 });
    expect(live).toMatch(/^<domain type='kvm' id='1'>\n/);
    expect(saved).toMatch(/^<domain type='kvm'>\n {2}<name>db-primary<\/name>\n/);
    expect(saved).toContain("<vcpupin vcpu='7' cpuset='19'/>");
    expect(live).toContain("<alias name='net0'/>");
    expect(saved).not.toContain('<alias');
  });
});
