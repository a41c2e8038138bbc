// The demo host beside a real libvirtd: the same conversation with both must come to the same.
import { once } from 'node:events';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labUp } from '../../e2e/lab/tier1.ts';
import { openConnection } from '../libvirt/open.ts';
import { converse } from './conversation/conversation.test-peer.ts';
import type { Outcomes } from './conversation/talk.test-peer.ts';
import { createDemoHost } from './demo-host.ts';
import recorded from './conversation/recorded-9.0.json' with { type: 'json' };

let real: Outcomes = {};
let disk = '';

beforeAll(async () => {
  const lab = await labUp();
  disk = join(lab.dir, 'demo-twin.img');
  await writeFile(disk, '');
  await truncate(disk, 1_048_576);
  const socket = connect(lab.unix.socket);
  await once(socket, 'connect');
  const { connection } = await openConnection(socket, { name: 'qemu:///system' });
  try {
    real = await converse(connection, disk);
  } finally {
    connection.close();
  }
});
afterAll(() => rm(disk, { force: true }));

it('answers, refuses, changes XML and tells events as a real libvirtd does', async () => {
  const host = createDemoHost();
  try {
    const { connection } = await openConnection(host.connect(), { name: 'qemu:///system' });
    expect(await converse(connection, disk)).toEqual(real);
  } finally {
    host.close();
  }
});

it('has not drifted from what was recorded of a real libvirtd', () => {
  expect(real).toEqual(recorded);
});
