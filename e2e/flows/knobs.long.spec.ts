// Every knob through the page, on a demo host that has a door of its own for the witness: the table that the lab's real libvirtd is held to as well.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { openConnection } from '../../main/libvirt/open.ts';
import { createDemoHost } from '../../main/demo/demo-host.ts';
import { guestNames, type Look } from '../../main/services/knob-row.test-peer.ts';
import { startGuests } from '../../main/services/knobs-demo.test-peer.ts';
import { holdTable } from './knob-rounds.ts';
import { addHost, openGuest, test as base } from './program.ts';

/** A demo host at a socket, with the guests of the table running. */
const test = base.extend<{ demo: { readonly socket: string; readonly look: Look } }>({
  demo: async ({ browserName }, provide) => {
    const folder = mkdtempSync(join(tmpdir(), `guestdeck-demo-${browserName}-`));
    const socket = join(folder, 'libvirt-sock');
    const host = createDemoHost();
    const sockets = new Set<Socket>();
    const server = createServer((one) => {
      sockets.add(one);
      one.once('close', () => sockets.delete(one));
      const daemon = host.connect();
      one.pipe(daemon).pipe(one);
    });
    await once(server.listen(socket), 'listening');
    const { connection } = await openConnection(host.connect(), { name: 'qemu:///system' });
    const { look } = await startGuests(connection);
    await provide({ socket, look });
    connection.close();
    host.close();
    for (const one of sockets) one.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  },
});

test.use({ actionTimeout: 30_000 });

for (const guest of guestNames) {
  test(`every knob of ${guest} is set, seen, read back and undone, or refused at its field`, async ({ window, demo }) => {
    test.setTimeout(600_000);
    await addHost(window, `qemu:///system?socket=${demo.socket}`);
    await window.getByRole('link', { name: /^All guests/ }).click();
    await openGuest(window, guest, 'CPU');
    await holdTable(window, guest, { name: 'demo', look: demo.look });
  });
}
