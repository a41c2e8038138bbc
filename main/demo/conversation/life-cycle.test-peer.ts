// Pausing, saving, stopping, and being transient.
import { affect } from '../../libvirt/constants.ts';
import { param } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, map, transientName, transientUuid, twin, twinName, uuid } from './talk.test-peer.ts';

const { config } = affect;

export const lifeCycle: Chapter = async ({ connection, step, xml, define, domainXml, pin, schedule, start, events }) => {
  await step('pause', () => connection.call(remote.domainSuspend, { dom: twin }));
  await step('pause again', () => connection.call(remote.domainSuspend, { dom: twin }));
  await step('paused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('unpause', () => connection.call(remote.domainResume, { dom: twin }));
  await step('unpaused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('reset', () => connection.call(remote.domainReset, { dom: twin, flags: 0 }));
  await events.settle('reboot');
  await step('managed save', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 0 }));
  await step('saved state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('has managed save', () => connection.call(remote.domainHasManagedSaveImage, { dom: twin, flags: 0 }));
  await step('undefine with a managed save', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
  await step('start from managed save', () => start(0));
  await step('restored state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('managed save, to be paused', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 4 }));
  await step('start from managed save, paused', () => start(0));
  await step('restored paused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('destroy', () => connection.call(remote.domainDestroyFlags, { dom: twin, flags: 0 }));
  await step('destroyed state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('define anew', () => define(domainXml(twinName, uuid)));
  await step('XML defined anew', () => xml(2, 'cputune', 'blkiotune', 'numatune', 'vcpu'));
  await step('start paused', () => start(1));
  await step('started paused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('undefine while running', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
  await step('transient now: persistent', () => connection.call(remote.domainIsPersistent, { dom: twin }));
  await step('transient now: pin config', () => pin(0, map(0), config));
  await step('transient now: pin both', () => pin(0, map(0), both));
  await step('transient now: shares config', () => schedule([param.ullong('cpu_shares', 5n)], config));
  await step('transient now: autostart', () => connection.call(remote.domainSetAutostart, { dom: twin, autostart: 1 }));
  await step('transient now: managed save', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 0 }));
  await step('transient now: undefine', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
  await step('transient now: inactive XML', () => xml(2, 'cputune', 'vcpu'));
  await step('transient now: define again', () => define(domainXml(twinName, uuid)));
  await step('persistent again: undefine', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
  await step('transient: destroy', () => connection.call(remote.domainDestroyFlags, { dom: twin, flags: 0 }));
  await step('transient: gone', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
  await step('create a transient guest', async () => (await connection.call(remote.domainCreateXml, { xml_desc: domainXml(transientName, transientUuid), flags: 0 })).dom.name);
  await step('destroy the transient guest', () => connection.call(remote.domainDestroyFlags, { dom: { name: '', uuid: transientUuid, id: 0 }, flags: 0 }));
  await events.settle('lifecycle', 'demo-twin-transient 5');
};
