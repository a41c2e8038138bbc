// Runs inside a network namespace of its own, which it keeps alive: opens listeners there for the process that started it, and ends with it.
import { createServer } from 'node:net';

process.on('message', (address) => {
  const server = createServer();
  // Whoever asked accepts from now on; with our own copy open, connections would come here as well.
  server.listen(0, address, () => process.send('listening', server, () => server.close()));
});
process.on('disconnect', () => process.exit(0));
process.send('ready');
