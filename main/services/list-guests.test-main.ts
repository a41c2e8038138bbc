// A program for tests that must be another user: connects main to the URI it is given, and prints the host's state and its guests' names.
import { homedir } from 'node:os';
import { asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';

const [, , uri = '', dataFolder = ''] = process.argv;
const main = await createMain({ dataFolder, shell: 'web', version: 'test', home: homedir(), env: process.env });
const ask = asking(main);
const { id } = await ask('connections', 'add', { uri, autoConnect: false });
const refusal = await ask('connections', 'connect', { id }).then(() => null, (error: unknown) => String(error));
const { state } = (await ask('connections', 'list', {})).find((one) => one.id === id) ?? {};
const guests = refusal === null ? (await ask('guests', 'list', { host: id })).map(({ name }) => name) : [];
await main.close();
process.stdout.write(`${JSON.stringify({ refusal, state, guests })}\n`);
