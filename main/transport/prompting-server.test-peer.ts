// An SSH server of ssh2's own that logs in by one question of its making, for what no sshd here asks.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection } from 'ssh2';

export interface PromptingServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Lets in whoever answers `prompt` with `answer`, and does nothing for them. `hostKey` is a file made by `makeKey`. */
export async function startPromptingServer(hostKey: string, prompt: string, answer: string): Promise<PromptingServer> {
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
    clients.add(client);
    client.on('error', () => undefined).on('close', () => clients.delete(client));
    client.on('authentication', (context) => {
      if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
      else context.prompt([{ prompt, echo: false }], (answers) => (answers[0] === answer ? context.accept() : context.reject(['keyboard-interactive'])));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const client of clients) client.end();
      await closed;
    },
  };
}
