// The displays of a guest, as its live definition has them: what each speaks, and where it listens on the host.
import type { DomainXml, XmlElement } from './domain-xml.ts';

/** Where a display listens: `host` is an address of the host, or empty for all of them. */
export type DisplayPlace = { readonly kind: 'port'; readonly host: string; readonly port: number } | { readonly kind: 'socket'; readonly path: string };

/** One display; https://libvirt.org/formatdomain.html#graphical-framebuffers */
export interface Display {
  /** Its number among the displays of the guest. */
  readonly index: number;
  /** `vnc`, `spice` and others. */
  readonly type: string;
  readonly place: DisplayPlace | null;
  /** Until when its password counts, as libvirt prints it; null = none is set, or for ever. */
  readonly passwordUntil: string | null;
}

/** Addresses by which all of a host's are meant. */
const everywhere = new Set(['', '0.0.0.0', '::', '*']);

const placeOf = (display: XmlElement): DisplayPlace | null => {
  const listen = display.element('listen');
  const path = listen?.attribute('socket') ?? display.attribute('socket');
  if (path !== null) return { kind: 'socket', path };
  const port = Number(display.attribute('port') ?? -1);
  if (!Number.isInteger(port) || port <= 0) return null;
  const host = listen?.attribute('address') ?? display.attribute('listen') ?? '';
  return { kind: 'port', host: everywhere.has(host) ? '' : host, port };
};

/** In libvirt's order. A display of a guest that does not run listens nowhere. */
export const displaysOf = (xml: DomainXml | null): readonly Display[] =>
  (xml?.elements('devices', 'graphics') ?? []).map((display, index) => ({ index, type: display.attribute('type') ?? '', place: placeOf(display), passwordUntil: display.attribute('passwdValidTo') }));

/** Most characters of a password; RFB has room for no more. */
export const longestPassword: Readonly<Record<string, number>> = { vnc: 8 };

/**
 * A display of a definition, as libvirt is to be given it for another password; null when there is none of this type at this place.
 * @param place its number among the displays of its type. @param until milliseconds since 1970; null = for ever.
 */
export const displayWithPassword = (xml: DomainXml, { type, place, password, until }: { readonly type: string; readonly place: number; readonly password: string; readonly until: number | null }): string | null => {
  const display = xml.elements('devices', 'graphics').filter((one) => one.attribute('type') === type)[place]?.copy();
  if (display === undefined) return null;
  display.setAttribute('passwd', password);
  // libvirt reads it as UTC, to the second.
  if (until === null) display.removeAttribute('passwdValidTo');
  else display.setAttribute('passwdValidTo', new Date(until).toISOString().slice(0, 19));
  return display.toString();
};

/** The definition with a VNC display that listens for the host itself alone: it is reached over SSH, and on the host. libvirt adds a graphics card where there is none. */
export const withVnc = (xml: DomainXml): DomainXml => {
  const edited = xml.clone();
  edited.add(['devices', 'graphics'], { type: 'vnc', port: '-1', autoport: 'yes', listen: '127.0.0.1' });
  return edited;
};
