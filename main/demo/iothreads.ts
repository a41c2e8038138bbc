// Adding and removing IOThreads.
import { affect } from '../libvirt/constants.ts';
import type { Definition } from './definition.ts';
import { badArgument, checkFlags, type Fault, invalidArgument } from './fault.ts';
import { impactOf } from './impact.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';
import { Element } from './xml.ts';

const refused = (message: string): Fault => badArgument(`invalid argument: ${message}`);
const known = affect.live | affect.config;

/** Both elements that name them, as libvirt prints them once an id was chosen by hand. */
const write = (root: Element, ids: readonly number[]): void => {
  root.remove(root.at('iothreads'));
  root.remove(root.at('iothreadids'));
  if (ids.length === 0) return;
  root.ensure('iothreads').text = String(ids.length);
  root.add(new Element('iothreadids', {}, ids.map((id) => new Element('iothread', { id: String(id) }))));
};

const mayRemove = (definition: Definition, id: number): void => {
  if (!definition.shape.iothreads.includes(id)) throw refused(`cannot find IOThread '${id}' in iothreadids list`);
  const disk = definition.shape.disks.find(({ iothread }) => iothread === id);
  if (disk !== undefined) throw invalidArgument(`cannot remove IOThread ${id} since it is being used by disk '${disk.target}'`);
};

export const iothreadHandlers = (inventory: Inventory): Handlers => ({
  domainAddIothread: ({ dom, iothread_id: id, flags }) => {
    checkFlags(flags, known);
    if (id === 0) throw invalidArgument('invalid value of 0 for iothread_id');
    const { live, saved } = impactOf(inventory.find(dom), flags);
    for (const definition of [live, saved]) {
      if (definition?.shape.iothreads.includes(id) === true) throw refused(`an IOThread is already using iothread_id '${id}'`);
    }
    for (const definition of [live, saved]) definition?.edit((root) => write(root, [...definition.shape.iothreads, id]));
  },
  domainDelIothread: ({ dom, iothread_id: id, flags }) => {
    checkFlags(flags, known);
    if (id === 0) throw badArgument('iothread_id in virDomainDelIOThread must not be zero');
    const { live, saved } = impactOf(inventory.find(dom), flags);
    for (const definition of [live, saved]) if (definition !== null) mayRemove(definition, id);
    for (const definition of [live, saved]) {
      definition?.edit((root) => {
        write(root, definition.shape.iothreads.filter((other) => other !== id));
        const tune = root.at('cputune');
        tune?.remove(tune.all('iothreadpin').find((pin) => pin.get('iothread') === String(id)));
        root.prune('cputune');
      });
    }
  },
});
