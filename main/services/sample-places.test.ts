// Series and their places on the disk: each has one of its own, and comes back from it under its name.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guestSeries } from '../../app/contract/live.ts';
import { columns, lastingNames, placeOf, seriesIn } from './sample-places.ts';

const number = fc.nat(20_000);
const device = fc.string({ minLength: 1, maxLength: 12 });
const series = fc.oneof(
  fc.constantFrom(...guestSeries, 'memory.actual', 'memory.caches', 'wait', 'steal'),
  fc.tuple(fc.constantFrom('vcpu', 'cpu', 'node'), number).map(([kind, place]) => `${kind}.${place}`),
  fc.tuple(device, fc.constantFrom('readBytes', 'writeBytes', 'readRequests', 'writeRequests', 'readLatency', 'writeLatency')).map(([target, field]) => `disk.${target}.${field}`),
  fc.tuple(number, fc.constantFrom('receiveBytes', 'transmitBytes')).map(([nic, field]) => `nic.${nic}.${field}`),
);

describe('the place of a series', () => {
  it('is a column that a record has, under which the series is found again', () => {
    fc.assert(fc.property(series, (name) => {
      const place = placeOf(name);
      expect(place === null ? null : [place.column < columns, seriesIn(place.part)[place.column]]).toEqual([true, name]);
    }), { examples: [['disk.a.b.readBytes'], ['vcpu.6'], ['cpu.5']] });
  });

  it('stays where it was when the files were written', () => {
    expect([placeOf('cpu'), placeOf('networkTransmitBytes'), placeOf('steal'), placeOf('vcpu.7'), placeOf('disk.vda.writeLatency'), placeOf('nic.2.transmitBytes')]).toEqual([
      { part: '', column: 0 }, { part: '', column: 5 }, { part: 'more', column: 3 }, { part: 'vcpu.1', column: 1 }, { part: 'disk.vda', column: 5 }, { part: 'nic.2', column: 1 },
    ]);
  });

  it('is none for what is not known, or has a name that no file could have', () => {
    expect(['', 'other', 'vcpu.x', 'disk.vda.colour', `disk.${'€'.repeat(40)}.readBytes`].map(placeOf)).toEqual([null, null, null, null, null]);
    expect(['constructor', 'constructor.1', 'later'].flatMap(seriesIn)).toEqual([]);
  });
});

describe('lasting names', () => {
  it('number the NICs that are there, in their order, and leave out those that were', () => {
    const lasting = lastingNames(new Map([['cpu', { last: 9 }], ['nic.vnet0.receiveBytes', { last: 4 }], ['nic.vnet3.receiveBytes', { last: 8 }], ['nic.vnet3.transmitBytes', { last: 8 }], ['nic.tap.1.receiveBytes', { last: 8 }]]));
    expect(['cpu', 'disk.vda.readBytes', 'nic.vnet0.receiveBytes', 'nic.vnet3.transmitBytes', 'nic.tap.1.receiveBytes'].map(lasting)).toEqual(['cpu', 'disk.vda.readBytes', null, 'nic.1.transmitBytes', 'nic.2.receiveBytes']);
  });
});
