// The serial lines of a running guest that can be opened, as its live definition has them.
import type { DomainXml, XmlElement } from './domain-xml.ts';

/** One line into a guest; https://libvirt.org/formatdomain.html#consoles-serial-parallel-channel-devices */
export interface SerialLine {
  /** libvirt's name of the device, such as `serial0`. */
  readonly alias: string;
  /** By which of libvirt's calls it is opened. */
  readonly kind: 'console' | 'channel';
  /** For a person: `Serial 0`, `Console 1 (virtio)`, or the name that a channel has inside the guest. */
  readonly label: string;
  /** The file on the host that its output is kept in as well; null = none. */
  readonly log: string | null;
}

/** The agent's channel is held by libvirt itself. */
const agent = /^org\.qemu\.guest_agent\./;

const portOf = (device: XmlElement): string => device.element('target')?.attribute('port') ?? '0';

const labels: Readonly<Record<string, (device: XmlElement) => string>> = {
  serial: (device) => `Serial ${portOf(device)}`,
  parallel: (device) => `Parallel ${portOf(device)}`,
  console: (device) => `Console ${portOf(device)} (${device.element('target')?.attribute('type') ?? 'console'})`,
  channel: (device) => device.element('target')?.attribute('name') ?? 'channel',
};

/** libvirt opens consoles that are pseudo-terminals, and channels that are sockets of its own. */
const canBeOpened = (device: XmlElement): boolean =>
  (device.name === 'channel' ? device.attribute('type') === 'unix' && !agent.test(device.element('target')?.attribute('name') ?? '') : device.attribute('type') === 'pty');

/** A channel of a running guest that is a pseudo-terminal of its host, which libvirt opens for nobody. */
export interface HostLine {
  readonly label: string;
  /** The host's file of it. */
  readonly path: string;
}

/** Those of this live definition. */
export const hostLinesOf = (live: DomainXml | null): readonly HostLine[] =>
  (live?.elements('devices', 'channel') ?? []).flatMap((device) => {
    const path = device.element('source')?.attribute('path') ?? null;
    return device.attribute('type') !== 'pty' || path === null ? [] : [{ label: device.element('target')?.attribute('name') ?? 'channel', path }];
  });

/** In libvirt's order; a console that only repeats a serial port is not named twice. Empty for a guest that does not run. */
export const serialLinesOf = (live: DomainXml | null): readonly SerialLine[] => {
  const found = new Map<string, SerialLine>();
  for (const [name, label] of Object.entries(labels)) {
    for (const device of live?.elements('devices', name) ?? []) {
      const alias = device.element('alias')?.attribute('name') ?? null;
      if (alias === null || found.has(alias) || !canBeOpened(device)) continue;
      found.set(alias, { alias, kind: name === 'channel' ? 'channel' : 'console', label: label(device), log: device.element('log')?.attribute('file') ?? null });
    }
  }
  return [...found.values()];
};
