// Weights of block I/O, by guest and by device.
import { affect, typedParamFlag } from '../../libvirt/constants.ts';
import { param, type TypedParam } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, facts, twin } from './talk.test-peer.ts';

const { config } = affect;

export const weights: Chapter = async ({ connection, step, xml }) => {
  const weigh = (params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetBlkioParameters, { dom: twin, params, flags });
  const weights = (nparams: number, flags: number) => connection.call(remote.domainGetBlkioParameters, { dom: twin, nparams, flags: flags | typedParamFlag.stringOkay });
  await step('weight: how many', () => weights(0, config));
  await step('weight: at first', async () => facts((await weights(16, config)).params));
  await step('weight: set', () => weigh([param.uint('weight', 700)], config));
  await step('weight: beyond the range', () => weigh([param.uint('weight', 10_001)], config));
  await step('weight: wrong type', () => weigh([param.ullong('weight', 5n)], config));
  await step('weight: device', () => weigh([param.string('device_weight', '/dev/zero,300')], config));
  await step('weight: device without number', () => weigh([param.string('device_weight', '/dev/zero')], config));
  await step('weight: device operations', () => weigh([param.string('device_read_iops_sec', '/dev/zero,400')], config));
  await step('weight: device bytes', () => weigh([param.string('device_write_bytes_sec', '/dev/zero,400000,/dev/full,7')], config));
  await step('weight: afterwards', async () => facts((await weights(16, config)).params));
  await step('weight: XML', () => xml(2, 'blkiotune'));
  await step('weight: device off', () => weigh([param.string('device_weight', '/dev/zero,0')], config));
  await step('weight: XML afterwards', () => xml(2, 'blkiotune'));
};
