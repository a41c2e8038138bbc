// The serial console of a demo guest: a small shell that echoes, so that a terminal has something to show.
import { consoleFlag, domainState } from '../libvirt/constants.ts';
import { badArgument, checkFlags, Fault } from './fault.ts';
import type { Guest } from './guest.ts';
import type { Inventory } from './inventory.ts';
import type { Client, Handlers } from './serve.ts';

type Command = (guest: Guest, rest: string) => readonly string[];

const commands: Readonly<Record<string, Command>> = {
  help: () => [`commands: ${Object.keys(commands).join(' ')}`],
  hostname: (guest) => [guest.name],
  nproc: (guest) => [String(guest.current.shape.vcpus)],
  free: (guest) => [`memory: ${Math.round(guest.current.shape.currentMemory / 1024)} MiB`],
  echo: (_, rest) => [rest],
  uname: (guest) => [`Linux ${guest.name} 6.12.0-demo x86_64`],
};

/** One line typed, what comes back. */
const answer = (guest: Guest, line: string): readonly string[] => {
  const [name = '', ...rest] = line.trim().split(/\s+/);
  if (name === '') return [];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return command === undefined ? [`${name}: command not found (try help)`] : command(guest, rest.join(' '));
};

/** The shell of one session: what it begins with, and what comes back of each sign that is typed. */
export const shellOf = (guest: Guest): { readonly prompt: string; readonly typed: (sign: string) => string } => {
  const prompt = `${guest.name}:~# `;
  let line = '';
  const typed = (sign: string): string => {
    if (sign === '\r' || sign === '\n') {
      const lines = answer(guest, line);
      line = '';
      return ['', ...lines, prompt].join('\r\n');
    }
    if (sign === '\u007f' || sign === '\b') {
      if (line === '') return '';
      line = line.slice(0, -1);
      return '\b \b';
    }
    if (sign < ' ') return '';
    line += sign;
    return sign;
  };
  return { prompt, typed };
};

const hasConsole = (guest: Guest, device: string | null): boolean => {
  const devices = guest.current.root.at('devices')?.children.filter(({ name }) => name === 'console' || name === 'serial') ?? [];
  return device === null ? devices.length > 0 : devices.some((child) => child.at('alias')?.get('name') === device);
};

/** Ends a guest's open console, if it has one; to be called when the guest stops or someone else takes the console. */
export type CloseConsole = (guest: Guest) => void;

export const createConsoles = (inventory: Inventory): { readonly handlers: Handlers; readonly close: CloseConsole } => {
  const open = new Map<Guest, () => void>();
  const close: CloseConsole = (guest) => {
    const end = open.get(guest);
    open.delete(guest);
    end?.();
  };

  const attach = (guest: Guest, client: Client): void => {
    const { prompt, typed } = shellOf(guest);
    const decoder = new TextDecoder();
    const send = client.stream({
      received: (data) => {
        if (guest.state === domainState.running) send(Buffer.from(Array.from(decoder.decode(data, { stream: true }), typed).join('')));
      },
      over: () => {
        if (open.get(guest) === end) open.delete(guest);
      },
    });
    const end = (): void => send(Buffer.alloc(0));
    open.set(guest, end);
    // The reply goes out in this turn; output only after it.
    queueMicrotask(() => send(Buffer.from(`\r\n${prompt}`)));
  };

  return {
    close,
    handlers: {
      domainOpenConsole: ({ dom, dev_name: device, flags }, client) => {
        checkFlags(flags, consoleFlag.force | consoleFlag.safe);
        const guest = inventory.find(dom);
        guest.mustRun();
        if (!hasConsole(guest, device)) throw device === null ? new Fault('internalError', 'qemu', 'internal error: cannot find default console device') : badArgument(`cannot find console device '${device}'`);
        if (open.has(guest) && (flags & consoleFlag.force) === 0) throw new Fault('operationFailed', 'qemu', 'operation failed: Active console session exists for this domain');
        close(guest);
        attach(guest, client);
      },
    },
  };
};
