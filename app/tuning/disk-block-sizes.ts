// The sizes of blocks that a disk tells its guest: <blockio>, https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { dropEmpty, numberOf, putAttribute } from './attributes.ts';
import { childOf, deviceOf, diskError, disksOf, diskUnit, diskWarning, readDisks } from './disks.ts';
import type { Finding, Knob } from './knob.ts';
import { printMeasure } from './measure.ts';

const size = z.int().min(1).max(4_294_967_295).nullable();
/** In bytes; null = as QEMU does. */
const sizes = z.strictObject({ logical_block_size: size, physical_block_size: size }).readonly();
type Sizes = z.infer<typeof sizes>;

const names = ['logical_block_size', 'physical_block_size'] as const;
/** QEMU's bounds (MIN_BLOCK_SIZE, MAX_BLOCK_SIZE), and what disks have without being told. */
const [least, most, usual] = [512, 2 * 1024 * 1024, 512];

const readSizes = (disk: XmlElement): Sizes => {
  const element = disk.element('blockio');
  return { logical_block_size: numberOf(element, 'logical_block_size') || null, physical_block_size: numberOf(element, 'physical_block_size') || null };
};
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

export const diskBlockSizes: Knob<Sizes> = {
  label: 'Block sizes',
  panel: 'disks',
  card: 'Driver',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    hint: 'Told to the guest from its next start on. A disk that holds data is read by its old logical size: with another one, its partitions are not found.',
    fields: {
      logical_block_size: { kind: 'number', label: 'Logical block', least, most, measure: 'bytes', absent: `QEMU: ${usual} B`, usual, hint: 'The least that the guest can read or write. A lun has its device’s own.' },
      physical_block_size: { kind: 'number', label: 'Physical block', least, most, measure: 'bytes', absent: `QEMU: ${usual} B`, usual, hint: 'What the medium writes at once; guests align to it. 4096 fits most disks and images of today.' },
    },
  }),
  unit: diskUnit,
  value: sizes,

  read: (xml: DomainXml) => readDisks(xml, readSizes),
  write(xml, unit, value) {
    const disk = disksOf(xml).get(unit);
    if (disk === undefined) return;
    const has = readSizes(disk);
    const changed = names.filter((name) => has[name] !== value[name]);
    if (changed.length === 0) return;
    const element = childOf(disk, 'blockio');
    for (const name of changed) putAttribute(element, name, value[name]);
    dropEmpty(element);
  },

  check(value, unit, _truth, _facts, after) {
    const disk = disksOf(after).get(unit);
    const { logical_block_size: logical, physical_block_size: physical } = value;
    return [
      ...names.flatMap((name): readonly Finding[] => {
        const own = value[name];
        return own === null || (own >= least && own <= most && isPowerOfTwo(own)) ? [] : [diskError(`A block size is a power of two from ${printMeasure(least, 'bytes')} to ${printMeasure(most, 'bytes')}.`, name)];
      }),
      ...(logical !== null && (physical ?? usual) < logical ? [diskError('A physical block is no smaller than a logical one.', physical === null ? 'logical_block_size' : 'physical_block_size')] : []),
      ...(logical !== null && disk !== undefined && deviceOf(disk) === 'cdrom' && logical !== 2048 ? [diskWarning('CDs have blocks of 2 KiB.', 'logical_block_size')] : []),
    ];
  },

  step: () => null,
  say: ({ logical_block_size: logical, physical_block_size: physical }) =>
    [...(logical === null ? [] : [`logical ${printMeasure(logical, 'bytes')}`]), ...(physical === null ? [] : [`physical ${printMeasure(physical, 'bytes')}`])].join(', ') || 'QEMU’s own',
  name: (unit) => `Block sizes of disk ${unit}`,
};
