// Bandwidth of network interfaces.
import { affect, typedParamFlag } from '../../libvirt/constants.ts';
import { param, type TypedParam } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, facts, twin } from './talk.test-peer.ts';

const { live, config } = affect;

export const interfaces: Chapter = async ({ connection, step, xml }) => {
  const nic = '52:54:00:d3:a0:01';
  const bandwidth = (device: string, params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetInterfaceParameters, { dom: twin, device, params, flags });
  const bandwidths = (device: string, nparams: number, flags: number) => connection.call(remote.domainGetInterfaceParameters, { dom: twin, device, nparams, flags: flags | typedParamFlag.stringOkay });
  await step('NIC: how many', () => bandwidths(nic, 0, config));
  await step('NIC: at first', async () => facts((await bandwidths(nic, 7, config)).params));
  await step('NIC: unknown', () => bandwidths('52:54:00:00:00:99', 7, config));
  await step('NIC: unknown name', () => bandwidths('vnet99', 7, live));
  await step('NIC: set unknown', () => bandwidth('52:54:00:00:00:99', [param.uint('inbound.average', 5)], config));
  await step('NIC: of a kind without bandwidth', () => bandwidth('52:54:00:d3:a0:02', [param.uint('inbound.average', 1000)], config));
  await step('NIC: inbound', () => bandwidth(nic, [param.uint('inbound.average', 1000), param.uint('inbound.peak', 2000), param.uint('inbound.burst', 500)], config));
  await step('NIC: outbound peak without average', () => bandwidth(nic, [param.uint('outbound.peak', 2000)], config));
  await step('NIC: outbound', () => bandwidth(nic, [param.uint('outbound.average', 300)], config));
  await step('NIC: floor', () => bandwidth(nic, [param.uint('inbound.floor', 100)], config));
  await step('NIC: wrong type', () => bandwidth(nic, [param.ullong('inbound.average', 5n)], config));
  await step('NIC: unknown field', () => bandwidth(nic, [param.uint('inbound.horse', 5)], config));
  await step('NIC: XML', () => xml(2, 'bandwidth'));
  await step('NIC: afterwards', async () => facts((await bandwidths(nic, 7, config)).params));
  await step('NIC: inbound off', () => bandwidth(nic, [param.uint('inbound.average', 0)], config));
  await step('NIC: inbound peak alone', () => bandwidth(nic, [param.uint('inbound.peak', 100)], config));
  await step('NIC: outbound off', () => bandwidth(nic, [param.uint('outbound.average', 0)], config));
  await step('NIC: afterwards off', async () => facts((await bandwidths(nic, 7, config)).params));
};
