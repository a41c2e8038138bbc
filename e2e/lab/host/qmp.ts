// Speaks to a running QEMU over its monitor socket (QEMU Machine Protocol: one JSON object a line).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LabError } from '../state.ts';

type Answer = Readonly<Record<string, unknown>>;

export interface Monitor {
  /** Resolves to what the command returned; rejects with QEMU's description of what was wrong with it. */
  readonly execute: (command: string, args?: object) => Promise<unknown>;
  /** Resolves with the data of the next event of that name that `wanted` accepts; rejects when QEMU ends first. */
  readonly event: (name: string, wanted: (data: Answer) => boolean) => Promise<Answer>;
  /** Resolves when QEMU has ended or closed the monitor. */
  readonly closed: Promise<void>;
}

interface Waiting {
  readonly take: (message: Answer) => boolean;
  readonly fail: (error: Error) => void;
}

/** Does `work` with the monitor at a socket, and lets go of it after; rejects when nobody listens there. */
export async function withMonitor<T>(socketPath: string, work: (monitor: Monitor) => Promise<T>): Promise<T> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  const monitor = speak(socket);
  try {
    await monitor.execute('qmp_capabilities');
    return await work(monitor);
  } finally {
    socket.end();
    await monitor.closed;
  }
}

function speak(socket: Socket): Monitor {
  let waiting: readonly Waiting[] = [];
  let ended: Error | undefined;
  let commands = 0;

  const next = <T>(take: (message: Answer, settle: (result: T) => void, refuse: (error: Error) => void) => boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      waiting = [...waiting, { take: (message) => take(message, resolve, reject), fail: reject }];
    });

  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message: unknown = JSON.parse(line);
      if (isAnswer(message)) waiting = waiting.filter(({ take }) => !take(message));
    }
  });
  // An ended QEMU may reset the connection; the close that follows says all there is to say.
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      ended = new LabError('QEMU ended');
      for (const { fail } of waiting) fail(ended);
      waiting = [];
      resolve();
    });
  });

  const execute = (command: string, args: object = {}): Promise<unknown> => {
    const id = (commands += 1);
    const answer = next<unknown>((message, settle, refuse) => {
      if (message['id'] !== id) return false;
      if (isAnswer(message['error'])) refuse(new LabError(`QEMU refused ${command}: ${String(message['error']['desc'])}`));
      else settle(message['return']);
      return true;
    });
    socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return answer;
  };

  const event = (name: string, wanted: (data: Answer) => boolean): Promise<Answer> =>
    next<Answer>((message, settle) => {
      if (message['event'] !== name) return false;
      const data = isAnswer(message['data']) ? message['data'] : {};
      if (!wanted(data)) return false;
      settle(data);
      return true;
    });

  return { execute, event, closed };
}

export const isAnswer = (value: unknown): value is Answer => typeof value === 'object' && value !== null && !Array.isArray(value);
