// What a handler throws to refuse: libvirt's numbers for what went wrong and for the part of libvirt that says so.
import { errorCode, errorDomain, errorLevel } from '../libvirt/constants.ts';
import type { RemoteError } from '../libvirt/objects.ts';

/** A refusal as a daemon words it: names of virErrorNumber and virErrorDomain and a complete sentence. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly error: RemoteError;
  constructor(code: keyof typeof errorCode, domain: keyof typeof errorDomain, message: string) {
    super(message);
    this.error = {
      code: errorCode[code], domain: errorDomain[domain], message, level: errorLevel.error,
      dom: null, str1: '%s', str2: message, str3: null, int1: -1, int2: -1, net: null,
    };
  }
}

/** The refusals that most handlers share. */
export const invalidArgument = (message: string): Fault => new Fault('invalidArg', 'qemu', `invalid argument: ${message}`);
export const invalidOperation = (message: string): Fault => new Fault('operationInvalid', 'domain', `Requested operation is not valid: ${message}`);
/** 55 from the QEMU driver itself, where {@link invalidOperation} is from the code that all drivers share. */
export const refusedByDriver = (message: string): Fault => new Fault('operationInvalid', 'qemu', `Requested operation is not valid: ${message}`);
/** Refused by libvirt's public layer, before the driver looks at it. */
export const badArgument = (message: string): Fault => new Fault('invalidArg', 'domain', message);
export const notSupported = (procedure: string): Fault => new Fault('noSupport', 'remote', `this function is not supported by the connection driver: ${procedure}`);

/** Refuses bits that the call does not know, as virCheckFlags does. */
export const checkFlags = (flags: number, known: number): void => {
  const unknown = (flags & ~known) >>> 0;
  if (unknown !== 0) throw new Fault('invalidArg', 'qemu', `unsupported flags (0x${unknown.toString(16)}) in function of the demo driver`);
};

/** All bits of a table of flags. */
export const bits = (table: Readonly<Record<string, number>>): number => Object.values(table).reduce((all, bit) => (all | bit) >>> 0, 0);
