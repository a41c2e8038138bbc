// How many workers the emulator's own thread has: <defaultiothread>, https://libvirt.org/formatdomain.html#iothreads-allocation
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { numberOf, putAttributes } from './attributes.ts';
import { type Finding, type Knob, wholeGuest } from './knob.ts';

const path = ['defaultiothread'] as const;
const workers = z.int().min(0).nullable();
const pool = z.strictObject({ thread_pool_min: workers, thread_pool_max: workers }).readonly();
type Pool = z.infer<typeof pool>;

/** QEMU's own bounds. */
const usual = { least: 0, most: 64 };
const int = 2_147_483_647;

const readPool = (xml: DomainXml): Pool => {
  const element = xml.element(...path);
  return { thread_pool_min: numberOf(element, 'thread_pool_min'), thread_pool_max: numberOf(element, 'thread_pool_max') };
};

/** Disks without an I/O thread do their I/O here. */
export const defaultIoThread: Knob<Pool> = {
  label: 'Emulator workers',
  panel: 'cpu',
  card: 'I/O threads',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    hint: 'Worker threads for disks that name no I/O thread.',
    fields: {
      thread_pool_min: { kind: 'number', label: 'Workers kept', least: 0, most: int, measure: 'count', absent: `QEMU: ${usual.least}` },
      thread_pool_max: { kind: 'number', label: 'Workers at most', least: 1, most: int, measure: 'count', absent: `QEMU: ${usual.most}` },
    },
  }),
  unit: wholeGuest,
  value: pool,

  read: (xml) => ({ '': readPool(xml) }),
  write: (xml, _unit, value) => putAttributes(xml, path, readPool(xml), value),

  check(value) {
    const [least, most] = [value.thread_pool_min ?? usual.least, value.thread_pool_max ?? usual.most];
    if (Math.max(least, most) > int) return [error(`Workers end at ${int}.`)];
    if (most === 0) return [error('There has to be one worker at least.')];
    return least > most ? [error(`Workers kept (${least}) cannot be more than workers at most (${most}).`)] : [];
  },

  step: () => null,

  say: ({ thread_pool_min: least, thread_pool_max: most }) => (least === null && most === null ? "QEMU's defaults" : `${least ?? usual.least} to ${most ?? usual.most} workers`),
  name: () => 'Emulator workers',
};

const error = (message: string): Finding => ({ level: 'error', message });
