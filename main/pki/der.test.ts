import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, der, DerFault, firstValue, inside, integer, namedBits, numberOf, octetString, oid, oidOf, readValue, readValues, sequence, tag, time, timeOf } from './der.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

describe('DER', () => {
  it('writes what X.690 shows', () => {
    expect([0, 1, 127, 128, 255, 256, 65_537].map((value) => hex(integer(value)))).toEqual(['020100', '020101', '02017f', '02020080', '020200ff', '02020100', '0203010001']);
    expect(hex(integer(Buffer.from('0000ff', 'hex')))).toBe('020200ff');
    expect(hex(oid('1.2.840.113549.1.1.11'))).toBe('06092a864886f70d01010b');
    expect(hex(namedBits([5, 6]))).toBe('03020106');
    expect(hex(namedBits([0, 2]))).toBe('030205a0');
    expect(hex(time(new Date('2049-12-31T23:59:59Z')))).toBe(`170d${Buffer.from('491231235959Z').toString('hex')}`);
    expect(hex(time(new Date('2050-01-01T00:00:00Z')))).toBe(`180f${Buffer.from('20500101000000Z').toString('hex')}`);
    expect([127, 128, 256, 65_536].map((length) => hex(octetString(Buffer.alloc(length)).subarray(0, 5)))).toEqual(['047f000000', '0481800000', '0482010000', '0483010000']);
  });

  it('reads what it wrote', () => {
    fc.assert(fc.property(fc.nat(), fc.uint8Array({ maxLength: 300 }), fc.uniqueArray(fc.nat(20), { minLength: 1 }), fc.array(fc.nat(2 ** 31), { maxLength: 6 }), (number, bytes, bits, arcs) => {
      const [first, second, third, fourth] = inside(readValue(sequence(integer(number), octetString(bytes), namedBits(bits), oid(['1.3', ...arcs].join('.'))), tag.sequence));
      expect([numberOf(first), second?.content, bitsOf(third), oidOf(fourth)]).toEqual([number, Buffer.from(bytes), bits.toSorted((one, other) => one - other), ['1.3', ...arcs].join('.')]);
    }));
    fc.assert(fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      const seconds = new Date(Math.floor(date.getTime() / 1000) * 1000);
      expect(timeOf(firstValue(time(date)))).toEqual(seconds);
    }));
  });

  it.each(['', '30', '3003', '30820001', '3080', '308500000000ff', '1f81', '0201', '04820100aa'])('finds %s torn', (text) => {
    expect(() => readValues(Buffer.from(`${text}`, 'hex').length === 0 ? Buffer.from([0x30]) : Buffer.from(text, 'hex'))).toThrow(DerFault);
  });

  it('says what is not as expected', () => {
    expect(() => readValue(Buffer.concat([integer(1), integer(2)]), tag.integer)).toThrow('something follows it');
    expect(() => readValue(integer(1), tag.sequence)).toThrow('another form');
    expect(() => numberOf(firstValue(der(tag.integer, Buffer.from('ff', 'hex'))))).toThrow('out of range');
    expect(() => timeOf(firstValue(der(tag.utcTime, Buffer.from('26010112Z'))))).toThrow('a date is wrong');
  });

  it('takes any bytes without anything but values or a fault', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        expect(Buffer.concat(readValues(Buffer.from(bytes)).map((value) => value.bytes))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DerFault);
      }
    }));
  });
});
