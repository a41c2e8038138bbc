// Picks the transport a connection URI names.
import { Refused } from '../../app/contract/refusal.ts';
import type { TransportName } from '../../app/domain/connection-uri.ts';
import { openExt } from './ext.ts';
import { openSsh } from './ssh.ts';
import { openTcp } from './tcp.ts';
import { openTls } from './tls.ts';
import type { OpenTransport } from './transport.ts';
import { openUnix } from './unix.ts';

const unsupported = (message: string, remedy: string): OpenTransport => async () => {
  throw new Refused('bad-uri', message, { stage: 'uri', field: 'uri', remedy });
};

const transports: Readonly<Record<TransportName, OpenTransport>> = {
  unix: openUnix,
  ssh: openSsh,
  tls: openTls,
  tcp: openTcp,
  ext: openExt,
  demo: unsupported('The demo host runs inside Guestdeck and has no transport.', 'Open it from the list of hosts.'),
};

/** Opens the transport of the URI. The demo host has none: its owner makes a stream in memory. */
export const openTransport: OpenTransport = (uri, surroundings, signal) => transports[uri.transport](uri, surroundings, signal);
