// The I/O threads of a definition, and what uses each: https://libvirt.org/formatdomain.html#iothreads-allocation
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { numberOf, wholeNumber } from './attributes.ts';

/** A definition that says more does not stop a panel; libvirt tells no more threads than this (REMOTE_IOTHREAD_INFO_MAX). */
const mostThreads = 16_384;

/** Their numbers in order: those that `<iothreadids>` names, and the lowest free ones up to the count of `<iothreads>`. */
export function ioThreadIds(xml: DomainXml): readonly number[] {
  const named = xml.elements('iothreadids', 'iothread').flatMap((thread) => numberOf(thread, 'id') ?? []);
  const count = Math.min(wholeNumber(xml.textOf('iothreads')) ?? 0, mostThreads);
  const ids = new Set(named);
  for (let id = 1; ids.size < count; id += 1) ids.add(id);
  return [...ids].toSorted((one, other) => one - other);
}

/** The threads a device does its I/O in; none = the emulator's own. */
function threadsOf(device: XmlElement): ReadonlySet<number> {
  const driver = device.element('driver');
  return new Set([numberOf(driver, 'iothread'), ...(driver?.elements('iothreads', 'iothread') ?? []).map((thread) => numberOf(thread, 'id'))].flatMap((id) => id ?? []));
}

/** Every disk by its target, with the threads that serve it: those it names, or those of the controller it hangs on; none = the emulator's own. */
export function disksInThreads(xml: DomainXml): readonly { readonly target: string; readonly threads: ReadonlySet<number> }[] {
  const controllers = xml.elements('devices', 'controller');
  return xml.elements('devices', 'disk').map((disk) => {
    const bus = disk.element('target')?.attribute('bus') ?? null;
    const at = disk.element('address')?.attribute('controller') ?? '0';
    const controller = controllers.find((one) => one.attribute('type') === bus && (one.attribute('index') ?? '0') === at);
    const own = threadsOf(disk);
    return { target: disk.element('target')?.attribute('dev') ?? '', threads: own.size > 0 || controller === undefined ? own : threadsOf(controller) };
  });
}

/** What uses an I/O thread, in words: disks by their target, controllers by kind and number. */
export function ioThreadUsers(xml: DomainXml): ReadonlyMap<number, readonly string[]> {
  const users = new Map<number, string[]>();
  const note = (device: XmlElement, name: string): void => {
    for (const id of threadsOf(device)) users.set(id, [...(users.get(id) ?? []), name]);
  };
  for (const disk of xml.elements('devices', 'disk')) note(disk, `disk ${disk.element('target')?.attribute('dev') ?? ''}`.trim());
  for (const controller of xml.elements('devices', 'controller')) note(controller, `controller ${controller.attribute('type') ?? ''} ${controller.attribute('index') ?? ''}`.trim());
  return users;
}

/** The `<iothread>` of this number, where `<iothreadids>` names it. */
export const ioThreadElement = (xml: DomainXml, id: number): XmlElement | null =>
  xml.elements('iothreadids', 'iothread').find((thread) => numberOf(thread, 'id') === id) ?? null;

/** The same, named when it was only counted. */
export const namedIoThread = (xml: DomainXml, id: number): XmlElement => ioThreadElement(xml, id) ?? xml.add(['iothreadids', 'iothread'], { id: `${id}` }, 'id');

/** Names all threads or none, as libvirt prints them: none where each has the number that counting gives it and nothing of its own. */
export function nameIoThreads(xml: DomainXml): void {
  const ids = ioThreadIds(xml);
  const isPlain = xml.elements('iothreadids', 'iothread').every((thread) => thread.attributes.length === 1 && thread.children.length === 0);
  if (isPlain && ids.every((id, index) => id === index + 1) && wholeNumber(xml.textOf('iothreads')) === ids.length) xml.remove(['iothreadids']);
  else for (const id of ids) namedIoThread(xml, id);
}
