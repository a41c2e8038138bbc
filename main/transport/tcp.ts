// The transport over plain TCP: no secrecy of its own, meant for SASL with encryption or a trusted network.
import { defaultPorts } from '../../app/domain/connection-uri.ts';
import { dial } from './dial.ts';
import { reachBeside } from './far-place.ts';
import { linkOfOwnStreams } from './streams.ts';
import type { OpenTransport } from './transport.ts';

/** Connects to libvirtd's TCP listener (https://libvirt.org/remote.html#transports). Refuses as `dial` does. */
export const openTcp: OpenTransport = async (uri, surroundings) =>
  linkOfOwnStreams((signal) => dial(uri.host ?? 'localhost', uri.port ?? defaultPorts.tcp, surroundings, signal), { reach: reachBeside(uri.host ?? 'localhost', surroundings) });
