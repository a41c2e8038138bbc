// A demo host of many guests on a UNIX socket, a process of its own, so that what it takes is not counted as ours: `demo-daemon.ts SOCKET GUESTS`.
import { createServer } from 'node:net';
import { createDemoHost } from '../../main/demo/demo-host.ts';

const [socket = '', guests = ''] = process.argv.slice(2);
const host = createDemoHost({ scale: Number(guests) });
let sent = 0;
const server = createServer((near) => {
  const far = host.connect();
  far.on('data', (piece: Buffer) => (sent += piece.length));
  near.pipe(far).pipe(near);
  // Whoever breaks off takes the other end along.
  near.on('error', () => far.destroy()).on('close', () => far.destroy());
  far.on('error', () => near.destroy()).on('close', () => near.destroy());
});
server.listen(socket, () => process.stdout.write('ready\n'));
// Every line asked is answered by the bytes that clients were sent so far.
process.stdin.on('data', () => process.stdout.write(`${sent}\n`));
process.stdin.once('end', () => {
  host.close();
  server.close();
});
