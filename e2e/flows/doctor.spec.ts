// The doctor: a host that is well, and one that does not answer, from where it was added.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from './program.ts';

test('a host that is well is told stage by stage', async ({ window }) => {
  await window.getByRole('list', { name: 'Hosts' }).getByRole('link', { name: /Demo host/ }).click();
  await window.getByRole('button', { name: 'Examine' }).click();
  const stages = window.getByRole('list', { name: 'Stages examined' }).getByRole('listitem');
  await expect(stages.filter({ hasText: 'Versions' })).toContainText(/libvirt \d+\.\d+\.\d+ with QEMU/);
  await expect(stages.filter({ hasText: 'Permissions' })).toContainText('change guests');
  await expect(window.getByText('All stages are well.')).toBeVisible();
});

test('a host that refuses is looked at closer from the dialog it was added in', async ({ window }) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  await window.getByRole('button', { name: 'Add host…' }).click();
  const adding = window.getByRole('dialog', { name: 'Add host' });
  await adding.getByLabel('Connection URI').fill(`qemu+tcp://127.0.0.1:${address.port}/system`);
  await adding.getByRole('button', { name: 'Connect', exact: true }).click();
  await adding.getByRole('button', { name: 'Look closer…' }).click();
  const doctor = window.getByRole('dialog', { name: /^Doctor of/ });
  await expect(doctor.getByRole('list', { name: 'Seen by a closer look' })).toContainText(`Port ${address.port} of 127.0.0.1 was refused`);
  await doctor.getByRole('button', { name: 'How to start the service…' }).click();
  const remedy = window.getByRole('dialog', { name: 'How to start the service' });
  await expect(remedy.getByRole('region', { name: 'Command' })).toHaveText('sudo systemctl start libvirtd-tcp.socket');
  await expect(remedy.getByRole('button', { name: 'Run' })).toHaveCount(0);
  await remedy.getByRole('button', { name: 'Close' }).click();
  await doctor.getByRole('button', { name: 'Close' }).click();
  await expect(adding.getByRole('button', { name: 'Try again' })).toBeVisible();
});
