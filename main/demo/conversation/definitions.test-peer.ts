// Defining guests and finding them.
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, transientUuid, twin, twinName, uuid } from './talk.test-peer.ts';

export const definitions: Chapter = async ({ connection, step, xml, define, domainXml }) => {
  await step('define', () => define(domainXml(twinName, uuid)));
  await step('define: known name, other uuid', () => define(domainXml(twinName, transientUuid)));
  await step('define: known uuid, other name', () => define(domainXml('demo-twin-other', uuid)));
  await step('define: no XML', () => define('nonsense'));
  await step('define: empty', () => define(''));
  await step('define: not closed', () => define('<domain type="qemu"><name>x</name>'));
  await step('define: another root', () => define('<network><name>x</name></network>'));
  await step('define: no name', () => define(domainXml(twinName, uuid).replace(/<name>.*<\/name>/, '')));
  await step('define: no memory', () => define(domainXml(twinName, uuid).replace(/<memory.*<\/memory>/, '')));
  await step('define: no os type', () => define(domainXml(twinName, uuid).replace(/<os>.*<\/os>/, '')));
  await step('define: no domain type', () => define(domainXml(twinName, uuid).replace("type='qemu'", '')));
  await step('define: unknown domain type', () => define(domainXml(twinName, uuid).replace("type='qemu'", "type='horse'")));
  await step('define: bad uuid', () => define(domainXml(twinName, 'nonsense')));
  await step('define: more vCPUs than the maximum', () => define(domainXml(twinName, uuid).replace("current='2'", "current='5'")));
  await step('define: memory of nonsense', () => define(domainXml(twinName, uuid).replace('65536', 'much')));
  await step('define: a slash in the name', () => define(domainXml('a/b', transientUuid)));
  await step('define: a vCPU pinned twice', () => define(domainXml(twinName, uuid).replace('<os>', "<cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='0' cpuset='0'/></cputune><os>")));
  await step('define: unknown flag', async () => void (await connection.call(remote.domainDefineXmlFlags, { xml: domainXml(twinName, uuid), flags: 64 })));
  await step('defined XML', () => xml(0, 'memory', 'currentMemory', 'vcpu', 'iothreads', 'on_poweroff', 'on_reboot', 'on_crash', 'clock'));
  await step('look up: unknown name', () => connection.call(remote.domainLookupByName, { name: 'demo-nobody' }));
  await step('look up: unknown uuid', () => connection.call(remote.domainLookupByUuid, { uuid: transientUuid }));
  await step('look up: unknown id', () => connection.call(remote.domainLookupById, { id: 99_999 }));
  await step('look up: by uuid, wrong name', async () => (await connection.call(remote.domainGetState, { dom: { ...twin, name: 'wrong' }, flags: 0 })).state);
  await step('XML: unknown flag', () => connection.call(remote.domainGetXmlDesc, { dom: twin, flags: 4096 }));
};
