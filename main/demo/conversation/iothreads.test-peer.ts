// IOThreads.
import { affect } from '../../libvirt/constants.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, twin } from './talk.test-peer.ts';

const { live, config } = affect;

export const iothreads: Chapter = async ({ connection, step, truths }) => {
  const add = (id: number, flags: number) => connection.call(remote.domainAddIothread, { dom: twin, iothread_id: id, flags });
  const remove = (id: number, flags: number) => connection.call(remote.domainDelIothread, { dom: twin, iothread_id: id, flags });
  await step('IOThread: add 0', () => add(0, config));
  await step('IOThread: add one that is there', () => add(2, live));
  await step('IOThread: add one that is there, config', () => add(2, config));
  await step('IOThread: add', () => add(5, both));
  await step('IOThread: add, unknown flag', () => add(6, 64));
  await step('IOThread: XML', () => truths('iothreads', 'iothreadids'));
  await step('IOThread: remove 0', () => remove(0, config));
  await step('IOThread: remove one that is not there', () => remove(9, live));
  await step('IOThread: remove one that is not there, config', () => remove(9, config));
  await step('IOThread: remove', () => remove(5, both));
  await step('IOThread: remove a pinned one', () => remove(1, both));
  await step('IOThread: XML afterwards', () => truths('iothreads', 'iothreadids', 'cputune'));
};
