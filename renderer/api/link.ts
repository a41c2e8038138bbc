// The window's link to main: the Bridge, and whether main still answers on it.
import type { Bridge } from '../../app/contract/contract.ts';
import { webLink } from './web-bridge.ts';

/** A bridge with its health. Electron's never breaks; the web shell's may, and comes back. */
export interface Link {
  readonly bridge: Bridge;
  /** False while nobody answers at the other end. */
  readonly up: () => boolean;
  /** Tells each change of `up` until the returned function is called. */
  readonly onChange: (tell: () => void) => () => void;
}

declare global {
  interface Window {
    /** Put there by Electron's preload. */
    readonly guestdeck?: Bridge;
  }
}

const always = (bridge: Bridge): Link => ({ bridge, up: () => true, onChange: () => () => undefined });

/** The link of this window: Electron's when its preload ran, otherwise a WebSocket to the page's own origin. */
export const openLink = (): Link => {
  if (window.guestdeck !== undefined) return always(window.guestdeck);
  const address = new URL('ws', window.location.origin + '/');
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return webLink(() => new WebSocket(address));
};
