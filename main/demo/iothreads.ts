// Adding and removing IOThreads, and how they poll.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { affect } from '../libvirt/constants.ts';
import type { TypedParam } from '../libvirt/objects.ts';
import type { Definition } from './definition.ts';
import { badArgument, checkFlags, Fault, invalidArgument, refusedByDriver } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { type Allowed, checkParameters, whole } from './parameters.ts';
import type { Handlers } from './serve.ts';
import { Element } from './xml.ts';

const refused = (message: string): Fault => badArgument(`invalid argument: ${message}`);
const known = affect.live | affect.config;

/** Both elements that name them, as libvirt prints them once one has a number or a setting of its own. */
const write = (root: Element, ids: readonly number[], change: (thread: Element) => void = () => undefined): void => {
  const known = root.at('iothreadids')?.all('iothread') ?? [];
  root.remove(root.at('iothreads'));
  root.remove(root.at('iothreadids'));
  if (ids.length === 0) return;
  const threads = ids.map((id) => known.find((thread) => thread.get('id') === String(id)) ?? new Element('iothread', { id: String(id) }));
  for (const thread of threads) change(thread);
  root.ensure('iothreads').text = String(ids.length);
  const isPlain = threads.every((thread, index) => thread.get('id') === String(index + 1) && thread.attributes.size === 1 && thread.children.length === 0);
  if (!isPlain) root.add(new Element('iothreadids', {}, threads));
};

const int = 2_147_483_647n;
const pollFields = ['poll_max_ns', 'poll_grow', 'poll_shrink'] as const;
const poolFields = ['thread_pool_min', 'thread_pool_max'] as const;
const allowed: Allowed = { poll_max_ns: 'ullong', poll_grow: 'uint', poll_shrink: 'uint', thread_pool_min: 'int', thread_pool_max: 'int' };

/** Running threads take bounds from 0 and 1 on; a definition forgets those that are -1. */
const setParameters = (guest: Guest, id: number, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const { live, saved } = impactOf(guest, flags);
  const sets = poolFields.some((name) => values.has(name));
  for (const [definition, isLive] of [[live, true], [saved, false]] as const) {
    if (definition === null) continue;
    if (!definition.shape.iothreads.includes(id)) throw refused(`cannot find IOThread '${id}' in iothreadids list`);
    if (!isLive && pollFields.some((name) => values.has(name))) throw new Fault('operationUnsupported', 'qemu', 'Operation not supported: configuring persistent polling values is not supported');
    const thread = definition.root.at('iothreadids')?.all('iothread').find((each) => each.get('id') === String(id));
    const [least, most] = poolFields.map((name) => whole(values, name) ?? BigInt(thread?.get(name) ?? -1));
    if (most === 0n || (most ?? 0n) > int) throw new Fault('configUnsupported', 'domain', `unsupported configuration: thread_pool_max (${most}) must be a positive number or -1`);
    const lowest = sets && isLive ? poolFields.find((name) => (whole(values, name) ?? 0n) < 0n) : undefined;
    if (lowest !== undefined) throw refusedByDriver(`${lowest} (${whole(values, lowest)}) must be equal to or greater than 0 for live change`);
    if (least !== undefined && most !== undefined && most >= 0n && least > most) throw refusedByDriver(`thread_pool_min (${least}) can't be greater than thread_pool_max (${most})`);
  }
  for (const definition of [live, saved]) {
    definition?.edit((root) => write(root, definition.shape.iothreads, (thread) => {
      if (thread.get('id') !== String(id)) return;
      for (const name of poolFields) {
        const value = whole(values, name);
        if (value === -1n) thread.attributes.delete(name);
        else if (value !== undefined) thread.set(name, String(value));
      }
    }));
  }
  if (live !== null) for (const name of pollFields) if (values.has(name)) guest.polling.set(`${id} ${name}`, Number(values.get(name)));
};

const mayRemove = (definition: Definition, id: number): void => {
  if (!definition.shape.iothreads.includes(id)) throw refused(`cannot find IOThread '${id}' in iothreadids list`);
  const disk = definition.shape.disks.find(({ iothread }) => iothread === id);
  if (disk !== undefined) throw invalidArgument(`cannot remove IOThread ${id} since it is being used by disk '${disk.target}'`);
  const controllers = definition.root.at('devices')?.all('controller') ?? [];
  if (controllers.some((controller) => controller.at('driver')?.get('iothread') === String(id))) throw invalidArgument(`cannot remove IOThread '${id}' since it is being used by controller`);
};

/** The scheduler of a thread goes with it; others of its group keep theirs. */
const withoutThread = (tune: Element | undefined, id: number): void => {
  for (const group of tune?.all('iothreadsched') ?? []) {
    const rest = CpuSet.parse(group.get('iothreads') ?? '').without(CpuSet.of([id]));
    if (rest.size === 0) tune?.remove(group);
    else group.set('iothreads', rest.toString());
  }
};

export const iothreadHandlers = (inventory: Inventory): Handlers => ({
  domainSetIothreadParams: ({ dom, iothread_id: id, params, flags }) => {
    checkFlags(flags, known);
    if (id === 0) throw badArgument('iothread_id in virDomainSetIOThreadParams must not be zero');
    setParameters(inventory.find(dom), id, params, flags);
  },
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
        withoutThread(tune, id);
        root.prune('cputune');
      });
    }
  },
});
