// The limits of a virtual network of the lab's real libvirtd, with virsh as witness. It is never started: the network namespace is the machine's.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labMain, type LabMain } from '../../e2e/lab/lab-main.ts';
import { virsh } from '../../e2e/lab/witness.ts';

let started: LabMain;

const definitions = {
  measured: "<network><name>measured</name><forward mode='nat'/><bridge name='virbr77'/><ip address='192.168.177.1' netmask='255.255.255.0'/><portgroup name='quiet'/></network>",
  bridged: "<network><name>bridged</name><forward mode='bridge'/><bridge name='br-none'/></network>",
};

beforeAll(async () => {
  started = await labMain(async (lab, folder) => {
    for (const [name, xml] of Object.entries(definitions)) {
      await writeFile(join(folder, `${name}.xml`), xml);
      await virsh(lab, 'net-define', join(folder, `${name}.xml`));
    }
  });
});
afterAll(async () => {
  for (const name of Object.keys(definitions)) await virsh(started.lab, 'net-undefine', name);
  await started.close();
});

it('are saved, seen by virsh, and taken off again to the byte', async () => {
  const { ask, host, lab } = started;
  const dump = async (): Promise<string> => await virsh(lab, 'net-dumpxml', '--inactive', 'measured');
  const find = async (wanted: string) => (await ask('networks', 'list', { host }))?.find(({ name }) => name === wanted);
  const before = await dump();
  const network = await find('measured');
  if (network?.saved == null) throw new Error('not listed');
  expect([network.live, network.fixed]).toEqual([null, null]);
  const to = { ...network.saved, 'inbound.average': 12_500, 'inbound.peak': 25_000, 'inbound.burst': 1024, 'outbound.average': 6250 };
  expect((await ask('networks', 'limit', { host, uuid: network.uuid, from: network.saved, to })).saved).toEqual(to);
  expect(await dump()).toMatch(/<bandwidth>\s*<inbound average='12500' peak='25000' burst='1024'\/>\s*<outbound average='6250'\/>\s*<\/bandwidth>/);
  await ask('networks', 'limit', { host, uuid: network.uuid, from: to, to: network.saved });
  expect(await dump()).toBe(before);
  expect((await find('bridged'))?.fixed).toBe('libvirt cannot limit a network that forwards by bridge: it has no bridge of its own.');
});
